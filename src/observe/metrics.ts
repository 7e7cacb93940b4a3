/**
 * What is counted, for `/metrics`: fed by committed changes and by the ingress's reports, and rendered by prom-client from a registry of
 * its own. Labels are names of the configuration and of this program's own lists; nothing of a payload is ever one. Counts begin at
 * zero with the process, which is what a scraper expects.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { RefusalCode } from "../core/refusals.ts";
import type { Change } from "../engine/ports.ts";
import { effectsEnded, runEnded } from "./read-change.ts";
import { createTally, type Tally } from "./tally.ts";

/** What the metrics need of a report: the endpoint by its names, and what it was answered. */
export type Reported = {
  readonly endpoint:
    | { readonly desk: { readonly name: string }; readonly webhook: { readonly name: string } }
    | undefined;
} & (
  | { readonly kind: "accepted"; readonly accepted: { readonly duplicate: boolean }; readonly took_ms: number }
  | { readonly kind: "refused"; readonly code: RefusalCode }
);

export type DeskGauges = {
  readonly name: string;
  readonly webhooks: readonly string[];
  readonly mail_waiting: number;
  readonly unfinished: number;
};

export type MetricsWorld = {
  readonly version: string;
  /** Asked when somebody reads, never before. */
  readonly desks: () => readonly DeskGauges[];
  readonly openStreams: () => number;
  /** Spans that an exporter took, and those that were given up; both 0 without traces. */
  readonly spans: () => { readonly exported: number; readonly dropped: number };
};

export type Metrics = {
  /** After each commit. Must cost next to nothing. */
  readonly change: (workspace: string, change: Change) => void;
  readonly report: (report: Reported) => void;
  /** The exposition format of Prometheus, version 0.0.4. */
  readonly text: () => Promise<string>;
};

const ACKNOWLEDGE_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** A run may wait a day for a person. */
const RUN_BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60, 300, 1_800, 3_600, 14_400, 86_400];
const EFFECT_BUCKETS_S = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 1_800];

export function createMetrics(world: MetricsWorld): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "qoc_" });
  const deliveries = counted(registry, "deliveries_total", "Deliveries answered as accepted.", [
    "workspace",
    "webhook",
    "result",
  ]);
  const refusals = counted(registry, "refusals_total", "Requests to the ingress that were refused.", [
    "workspace",
    "webhook",
    "code",
  ]);
  const transitions = counted(registry, "transitions_total", "Transitions committed.", ["workspace", "machine"]);
  const runs = counted(registry, "runs_total", "Runs that ended.", ["workspace", "webhook", "outcome"]);
  const effects = counted(registry, "effects_total", "Effects that ended.", ["workspace", "effect", "result"]);
  const acknowledged = timed(
    registry,
    "acknowledge_seconds",
    "From a request's headers to its delivery being durable.",
    {
      labels: ["workspace", "webhook"],
      buckets: ACKNOWLEDGE_BUCKETS_S,
    },
  );
  const sealed = timed(registry, "run_seconds", "From a delivery's arrival to its sealed envelope.", {
    labels: ["workspace", "webhook"],
    buckets: RUN_BUCKETS_S,
  });
  const performed = timed(registry, "effect_seconds", "From an effect's being asked for to its outcome.", {
    labels: ["effect"],
    buckets: EFFECT_BUCKETS_S,
  });
  addGauges(registry, world);

  return {
    change: (workspace, change) => {
      const { record, entries } = change;
      if (entries.length > 0) transitions.add([workspace, record.machine], entries.length);
      for (const { effect, at, result } of effectsEnded(change)) {
        effects.add([workspace, effect.name, result]);
        performed.observe({ effect: effect.name }, secondsTo(at, effect.asked_at));
      }
      const ended = runEnded(change);
      if (ended === undefined) return;
      runs.add([workspace, ended.webhook, ended.outcome]);
      if (ended.sealed) sealed.observe({ workspace, webhook: ended.webhook }, secondsTo(ended.at, record.born_at));
    },
    report: (report) => {
      const workspace = report.endpoint?.desk.name ?? "";
      const webhook = report.endpoint?.webhook.name ?? "";
      if (report.kind === "refused") {
        refusals.add([workspace, webhook, report.code]);
        return;
      }
      deliveries.add([workspace, webhook, report.accepted.duplicate ? "duplicate" : "accepted"]);
      acknowledged.observe({ workspace, webhook }, report.took_ms / 1000);
    },
    text: () => {
      // A webhook counts from zero before its first delivery: a rate needs the first step.
      for (const { name, webhooks } of world.desks())
        for (const webhook of webhooks) deliveries.add([name, webhook, "accepted"], 0);
      return registry.metrics();
    },
  };
}

/** A clock that was set back makes no negative time. */
const secondsTo = (at: number, from: number): number => Math.max(0, at - from) / 1000;

function counted<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labels: readonly Label[],
): Tally<Label> {
  const tally = createTally(labels);
  registry.registerMetric(
    new Counter({
      name: `qoc_${name}`,
      help,
      labelNames: labels,
      registers: [],
      collect() {
        this.reset();
        tally.each((values, count) => this.inc(values, count));
      },
    }),
  );
  return tally;
}

function timed<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  { labels, buckets }: { readonly labels: readonly Label[]; readonly buckets: readonly number[] },
): Histogram<Label> {
  return new Histogram({ name: `qoc_${name}`, help, labelNames: labels, buckets: [...buckets], registers: [registry] });
}

function addGauges(registry: Registry, { version, desks, openStreams, spans }: MetricsWorld): void {
  const perDesk = (name: string, help: string, of: (desk: DeskGauges) => number): void =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        labelNames: ["workspace"],
        registers: [],
        collect() {
          this.reset();
          for (const desk of desks()) this.set({ workspace: desk.name }, of(desk));
        },
      }),
    );
  perDesk("qoc_mail_waiting", "Mail that is durable and not taken in yet.", (desk) => desk.mail_waiting);
  perDesk("qoc_actors_unfinished", "Actors of which something is awaited.", (desk) => desk.unfinished);
  registry.registerMetric(
    new Gauge({
      name: "qoc_open_streams",
      help: "Open streams of live events.",
      registers: [],
      collect() {
        this.set(openStreams());
      },
    }),
  );
  for (const result of ["exported", "dropped"] as const)
    registry.registerMetric(
      new Counter({
        name: `qoc_spans_${result}_total`,
        help: `Spans that were ${result}.`,
        registers: [],
        collect() {
          this.reset();
          this.inc(spans()[result]);
        },
      }),
    );
  const build = new Gauge({
    name: "qoc_build_info",
    help: "Always 1.",
    labelNames: ["version", "node"],
    registers: [registry],
  });
  build.set({ version, node: process.versions.node }, 1);
}
