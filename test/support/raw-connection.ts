/** Bytes to and from a running daemon's ingress, as they are. */
import { connect } from "node:net";
import { within, type Daemon } from "./daemon.ts";
import { signed } from "./sender.ts";

export type Connection = {
  readonly write: (bytes: string | Uint8Array) => void;
  /** Resolves when this came back. */
  readonly answered: (text: string) => Promise<void>;
  /** All that came back, once the daemon has closed. */
  readonly closed: Promise<string>;
  readonly end: () => void;
};

export async function openConnection({ ingress }: Pick<Daemon, "ingress">): Promise<Connection> {
  const socket = connect(Number(new URL(ingress).port), "127.0.0.1");
  let heard = "";
  const listeners = new Set<() => void>();
  socket.setEncoding("latin1").on("data", (text: string) => {
    heard += text;
    for (const call of listeners) call();
  });
  // A daemon that cuts a sender off resets the connection: what was heard until then counts.
  socket.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(heard)));
  await within(new Promise((connected) => socket.on("connect", connected)), () => "did not connect");
  return {
    write: (bytes) => void socket.write(bytes),
    answered: (text) => {
      const came = new Promise<void>((resolve) => {
        const look = (): void => {
          if (heard.includes(text)) resolve();
        };
        listeners.add(look);
        look();
      });
      return within(came, () => `did not answer ${text}: ${heard}`);
    },
    closed: within(closed, () => `did not close: ${heard}`),
    end: () => void socket.destroy(),
  };
}

/** A signed delivery to `price-alert`. The daemon says that it reads the body before it comes, and closes the connection behind it. */
export function requestOf(desk: string, payload: object): { readonly head: string; readonly body: string } {
  const body = JSON.stringify(payload);
  const head =
    `POST /webhook/${desk}/price-alert HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
    `X-Qoc-Signature: ${signed(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
  return { head, body };
}
