import { beforeEach, describe, expect, test } from "vitest";
import { createMetrics, type Metrics } from "../../../src/observe/metrics.ts";
import {
  cancel,
  decided,
  done,
  duplicate,
  failed,
  interrupted,
  normalized,
  proposes,
  recorded,
  refused,
  REPORTED,
  SEALED,
  settled,
  VERIFIED,
} from "../../support/delivery-words.ts";
import { after } from "../../support/machine-given.ts";
import { livedChanges } from "./lived-changes.ts";

const endpoint = { desk: { name: "equity" }, webhook: { name: "risk" } };
const WHOLE = [VERIFIED, normalized(), recorded(), done(), SEALED];
let metrics: Metrics;
beforeEach(() => {
  metrics = createMetrics({
    version: "1.2.3",
    desks: () => [{ name: "equity", webhooks: ["risk", "other"], mail_waiting: 3, unfinished: 7 }],
    openStreams: () => 5,
    spans: () => ({ exported: 11, dropped: 2 }),
  });
});

/** The samples whose line begins so, without the help. */
async function samples(begins: string): Promise<readonly string[]> {
  const text = await metrics.text();
  return text.split("\n").filter((line) => line.startsWith(begins));
}
const lives = (...args: Parameters<typeof livedChanges>): void => {
  for (const change of livedChanges(...args)) metrics.change("equity", change);
};

describe("a run that is sealed", () => {
  beforeEach(() => lives({}, WHOLE));

  test("is counted once, by its outcome", async () => {
    expect(await samples("qoc_runs_total{")).toEqual([
      'qoc_runs_total{workspace="equity",webhook="risk",outcome="completed"} 1',
    ]);
  });

  test("has each of its transitions counted", async () => {
    const entries = livedChanges({}, WHOLE).flatMap((change) => change.entries);
    expect(await samples("qoc_transitions_total{")).toEqual([
      `qoc_transitions_total{workspace="equity",machine="delivery"} ${entries.length}`,
    ]);
  });

  test("has each of its effects counted by what came of it", async () => {
    expect(await samples("qoc_effects_total{")).toEqual([
      'qoc_effects_total{workspace="equity",effect="writeInboxItem",result="performed"} 1',
      'qoc_effects_total{workspace="equity",effect="sealRun",result="performed"} 1',
    ]);
  });

  test("is timed from its arrival to its seal", async () => {
    const sealedAt =
      livedChanges({}, WHOLE)
        .at(-1)
        ?.entries.find(({ event }) => event === "SEALED")?.at ?? 0;
    expect(sealedAt).toBeGreaterThan(0);
    expect(await samples("qoc_run_seconds_sum")).toEqual([
      `qoc_run_seconds_sum{workspace="equity",webhook="risk"} ${sealedAt / 1000}`,
    ]);
    expect(await samples("qoc_run_seconds_count")).toEqual([
      'qoc_run_seconds_count{workspace="equity",webhook="risk"} 1',
    ]);
  });
});

test.each([
  ["failed", [VERIFIED, normalized(), recorded(), failed(false)], "failed"],
  ["failed before it is tried again", [VERIFIED, normalized(), recorded(), failed(true), after("backoff")], "failed"],
  ["interrupted", [VERIFIED, normalized(), recorded(), interrupted()], "interrupted"],
  ["given up", [VERIFIED, normalized(), recorded(), cancel], "abandoned"],
])("an effect that was %s is counted so", async (_says, events, result) => {
  lives({}, events);
  expect(await samples('qoc_effects_total{workspace="equity",effect="writeInboxItem"')).toEqual([
    `qoc_effects_total{workspace="equity",effect="writeInboxItem",result="${result}"} 1`,
  ]);
});

test("a refused delivery of which nothing is kept ended too, and has no time to its seal", async () => {
  lives({}, [refused(false)]);
  expect(await samples("qoc_runs_total{")).toEqual([
    'qoc_runs_total{workspace="equity",webhook="risk",outcome="refused"} 1',
  ]);
  expect(await samples("qoc_run_seconds_count")).toEqual([]);
});

test("redeliveries behind the seal end no run again", async () => {
  lives({}, [...WHOLE, duplicate]);
  expect(await samples("qoc_runs_total{")).toHaveLength(1);
  expect((await samples("qoc_runs_total{"))[0]).toMatch(/ 1$/);
});

test("an agent's run is counted through approval and dispatch", async () => {
  const drafted = [VERIFIED, normalized(), recorded(), proposes(), done(), done(), decided(1, true)];
  lives({ action: "run", task: "t" }, [...drafted, settled(1), REPORTED, SEALED]);
  const effects = (await samples("qoc_effects_total{")).map((line) => /effect="(\w+)"/.exec(line)?.[1]);
  expect(effects).toEqual(["runAgent", "askApproval", "dispatchOrder", "writeReport", "sealRun"]);
});

describe("what comes in", () => {
  test("is counted as accepted or as a duplicate, and timed", async () => {
    metrics.report({ kind: "accepted", endpoint, accepted: { duplicate: false }, took_ms: 4 });
    metrics.report({ kind: "accepted", endpoint, accepted: { duplicate: true }, took_ms: 2 });
    expect(await samples('qoc_deliveries_total{workspace="equity",webhook="risk"')).toEqual([
      'qoc_deliveries_total{workspace="equity",webhook="risk",result="accepted"} 1',
      'qoc_deliveries_total{workspace="equity",webhook="risk",result="duplicate"} 1',
    ]);
    expect(await samples("qoc_acknowledge_seconds_bucket")).toContain(
      'qoc_acknowledge_seconds_bucket{le="0.005",workspace="equity",webhook="risk"} 2',
    );
    expect(await samples("qoc_acknowledge_seconds_bucket")).toContain(
      'qoc_acknowledge_seconds_bucket{le="0.0025",workspace="equity",webhook="risk"} 1',
    );
  });

  test("and is refused is counted by its code, also where it named no webhook", async () => {
    metrics.report({ kind: "refused", endpoint, code: "SIGNATURE_INVALID" });
    metrics.report({ kind: "refused", endpoint: undefined, code: "ROUTE_UNKNOWN" });
    metrics.report({ kind: "refused", endpoint: undefined, code: "ROUTE_UNKNOWN" });
    expect(await samples("qoc_refusals_total{")).toEqual([
      'qoc_refusals_total{workspace="equity",webhook="risk",code="SIGNATURE_INVALID"} 1',
      'qoc_refusals_total{workspace="",webhook="",code="ROUTE_UNKNOWN"} 2',
    ]);
  });

  test("counts from zero for every webhook that is configured", async () => {
    expect(await samples("qoc_deliveries_total{")).toEqual([
      'qoc_deliveries_total{workspace="equity",webhook="risk",result="accepted"} 0',
      'qoc_deliveries_total{workspace="equity",webhook="other",result="accepted"} 0',
    ]);
  });
});

test("what is so at the moment is asked for when it is read", async () => {
  expect(await samples("qoc_mail_waiting")).toEqual(['qoc_mail_waiting{workspace="equity"} 3']);
  expect(await samples("qoc_actors_unfinished")).toEqual(['qoc_actors_unfinished{workspace="equity"} 7']);
  expect(await samples("qoc_open_streams")).toEqual(["qoc_open_streams 5"]);
  expect(await samples("qoc_spans_")).toEqual(["qoc_spans_exported_total 11", "qoc_spans_dropped_total 2"]);
  expect((await samples("qoc_build_info"))[0]).toMatch(/^qoc_build_info\{version="1\.2\.3",node="\d+\.\d+\.\d+"\} 1$/);
  expect((await samples("qoc_process_cpu_seconds_total"))[0]).toMatch(/ \d/);
});

test("every name begins with qoc_, and reading twice counts nothing twice", async () => {
  lives({}, WHOLE);
  const first = await samples("qoc_runs_total{");
  expect(await samples("qoc_runs_total{")).toEqual(first);
  const names = (await samples("# TYPE ")).map((line) => line.split(" ")[2] ?? "");
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !name.startsWith("qoc_"))).toEqual([]);
});

test("two daemons in one process do not count together", async () => {
  lives({}, WHOLE);
  const other = createMetrics({
    version: "0",
    desks: () => [],
    openStreams: () => 0,
    spans: () => ({ exported: 0, dropped: 0 }),
  });
  expect(await other.text()).not.toContain("qoc_runs_total{");
});
