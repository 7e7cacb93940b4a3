import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { EvidenceLog } from "../../../src/adapters/log-files.ts";
import { createReceiptFiles, receiptFolder, type ReceiptFiles } from "../../../src/adapters/receipt-files.ts";
import { readCheckpoint } from "../../../src/evidence/log/checkpoint.ts";
import { leafBytes, readLeaf } from "../../../src/evidence/log/leaf.ts";
import { readProof } from "../../../src/evidence/log/proof.ts";
import { leafHash, verifyInclusion } from "../../../src/evidence/log/tree.ts";
import { manualClock, type ManualClock } from "../../support/manual-clock.ts";
import { logMemoryDisk } from "./log-memory-disk.ts";
import { openOn, sealOf } from "./log-support.ts";

const id = (n: number): string => `01980000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const envelope = (n: number) => ({ evidence_id: id(n), seal: sealOf(n), of_seal: null });
const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

type World = {
  readonly log: EvidenceLog;
  readonly receipts: ReceiptFiles;
  readonly files: Map<string, string>;
  readonly clock: ManualClock;
  readonly complaints: string[];
  fails: boolean;
};

async function world(): Promise<World> {
  const log = await openOn(logMemoryDisk());
  const files = new Map<string, string>();
  const complaints: string[] = [];
  const clock = manualClock();
  const here: World = {
    log,
    files,
    complaints,
    clock,
    fails: false,
    receipts: createReceiptFiles({
      log,
      clock,
      complain: (says, reason) => complaints.push(`${says}: ${reason}`),
      folder: {
        list: () => Promise.resolve([...files.keys()]),
        read: (name) => Promise.resolve(files.get(name) ?? ""),
        replace: (name, text) => {
          if (here.fails) return Promise.reject(new Error("ENOSPC"));
          files.set(name, text);
          return Promise.resolve();
        },
      },
    }),
  };
  return here;
}

/** The leaf that a receipt shows to be logged. */
function provenBy(receipt: string | undefined, leaf: Uint8Array): boolean {
  const proof = readProof(receipt ?? "");
  const checkpoint = readCheckpoint(proof?.checkpoint.split("\n\n")[0]?.concat("\n") ?? "");
  if (proof === undefined || checkpoint === undefined) return false;
  return verifyInclusion(leafHash(leaf), proof.index, checkpoint.size, proof.hashes, checkpoint.root);
}

describe("receipts", () => {
  test("of an envelope and of its amendment lie beside them, the amendment's with its leaf", async () => {
    const { log, receipts, files } = await world();
    await log.append([{ kind: "seal", seal: sealOf(1) }]);
    await log.append([{ kind: "amendment", seal: sealOf(2), of_seal: sealOf(1) }]);
    receipts.save(envelope(1));
    receipts.save({ ...envelope(2), of_seal: sealOf(1) });
    await receipts.close(1_000);
    const [first, second] = [files.get(`${id(1)}.tlog-proof`), files.get(`${id(2)}.tlog-proof`)];
    expect(provenBy(first, leafBytes({ kind: "seal", seal: sealOf(1) }))).toBe(true);
    expect(readProof(first ?? "")?.extra).toBeUndefined();
    const extra = readProof(second ?? "")?.extra ?? new Uint8Array();
    expect(readLeaf(extra)).toEqual({ kind: "amendment", seal: sealOf(2), of: 0 });
    expect(provenBy(second, extra)).toBe(true);
  });

  test("rest after each one, so that they never take the time of what is urgent", async () => {
    const { log, receipts, files, clock } = await world();
    await log.append([1, 2, 3].map((n) => ({ kind: "seal", seal: sealOf(n) })));
    for (const n of [1, 2, 3]) receipts.save(envelope(n));
    await turns();
    expect(files.size).toBe(1);
    clock.advance(250);
    await turns();
    expect(files.size).toBe(2);
  });

  test("that cannot be written are told once, and take nothing from those behind them", async () => {
    const here = await world();
    await here.log.append([1, 2, 3].map((n) => ({ kind: "seal", seal: sealOf(n) })));
    here.fails = true;
    for (const n of [1, 2]) here.receipts.save(envelope(n));
    for (let round = 0; round < 3; round += 1) {
      await turns();
      here.clock.advance(250);
    }
    expect(here.complaints).toEqual(["a receipt was not written: ENOSPC"]);
    here.fails = false;
    here.receipts.save(envelope(3));
    await here.receipts.close(1_000);
    expect([...here.files.keys()]).toEqual([`${id(3)}.tlog-proof`]);
  });

  test("that a crash left out are written when they are looked for, and no others", async () => {
    const { log, receipts, files } = await world();
    await log.append([1, 2].map((n) => ({ kind: "seal", seal: sealOf(n) })));
    const document = (n: number) => JSON.stringify({ amends: null, integrity: { seal_hash: sealOf(n) } });
    for (const n of [1, 2, 3]) files.set(`${id(n)}.json`, document(n));
    files.set(`${id(4)}.json`, "no envelope");
    files.set(`${id(5)}.erased.json`, document(1));
    files.set(`${id(2)}.tlog-proof`, "there already");
    await receipts.fill();
    await receipts.close(1_000);
    expect([...files.keys()].filter((name) => name.endsWith(".tlog-proof")).toSorted()).toEqual([
      `${id(1)}.tlog-proof`,
      `${id(2)}.tlog-proof`,
    ]);
    expect(files.get(`${id(2)}.tlog-proof`)).toBe("there already");
  });

  test("that a power cut left empty are written anew", async () => {
    const path = mkdtempSync(join(tmpdir(), "qoc-receipts-"));
    try {
      const { log, clock } = await world();
      await log.append([1, 2].map((n) => ({ kind: "seal", seal: sealOf(n) })));
      for (const n of [1, 2])
        writeFileSync(
          join(path, `${id(n)}.json`),
          JSON.stringify({ amends: null, integrity: { seal_hash: sealOf(n) } }),
        );
      writeFileSync(join(path, `${id(1)}.tlog-proof`), "");
      writeFileSync(join(path, `${id(2)}.tlog-proof`), "there already");
      const receipts = createReceiptFiles({ log, clock, folder: receiptFolder(path), complain: () => undefined });
      await receipts.fill();
      await receipts.close(1_000);
      const textOf = (n: number): string => readFileSync(join(path, `${id(n)}.tlog-proof`), "utf8");
      expect(provenBy(textOf(1), leafBytes({ kind: "seal", seal: sealOf(1) }))).toBe(true);
      expect(textOf(2)).toBe("there already");
    } finally {
      rmSync(path, { recursive: true });
    }
  });

  test("are not waited for longer than was said", async () => {
    const { log, receipts, files, clock } = await world();
    await log.append([1, 2].map((n) => ({ kind: "seal", seal: sealOf(n) })));
    for (const n of [1, 2]) receipts.save(envelope(n));
    const closing = receipts.close(100);
    clock.advance(100);
    await closing;
    receipts.save(envelope(2));
    await turns();
    expect(files.size).toBeLessThan(2);
  });
});
