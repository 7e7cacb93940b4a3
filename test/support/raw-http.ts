/** HTTP by hand: what no well-behaved client would send. */
import { connect, type Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { createIngressApp, type IngressDoor } from "../../src/http/ingress-app.ts";
import { INGRESS_LIMITS, type IngressLimits } from "../../src/http/ingress-limits.ts";
import type { IngressReport } from "../../src/http/ingress-report.ts";
import { fakeEngine, type FakeEngine } from "./fake-engine.ts";
import { desk, NOW, webhook } from "./ingress-desk.ts";

export type Ingress = {
  readonly app: FastifyInstance;
  readonly host: FakeEngine;
  readonly reports: readonly IngressReport[];
};

export function ingress(settings: Partial<IngressDoor> = {}, limits: Partial<IngressLimits> = {}): Ingress {
  const host = fakeEngine();
  const at = desk([webhook()], host);
  const reports: IngressReport[] = [];
  const app = createIngressApp({
    diagnose: () => null,
    desks: () => new Map([[at.name, at]]),
    gate: () => undefined,
    now: () => NOW,
    report: (report) => reports.push(report),
    limits: { ...INGRESS_LIMITS, linger: { ms: 20, bytes: 64 * 1024 }, ...limits },
    ...settings,
  });
  return { app, host, reports };
}

/** What the server sent until it closed the connection. */
export type Dialogue = { readonly socket: Socket; readonly closed: Promise<string> };

export async function dial(app: FastifyInstance): Promise<Dialogue> {
  if (!app.server.listening) await app.listen({ host: "127.0.0.1", port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === "string") throw new Error("the app listens on no port");
  const socket = connect(address.port, "127.0.0.1");
  const heard: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => heard.push(chunk));
  // A server that cuts a sender off resets the connection: what was heard until then counts.
  socket.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(Buffer.concat(heard).toString())));
  await new Promise((connected) => socket.on("connect", connected));
  return { socket, closed };
}

/** Sends these bytes, and gives all that came back until the server closed. */
export async function say(app: FastifyInstance, text: string | Uint8Array): Promise<string> {
  const { socket, closed } = await dial(app);
  socket.write(text);
  return closed;
}

export const statusOf = (answer: string): number => Number(answer.split(" ")[1]);
export const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
