/**
 * `GET /api/events`: live events as a server-sent stream (WHATWG HTML, 9.2). Ids are `<epoch>:<number>`: the epoch is the daemon's start,
 * the number counts what was committed since. A reader that comes back says its last id in `Last-Event-ID` and nowhere else: it is then
 * sent everything behind that id, oldest first, and `open`; the view `changes` sends one event with the last state of each run. When some
 * of it is no longer kept, or the daemon is another one since, it is sent `reset` instead: what it shows must be read again, and the
 * id of the `reset` is where the stream goes on. Whoever comes without an id is sent `open` with the id that the stream goes on
 * from, so that what is read after `open` and what is streamed leave nothing out between them; some rows may be in both.
 */
import type { FastifyInstance, FastifyReply } from "fastify";
import { type Refusal, refuse } from "../core/refusals.ts";
import { addApiRoute } from "./api-route.ts";
import type { EventHub } from "./events/hub.ts";
import { EventsQuery } from "./shapes/changes.ts";

export { createEventHub, type EventHub } from "./events/hub.ts";

/** A reader that lets more than this pile up is cut off; it comes back with its last id. */
export const UNSENT_BYTES_MAX = 1024 * 1024;
/** Streams of one door. */
export const STREAMS_MAX = 256;
const RETRY_S = 5;

/** The hub may serve other doors too: whoever made it closes it. */
export function addEventRoutes(app: FastifyInstance, hub: EventHub): void {
  const open = new Set<() => void>();
  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/events",
      says: "Live events: rows of the journal as they are written, or which runs changed, four times a second at most.",
      query: EventsQuery,
      answer: {
        kind: "bytes",
        media_type: "text/event-stream",
        says: "events row, changes, open and reset; `Last-Event-ID` goes on behind an event",
      },
      refusals: ["OVERLOADED"],
    },
    // The reply is this function's from here on, so there is nothing more to give.
    async ({ query, request, reply }): Promise<FastifyReply | Refusal> => {
      // Has no body, so there is nothing to keep open for it.
      if (request.method === "HEAD") return reply.type("text/event-stream").header("cache-control", "no-store").send();
      if (open.size >= STREAMS_MAX) return refuse("OVERLOADED", `${STREAMS_MAX} streams are open`, RETRY_S);
      const { raw } = reply.hijack();
      const { socket } = request.raw;
      if (socket.destroyed) return reply;
      const lastId = request.headers["last-event-id"];
      const wanted = { view: query.view, run: query.run };
      raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      const leave = hub.subscribe(wanted, typeof lastId === "string" ? lastId : undefined, (bytes) => {
        raw.write(bytes);
        if (raw.writableLength > UNSENT_BYTES_MAX) raw.destroy();
      });
      const end = (): void => {
        leave();
        // Whoever does not read would keep the end of its stream waiting for ever.
        if (raw.writableLength > 0) raw.destroy();
        else raw.end();
      };
      open.add(end);
      const gone = (): void => {
        leave();
        open.delete(end);
        socket.off("close", gone);
      };
      raw.once("close", gone);
      // An answer that waits for the one before it on this connection is not told that the connection has gone.
      socket.once("close", gone);
      return reply;
    },
  );
  // An open stream would keep `close()` waiting for ever.
  app.addHook("preClose", (done) => {
    for (const end of open) end();
    done();
  });
}
