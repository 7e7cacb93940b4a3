/**
 * Which runs changed, and to what: at most one item a run in a quarter of a second, in one text for everybody. While nobody reads it a
 * commit costs a comparison here, and else one entry of a map.
 */
import type { ChangeItem, Changes } from "../shapes/changes.ts";
import { isoOf } from "../views.ts";
import { frame } from "./frame.ts";
import type { Kept, KeptRows } from "./kept-rows.ts";
import { createReaders, type Send } from "./readers.ts";

export const FLUSH_MS = 250;
/** Runs told of in one event; of more than these, only how many. */
export const CHANGES_MAX = 200;

/** What became of the runs, the last of each; `born`: those that begin in it. */
type Changed = { readonly last: Map<string, Kept>; readonly born: Set<string> };

export type ChangesView = {
  readonly add: (kept: Kept) => void;
  readonly join: (run: string | undefined, send: Send) => () => void;
  /** One event of them all, or of one run; undefined when there is nothing to tell. */
  readonly textOf: (items: readonly Kept[], run: string | undefined) => string | undefined;
};

export function createChangesView(
  { idOf, count }: Pick<KeptRows, "idOf" | "count">,
  after: (ms: number, call: () => void) => () => void,
): ChangesView {
  const readers = createReaders();
  let changed = nothing();
  let callOff: (() => void) | undefined;

  function flush(): void {
    callOff = undefined;
    const { last, born } = changed;
    changed = nothing();
    readers.tellAll(() => changesFrame([...last.values()], born));
    readers.tellEach((run) => {
      const item = last.get(run);
      return item === undefined ? undefined : changesFrame([item], born);
    });
  }

  const changesFrame = (items: readonly Kept[], born: ReadonlySet<string>): string => {
    const told: Changes = {
      schema: "qoc.changes/1",
      items: items.slice(0, CHANGES_MAX).map((item) => itemOf(item, born)),
      more: Math.max(0, items.length - CHANGES_MAX),
    };
    return frame(idOf(count()), "changes", told);
  };

  return {
    add: (item) => {
      if (!readers.any()) return;
      take(changed, item);
      callOff ??= after(FLUSH_MS, flush);
    },
    join: (run, send) => {
      const leave = readers.join(run, send);
      return () => {
        leave();
        if (readers.any()) return;
        callOff?.();
        callOff = undefined;
        changed = nothing();
      };
    },
    textOf: (items, run) => {
      const those = nothing();
      for (const item of items) if (run === undefined || item.run === run) take(those, item);
      return those.last.size === 0 ? undefined : changesFrame([...those.last.values()], those.born);
    },
  };
}

const nothing = (): Changed => ({ last: new Map(), born: new Set() });

function take({ last, born }: Changed, item: Kept): void {
  last.set(item.run, item);
  if (item.entry?.seq === 0) born.add(item.run);
}

const itemOf = ({ workspace, run, now }: Kept, born: ReadonlySet<string>): ChangeItem => ({
  workspace,
  run,
  state: now.to,
  seq: now.seq,
  at: isoOf(now.at),
  born: born.has(run),
});
