import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createClerkPool } from "../../../src/adapters/clerk-pool.ts";
import { openEvidenceKeys } from "../../../src/adapters/key-files.ts";
import { sha256Of } from "../../../src/core/ids.ts";
import type { InboxJob } from "../../../src/desk/jobs.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "qoc-pool-"));
  mkdirSync(join(dir, "inbox"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const job = (n: number): InboxJob => ({
  kind: "inbox",
  dir,
  run: `0000000${n % 10}-0000-8000-8000-${String(n).padStart(12, "0")}`,
  webhook: "price-alert",
  received_at: 0,
  facts: { event_type: "price_alert", delivery_id: String(n), payload: "json" },
  sha256: sha256Of("0".repeat(64)),
  media_type: "application/json",
  body: Buffer.from(`{"n":${n}}`),
  body_bytes: `{"n":${n}}`.length,
  notice: null,
});

test("clerks side by side give every run of one second an item of its own, and the same one when asked again", async () => {
  const pool = createClerkPool({ dir, keys: await openEvidenceKeys(dir) }, 3);
  const jobs = Array.from({ length: 20 }, (_, n) => job(n));
  const files = await Promise.all(jobs.map((each) => pool.perform(each)));
  const again = await Promise.all(jobs.map((each) => pool.perform(each)));
  await pool.close();
  expect(again).toEqual(files);
  expect(new Set(files.map((done) => (done.kind === "inbox" ? done.file : ""))).size).toBe(20);
  expect(readdirSync(join(dir, "inbox"))).toHaveLength(20);
});

test("a job that fails fails alone, and a closed pool takes none", async () => {
  const pool = createClerkPool({ dir, keys: await openEvidenceKeys(dir) }, 2);
  await expect(pool.perform({ ...job(1), dir: "/elsewhere" })).rejects.toThrow("the job is for another desk");
  await expect(pool.perform(job(1))).resolves.toMatchObject({ kind: "inbox" });
  await pool.close();
  await expect(pool.perform(job(2))).rejects.toThrow("it takes no more jobs");
});
