/** What is counted and traced of the daemon: fed by its commits and its ingress, read by `/metrics` and by whoever collects spans. */
import { systemClock } from "./adapters/clock.ts";
import type { DaemonConfig } from "./config/desk-config.ts";
import type { ChangeListener, DeskTarget } from "./http/control-target.ts";
import type { IngressReport } from "./http/ingress-report.ts";
import { createLateMetrics } from "./observe/late-metrics.ts";
import { scraperBy } from "./observe/scraper.ts";
import { openTraces } from "./observe/traces.ts";
import { version } from "./version.ts";

export type Observers = {
  readonly change: ChangeListener;
  readonly report: (what: IngressReport) => void;
  /** The exposition format of Prometheus. */
  readonly text: () => Promise<string>;
  readonly isScraper: (token: string) => boolean;
  /** Sends the spans that wait, for at most so long. Never rejects. */
  readonly close: (withinMs: number) => Promise<void>;
};

export type ObserversOptions = {
  readonly daemon: Pick<DaemonConfig, "metrics_token" | "traces">;
  readonly desks: () => readonly DeskTarget[];
  readonly openStreams: () => number;
};

export async function createObservers({ daemon, desks, openStreams }: ObserversOptions): Promise<Observers> {
  const traces = await openTraces(daemon.traces, version);
  const metrics = createLateMetrics({
    version,
    desks: () =>
      desks().map(({ name, webhooks, store, counters }) => ({
        name,
        webhooks: webhooks.map((webhook) => webhook.name),
        mail_waiting: counters().mail_waiting,
        unfinished: store.stats().unfinished,
      })),
    openStreams,
    spans: traces.counts,
  });
  return {
    change: (workspace, change) => {
      metrics.change(workspace, change);
      traces.change(workspace, change);
    },
    report: (what) => {
      metrics.report(what);
      if (what.kind !== "accepted") return;
      const { endpoint, accepted, took_ms } = what;
      traces.received(endpoint.desk.name, endpoint.webhook.name, accepted.run, systemClock.now(), took_ms);
    },
    text: metrics.text,
    isScraper: scraperBy(daemon.metrics_token),
    close: (withinMs) => {
      metrics.close();
      return traces.close(withinMs);
    },
  };
}
