/** The attacks, against the console's listener alone. `test/e2e/console-attacks.test.ts` does the same to a daemon. */
import { afterAll, describe, expect, test } from "vitest";
import { addInspectSocket } from "../../../../src/http/inspect-socket.ts";
import { addEventRoutes, createEventHub } from "../../../../src/http/events.ts";
import { describeAttacks, sent } from "../../../support/console-attacks.ts";
import { statusOf } from "../../../support/raw-http.ts";
import { aTarget } from "../desk-with-runs.ts";
import { type GivenConsole, listening } from "./console-world.ts";

const closers: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

async function open(): Promise<GivenConsole & { readonly port: number; readonly host: string }> {
  const target = aTarget([]);
  const made = await listening({
    addRoutes: (app) => {
      app.get("/api/status", () => ({}));
      addEventRoutes(app, createEventHub(target, "epoch"));
    },
    addUpgrades: (app, guard) =>
      addInspectSocket(
        app,
        {
          target,
          clock: { now: () => 0 },
          entropy: { bytes: (count) => new Uint8Array(count) },
          definition: () => undefined,
          complain: (_says, reason) => {
            throw reason;
          },
        },
        guard,
      ),
  });
  closers.push(() => made.app.close());
  return made;
}

describe("the console's listener", () => {
  describeAttacks(async () => {
    const { port, codes } = await open();
    return { port, code: () => Promise.resolve(codes.make().code) };
  });
});

test("a token that ended by itself opens nothing", async () => {
  const { port, host, tokens, clock } = await open();
  const { token } = tokens.issue();
  const ask = () =>
    sent(
      port,
      `GET /api/status HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`,
    );
  expect(statusOf(await ask())).toBe(200);
  clock.at += 12 * 3_600_000;
  expect(statusOf(await ask())).toBe(401);
});

test("headers that never end are given up", { timeout: 20_000 }, async () => {
  const { port } = await open();
  const began = Date.now();
  expect(statusOf(await sent(port, "GET / HTTP/1.1\r\nhost: x\r\n"))).toBe(408);
  expect(Date.now() - began).toBeLessThan(12_000);
});
