/** What the whole page knows of the daemon: its desks, and what needs a person. Read while somebody is signed in. */
import { type ReadonlySignal, computed, signal } from "@preact/signals";
import type { DaemonStatus } from "../http/shapes/daemon.ts";
import type { NeedsYou } from "../http/shapes/needs-you.ts";
import { type Kept, keepAsking } from "./asked.ts";

/** New inbox items and failing signatures are no changes of a run. */
const NEEDS_EVERY_MS = 15_000;

type Known = { readonly status: Kept<DaemonStatus>; readonly needs: Kept<NeedsYou> };
const known = signal<Known | null>(null);

export const status: ReadonlySignal<Known["status"] | null> = computed(() => known.value?.status ?? null);
export const needs: ReadonlySignal<Known["needs"] | null> = computed(() => known.value?.needs ?? null);

export const workspaces: ReadonlySignal<readonly string[]> = computed(
  () => status.value?.data.value?.workspaces.map(({ name }) => name) ?? [],
);

/** How many things need a person, of all kinds; null before it is known. */
export const needsCount: ReadonlySignal<number | null> = computed(() => {
  const counts = needs.value?.data.value?.counts;
  return counts === undefined ? null : Object.values(counts).reduce((sum, count) => sum + count, 0);
});

export function startKnowing(): () => void {
  const started: Known = {
    status: keepAsking("/api/status", { live: false }),
    needs: keepAsking("/api/needs-you", { live: true, every_ms: NEEDS_EVERY_MS }),
  };
  known.value = started;
  return () => {
    started.status.close();
    started.needs.close();
    known.value = null;
  };
}
