/** What is left of a sealed document when its run is erased: the pack that opens nothing, beside it first, in its place afterwards. */
import { join } from "node:path";
import { assert } from "../core/assert.ts";
import type { EraseDone, EraseJob } from "../desk/jobs.ts";
import { amendmentIdOf } from "../evidence/amendment.ts";
import { exportPack, type Exporter } from "../evidence/pack/export.ts";
import { verifyPack } from "../evidence/pack/verify-pack.ts";
import { reaches } from "../evidence/verify.ts";
import type { Seals, Work } from "./clerk-batch.ts";
import { ClerkFailure } from "./clerk-failure.ts";
import type { Disk } from "./disk.ts";

/**
 * A pack that is there already and verifies is the one: made again it would have another time and a newer receipt.
 * @throws ClerkFailure when the document cannot be read, or does not verify with the desk's keys
 */
export function eraseWork(job: EraseJob, { signer, retired }: Seals, disk: Pick<Disk, "look">): Work | EraseDone {
  const { dir, evidence_id: base, ordinal, at, tlog_proof } = job;
  const evidence_id = ordinal === null ? base : amendmentIdOf(base, ordinal);
  const folder = join(dir, ".qoc", "evidence");
  const name = `${evidence_id}.erased.json`;
  const pack = join(folder, name);
  const keys = [publicKeyOf(dir, disk), ...retired];
  const isPack = (found: Uint8Array): boolean => {
    const verdict = verifyPack(found, { keys });
    return verdict.evidence_id === evidence_id && reaches(verdict.level, "E2");
  };
  const found = disk.look(pack);
  const document = join(folder, `${evidence_id}.json`);
  const sealed = disk.look(document);
  const isMade = typeof found !== "string" && isPack(found);
  const done = { kind: "erase", evidence_id, file: `.qoc/evidence/${name}` } as const;
  // Whoever is told that nothing was made takes the document for gone, and removes what has its name.
  const unread = sealed === "other" ? document : found === "other" ? pack : undefined;
  if (!isMade && unread !== undefined) throw new ClerkFailure("UNREADABLE", unread);
  if (!isMade && sealed === "none") return { ...done, made: false };
  const bytes = isMade ? found : packOf(sealed, { signer, keys, at, tlog_proof });
  return {
    placement: { folder, names: [name], bytes, mode: 0o444 },
    doneAs: () => ({ ...done, made: true }),
  };
}

/** What a pack opens although its policy is empty stands in the signed statement too: the scan has nothing to keep back. */
function packOf(sealed: Uint8Array | string, exporter: Exporter): Uint8Array {
  assert(typeof sealed !== "string", "there is a document to make a pack of");
  let allow: readonly string[] = [];
  for (;;) {
    const exported = exportPack(sealed, { pointers: [], artifact_kinds: [], allow, rule: "erasure" }, exporter);
    if (exported.kind === "pack") return exported.bytes;
    if (exported.because === "ENVELOPE_INVALID") throw new ClerkFailure("EVIDENCE_UNSOUND", exported.codes.join(", "));
    const found = exported.at.map(({ pointer }) => pointer);
    assert(
      found.some((pointer) => !allow.includes(pointer)),
      "a pointer that is allowed is not found again",
    );
    allow = [...allow, ...found];
  }
}

function publicKeyOf(dir: string, disk: Pick<Disk, "look">): string {
  const pem = disk.look(join(dir, ".qoc", "keys", "evidence.pub"));
  return typeof pem === "string" ? "" : Buffer.from(pem).toString("utf8");
}
