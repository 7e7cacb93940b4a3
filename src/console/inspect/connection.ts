/** The inspector's WebSocket. One that breaks is opened again; what it repeats then, the book knows already. */
import { ask, problemOf } from "../api.ts";
import { waitBefore } from "../backoff.ts";
import { token } from "../session.ts";

export type SocketState = "connecting" | "live" | "stale" | "signed out";

export type Look = {
  readonly run: string | null;
  readonly context: boolean;
  readonly heard: (text: string) => void;
  readonly became: (state: SocketState) => void;
};

/** Returns how to end it. */
export function openInspection({ run, context, heard, became }: Look): () => void {
  let ended = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let socket: WebSocket | null = null;
  const query = new URLSearchParams({ ...(run === null ? {} : { run }), context: context ? "1" : "0" });

  const open = (): void => {
    if (ended) return;
    if (token.value === null) return became("signed out");
    became(failures === 0 ? "connecting" : "stale");
    // A browser can set no header here. The daemon answers the first protocol and never says the second back.
    const opened = new WebSocket(`ws://${location.host}/inspect/ws?${query.toString()}`, [
      "qoc.inspect.v1",
      `bearer.${token.value}`,
    ]);
    socket = opened;
    opened.addEventListener("open", () => {
      failures = 0;
      became("live");
    });
    opened.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (typeof data === "string") heard(data);
    });
    opened.addEventListener("close", () => {
      if (ended) return;
      became("stale");
      failures += 1;
      timer = setTimeout(() => void again(), waitBefore(failures, Math.random()));
    });
  };
  /** Of a refused handshake a page learns nothing: the same token is tried on a plain question, which drops it when it is refused. */
  const again = async (): Promise<void> => {
    try {
      await ask("/api/status");
    } catch (error) {
      if (problemOf(error).status === 401 && !ended) return became("signed out");
    }
    open();
  };
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    socket?.close();
  };
}
