/** The console's listener as a whole over given runs, with a clock of the test's own, and a browser that is logged in. */
import type { FastifyInstance } from "fastify";
import { randomBytes } from "node:crypto";
import type { KeptToken } from "../../../../src/core/token-store.ts";
import { buildConsoleApp, type ConsoleWorld, consoleHosts } from "../../../../src/http/console-app.ts";
import { createLoginCodes, type LoginCodes } from "../../../../src/http/console/login-codes.ts";
import { addLoginRoutes } from "../../../../src/http/console/login-routes.ts";
import { readStaticFiles } from "../../../../src/http/console/static-files.ts";
import { type ConsoleTokens, createConsoleTokens } from "../../../../src/http/console/tokens.ts";
import { addHealthRoutes } from "../../../../src/http/health-routes.ts";
import { addLogRoutes } from "../../../../src/http/log-routes.ts";
import { AT, aTarget } from "../desk-with-runs.ts";

export const HOST = "127.0.0.1:7431";
export const ORIGIN = `http://${HOST}`;
export const NO_FILES = readStaticFiles("/nowhere/that/exists");

export type GivenConsole = {
  readonly app: FastifyInstance;
  readonly codes: LoginCodes;
  readonly tokens: ConsoleTokens;
  readonly clock: { at: number };
  readonly kept: () => readonly KeptToken[];
  readonly complaints: string[];
};

export const entropy = { bytes: (count: number): Uint8Array => randomBytes(count) };

/** Tokens over a store in memory, which may already hold some. */
export function tokensOver(clock: { at: number }, before: readonly KeptToken[] = []) {
  let kept = before;
  let fails = false;
  const complaints: string[] = [];
  const tokens = createConsoleTokens({
    store: {
      read: () => kept,
      write: (next) => {
        if (fails) throw new Error("ENOSPC");
        kept = next;
      },
    },
    clock: { now: () => clock.at },
    entropy,
    complain: (says) => complaints.push(says),
  });
  return { tokens, complaints, kept: () => kept, failFromNowOn: () => void (fails = true) };
}

export function aConsole(given: Partial<ConsoleWorld> = {}): GivenConsole {
  const clock = { at: AT };
  const { tokens, complaints, kept } = tokensOver(clock);
  const codes = createLoginCodes({ now: () => clock.at }, entropy);
  const app = buildConsoleApp({
    hosts: () => consoleHosts("127.0.0.1", 7431),
    tokens,
    files: NO_FILES,
    complain: (says) => complaints.push(says),
    ...given,
    addRoutes: (to) => {
      addHealthRoutes(to, aTarget([]));
      addLogRoutes(to, aTarget([]));
      addLoginRoutes(to, { codes, tokens, consoleUrl: () => ORIGIN });
      to.get("/api/secret", () => ({ secret: true }));
      to.post("/api/act", (request) => ({ did: request.body }));
      given.addRoutes?.(to);
    },
  });
  return { app, codes, tokens, clock, kept, complaints };
}

/** Where it listens; its `hosts` must be those of that port. */
export async function listening(given: Partial<ConsoleWorld> = {}) {
  let hosts: readonly string[] = [];
  const made = aConsole({ ...given, hosts: () => hosts });
  await made.app.listen({ host: "127.0.0.1", port: 0 });
  const address = made.app.server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  hosts = consoleHosts("127.0.0.1", port);
  return { ...made, port, host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` };
}
