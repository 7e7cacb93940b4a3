/** The list of runs behind the view: pages by cursor, rows that change in place, and how many new runs wait above. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { RunDetail, RunItem, RunsPage } from "../../http/shapes/runs.ts";
import { ask, Problem, problemOf } from "../api.ts";
import { type LiveChange, onChanges } from "../live.ts";
import {
  addPage,
  cursorsIn,
  dropFar,
  firstPage,
  mapItems,
  missingIn,
  type Pages,
  refill,
  rowCount,
  rowsIn,
} from "./pages.ts";
import type { RunFilters } from "./run-filters.ts";
import { itemOf } from "./run-item.ts";

const PAGE_RUNS = 100;
/** The next page is asked for when so few rows are left below. */
const ROWS_AHEAD = 40;
/** Changed rows that are read again at one time, and how soon after one another. */
const REREAD_MAX = 4;
const REREAD_EVERY_MS = 200;
/** While more changes than a stream can tell of, pages are read again this often. */
const CATCH_UP_EVERY_MS = 2000;
const FRESH_MAX = 999;

export type RunList = {
  readonly list: ReadonlySignal<Pages<RunItem> | null>;
  readonly problem: ReadonlySignal<Problem | null>;
  /** New runs that are not shown yet, at most `FRESH_MAX` of them. */
  readonly fresh: ReadonlySignal<number>;
  /** A page came without a single row, and whether to look further is the person's to say. */
  readonly paused: ReadonlySignal<boolean>;
  readonly see: (first: number, last: number) => void;
  readonly more: () => void;
  readonly reload: () => void;
  readonly close: () => void;
};

export function openRunList(query: string, { workspace }: Pick<RunFilters, "workspace">): RunList {
  const list = signal<Pages<RunItem> | null>(null);
  const problem = signal<Problem | null>(null);
  const fresh = signal(0);
  const paused = signal(false);
  const born = new Set<string>();
  const changed = new Set<string>();
  let seen = { first: 0, last: 0 };
  /** Too much changed to be told of one by one. */
  let behind = false;
  let caughtUpAt = 0;
  let reading = false;
  /** The first page is asked for anew. */
  let beginning = false;
  let rereading = false;
  let closed = false;
  /** Answers for a list that was begun anew since are dropped. */
  let age = 0;

  const pageAt = (cursor: string | null): Promise<RunsPage> => {
    const asked = new URLSearchParams(query);
    asked.set("limit", String(PAGE_RUNS));
    if (cursor !== null) asked.set("cursor", cursor);
    return ask<RunsPage>(`/api/runs?${asked.toString()}`);
  };

  /** One reading at a time; whatever came up meanwhile follows. */
  const read = async (cursor: string | null, keep: (page: RunsPage) => void): Promise<void> => {
    if (reading) return;
    reading = true;
    const begun = age;
    try {
      const page = await pageAt(cursor);
      if (closed || begun !== age) return;
      problem.value = null;
      keep(page);
    } catch (error) {
      if (!closed && begun === age) problem.value = problemOf(error);
    } finally {
      if (!closed && begun === age) {
        reading = false;
        beginning = false;
        if (problem.value === null) fill();
      }
    }
  };

  const fill = (): void => {
    const held = list.value;
    if (held === null) return readFirst();
    const [missing] = missingIn(held, seen.first, seen.last);
    const cursor = missing === undefined ? undefined : held.pages[missing]?.cursor;
    if (missing !== undefined && cursor !== undefined)
      void read(cursor, (page) => keepPages(refill(list.value ?? held, missing, page.items)));
    else if (held.next !== null && !paused.value && rowCount(held) - seen.last < ROWS_AHEAD) readNext(held.next);
  };
  const readNext = (cursor: string): void =>
    void read(cursor, (page) => {
      paused.value = page.items.length === 0;
      if (list.value !== null) keepPages(addPage(list.value, page));
    });
  const readFirst = (): void => {
    if (reading) return;
    beginning = true;
    void read(null, begin);
  };
  /** What was born or changed while the page was on its way may be older in it. */
  const begin = (page: RunsPage): void => {
    const runs = new Set(page.items.map(({ run }) => run));
    for (const run of runs) born.delete(run);
    for (const run of changed) if (!runs.has(run)) changed.delete(run);
    fresh.value = born.size;
    paused.value = page.items.length === 0;
    list.value = firstPage(page);
  };
  const keepPages = (pages: Pages<RunItem>): void => {
    list.value = dropFar(pages, Math.floor((seen.first + seen.last) / 2));
  };

  const take = (changes: ReadonlyMap<string, LiveChange> | "all"): void => {
    const held = list.value;
    if (held === null) fill();
    const runs = held === null ? new Set<string>() : runsIn(held);
    // What could not be read is read again, now that the daemon is heard.
    if (changes === "all" || problem.value !== null) behind = true;
    if (changes === "all") {
      for (const run of runs) changed.add(run);
      return;
    }
    for (const change of changes.values()) {
      if (beginning || runs.has(change.run)) changed.add(change.run);
      const isHere = workspace === "" || change.workspace === workspace;
      if (change.born && isHere && !runs.has(change.run) && born.size < FRESH_MAX) born.add(change.run);
    }
    if (beginning) return;
    // A list that showed nothing has no row that could jump.
    if (runs.size === 0 && query === "" && born.size > 0) return readFirst();
    fresh.value = Math.max(fresh.value, born.size);
  };
  /** After a gap: the pages in sight once more, each in one answer, and whatever stands above the first run that is known. */
  const catchUp = async (held: Pages<RunItem>): Promise<void> => {
    behind = false;
    caughtUpAt = Date.now();
    const begun = age;
    const before = [...changed];
    changed.clear();
    const cursors = [...new Set([null, ...cursorsIn(held, seen.first, seen.last)])];
    const pages = await Promise.all(cursors.map((cursor) => pageAt(cursor).catch(() => null)));
    if (closed || begun !== age || list.value === null) return;
    const answered = new Set(pages.flatMap((page) => page?.items.map(({ run }) => run) ?? []));
    for (const run of before) if (!answered.has(run)) changed.add(run);
    behind ||= pages.includes(null);
    const [first] = pages;
    if (first === null || first === undefined) return;
    problem.value = null;
    const runs = runsIn(list.value);
    // A list that showed nothing has no row that could jump.
    if (runs.size === 0) return first.items.length > 0 ? begin(first) : undefined;
    const above = first.items.findIndex(({ run }) => runs.has(run));
    fresh.value = Math.max(born.size, above === -1 ? first.items.length : above);
    patch(pages.flatMap((page) => page?.items ?? []));
    fill();
  };
  const patch = (items: readonly RunItem[]): void => {
    const now = new Map(items.map((item) => [item.run, item]));
    if (list.value !== null) list.value = mapItems(list.value, (item) => now.get(item.run) ?? item);
  };

  /** Of the runs that changed, those that are seen. The others wait until they are. */
  const reread = async (): Promise<void> => {
    if (list.value === null) return;
    if (behind && Date.now() - caughtUpAt > CATCH_UP_EVERY_MS) return catchUp(list.value);
    if (behind || changed.size === 0) return;
    const rows = rowsIn(list.value, seen.first, seen.last).flatMap((item) => item ?? []);
    const due = rows.filter(({ run }) => changed.has(run)).slice(0, REREAD_MAX);
    for (const { run } of due) changed.delete(run);
    const answers = await Promise.all(due.map(({ run }) => detailOf(run)));
    if (closed || due.length === 0) return;
    for (const [at, { run }] of due.entries()) if (answers[at] === null) changed.add(run);
    behind ||= answers.includes(null);
    patch(answers.flatMap((detail) => (detail === null || detail === "gone" ? [] : [itemOf(detail)])));
  };
  /** One at a time, so that no answer is put over a later one. */
  const tick = async (): Promise<void> => {
    if (rereading || document.hidden) return;
    rereading = true;
    await reread();
    rereading = false;
  };
  const timer = setInterval(() => void tick(), REREAD_EVERY_MS);
  const leave = onChanges(take);
  fill();

  return {
    list,
    problem,
    fresh,
    paused,
    see: (first, last) => {
      seen = { first, last };
      fill();
    },
    more: () => {
      paused.value = false;
      const next = list.value?.next ?? null;
      if (next !== null) readNext(next);
    },
    reload: () => {
      age += 1;
      reading = false;
      born.clear();
      readFirst();
    },
    close: () => {
      closed = true;
      clearInterval(timer);
      leave();
    },
  };
}

/** Null when that could not be asked. */
const detailOf = (run: string): Promise<RunDetail | "gone" | null> =>
  ask<RunDetail>(`/api/runs/${encodeURIComponent(run)}`).catch((error: unknown) =>
    error instanceof Problem && error.status === 404 ? "gone" : null,
  );

const runsIn = (held: Pages<RunItem>): ReadonlySet<string> =>
  new Set(held.pages.flatMap((page) => page.items?.map(({ run }) => run) ?? []));
