/**
 * Live events of all desks. Both views count the same rows, so that an id of one is good for the other. A reader that comes back with its
 * last id is sent what it missed while that is still kept; else `reset`: read again what you show.
 */
import { machineOf, nameOf } from "../../core/ids.ts";
import type { Change } from "../../engine/ports.ts";
import type { ControlTarget } from "../control-target.ts";
import { createChangesView } from "./changes-view.ts";
import { frame, HEARTBEAT } from "./frame.ts";
import { keepRows } from "./kept-rows.ts";
import type { Send } from "./readers.ts";
import { createRowsView } from "./rows-view.ts";

export const HEARTBEAT_MS = 15_000;
/** Whoever missed more than this is better served by reading again, and would else be cut off for being slow. */
const REPLAY_BYTES_MAX = 512 * 1024;

export type Wanted = { readonly view: "rows" | "changes"; readonly run: string | undefined };

export type EventHub = {
  /**
   * Sends what was missed since `lastId`, then `open` (or `reset` alone), at once; then what happens, with comments between that say
   * that the stream lives. Returns how to leave.
   */
  readonly subscribe: (wanted: Wanted, lastId: string | undefined, send: Send) => () => void;
  /** How many are subscribed. */
  readonly open: () => number;
  readonly close: () => void;
};

export type HubTiming = {
  /** Calls back once; returns how to call it off. */
  readonly after: (ms: number, call: () => void) => () => void;
  /** Calls back once what happens in this turn of the loop is over. */
  readonly soon: (call: () => void) => void;
};

/** Keeps no process alive. */
const systemTiming: HubTiming = {
  after: (ms, call) => {
    const timer = setTimeout(call, ms).unref();
    return () => clearTimeout(timer);
  },
  soon: (call) => void setImmediate(call),
};

/** @param epoch of this daemon's life alone: ids of an earlier one are a reset */
export function createEventHub(
  target: Pick<ControlTarget, "listen">,
  epoch: string,
  { after, soon }: HubTiming = systemTiming,
): EventHub {
  const kept = keepRows(epoch);
  const rows = createRowsView(kept, soon);
  const changes = createChangesView(kept, after);
  const living = new Set<Send>();
  let callOff: (() => void) | undefined;

  const unlisten = target.listen((workspace, change) => {
    if (machineOf(change.record.address) !== "delivery") return;
    const run = nameOf(change.record.address);
    if (change.forgetsPast === true) kept.forget(workspace, run);
    for (const entry of change.entries) {
      const item = kept.add(workspace, run, entry, entry);
      rows.add(item);
      changes.add(item);
    }
    if (isSetAsideSilently(change)) changes.add(kept.add(workspace, run, nowOf(change), null));
  });

  function beat(): void {
    for (const send of living) send(HEARTBEAT);
    callOff = after(HEARTBEAT_MS, beat);
  }

  return {
    subscribe: ({ view, run }, lastId, send) => {
      const missed = lastId === undefined ? [] : kept.since(lastId);
      const text = missed === undefined ? undefined : (view === "rows" ? rows : changes).textOf(missed, run);
      const isTooMuch = text !== undefined && text.length > REPLAY_BYTES_MAX;
      const isReset = missed === undefined || isTooMuch;
      // Before it is told anything: rows that wait for their turn are in `missed`, or older than its coming.
      const leave = (view === "rows" ? rows : changes).join(run, send);
      const greeting = frame(kept.idOf(kept.count()), isReset ? "reset" : "open", {});
      send(Buffer.from(isReset ? greeting : (text ?? "") + greeting));
      const own: Send = (bytes) => send(bytes);
      living.add(own);
      callOff ??= after(HEARTBEAT_MS, beat);
      return () => {
        leave();
        living.delete(own);
        if (living.size > 0) return;
        callOff?.();
        callOff = undefined;
      };
    },
    open: () => living.size,
    close: () => {
      unlisten();
      callOff?.();
      callOff = undefined;
    },
  };
}

const isSetAsideSilently = ({ entries, record, before }: Change): boolean =>
  entries.length === 0 && (record.parked !== null) !== ((before?.parked ?? null) !== null);

const nowOf = ({ record }: Change) => ({
  seq: Math.max(0, record.sequence - 1),
  at: record.parked?.at ?? record.changed_at,
  to: record.state,
});
