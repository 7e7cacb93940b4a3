/** Traces of runs, where `[telemetry] traces` says where they go. Where it does not, nothing of OpenTelemetry is loaded and nothing is made. */
import type { Instant } from "../core/ids.ts";
import type { Change } from "../engine/ports.ts";
import { receivingSpan, spansOf } from "./spans.ts";

export type Traces = {
  /** After each commit. Makes the spans that end with it. */
  readonly change: (workspace: string, change: Change) => void;
  /** A delivery that became a run, or one more of a run, is durable. */
  readonly received: (workspace: string, webhook: string, run: string, at: Instant, tookMs: number) => void;
  readonly counts: () => { readonly exported: number; readonly dropped: number };
  /** Sends what waits, for at most so long. Never rejects. */
  readonly close: (withinMs: number) => Promise<void>;
};

export const NO_TRACES: Traces = {
  change: () => undefined,
  received: () => undefined,
  counts: () => ({ exported: 0, dropped: 0 }),
  close: () => Promise.resolve(),
};

/** @param url of an OTLP/HTTP collector; null makes no traces */
export async function openTraces(url: string | null, version: string): Promise<Traces> {
  if (url === null) return NO_TRACES;
  const { openExporter } = await import("./span-exporter.ts");
  const exporting = openExporter(url, version);
  return {
    change: (workspace, change) => {
      for (const span of spansOf(workspace, change)) exporting.give(span);
    },
    received: (workspace, webhook, run, at, tookMs) =>
      exporting.give(receivingSpan(workspace, webhook, run, at, tookMs)),
    counts: exporting.counts,
    close: exporting.close,
  };
}
