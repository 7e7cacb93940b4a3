/**
 * `WS /inspect/ws?run=RUN`: the frames of the inspection protocol, one a message. Read only: what a viewer says is thrown away. Every upgrade
 * of the listener comes here, and is judged before any handshake.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { type Refusal, refuse } from "../core/refusals.ts";
import { isRefusal } from "./api-reply.ts";
import { refuseConnection } from "./client-error.ts";
import { PAGE_HEADERS } from "./console/page-headers.ts";
import { createInspectHub, type InspectHub } from "./inspect-hub.ts";
import { createOpenSockets } from "./inspect-sockets-open.ts";
import { serveViewer, type View } from "./inspect-viewer.ts";
import { actorsOf, type InspectWorld, manyHistory, newestUnfinished, runHistory, wantsOf } from "./inspect-world.ts";
import { runNamed } from "./run-routes.ts";
import { InspectSocketQuery } from "./shapes/inspect.ts";

/** The subprotocol that is answered. The other one that a browser offers is its token, and is never said back. */
export const INSPECT_PROTOCOL = "qoc.inspect.v1";
const MESSAGE_BYTES_MAX = 1024;
/** Messages of a viewer that are thrown away before it is told to go; after twice as many it is cut off. */
const MESSAGES_MAX = 100;
/** RFC 6455, 7.4.1. */
const POLICY = 1008;

/** What judges an upgrade: host, origin, token. */
export type UpgradeGuard = (request: IncomingMessage) => Refusal | undefined;

/** Sockets end with 1001 when the app closes. */
export function addInspectSocket(app: FastifyInstance, world: InspectWorld, guard: UpgradeGuard): void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(INSPECT_PROTOCOL) ? INSPECT_PROTOCOL : false),
  });
  const hub = createInspectHub(world.target, world);
  const open = createOpenSockets();
  app.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node hands the socket over without a listener of its own: an unheard error would end the process.
    socket.on("error", () => socket.destroy());
    const refusal = guard(request) ?? routeOf(request) ?? open.refusal();
    if (refusal !== undefined) {
      refuseConnection(socket, refusal.code, PAGE_HEADERS);
      return;
    }
    const giveBack = open.expect();
    void viewOf(world, request)
      .catch((error: unknown) => {
        world.complain("what an inspector's viewer asked for cannot be read", error);
        return refuse("INTERNAL", "see the daemon's log");
      })
      .then((view) => {
        giveBack();
        const late = isRefusal(view) ? view : open.refusal();
        if (late !== undefined) refuseConnection(socket, late.code, PAGE_HEADERS);
        else if (!isRefusal(view))
          server.handleUpgrade(request, socket, head, (opened) => {
            open.add(opened);
            serve(world, hub, opened, view);
          });
      });
  });
  app.addHook("preClose", async () => {
    hub.close();
    await open.close();
  });
}

function serve(world: InspectWorld, hub: InspectHub, socket: WebSocket, view: View): void {
  let heard = 0;
  socket.on("message", () => {
    heard += 1;
    if (heard > MESSAGES_MAX) socket.close(POLICY, "nothing is taken here");
    if (heard > 2 * MESSAGES_MAX) socket.terminate();
  });
  // A message that is malformed or too long; `close` follows.
  socket.on("error", () => undefined);
  serveViewer(socket, hub, view).catch((error: unknown) => world.complain("an inspector's history failed", error));
}

function routeOf(request: IncomingMessage): Refusal | undefined {
  const isOurs = request.url?.split("?", 1)[0] === "/inspect/ws";
  const isSocket = request.headers.upgrade?.toLowerCase() === "websocket";
  return isOurs && isSocket ? undefined : refuse("ROUTE_UNKNOWN", "no such WebSocket");
}

async function viewOf(world: InspectWorld, request: IncomingMessage): Promise<View | Refusal> {
  const { searchParams } = new URL(request.url ?? "", "http://localhost");
  const asked = InspectSocketQuery.safeParse(Object.fromEntries(searchParams));
  if (!asked.success) return refuse("REQUEST_MALFORMED", z.prettifyError(asked.error));
  const { context, run } = asked.data;
  const options = { definition: world.definition, context };
  if (run === undefined) {
    const history = async () => manyHistory(await newestUnfinished(world.target.desks()), options);
    return { context, wants: () => true, history };
  }
  const found = await runNamed(world, run);
  if (isRefusal(found)) return found;
  const { desk, record } = found;
  return {
    context,
    wants: wantsOf(record, desk.store.journal(record.address)),
    history: () => Promise.resolve(runHistory(actorsOf(desk.store, record.address), options)),
  };
}
