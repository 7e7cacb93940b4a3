/** What the clerk does with a batch of jobs, in whichever thread: render or seal, write, sync, name, and sync each folder once. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { sha256Of } from "../core/ids.ts";
import { INBOX_FOLDER, renderInboxItem } from "../desk/inbox-item.ts";
import type { InboxJob, Job, JobDone, SealJob } from "../desk/jobs.ts";
import type { Signer } from "../evidence/dsse.ts";
import { seal } from "../evidence/seal.ts";
import { verify } from "../evidence/verify.ts";
import { ClerkFailure, clerkFailureOf } from "./clerk-failure.ts";
import type { Disk } from "./disk.ts";
import { eraseWork } from "./clerk-erasure.ts";
import { type Draft, draft, type Placement, publish } from "./durable-file.ts";

/** What envelopes are signed with, and PEMs of the keys before that. */
export type Seals = { readonly signer: Signer; readonly retired: readonly string[] };

export type Work = { readonly placement: Placement; readonly doneAs: (name: string) => JobDone };
type Prepared = { readonly kind: "prepared"; readonly draft: Draft; readonly doneAs: (name: string) => JobDone };

/** Gives each job's outcome in the order of the jobs; a job that fails fails alone. Never rejects. */
export async function performBatch(
  jobs: readonly Job[],
  seals: Seals,
  disk: Disk,
): Promise<readonly (JobDone | ClerkFailure)[]> {
  const prepared = jobs.map((job) => prepare(job, seals, disk));
  const drafts = prepared.filter(
    (each): each is Prepared => !(each instanceof ClerkFailure) && each.kind === "prepared",
  );
  const placed = await publish(
    drafts.map((each) => each.draft),
    disk,
  );
  const placedOf = new Map(drafts.map((each, i) => [each, placed[i]]));
  return prepared.map((each) => {
    if (each instanceof ClerkFailure || each.kind !== "prepared") return each;
    const name = placedOf.get(each);
    return typeof name === "string" ? each.doneAs(name) : (name ?? new ClerkFailure("BUG", "nothing was placed"));
  });
}

function prepare(job: Job, seals: Seals, disk: Disk): Prepared | JobDone | ClerkFailure {
  try {
    const work = workOf(job, seals, disk);
    if ("kind" in work) return work;
    return { kind: "prepared", draft: draft(work.placement, disk), doneAs: work.doneAs };
  } catch (thrown) {
    return clerkFailureOf(thrown);
  }
}

/** What is to be placed; or what was done, where nothing is. */
function workOf(job: Job, seals: Seals, disk: Disk): Work | JobDone {
  switch (job.kind) {
    case "inbox":
      return inboxWork(job);
    case "seal":
      return sealWork(job, seals);
    case "erase":
      return eraseWork(job, seals, disk);
  }
}

function inboxWork(job: InboxJob): Work {
  const { names, bytes, isEdited } = renderInboxItem(job);
  const sha256 = sha256Of(createHash("sha256").update(bytes).digest("hex"));
  return {
    placement: { folder: join(job.dir, INBOX_FOLDER), names, bytes, mode: 0o644, isEdited },
    doneAs: (name) => ({ kind: "inbox", file: `${INBOX_FOLDER}/${name}`, sha256, bytes: bytes.byteLength }),
  };
}

/**
 * A sealed envelope can be read only, also by its owner, and an envelope of other bytes in its place is left alone. One that a key before
 * this one signed is this very envelope when its seal is the same: a store that was put back asks again for what was sealed long ago.
 */
function sealWork(job: SealJob, { signer, retired }: Seals): Work {
  const { evidence_id, seal_hash, bytes } = seal(job, signer);
  const name = `${evidence_id}.json`;
  const isSealedBefore = (found: Uint8Array): boolean => {
    const { ok, document } = verify(found, { keys: retired });
    return ok && document?.integrity.seal_hash === seal_hash;
  };
  return {
    placement: {
      folder: join(job.dir, ".qoc", "evidence"),
      names: [name],
      bytes,
      mode: 0o444,
      isEdited: isSealedBefore,
    },
    doneAs: () => ({ kind: "seal", evidence_id, seal_hash, file: `.qoc/evidence/${name}` }),
  };
}
