/** What the inspector's routes need, and how actors of a store become lines of the inspection protocol. */
import type { Address } from "../core/ids.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";
import { partsOf, runOf, subjectOf } from "../inspect/actors.ts";
import type { Definition, FrameOptions, Told } from "../inspect/frames.ts";
import { type Inspected, historyOf } from "../inspect/history.ts";
import type { ApiWorld } from "./api-app.ts";
import type { DeskTarget, StoreReads } from "./control-target.ts";
import { unfinishedRuns } from "./run-index.ts";

export type InspectWorld = ApiWorld & {
  /** The literals of the machines of this build. */
  readonly definition: Definition;
};

/** Rows of one actor that a viewer of one run is shown, the newest; and a viewer of many runs. */
export const RUN_ROWS_MAX = 20_000;
const MANY_ROWS_MAX = 200;
const MANY_RUNS_MAX = 200;
/** A subject of more rows than this is shown as it is, without its rows: reading them would hold up everything else. */
const SUBJECT_ROWS_MAX = 2_000;

/** A row's frames, each as a line of JSON without its end; made when first asked for, and once for all who ask. */
export type Lines = Pick<Told, "actor" | "seq"> & { readonly texts: () => readonly string[] };

export function linesOf(actor: string, seq: number | null, make: () => Told): Lines {
  let texts: readonly string[] | undefined;
  return { actor, seq, texts: () => (texts ??= make().frames.map((frame) => JSON.stringify(frame))) };
}

export const toldLines = (told: Told): Lines => linesOf(told.actor, told.seq, () => told);

/** The actors of a run as they are stored now. The delivery comes first. */
export function actorsOf(store: StoreReads, address: Address): readonly Inspected[] {
  const record = store.read(address);
  const run = runOf(address);
  if (record === undefined || run === undefined) return [];
  const journal = store.journal(address);
  const parts = partsOf(run, record, store.read).map((part) => inspected(store, part));
  const subject = subjectOf(journal);
  const about = subject === undefined ? undefined : store.read(subject);
  return [{ record, journal }, ...parts, ...(about === undefined ? [] : [inspectedSubject(store, about, record)])];
}

export function* runHistory(actors: readonly Inspected[], options: FrameOptions): Generator<Lines> {
  for (const told of historyOf(actors, RUN_ROWS_MAX, options)) yield toldLines(told);
}

/** The newest unfinished runs of all desks, one after the other, the oldest of them first. Journals are read as they are needed. */
export function* manyHistory(
  runs: readonly { readonly desk: DeskTarget; readonly record: ActorRecord }[],
  options: FrameOptions,
): Generator<Lines> {
  for (const { desk, record } of runs) {
    const actors = actorsOf(desk.store, record.address);
    for (const told of historyOf(actors, MANY_ROWS_MAX, options)) yield toldLines(told);
  }
}

export async function newestUnfinished(
  desks: readonly DeskTarget[],
): Promise<readonly { readonly desk: DeskTarget; readonly record: ActorRecord }[]> {
  let newest: { readonly desk: DeskTarget; readonly record: ActorRecord }[] = [];
  const cut = (): void => {
    newest = newest.toSorted((a, b) => b.record.born_at - a.record.born_at).slice(0, MANY_RUNS_MAX);
  };
  for (const desk of desks) {
    for await (const record of unfinishedRuns(desk)) {
      newest.push({ desk, record });
      if (newest.length >= 10 * MANY_RUNS_MAX) cut();
    }
  }
  cut();
  return newest.toReversed();
}

/** Which actors' changes a viewer of this run is told of: its own, and its subject's, as far as that is known when it comes. */
export function wantsOf({ address }: ActorRecord, journal: readonly Entry[]): (of: Address) => boolean {
  const run = runOf(address);
  const subject = subjectOf(journal);
  return (of) => of === subject || (run !== undefined && runOf(of) === run);
}

const inspected = (store: StoreReads, record: ActorRecord): Inspected => ({
  record,
  journal: store.journal(record.address),
});

/** Of a subject those rows count that the run may have caused or met. */
function inspectedSubject(store: StoreReads, subject: ActorRecord, { born_at }: ActorRecord): Inspected {
  if (subject.sequence > SUBJECT_ROWS_MAX) return { record: subject, journal: [] };
  return { record: subject, journal: store.journal(subject.address).filter(({ at }) => at >= born_at) };
}
