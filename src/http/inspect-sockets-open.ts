/** The inspector's sockets that are open: how many there may be, whether they still live, and how they end. */
import type { WebSocket } from "ws";
import { type Refusal, refuse } from "../core/refusals.ts";

export const VIEWERS_MAX = 64;
const RETRY_S = 5;
const HEARTBEAT_MS = 30_000;
/** How long a viewer has to say good-bye when the daemon stops. */
const GOODBYE_MS = 400;
/** RFC 6455, 7.4.1. */
const GOING_AWAY = 1001;

export type OpenSockets = {
  /** Why there is no place for another one. */
  readonly refusal: () => Refusal | undefined;
  /** Keeps a place for a viewer while it is found out what it wants to see. Returns how to give it back. */
  readonly expect: () => () => void;
  /** Until it closes. A socket that did not answer the last heartbeat is cut off at the next. */
  readonly add: (socket: WebSocket) => void;
  /** Resolves when all are closed; from then on there is no place. */
  readonly close: () => Promise<void>;
};

export function createOpenSockets(): OpenSockets {
  const answered = new Map<WebSocket, boolean>();
  let expected = 0;
  let isClosing = false;
  const beat = setInterval(() => {
    for (const [socket, isAlive] of answered) {
      if (isAlive) socket.ping();
      else socket.terminate();
      answered.set(socket, false);
    }
  }, HEARTBEAT_MS);
  beat.unref();
  return {
    refusal: () => {
      if (isClosing) return refuse("DRAINING", "the daemon stops", RETRY_S);
      if (answered.size + expected < VIEWERS_MAX) return undefined;
      return refuse("OVERLOADED", `${VIEWERS_MAX} viewers look already`, RETRY_S);
    },
    expect: () => {
      expected += 1;
      return () => {
        expected -= 1;
      };
    },
    add: (socket) => {
      answered.set(socket, true);
      socket.on("pong", () => answered.set(socket, true));
      socket.once("close", () => answered.delete(socket));
    },
    close: async () => {
      isClosing = true;
      clearInterval(beat);
      const open = [...answered.keys()];
      const gone = open.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
      const late = setTimeout(() => {
        for (const socket of open) socket.terminate();
      }, GOODBYE_MS);
      for (const socket of open) socket.close(GOING_AWAY, "the daemon stops");
      await Promise.all(gone);
      clearTimeout(late);
    },
  };
}
