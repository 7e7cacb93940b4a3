/** A store that was put back asks again for what was sealed long ago, perhaps with a key that is retired since. */
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createInlineClerk } from "../../../src/adapters/clerk.ts";
import { ClerkFailure } from "../../../src/adapters/clerk-failure.ts";
import type { EvidenceKeys } from "../../../src/adapters/key-files.ts";
import type { SealJob } from "../../../src/desk/jobs.ts";
import { signerOf } from "../../../src/evidence/keys.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { birth, journal, machine, privateKey, publicPem, signer } from "../evidence/support.ts";

const newPem = String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
const before: EvidenceKeys = { keyid: signer.keyid, privateKey };
const now: EvidenceKeys = { keyid: signerOf(newPem).keyid, privateKey: createPrivateKey(newPem) };

function desk(): { readonly dir: string; readonly job: SealJob } {
  const dir = temporaryFolder();
  mkdirSync(join(dir, ".qoc/evidence"), { recursive: true });
  const entries = journal().map((entry, seq) => ({
    ...entry,
    seq,
    by: "daemon" as const,
    from: null,
    guard: null,
    effects: [],
  }));
  return { dir, job: { kind: "seal", dir, birth, machine, entries, amends: null } };
}
const sealWith = (keys: EvidenceKeys, job: SealJob) => createInlineClerk({ dir: job.dir, keys }).perform(job);
const reasonOf = (done: Promise<unknown>): Promise<unknown> =>
  done.then(
    () => "done",
    (thrown: unknown) => (thrown instanceof ClerkFailure ? thrown.reason : thrown),
  );

test("an envelope by a retired key is the one that is asked for, and stays as it is", async () => {
  const { dir, job } = desk();
  const done = await sealWith(before, job);
  const bytes = readFileSync(join(dir, done.file ?? ""));
  expect(await sealWith({ ...now, retired: [publicPem] }, job)).toEqual(done);
  expect(readFileSync(join(dir, done.file ?? "")).equals(bytes)).toBe(true);
});

test.each([
  ["by a key that this desk never had", now, (bytes: Buffer) => bytes],
  ["by a retired key, of another run", { ...now, retired: [publicPem] }, undefined],
  [
    "by a retired key, with a byte changed",
    { ...now, retired: [publicPem] },
    (bytes: Buffer) => Buffer.from(bytes.toString().replace("risk_breach", "risk_broach")),
  ],
])("an envelope %s is another one", async (_, keys, change) => {
  const { dir, job } = desk();
  const [first = job.entries[0], ...rest] = job.entries;
  if (first === undefined) throw new Error("a journal has entries");
  const other = { ...job, entries: [{ ...first, at: first.at - 1 }, ...rest] };
  const done = await sealWith(before, change === undefined ? other : job);
  const file = join(dir, done.file ?? "");
  if (change !== undefined) {
    chmodSync(file, 0o644);
    writeFileSync(file, change(readFileSync(file)));
  }
  expect(await reasonOf(sealWith(keys, job))).toBe("NAME_TAKEN");
});
