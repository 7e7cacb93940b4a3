/** The inbox pages of one run: which they are, by the names and the bytes that they were written with. */
import { birthOf, factsOf, flaggedIn } from "../core/delivery-journal.ts";
import type { ArtifactRef } from "../core/observation.ts";
import type { Entry, Store } from "../engine/ports.ts";
import { INBOX_FOLDER, PASTED_BYTES_MAX, READ_BYTES_MAX, renderInboxItem } from "./inbox-item.ts";
import { inEachStatus } from "./inbox-page.ts";
import type { InboxJob } from "./jobs.ts";
import { noticed } from "./notice.ts";

export type PageFiles = {
  /** The bytes of a regular file below the desk; undefined when nothing has that name. @throws for anything else */
  readonly read: (file: string) => Uint8Array | undefined;
  readonly remove: (file: string) => Promise<void>;
};

/**
 * Takes away the run's item and its notices as they were written, and gives the files that a person has edited since. Where the bytes that
 * a page shows are gone, an earlier attempt came this far: what is there of that page is edited.
 */
export async function removePages(
  dir: string,
  journal: readonly Entry[],
  artifact: Store["artifact"],
  files: PageFiles,
): Promise<readonly string[]> {
  const edited: string[] = [];
  for (const page of pagesOf(dir, journal, artifact)) {
    const { names, bytes, isEdited } = renderInboxItem(page);
    for (const file of names.map((name) => `${INBOX_FOLDER}/${name}`)) {
      const found = files.read(file);
      if (found === undefined) continue;
      if (isAsWritten(found, bytes)) await files.remove(file);
      else if (isEdited(found)) edited.push(file);
    }
  }
  return edited;
}

/** Or has another status: who marks an item done has written nothing of their own. */
const isAsWritten = (found: Uint8Array, bytes: Uint8Array): boolean =>
  [found, ...inEachStatus(found)].some((each) => Buffer.compare(each, bytes) === 0);

function* pagesOf(dir: string, journal: readonly Entry[], artifact: Store["artifact"]): Generator<InboxJob> {
  const { run, webhook, received_at, request, policy } = birthOf(journal);
  const facts = factsOf(journal);
  if (facts !== undefined && policy.action === "inbox")
    yield { kind: "inbox", dir, run, webhook, received_at, facts, ...shown(artifact, request), notice: null };
  for (const [at, { same_id }] of flaggedIn(journal).entries()) {
    const what = same_id ? "id_conflict" : "suspected_replay";
    const { request: bytes, ...item } = noticed(journal, { run, ordinal: at + 1, what });
    yield { kind: "inbox", dir, ...item, ...shown(artifact, bytes) };
  }
}

/** What a page shows of these bytes: of many, their beginning; of none that are kept, nothing. */
function shown(
  artifact: Store["artifact"],
  { sha256, media_type, bytes }: ArtifactRef,
): Pick<InboxJob, "sha256" | "media_type" | "body" | "body_bytes"> {
  const body = artifact(sha256, bytes > READ_BYTES_MAX ? PASTED_BYTES_MAX : undefined) ?? new Uint8Array();
  return { sha256, media_type, body, body_bytes: bytes };
}
