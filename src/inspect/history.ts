/**
 * What a viewer is told before it is told what happens now: each actor with its latest snapshot, so that every frame that follows is of
 * an actor that is known; then the rows of all journals in the order they were committed.
 */
import type { ActorRecord, Entry } from "../engine/ports.ts";
import { type FrameOptions, type Told, registration, rowFrames } from "./frames.ts";

export type Inspected = { readonly record: ActorRecord; readonly journal: readonly Entry[] };

/** Made as it is read: a long history is never there as a whole. `rowsMax` of each actor, the newest. */
export function* historyOf(actors: readonly Inspected[], rowsMax: number, options: FrameOptions): Generator<Told> {
  for (const { record } of actors) yield registration(record, options);
  for (const { record, entry } of inOrder(actors, rowsMax)) yield rowFrames(record, entry, options);
}

/**
 * By time; at one time by the order of the actors given. An actor's own rows stay in their order also when the clock was set back
 * between them.
 */
function* inOrder(
  actors: readonly Inspected[],
  rowsMax: number,
): Generator<{ readonly record: ActorRecord; readonly entry: Entry }> {
  const heads = actors.map(({ record, journal }) => ({
    record,
    rows: journal.slice(-rowsMax).filter(({ seq }) => seq < record.sequence),
    at: 0,
  }));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) {
      const row = head.rows[head.at];
      const best = first?.rows[first.at];
      if (row !== undefined && (best === undefined || row.at < best.at)) first = head;
    }
    const entry = first?.rows[first.at];
    if (first === undefined || entry === undefined) return;
    first.at += 1;
    yield { record: first.record, entry };
  }
}
