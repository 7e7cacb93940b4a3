/**
 * The transparency log of a desk on disk: an RFC 6962 tree over the seals of its envelopes, laid out as C2SP tlog-tiles below `dir`, to
 * be served by anything that serves files. The writer's own files lie beside the evidence, in `.qoc/log-state`: `leaves`, from which
 * everything else can be written again, and `signed`, the last checkpoint that was signed.
 *
 * Order of durability: the envelope (the caller's), its leaf, the signed checkpoint in log-state, the tiles, the published checkpoint.
 * One process writes: the lock of the desk sees to that (adapters/desk-lock.ts). A second writer that came past it is found when it
 * signs, because the last signed checkpoint is compared before it is replaced; from then on nothing more is signed.
 */
import { dirname, join } from "node:path";
import type { NoteSigner } from "../evidence/log/note.ts";
import type { Clock } from "../engine/ports.ts";
import { sweepTemporaries } from "./durable-file.ts";
import type { LogDisk } from "./log-disk.ts";
import { openLogFrames } from "./log-frames.ts";
import { createLogNotes } from "./log-notes.ts";
import { type LogPlan, type NewLeaf, planAppend } from "./log-plan.ts";
import { createLogQueue, type WaitingAppend } from "./log-queue.ts";
import { createLogReceipts, type LogReceipts } from "./log-receipts.ts";
import { recoverLog } from "./log-recovery.ts";
import { ensureFolder } from "./log-replace.ts";
import { surveyLogFiles } from "./log-survey.ts";
import { createLogTileFiles } from "./log-tile-files.ts";
import { createLogWriter, type LogWriter } from "./log-writer.ts";

export type EvidenceLog = LogReceipts & {
  /**
   * Logs what is not there yet, once by its seal, and resolves with the numbers of all, in the order given, when the published
   * checkpoint covers them. All leaves of a call are taken or none. When the disk fails it rejects, and the leaves may be logged all
   * the same: appending them again finds them. @throws LogRefused when nothing more will be signed.
   */
  readonly append: (leaves: readonly NewLeaf[]) => Promise<readonly number[]>;
  /** Resolves when what was appended has been answered and the files are closed. */
  readonly close: () => Promise<void>;
};

export type LogPlace = {
  /** `.qoc/evidence/log`; the writer's own folder is `.qoc/log-state`. */
  readonly dir: string;
  /** The log's origin, `<host>/<workspace>/log`, which is also the signer's name. */
  readonly origin: string;
  readonly signer: NoteSigner;
  /** The 32 bytes of the keys that signed before, as far as the log's key leaves tell of them. */
  readonly former?: readonly Uint8Array[];
  /** The keyid of the key that a rotation under way hands the log over to. Nothing can be appended behind that. */
  readonly next?: string | undefined;
  readonly clock: Clock;
  readonly disk: LogDisk;
};

export const logStateOf = (dir: string): string => join(dirname(dirname(dir)), "log-state");

/**
 * Reads every leaf, so it takes seconds for a million. Resolves with a log whose checkpoint is published and covers all there is.
 * @throws LogRefused when the files contradict each other or the key.
 */
export async function openLog({ dir, origin, signer, former, next, clock, disk }: LogPlace): Promise<EvidenceLog> {
  const state = logStateOf(dir);
  const known = new Set<string>();
  for (const folder of [dir, state]) await ensureFolder(folder, known, disk);
  const notes = createLogNotes({ published: dir, state }, origin, signer, disk, former);
  const tiles = createLogTileFiles(dir, disk);
  const frames = openLogFrames(join(state, "leaves"), disk);
  try {
    await disk.syncFolder(state);
    const found = await recoverLog({ notes, frames, tiles, survey: () => surveyLogFiles(dir, disk), next });
    for (const folder of [dir, state]) sweepTemporaries(folder, disk);
    const writer = createLogWriter({ notes, frames, tiles }, found);
    await writer.complete();

    const queue = createLogQueue(clock, (batch) => runBatch(batch, writer, found.index.get));
    let closing: Promise<void> | undefined;
    return {
      ...createLogReceipts(writer.published, found.index.get, tiles.readTile),
      append: queue.append,
      close: () => (closing ??= queue.close().then(frames.close)),
    };
  } catch (thrown) {
    frames.close();
    throw thrown;
  }
}

/** What an earlier batch left undone comes first: no leaf is added to a log that cannot be signed. */
async function runBatch(
  batch: readonly WaitingAppend[],
  writer: LogWriter,
  indexOf: (seal: string) => number | undefined,
): Promise<void> {
  try {
    await writer.complete();
    const plan = planAppend(writer.size(), indexOf);
    const answers = batch.map((each) => planOne(each, plan));
    if (plan.fresh().length > 0) await writer.write(plan.fresh());
    await writer.complete();
    for (const answer of answers) answer();
  } catch (thrown) {
    for (const { reject } of batch) reject(thrown);
  }
}

/** How one append of a batch is answered when the batch is done. One that cannot be planned is answered at once, and alone. */
function planOne({ leaves, resolve, reject }: WaitingAppend, plan: LogPlan): () => void {
  try {
    const indexes = plan.add(leaves);
    return () => resolve(indexes);
  } catch (thrown) {
    reject(thrown);
    return () => {};
  }
}
