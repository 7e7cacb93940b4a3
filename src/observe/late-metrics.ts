/**
 * Metrics whose library is loaded behind the start of the daemon, which needs it for nothing. What is counted until then waits, and is
 * counted when it is there: none of it is lost.
 */
import type { createMetrics, Metrics, MetricsWorld } from "./metrics.ts";

const LOAD_AFTER_MS = 1_000;
/** Told before the library is there; so many make it load at once. */
const WAITING_MAX = 1_000;

export type LateMetrics = Metrics & { readonly close: () => void };
type Told = (metrics: Metrics) => void;
type Library = { readonly createMetrics: typeof createMetrics };

/** @param load replaced by tests alone */
export function createLateMetrics(
  world: MetricsWorld,
  load: () => Promise<Library> = () => import("./metrics.ts"),
): LateMetrics {
  let metrics: Metrics | undefined;
  let loading: Promise<Metrics> | undefined;
  let waiting: Told[] = [];
  let isLost = false;

  async function begin(): Promise<Metrics> {
    clearTimeout(timer);
    const library = await load();
    const made = library.createMetrics(world);
    for (const told of waiting) told(made);
    waiting = [];
    metrics = made;
    return made;
  }
  const loaded = (): Promise<Metrics> => (loading ??= begin());
  const loadUnasked = (): void => {
    // Whoever asks for the text is told why there is none; the daemon works without.
    loaded().catch(() => {
      isLost = true;
      waiting = [];
    });
  };
  const timer = setTimeout(loadUnasked, LOAD_AFTER_MS).unref();
  const wait = (told: Told): void => {
    if (isLost) return;
    waiting.push(told);
    if (waiting.length === WAITING_MAX) loadUnasked();
  };

  return {
    change: (workspace, change) => {
      if (metrics === undefined) wait((those) => those.change(workspace, change));
      else metrics.change(workspace, change);
    },
    report: (report) => {
      if (metrics === undefined) wait((those) => those.report(report));
      else metrics.report(report);
    },
    text: async () => (await loaded()).text(),
    close: () => clearTimeout(timer),
  };
}
