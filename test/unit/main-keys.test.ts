/** A rotation that a crash left, ended by a start that has not yet looked whether log and store belong together. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEvidenceKeys } from "../../src/adapters/key-files.ts";
import { openEvidenceLog } from "../../src/main-evidence-log.ts";
import { finishKeyRotation } from "../../src/main-keys.ts";
import { sealOf } from "./adapters/log-support.ts";

const WORKSPACE = "equity-desk";
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "qoc-keys-"));
  mkdirSync(path.join(dir, ".qoc", "evidence"), { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true }));

const runtime = (...names: readonly string[]): string => path.join(dir, ".qoc", ...names);
const published = (): string => readFileSync(runtime("evidence", "log", "checkpoint"), "utf8");

test("adds nothing to a log that was lost: whether it may go on is for the start to find", async () => {
  const id = "01980000-0000-7000-8000-000000000001";
  const integrity = { seal_hash: sealOf(1), disclosure_key: Buffer.alloc(32, 1).toString("base64url") };
  writeFileSync(runtime("evidence", `${id}.json`), JSON.stringify({ evidence_id: id, amends: null, integrity }));
  const log = await openEvidenceLog(runtime(), WORKSPACE, await openEvidenceKeys(dir));
  await log.close();
  expect(published().split("\n")[1]).toBe("2");
  for (const folder of [runtime("evidence", "log"), runtime("log-state")]) rmSync(folder, { recursive: true });
  const next = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
  writeFileSync(runtime("keys", "next.key"), next, { mode: 0o600 });
  expect(await finishKeyRotation(runtime(), WORKSPACE)).toEqual({ kind: "withdrawn" });
  expect(published().split("\n")[1]).toBe("0");
});
