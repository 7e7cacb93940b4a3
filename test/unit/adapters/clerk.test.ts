import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createClerk, createInlineClerk, startClerkWorker } from "../../../src/adapters/clerk.ts";
import type { Clerk } from "../../../src/adapters/clerk-turn.ts";
import { ClerkFailure } from "../../../src/adapters/clerk-failure.ts";
import type { ClerkWorkerData } from "../../../src/adapters/clerk-worker.ts";
import type { Disk } from "../../../src/adapters/disk.ts";
import { type EvidenceKeys, openEvidenceKeys } from "../../../src/adapters/key-files.ts";
import { evidenceIdOf, sha256Of } from "../../../src/core/ids.ts";
import type { InboxJob, JobDone, SealJob } from "../../../src/desk/jobs.ts";
import { diskError, type MemoryDisk, memoryDisk } from "../../support/memory-disk.ts";
import { birth, facts, journal, machine, privateKey, signer } from "../evidence/support.ts";

const keys: EvidenceKeys = { keyid: signer.keyid, privateKey };
const EVIDENCE = ".qoc/evidence";

/** The n-th delivery of a second in which there are many. */
const inboxJob = (dir: string, n = 0, over: Partial<InboxJob> = {}): InboxJob => ({
  kind: "inbox",
  dir,
  run: `0198f${String(n).padStart(3, "0")}-0000-8000-8000-000000000000`,
  webhook: "risk-breach",
  received_at: Date.UTC(2026, 6, 5, 14, 22, 0, n),
  facts,
  sha256: sha256Of("a".repeat(64)),
  media_type: "application/json",
  body: Buffer.from(`{"n":${n},"price":420.00}`),
  body_bytes: `{"n":${n},"price":420.00}`.length,
  notice: null,
  ...over,
});
const sealJob = (dir: string, n = 0): SealJob => ({
  kind: "seal",
  dir,
  birth: { ...birth, evidence_id: evidenceIdOf(`0198f${String(n).padStart(3, "0")}-0000-7000-8000-000000000000`) },
  machine,
  entries: journal().map((entry, seq) => ({ ...entry, seq, by: "daemon", from: null, guard: null, effects: [] })),
  amends: null,
});
const reasonOf = (done: Promise<JobDone>): Promise<unknown> =>
  done.then(
    () => "done",
    (thrown: unknown) => (thrown instanceof ClerkFailure ? thrown.reason : thrown),
  );

describe.each([
  ["in a worker thread", (dir: string): Clerk => createClerk({ dir, keys })],
  ["in this thread", (dir: string): Clerk => createInlineClerk({ dir, keys })],
])("a clerk %s", (_, start) => {
  const dir = mkdtempSync(join(tmpdir(), "qoc-clerk-"));
  let clerk: Clerk;
  beforeAll(() => {
    clerk = start(dir);
  });
  beforeEach(() => {
    for (const folder of ["inbox", EVIDENCE]) {
      rmSync(join(dir, folder), { recursive: true, force: true });
      mkdirSync(join(dir, folder), { recursive: true });
    }
  });
  afterAll(async () => {
    await clerk.close();
    rmSync(dir, { recursive: true });
  });

  test("writes an inbox item and says which file it is", async () => {
    const done = await clerk.perform(inboxJob(dir));
    const bytes = readFileSync(join(dir, done.file));
    expect(done).toEqual({
      kind: "inbox",
      file: "inbox/2026-07-05T14-22-00Z-risk-breach.md",
      sha256: createHash("sha256").update(bytes).digest("hex"),
      bytes: bytes.length,
    });
    expect(bytes.toString()).toContain("price: 420.00");
  });

  test("seals an envelope that nobody can write to", async () => {
    const done = await clerk.perform(sealJob(dir));
    expect(done).toMatchObject({ kind: "seal", file: `${EVIDENCE}/0198f000-0000-7000-8000-000000000000.json` });
    expect(JSON.parse(readFileSync(join(dir, done.file), "utf8"))).toHaveProperty(
      "integrity.seal_hash",
      done.kind === "seal" ? done.seal_hash : "none",
    );
    expect(statSync(join(dir, done.file)).mode & 0o777).toBe(0o444);
  });

  test("ends in the same files when everything is done again", async () => {
    const everything = () =>
      Promise.all([0, 1, 2].flatMap((n) => [inboxJob(dir, n), sealJob(dir, n)]).map(clerk.perform));
    const first = await everything();
    const names = [readdirSync(join(dir, "inbox")), readdirSync(join(dir, EVIDENCE))];
    expect(await everything()).toEqual(first);
    expect([readdirSync(join(dir, "inbox")), readdirSync(join(dir, EVIDENCE))]).toEqual(names);
    expect(names.map((each) => each.length)).toEqual([3, 3]);
  });

  test("gives each delivery of one second its own item", async () => {
    const done = await Promise.all(Array.from({ length: 20 }, (__, n) => clerk.perform(inboxJob(dir, n))));
    expect(new Set(done.map(({ file }) => file)).size).toBe(20);
    for (const [n, { file }] of done.entries())
      expect(readFileSync(join(dir, file), "utf8")).toContain(`{"n":${n},"price":420.00}`);
  });

  test("does not write a second item beside one that a person has edited", async () => {
    const { file } = await clerk.perform(inboxJob(dir));
    writeFileSync(join(dir, file), readFileSync(join(dir, file), "utf8").replace("status: new", "status: done"));
    expect(await clerk.perform(inboxJob(dir))).toHaveProperty("file", file);
    expect(readdirSync(join(dir, "inbox"))).toHaveLength(1);
  });

  test("never writes over an envelope of other bytes", async () => {
    const { file } = await clerk.perform(sealJob(dir));
    chmodSync(join(dir, file), 0o644);
    writeFileSync(join(dir, file), "{}");
    expect(await reasonOf(clerk.perform(sealJob(dir)))).toBe("NAME_TAKEN");
    expect(readFileSync(join(dir, file), "utf8")).toBe("{}");
  });

  test("fails the job that fails, and does the others of its batch", async () => {
    rmSync(join(dir, "inbox"), { recursive: true });
    const [item, envelope] = await Promise.all([reasonOf(clerk.perform(inboxJob(dir))), clerk.perform(sealJob(dir))]);
    expect(item).toBe("FOLDER_MISSING");
    expect(envelope.kind).toBe("seal");
  });

  test("says that a journal which cannot be sealed is our bug", async () => {
    const unsealable = { ...sealJob(dir), entries: [] };
    expect(await reasonOf(clerk.perform(unsealable))).toBe("BUG");
  });

  test("takes a body that is a piece of a larger buffer", async () => {
    const pool = Buffer.from('xxxx{"n":7}xxxx');
    const { file } = await clerk.perform(inboxJob(dir, 0, { body: pool.subarray(4, 11), body_bytes: 7 }));
    expect(readFileSync(join(dir, file), "utf8")).toContain('\n{"n":7}\n');
  });

  test("refuses a job of another desk, which it would seal with the wrong key", async () => {
    expect(await reasonOf(clerk.perform(sealJob("/elsewhere")))).toBe("BUG");
  });
});

test("the keys of a desk can be posted to the worker, and sign there as they do here", async () => {
  const dir = mkdtempSync(join(tmpdir(), "qoc-clerk-"));
  mkdirSync(join(dir, EVIDENCE), { recursive: true });
  const own = await openEvidenceKeys(dir);
  const [there, here] = [createClerk({ dir, keys: own }), createInlineClerk({ dir, keys: own })];
  const done = await there.perform(sealJob(dir));
  // The inline clerk finds the worker's file and calls it its own only when all bytes are equal, the signature's too.
  expect(await here.perform(sealJob(dir))).toEqual(done);
  await Promise.all([there.close(), here.close()]);
  rmSync(dir, { recursive: true });
});

test("a clerk finishes what it was given before it closes, and then takes nothing more", async () => {
  const disk = memoryDisk(["/desk/inbox"]);
  const clerk = createInlineClerk({ dir: "/desk", keys, disk });
  const asked = clerk.perform(inboxJob("/desk"));
  await clerk.close();
  expect([...disk.files().keys()]).toEqual(["/desk/inbox/2026-07-05T14-22-00Z-risk-breach.md"]);
  expect(await asked).toHaveProperty("kind", "inbox");
  expect(await reasonOf(clerk.perform(inboxJob("/desk")))).toBe("STOPPED");
});

test("a worker that dies fails what it had in hand, retryable, and the next job has a new worker", async () => {
  const dir = mkdtempSync(join(tmpdir(), "qoc-clerk-"));
  mkdirSync(join(dir, "inbox"));
  const workers: Worker[] = [];
  const startWorker = (data: ClerkWorkerData): Worker => {
    const worker = startClerkWorker(data);
    workers.push(worker);
    return worker;
  };
  const clerk = createClerk({ dir, keys, startWorker });
  const inHand = clerk.perform(inboxJob(dir)).catch((thrown: unknown) => thrown);
  await new Promise((posted) => setImmediate(posted));
  await workers[0]?.terminate();
  expect(await inHand).toMatchObject({ reason: "STOPPED", retryable: true });
  expect(await clerk.perform(inboxJob(dir))).toHaveProperty("kind", "inbox");
  expect(workers).toHaveLength(2);
  await clerk.close();
  expect(workers[1]?.threadId).toBe(-1);
  rmSync(dir, { recursive: true });
});

describe("a batch", () => {
  const dir = "/desk";
  const folders = ["/desk/inbox", "/desk/.qoc/evidence"];
  const clerkOn = (disk: Disk): Clerk => createInlineClerk({ dir, keys, disk });

  test("is made of the jobs of one turn, and syncs each folder once", async () => {
    const disk = memoryDisk(folders);
    const clerk = clerkOn(disk);
    await Promise.all([0, 1, 2].flatMap((n) => [clerk.perform(inboxJob(dir, n)), clerk.perform(sealJob(dir, n))]));
    expect(disk.steps.filter((step) => step === "syncFolder")).toHaveLength(2);
    expect(disk.steps.filter((step) => step === "sync")).toHaveLength(6);
  });

  test("whose jobs are cut short anywhere ends in one whole file a job when it is repeated", async () => {
    const whole = memoryDisk(folders);
    const jobs = [inboxJob(dir, 0), inboxJob(dir, 1), sealJob(dir)];
    const expected = await Promise.all(jobs.map(clerkOn(whole).perform));
    for (const at of whole.steps.keys()) {
      let dark = true;
      const disk = memoryDisk(folders, (_, now) => {
        if (dark && now >= at) throw diskError("EIO");
      });
      const outcomes = await Promise.all(jobs.map(clerkOn(disk).perform).map(reasonOf));
      expect(outcomes).toContain("DISK");
      dark = false;
      disk.cutPower(at % 2 === 0 ? "kept" : "lost");
      const again = await Promise.all(jobs.map(clerkOn(disk).perform));
      const textsOn = (on: MemoryDisk, done: readonly JobDone[]) =>
        done.map(({ file }) => String(on.files().get(join(dir, file))));
      expect(textsOn(disk, again)).toEqual(textsOn(whole, expected));
      expect([...disk.files().keys()].filter((path) => !path.includes(".tmp-"))).toHaveLength(jobs.length);
    }
  });
});
