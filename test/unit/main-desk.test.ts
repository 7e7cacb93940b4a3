/** What a desk that cannot be opened leaves behind: nothing that keeps the process alive, and nothing that keeps the next start out. */
import { mkdirSync, rmdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { createInlineClerk } from "../../src/adapters/clerk.ts";
import { systemEntropy } from "../../src/adapters/entropy.ts";
import { openStore } from "../../src/adapters/store-lmdb.ts";
import { createRunTokens } from "../../src/agent/run-tokens.ts";
import { openDesk } from "../../src/main-desk.ts";
import { deskOf } from "./config/load-text.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("whatever was opened is closed again when what comes behind it fails", async () => {
  const dir = temporaryFolder();
  const open: string[] = [];
  const opening = () =>
    openDesk(
      {
        dir,
        workspace: "equity-desk",
        mailWaitingMax: 10,
        host: {
          config: () => deskOf('name = "equity-desk"'),
          env: {},
          tokens: createRunTokens(systemEntropy),
          door: () => Promise.reject(new Error("no door is open")),
          requeue: () => Promise.reject(new Error("nothing is asked for")),
          warn: () => undefined,
        },
        complain: () => undefined,
      },
      {
        openStore: async (at) => {
          const store = await openStore(at);
          open.push("store");
          return { ...store, close: async () => (open.splice(open.indexOf("store"), 1), store.close()) };
        },
        createClerk: (options) => {
          const clerk = createInlineClerk(options);
          open.push("clerk");
          return { ...clerk, close: async () => (open.splice(open.indexOf("clerk"), 1), clerk.close()) };
        },
      },
    );
  const pin = path.join(dir, ".qoc", "approver-root");
  mkdirSync(pin, { recursive: true });
  await expect(opening()).rejects.toThrow("EISDIR");
  expect(open).toEqual([]);
  rmdirSync(pin);
  const desk = await opening();
  expect(open).toEqual(["store", "clerk"]);
  await desk.close(0);
  expect(open).toEqual([]);
});
