/** Every row of the journal, as soon as the loop has a turn: those of one turn in one write. */
import type { LiveRow } from "../shapes/changes.ts";
import { journalRow } from "../views.ts";
import { frame } from "./frame.ts";
import type { Kept, KeptRows } from "./kept-rows.ts";
import { createReaders, type Send } from "./readers.ts";

export type RowsView = {
  readonly add: (kept: Kept) => void;
  /** Whoever joins is told of what is added from now on. */
  readonly join: (run: string | undefined, send: Send) => () => void;
  /** Frames of those that are rows, of one run or of all. */
  readonly textOf: (items: readonly Kept[], run: string | undefined) => string;
};

export function createRowsView({ idOf }: Pick<KeptRows, "idOf">, soon: (call: () => void) => void): RowsView {
  const readers = createReaders();
  let waiting: Kept[] = [];

  function flush(): void {
    const items = waiting;
    waiting = [];
    if (items.length === 0) return;
    readers.tellAll(() => textOf(items, undefined));
    const runs = new Set(items.map(({ run }) => run));
    readers.tellEach((run) => (runs.has(run) ? textOf(items, run) : undefined));
  }

  const textOf = (items: readonly Kept[], run: string | undefined): string =>
    items
      .filter((item) => run === undefined || item.run === run)
      .map((item) => (item.text ??= rowFrame(idOf(item.number), item)))
      .join("");

  return {
    add: (item) => {
      if (item.entry === null || !readers.wants(item.run)) return;
      waiting.push(item);
      if (waiting.length === 1) soon(flush);
    },
    join: (run, send) => {
      // What waits is older than this reader, who has been sent it.
      flush();
      return readers.join(run, send);
    },
    textOf,
  };
}

function rowFrame(id: string, { workspace, run, entry }: Kept): string {
  if (entry === null) return "";
  const row: LiveRow = { schema: "qoc.event/1", workspace, run, ...journalRow(entry) };
  return frame(id, "row", row);
}
