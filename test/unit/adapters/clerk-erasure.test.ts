/** The pack that takes the place of a sealed document. */
import { createPublicKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createInlineClerk } from "../../../src/adapters/clerk.ts";
import { ClerkFailure } from "../../../src/adapters/clerk-failure.ts";
import type { EraseJob, JobDone, SealJob } from "../../../src/desk/jobs.ts";
import { verifyPack } from "../../../src/evidence/pack/verify-pack.ts";
import { memoryDisk } from "../../support/memory-disk.ts";
import { birth, journal, machine, privateKey, signer } from "../evidence/support.ts";

const DIR = "/desk";
const EVIDENCE = `${DIR}/.qoc/evidence`;
const publicPem = Buffer.from(createPublicKey(privateKey).export({ format: "pem", type: "spki" }));
const sealJob: SealJob = {
  kind: "seal",
  dir: DIR,
  birth,
  machine,
  entries: journal().map((entry, seq) => ({ ...entry, seq, by: "daemon", from: null, guard: null, effects: [] })),
  amends: null,
};
const eraseJob: EraseJob = {
  kind: "erase",
  dir: DIR,
  evidence_id: birth.evidence_id,
  ordinal: null,
  at: Date.UTC(2026, 6, 6),
  tlog_proof: null,
};

/** `unreadable`: a file whose name is taken and whose bytes nobody gets. */
async function world(unreadable = "") {
  const memory = memoryDisk([EVIDENCE, `${DIR}/.qoc/keys`]);
  const disk = { ...memory, look: (path: string) => (path === unreadable ? "other" : memory.look(path)) };
  disk.put(`${DIR}/.qoc/keys/evidence.pub`, publicPem);
  const clerk = createInlineClerk({ dir: DIR, keys: { keyid: signer.keyid, privateKey }, disk });
  await clerk.perform(sealJob);
  const erase = (over: Partial<EraseJob> = {}): Promise<JobDone> => clerk.perform({ ...eraseJob, ...over });
  return { disk, erase };
}
const SEALED = `${EVIDENCE}/${birth.evidence_id}.json`;
const PACK = `${EVIDENCE}/${birth.evidence_id}.erased.json`;

describe("a pack of what is erased", () => {
  test("opens nothing, says why, and verifies", async () => {
    const { disk, erase } = await world();
    expect(await erase()).toEqual({
      kind: "erase",
      evidence_id: birth.evidence_id,
      file: `.qoc/evidence/${birth.evidence_id}.erased.json`,
      made: true,
    });
    const bytes = disk.look(PACK);
    const verdict = verifyPack(typeof bytes === "string" ? Buffer.alloc(0) : bytes, { keys: [publicPem.toString()] });
    expect(verdict).toMatchObject({ ok: true, level: "E2", evidence_id: birth.evidence_id });
    expect([verdict.erased, verdict.erased > 10]).toEqual([verdict.closed, true]);
  });

  test("stays as it was first made, whenever it is asked for again", async () => {
    const { disk, erase } = await world();
    await erase();
    const first = disk.look(PACK);
    expect(await erase({ at: eraseJob.at + 1_000 })).toMatchObject({ made: true });
    expect(disk.look(PACK)).toEqual(first);
  });

  test("is still there for who asks when the document is gone", async () => {
    const { disk, erase } = await world();
    await erase();
    disk.remove(`${EVIDENCE}/${birth.evidence_id}.json`);
    expect(await erase()).toMatchObject({ made: true });
  });

  test("is not made of a document that is gone", async () => {
    const { disk, erase } = await world();
    disk.remove(`${EVIDENCE}/${birth.evidence_id}.json`);
    expect(await erase()).toMatchObject({ kind: "erase", made: false });
    expect(disk.look(PACK)).toBe("none");
  });

  test("is waited for while the document is there and cannot be read: it is not gone", async () => {
    const { disk, erase } = await world(SEALED);
    const thrown = await erase().catch((error: unknown) => error);
    expect(thrown).toMatchObject({ reason: "UNREADABLE", detail: expect.stringContaining(SEALED) });
    expect(disk.look(PACK)).toBe("none");
  });

  test("is not made of a document that does not verify", async () => {
    const { disk, erase } = await world();
    disk.remove(`${EVIDENCE}/${birth.evidence_id}.json`);
    disk.put(`${EVIDENCE}/${birth.evidence_id}.json`, Buffer.from("{}"));
    const thrown = await erase().catch((error: unknown) => error);
    expect(thrown instanceof ClerkFailure && thrown.reason).toBe("EVIDENCE_UNSOUND");
    expect(disk.look(PACK)).toBe("none");
  });

  test("does not take the place of a file that is none", async () => {
    const { disk, erase } = await world();
    disk.put(PACK, Buffer.from("something else"));
    const thrown = await erase().catch((error: unknown) => error);
    expect(thrown instanceof ClerkFailure && thrown.reason).toBe("NAME_TAKEN");
  });
});
