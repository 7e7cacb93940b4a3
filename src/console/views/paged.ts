/** A list that grows by a page when it is asked to, and is read again from its beginning when something changed. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { ask, type Problem, problemOf } from "../api.ts";
import { onChange } from "../live.ts";

/** A person reads no further by asking for more; then a filter is the better way. */
const ITEMS_MAX = 2000;
const BETWEEN_MS = 2000;

type Page<T> = { readonly items: readonly T[]; readonly next: string | null; readonly looked: number };

export type Paged<T> = {
  readonly page: ReadonlySignal<Page<T> | null>;
  readonly problem: ReadonlySignal<Problem | null>;
  readonly more: () => void;
  readonly again: () => void;
  readonly change: (change: (item: T) => T) => void;
};

/** `pathOf` gives the path of the page behind a cursor; `key` is what the list is of. */
export function usePaged<T>(key: string, pathOf: (cursor: string | null) => string): Paged<T> {
  const paged = useMemo(() => openPaged<T>(pathOf), [key]);
  useEffect(() => paged.close, [paged]);
  return paged;
}

function openPaged<T>(pathOf: (cursor: string | null) => string): Paged<T> & { readonly close: () => void } {
  const page = signal<Page<T> | null>(null);
  const problem = signal<Problem | null>(null);
  let busy = false;
  let closed = false;
  let pages = 0;
  let due: ReturnType<typeof setTimeout> | undefined;

  const read = async (cursor: string | null): Promise<void> => {
    if (busy || closed) return;
    busy = true;
    try {
      const answer = await ask<Page<T>>(pathOf(cursor));
      if (closed) return;
      const held = cursor === null ? null : page.value;
      page.value =
        held === null
          ? answer
          : {
              items: [...held.items, ...answer.items].slice(0, ITEMS_MAX),
              next: held.items.length >= ITEMS_MAX ? null : answer.next,
              looked: held.looked + answer.looked,
            };
      pages = held === null ? 1 : pages + 1;
      problem.value = null;
    } catch (error) {
      if (!closed) problem.value = problemOf(error);
    } finally {
      busy = false;
    }
  };
  // A list that somebody has read further into stays as it is: its rows would jump. What nobody sees is read when somebody does.
  const look = (): void => {
    due = undefined;
    if (pages > 1) return;
    if (busy || document.hidden || scrollY >= innerHeight) plan();
    else void read(null);
  };
  const plan = (): void => {
    due ??= setTimeout(look, BETWEEN_MS);
  };
  const leave = onChange(plan);
  void read(null);
  return {
    page,
    problem,
    more: () => void read(page.value?.next ?? null),
    again: () => void read(null),
    change: (change) => {
      if (page.value !== null) page.value = { ...page.value, items: page.value.items.map((item) => change(item)) };
    },
    close: () => {
      closed = true;
      clearTimeout(due);
      leave();
    },
  };
}
