import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEvidenceKeys } from "../../src/adapters/key-files.ts";
import { openEvidenceLog } from "../../src/main-evidence-log.ts";
import { sealOf } from "./adapters/log-support.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "qoc-evidence-log-"));
  mkdirSync(path.join(dir, ".qoc", "evidence"), { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true }));

const runtime = (): string => path.join(dir, ".qoc");
/** An envelope, or an amendment of the one that has this seal. */
function put(n: number, amended: string | null = null): string {
  const id = `01980000-0000-7000-8000-${String(n).padStart(12, "0")}`;
  const file = path.join(runtime(), "evidence", `${id}.json`);
  const amends = amended === null ? null : { seal_hash: amended, ordinal: 1 };
  const integrity = { seal_hash: sealOf(n), disclosure_key: Buffer.alloc(32, n).toString("base64url") };
  writeFileSync(file, JSON.stringify({ evidence_id: id, amends, integrity }));
  return file;
}

test("what was sealed before the desk had a log is logged to the end, also when the first start was broken off", async () => {
  put(1);
  put(2, sealOf(1));
  const unreadable = put(3, sealOf(99));
  const keys = await openEvidenceKeys(dir);
  await expect(openEvidenceLog(runtime(), "equity-desk", keys)).rejects.toThrow(sealOf(99));
  rmSync(unreadable);
  const log = await openEvidenceLog(runtime(), "equity-desk", keys);
  expect([log.size(), log.indexOf(sealOf(1)), log.indexOf(sealOf(2))]).toEqual([3, 1, 2]);
  await log.close();
  // Once it is done nobody looks again.
  put(4);
  const again = await openEvidenceLog(runtime(), "equity-desk", keys);
  expect(again.size()).toBe(3);
  await again.close();
  expect(readdirSync(path.join(runtime(), "log-state")).toSorted()).toEqual(["leaves", "signed"]);
});
