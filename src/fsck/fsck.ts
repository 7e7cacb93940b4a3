/**
 * Holds everything that a desk has on its disk against everything else: what can be derived is derived again, and what differs is said. It
 * writes nothing. Read it as the table of contents of this folder.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { nodeLogDisk } from "../adapters/log-disk.ts";
import { readEpoch, requireEpoch } from "../adapters/log-epoch.ts";
import { createSealIndex } from "../adapters/log-index.ts";
import { EpochNeeded } from "../adapters/log-refused.ts";
import { surveyStore, type StoreSurvey } from "../adapters/store-lmdb-survey.ts";
import { sha256Of, type Sha256 } from "../core/ids.ts";
import { knownKeyOf } from "../evidence/keys.ts";
import { checkArtifact, gather } from "./artifact-refs.ts";
import { checkEndedLogs } from "./check-ended.ts";
import type { Claim } from "./check-evidence.ts";
import { checkFolder } from "./check-folder.ts";
import { checkLog, type LogChecked } from "./check-log.ts";
import type { ReceiptCheckpoint } from "./check-receipt.ts";
import { checkTables, countIndexRows, runsBehind } from "./check-tables.ts";
import type { Finding } from "./findings.ts";
import { publicKeysIn, signingKeyIn } from "./key-files.ts";
import { startRanges, type RangeThreads } from "./range-threads.ts";
import { createTally, type TallyReport } from "./tally.ts";

export type FsckAsked = {
  readonly dir: string;
  readonly workspace: string;
  /** None: all is done in this one. By default as many as there are processors, when it is worth it. */
  readonly threads?: number;
  /** Told of how many actors were looked at, of how many. */
  readonly progress?: (done: number, of: number) => void;
};

export type FsckReport = TallyReport & { readonly actors: number; readonly envelopes: number; readonly leaves: number };

const THREADS_MAX = 8;
/** So few actors are checked before a thread has started. */
const ALONE_MAX = 512;

/** @throws when the store cannot be read at all, or the desk's public keys. */
export async function fsck({ dir, workspace, threads, progress }: FsckAsked): Promise<FsckReport> {
  const runtime = join(dir, ".qoc");
  const origin = `localhost/${workspace}`;
  const pems = publicKeysIn(join(runtime, "keys"));
  const keys = pems.flatMap((pem) => knownKeyOf(pem) ?? []);
  const survey = await surveyStore(join(runtime, "store"));
  let ranges: RangeThreads | undefined;
  try {
    const tally = createTally();
    const folder = checkFolder(join(runtime, "evidence"));
    const data = {
      dir,
      origin,
      keys: pems,
      signing: signingKeyIn(join(runtime, "keys")),
      behind: runsBehind(survey),
      indexRows: countIndexRows(survey, tally.found),
    };
    const alone = survey.lastOrdinal() <= ALONE_MAX;
    ranges = startRanges(threads ?? (alone ? 0 : Math.min(THREADS_MAX, availableParallelism())), survey, data);
    checkTables(survey, tally.found);
    const epoch = epochIn(join(runtime, "log-state"), tally.found);
    const log = checkLog({ runtime, origin, keys, epoch, tip: survey.tip() }, tally.found);
    const ended = checkEndedLogs({ runtime, origin, keys }, tally.found);
    const rootIn = (of: number, size: number): string | undefined =>
      of === epoch ? log.rootAt(size) : ended.get(of)?.(size);
    const named = createSealIndex();
    const of = survey.actorCount();
    let [actors, envelopes, unsound] = [0, 0, 0];
    await ranges.each((checked) => {
      for (const finding of checked.findings) tally.found(finding);
      for (const claim of checked.claims) checkClaim(claim, log, tally.found);
      for (const checkpoint of checked.checkpoints) checkHeld(checkpoint, epoch, log.size, rootIn, tally.found);
      for (const id of checked.files) folder.account(id);
      for (let at = 0; at < checked.named.length; at += HASH_BYTES) add(named, hexAt(checked.named, at));
      actors += checked.actors;
      unsound += checked.unsound;
      envelopes += checked.files.length;
      progress?.(actors, of);
    });
    if (unsound === 0) {
      for (const finding of folder.left()) tally.found(finding);
      checkUnclaimed(log, tally.found);
      checkUnnamed(survey, named, tally.found);
    } else tally.found({ code: "STRAYS_UNJUDGED", at: ".qoc", detail: `${unsound} actors` });
    return { actors, envelopes, leaves: log.size, ...tally.report() };
  } finally {
    await ranges?.close();
    await survey.close();
  }
}

const HASH_BYTES = 32;
const hexAt = (bytes: Uint8Array, at: number): string =>
  Buffer.from(bytes.subarray(at, at + HASH_BYTES)).toString("hex");

type Names = ReturnType<typeof createSealIndex>;
type Found = (finding: Finding) => void;

/** The current one, also where a person is to begin another before anything starts. */
function epochIn(state: string, found: Found): number {
  try {
    return requireEpoch(state, nodeLogDisk);
  } catch (thrown) {
    if (!(thrown instanceof EpochNeeded)) throw thrown;
    found({ code: "EPOCH_NEEDED", at: ".qoc/log-state", detail: thrown.reason });
    return readEpoch(state, nodeLogDisk);
  }
}

function add(names: Names, sha256: string): void {
  if (names.get(sha256) === undefined) names.add(sha256, 0);
}

function checkClaim(claim: Claim, log: LogChecked, found: Found): void {
  if (log.claims.claim(claim) || !claim.isDue) return;
  found({ code: "SEAL_NOT_LOGGED", at: ".qoc/evidence/log", detail: `${claim.kind} ${claim.key}` });
}

/** A receipt of an earlier epoch whose log was lost holds by itself, and that is all that can be said of it. */
function checkHeld(
  { epoch, size, root, at }: ReceiptCheckpoint,
  current: number,
  logSize: number,
  rootIn: (epoch: number, size: number) => string | undefined,
  found: Found,
): void {
  const known = rootIn(epoch, size);
  if (known !== undefined && known !== root)
    found({ code: "RECEIPT_INVALID", at, detail: `the log has another root of ${size} leaves` });
  if (epoch > current || (epoch === current && size > logSize))
    found({ code: "RECEIPT_INVALID", at, detail: `the log never had ${size} leaves` });
}

/** Leaves beyond what was published are of a batch that was broken off; they too are of somebody. */
function checkUnclaimed(log: LogChecked, found: Found): void {
  if (log.claims.unclaimed() === 0) return;
  let index = 0;
  for (const leaf of log.leaves()) {
    if (leaf !== undefined && !log.claims.isClaimed(index))
      found({ code: "LEAF_UNACCOUNTED", at: `leaf ${index}`, detail: leaf.kind });
    index += 1;
  }
}

/** Mail that waits names bytes too, and its own ride with it. */
function checkUnnamed(survey: StoreSurvey, named: Names, found: Found): void {
  const waiting = new Map<Sha256, number>();
  for (const { mail } of survey.mail()) gather([mail.birth, mail.events], waiting);
  for (const sha256 of survey.artifactRows()) {
    if (named.get(sha256) !== undefined) continue;
    const at = `artifact ${sha256}`;
    if (!waiting.has(sha256Of(sha256))) found({ code: "ARTIFACT_UNNAMED", at, detail: "" });
    for (const finding of checkArtifact(sha256Of(sha256), undefined, survey.artifact, at)) found(finding);
  }
}
