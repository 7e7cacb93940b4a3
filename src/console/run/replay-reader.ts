/** Reads a run as of rows of its journal while somebody drags the scrubber: only where it rests, each row once, and no late answer. Pure. */
import type { Waits } from "./reload.ts";

export const SCRUB_DEBOUNCE_MS = 80;
/** Rows that are remembered; the one that was asked for longest ago goes first. */
export const REPLAYS_KEPT_MAX = 64;

export type ReplayReader = {
  /** `seq` is where the scrubber is; null for now. */
  readonly moveTo: (seq: number | null) => void;
  readonly stop: () => void;
};

/** `show` is told of the row that was moved to last, and of no other; `fail` of what came instead of it. */
export function replayReader<T>(
  read: (seq: number) => Promise<T>,
  wait: Waits,
  told: { readonly show: (seq: number, answer: T) => void; readonly fail: (seq: number, thrown: unknown) => void },
): ReplayReader {
  const kept = new Map<number, T>();
  let wanted: number | null = null;
  let unwait = (): void => {};
  const keep = (seq: number, answer: T): void => {
    kept.delete(seq);
    kept.set(seq, answer);
    for (const oldest of kept.keys()) {
      if (kept.size <= REPLAYS_KEPT_MAX) break;
      kept.delete(oldest);
    }
  };
  const ask = async (seq: number): Promise<void> => {
    try {
      const answer = await read(seq);
      keep(seq, answer);
      if (wanted === seq) told.show(seq, answer);
    } catch (thrown) {
      if (wanted === seq) told.fail(seq, thrown);
    }
  };
  return {
    moveTo: (seq) => {
      unwait();
      wanted = seq;
      if (seq === null) return;
      const known = kept.get(seq);
      if (known !== undefined) {
        keep(seq, known);
        told.show(seq, known);
      } else unwait = wait(() => void ask(seq), SCRUB_DEBOUNCE_MS);
    },
    stop: () => {
      unwait();
      wanted = null;
    },
  };
}
