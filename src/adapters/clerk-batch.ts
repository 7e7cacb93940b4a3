/** What the clerk does with a batch of jobs, in whichever thread: render or seal, write, sync, name, and sync each folder once. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { sha256Of } from "../core/ids.ts";
import { INBOX_FOLDER, renderInboxItem } from "../desk/inbox-item.ts";
import type { InboxJob, Job, JobDone, SealJob } from "../desk/jobs.ts";
import type { Signer } from "../evidence/dsse.ts";
import { seal } from "../evidence/seal.ts";
import { ClerkFailure, clerkFailureOf } from "./clerk-failure.ts";
import type { Disk } from "./disk.ts";
import { type Draft, draft, type Placement, publish } from "./durable-file.ts";

type Work = { readonly placement: Placement; readonly doneAs: (name: string) => JobDone };
type Prepared = { readonly draft: Draft; readonly doneAs: (name: string) => JobDone };

/** Gives each job's outcome in the order of the jobs; a job that fails fails alone. Never rejects. */
export async function performBatch(
  jobs: readonly Job[],
  signer: Signer,
  disk: Disk,
): Promise<readonly (JobDone | ClerkFailure)[]> {
  const prepared = jobs.map((job) => prepare(job, signer, disk));
  const drafts = prepared.filter((each): each is Prepared => !(each instanceof ClerkFailure));
  const placed = await publish(
    drafts.map((each) => each.draft),
    disk,
  );
  const placedOf = new Map(drafts.map((each, i) => [each, placed[i]]));
  return prepared.map((each) => {
    if (each instanceof ClerkFailure) return each;
    const name = placedOf.get(each);
    return typeof name === "string" ? each.doneAs(name) : (name ?? new ClerkFailure("BUG", "nothing was placed"));
  });
}

function prepare(job: Job, signer: Signer, disk: Disk): Prepared | ClerkFailure {
  try {
    const { placement, doneAs } = workOf(job, signer);
    return { draft: draft(placement, disk), doneAs };
  } catch (thrown) {
    return clerkFailureOf(thrown);
  }
}

const workOf = (job: Job, signer: Signer): Work => (job.kind === "inbox" ? inboxWork(job) : sealWork(job, signer));

function inboxWork(job: InboxJob): Work {
  const { names, bytes, isEdited } = renderInboxItem(job);
  const sha256 = sha256Of(createHash("sha256").update(bytes).digest("hex"));
  return {
    placement: { folder: join(job.dir, INBOX_FOLDER), names, bytes, mode: 0o644, isEdited },
    doneAs: (name) => ({ kind: "inbox", file: `${INBOX_FOLDER}/${name}`, sha256, bytes: bytes.byteLength }),
  };
}

/** A sealed envelope can be read only, also by its owner, and an envelope of other bytes in its place is left alone. */
function sealWork(job: SealJob, signer: Signer): Work {
  const { evidence_id, seal_hash, bytes } = seal(job, signer);
  const name = `${evidence_id}.json`;
  return {
    placement: { folder: join(job.dir, ".qoc", "evidence"), names: [name], bytes, mode: 0o444 },
    doneAs: () => ({ kind: "seal", evidence_id, seal_hash, file: `.qoc/evidence/${name}` }),
  };
}
