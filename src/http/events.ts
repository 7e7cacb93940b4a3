/**
 * Live journal rows as server-sent events. Ids are `<epoch>:<number>`: the epoch is the daemon's start, the number counts its
 * rows. A reader that comes back with its last id gets what it missed while that is still held, else `reset`: read the run again.
 */
import type { FastifyInstance } from "fastify";
import { machineOf, nameOf } from "../core/ids.ts";
import type { Entry } from "../engine/ports.ts";
import type { ControlTarget } from "./control-target.ts";
import { type JournalRow, journalRow } from "./views.ts";

/** Rows kept for readers that come back. */
export const EVENTS_KEPT_MAX = 2000;
/** A reader that lets more than this pile up is cut off; it comes back with its last id. */
const UNSENT_BYTES_MAX = 1024 * 1024;

export type LiveRow = JournalRow & { readonly workspace: string; readonly run: string };
/** The entry as it was committed: a row is made of it only for a reader. */
type Kept = { readonly number: number; readonly workspace: string; readonly run: string; readonly entry: Entry };

export type EventHub = {
  /** Calls back with frames: what was missed since `lastId`, then `open` (or `reset`), then what happens. Returns how to leave. */
  readonly subscribe: (
    run: string | undefined,
    lastId: string | undefined,
    send: (frame: string) => void,
  ) => () => void;
  readonly close: () => void;
};

export function createEventHub(target: Pick<ControlTarget, "listen">, epoch: string): EventHub {
  const kept: Kept[] = [];
  const readers = new Set<(item: Kept) => void>();
  let count = 0;
  const leave = target.listen((workspace, change) => {
    if (machineOf(change.record.address) !== "delivery") return;
    const run = nameOf(change.record.address);
    for (const entry of change.entries) {
      count += 1;
      const item = { number: count, workspace, run, entry };
      kept.push(item);
      if (kept.length > EVENTS_KEPT_MAX) kept.shift();
      for (const reader of readers) reader(item);
    }
  });
  return {
    subscribe: (run, lastId, send) => {
      const wanted = (item: Kept): boolean => run === undefined || item.run === run;
      const reader = (item: Kept): void => {
        if (wanted(item)) send(rowFrame(epoch, item));
      };
      const missed = missedSince(lastId, epoch, kept, count);
      for (const item of missed ?? []) reader(item);
      send(frame(`${epoch}:${count}`, missed === undefined ? "reset" : "open", {}));
      readers.add(reader);
      return () => readers.delete(reader);
    },
    close: () => {
      leave();
      readers.clear();
    },
  };
}

export function addEventRoutes(app: FastifyInstance, hub: EventHub): void {
  const open = new Set<() => void>();
  app.get<{ Querystring: { run?: string } }>("/api/events", (request, reply) => {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const lastId = request.headers["last-event-id"];
    const leave = hub.subscribe(request.query.run, typeof lastId === "string" ? lastId : undefined, (text) => {
      raw.write(text);
      if (raw.writableLength > UNSENT_BYTES_MAX) raw.destroy();
    });
    const end = (): void => void raw.end();
    open.add(end);
    raw.on("close", () => {
      leave();
      open.delete(end);
    });
  });
  // An open stream would keep `close()` waiting for ever.
  app.addHook("preClose", (done) => {
    for (const end of open) end();
    hub.close();
    done();
  });
}

/** Undefined when rows after `lastId` may have been dropped, or it is another daemon's id. */
function missedSince(
  lastId: string | undefined,
  epoch: string,
  kept: readonly Kept[],
  count: number,
): readonly Kept[] | undefined {
  if (lastId === undefined) return [];
  const [of, text] = lastId.split(":");
  const last = /^\d{1,15}$/.test(text ?? "") ? Number(text) : NaN;
  if (of !== epoch || !(last <= count)) return undefined;
  const oldest = kept[0]?.number ?? count + 1;
  return last + 1 < oldest ? undefined : kept.filter((item) => item.number > last);
}

function rowFrame(epoch: string, { number, workspace, run, entry }: Kept): string {
  const row: LiveRow = { workspace, run, ...journalRow(entry) };
  return frame(`${epoch}:${number}`, "row", { schema: "qoc.event/1", ...row });
}

const frame = (id: string, event: string, data: object): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
