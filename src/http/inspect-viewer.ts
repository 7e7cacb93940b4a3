/**
 * One viewer on its WebSocket: what was, then what happens, without a gap and nothing twice. It subscribes before it reads, and its sieve drops
 * what comes from both.
 */
import type { WebSocket } from "ws";
import { createSieve } from "../inspect/sieve.ts";
import type { InspectHub, InspectReader } from "./inspect-hub.ts";
import type { Lines } from "./inspect-world.ts";

/** Changes that wait behind the history, or behind a slow reader. Whoever lets more pile up is cut off, and may come back. */
export const WAITING_MAX = 20_000;
/** Bytes given to the socket and not taken by the other side: nothing more is made until they are. */
const UNSENT_BYTES_MAX = 256 * 1024;
/** Rows sent before other work of the process has its turn. */
const BURST = 200;
/** RFC 6455, 7.4.1 and the registry behind it: try again later. */
const TRY_AGAIN_LATER = 1013;
const FAILED = 1011;

export type View = {
  readonly context: boolean;
  readonly wants: InspectReader["wants"];
  /** Called once it is subscribed. */
  readonly history: () => Promise<Iterator<Lines>>;
};

/** Ends with the socket. Resolves once the history has begun to flow. */
export async function serveViewer(
  socket: Pick<WebSocket, "send" | "close" | "terminate" | "once" | "bufferedAmount" | "readyState" | "OPEN">,
  hub: InspectHub,
  { context, wants, history }: View,
): Promise<void> {
  const isNew = createSieve();
  const waiting: Lines[] = [];
  let past: Iterator<Lines> | undefined;
  let at = 0;
  let busy = true;

  const next = (): Lines | undefined => {
    const step = past?.next();
    if (step !== undefined && step.done !== true) return step.value;
    past = undefined;
    const lines = waiting[at];
    if (lines === undefined) return undefined;
    at += 1;
    if (at < BURST && at < waiting.length) return lines;
    waiting.splice(0, at);
    at = 0;
    return lines;
  };
  const goOn = (): void => {
    busy = false;
    pump();
  };
  const pump = (): void => {
    if (busy) return;
    for (let n = 0; n < BURST; n += 1) {
      if (socket.readyState !== socket.OPEN) return;
      const lines = next();
      if (lines === undefined) return;
      const texts = isNew(lines) ? lines.texts() : [];
      const isFull = socket.bufferedAmount > UNSENT_BYTES_MAX;
      for (const [i, text] of texts.entries()) {
        const waits = isFull && i === texts.length - 1;
        busy ||= waits;
        socket.send(text, waits ? goOn : undefined);
      }
      if (busy) return;
    }
    busy = true;
    setImmediate(goOn);
  };

  const leave = hub.subscribe({
    context,
    wants,
    read: (lines) => {
      waiting.push(...lines);
      if (waiting.length - at > WAITING_MAX) {
        leave();
        waiting.length = 0;
        socket.close(TRY_AGAIN_LATER, "the reader is too slow");
        socket.terminate();
      } else pump();
    },
  });
  socket.once("close", leave);
  try {
    past = await history();
    goOn();
  } catch (error) {
    leave();
    socket.close(FAILED, "the history cannot be read");
    throw error;
  }
}
