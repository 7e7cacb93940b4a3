/** Real processes that fill orders and are killed while they do: what they said is there, once, for the next one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createPaperLedger } from "../../../src/adapters/paper-ledger.ts";
import { type Sha256, sha256Of } from "../../../src/core/ids.ts";
import { readLedger } from "../../../src/orders/ledger.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const FILLING = join(import.meta.dirname, "../../support/paper-process.ts");
const LIVES = 6;
/** So many are filled before anything is killed. */
const FIRST = 4;

/** The keys that a process said were filled before it was killed, that many milliseconds after the first few of them. */
async function killed(dir: string, first: number, afterMs: number): Promise<readonly Sha256[]> {
  const args = ["--import", "tsx", FILLING, dir, String(first)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  while (said.split("\n").length <= FIRST) {
    expect(child.exitCode).toBeNull();
    await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  }
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill("SIGKILL");
  await once(child, "close");
  return [...said.matchAll(/^f ([0-9a-f]{64})\n/gm)].map(([, key]) => sha256Of(key ?? ""));
}

test(
  "no kill takes a fill away, doubles one, or leaves a ledger that cannot be read",
  { timeout: 60_000 },
  async () => {
    const dir = temporaryFolder();
    const filled = new Set<Sha256>();
    for (let life = 0; life < LIVES; life += 1) {
      // Begins with an order of the life before, which has its line already.
      for (const key of await killed(dir, Math.max(1, filled.size), life * 7)) filled.add(key);
      const ledger = createPaperLedger(dir);
      for (const key of filled) expect((await ledger.find(key))?.key).toBe(key);
      const read = readLedger(readFileSync(join(dir, "book", "ledger.ndjson")));
      if (read.kind === "broken") throw new Error(read.reason);
      const keys = read.lines.map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
      expect(new Set(keys)).toEqual(new Set([...keys, ...filled]));
    }
    expect(filled.size).toBeGreaterThan(LIVES * (FIRST - 1));
  },
);
