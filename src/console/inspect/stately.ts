/**
 * Frames for Stately's hosted inspector. It runs in a frame of this page; it says that it listens, and is posted the frames. Both ways exactly
 * one origin counts: what comes from another is not heard, and nothing is posted to another.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import { createFrameSieve } from "./book.ts";
import { openInspection, type SocketState } from "./connection.ts";
import { readFrame } from "./frame.ts";

export const STATELY_ORIGIN = "https://stately.ai";
/** Where `@statelyai/inspect` 0.7 opens it. */
export const STATELY_INSPECTOR = `${STATELY_ORIGIN}/inspect`;
/** Frames that wait for the inspector to say that it listens; more come from the daemon when the page is opened again. */
const WAITING_MAX = 20_000;

export type Sent = {
  readonly sent: number;
  readonly waiting: number;
  readonly listens: boolean;
  readonly source: SocketState;
};
const now = signal<Sent>({ sent: 0, waiting: 0, listens: false, source: "connecting" });
export const sentNow: ReadonlySignal<Sent> = now;

type Message = Pick<MessageEvent<unknown>, "origin" | "source" | "data">;

/** Whether this is the hosted inspector, in the frame that was made for it, saying that it listens. */
export const saysConnected = (message: Message, frame: MessageEventSource | null): boolean =>
  message.origin === STATELY_ORIGIN &&
  frame !== null &&
  message.source === frame &&
  typeof message.data === "object" &&
  message.data !== null &&
  "type" in message.data &&
  message.data.type === "@statelyai.connected";

/** Begins to send into the frame, whose page is not loaded before this. Returns how to end it. */
export function sendTo(frame: HTMLIFrameElement, run: string | null, context: boolean): () => void {
  const waiting: unknown[] = [];
  const isNew = createFrameSieve();
  let listens = false;
  const tell = (): void => {
    now.value = { ...now.value, waiting: waiting.length, listens };
  };
  const flush = (): void => {
    if (!listens) return;
    for (const message of waiting.splice(0)) {
      frame.contentWindow?.postMessage(message, STATELY_ORIGIN);
      now.value = { ...now.value, sent: now.value.sent + 1 };
    }
    tell();
  };
  const hear = (message: MessageEvent<unknown>): void => {
    if (!saysConnected(message, frame.contentWindow)) return;
    listens = true;
    flush();
  };
  addEventListener("message", hear);
  const leave = openInspection({
    run,
    context,
    heard: (text) => {
      const read = readFrame(text);
      if (read === undefined || !isNew(read)) return;
      if (waiting.length >= WAITING_MAX) waiting.shift();
      waiting.push(JSON.parse(text));
      flush();
      tell();
    },
    became: (source) => {
      now.value = { ...now.value, source };
    },
  });
  frame.src = STATELY_INSPECTOR;
  return () => {
    leave();
    removeEventListener("message", hear);
  };
}
