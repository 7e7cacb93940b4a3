/** Whatever a sender writes, and whatever an operator says: no label and no span has a word of it. */
import { expect, test } from "vitest";
import type { RefusalCode } from "../../../src/core/refusals.ts";
import { createMetrics } from "../../../src/observe/metrics.ts";
import { openTraces } from "../../../src/observe/traces.ts";
import {
  called,
  conflict,
  decided,
  done,
  duplicate,
  failed,
  normalized,
  proposes,
  recorded,
  REPORTED,
  RUN,
  SEALED,
  settled,
  VERIFIED,
} from "../../support/delivery-words.ts";
import { after } from "../../support/machine-given.ts";
import { collector } from "./otlp-collector.ts";
import { livedChanges } from "./lived-changes.ts";

const CANARY = "c4narY";
const said = (what: string): string => `${CANARY}-${what}`;

const hostile = normalized({
  provider: said("provider"),
  event_type: said("event"),
  external_event_id: said("id"),
  delivery_id: said("delivery"),
  actor: said("actor"),
  project: said("project"),
  ref: said("ref"),
  commit_sha: said("sha"),
  subject_key: said("subject"),
});
const EVENTS = [
  { ...VERIFIED, scheme: said("scheme") },
  hostile,
  recorded({ statement: said("statement") }),
  failed(true, said("reason")),
  after("backoff"),
  proposes(said("orders/proposed/x.toml")),
  called(said("tool")),
  { ...done(), result: { file: said("inbox/x.md") } },
  done(),
  decided(1, true, { approver: said("approver"), reason: said("why") }),
  settled(1, "failed"),
  { ...REPORTED, file: said("snapshots/s.md") },
  { ...SEALED, file: said("e.json"), seal_hash: said("hash") },
  duplicate,
  { ...conflict, delivery_id: said("other") },
];

test("what the sender and the operator wrote is in no metric and in no span", async () => {
  const at = await collector();
  const metrics = createMetrics({
    version: "1.2.3",
    desks: () => [{ name: "equity", webhooks: ["risk"], mail_waiting: 0, unfinished: 0 }],
    openStreams: () => 0,
    spans: () => ({ exported: 0, dropped: 0 }),
  });
  const traces = await openTraces(at.url, "1.2.3");
  const policy = { action: "run" as const, task: said("task"), attempts_max: 2 };
  const changes = livedChanges(policy, EVENTS);
  // The canary is really in what the two are told.
  expect(JSON.stringify(changes).split(CANARY).length).toBeGreaterThan(20);
  for (const change of changes) {
    metrics.change("equity", change);
    traces.change("equity", change);
  }
  const endpoint = { desk: { name: "equity" }, webhook: { name: "risk" } };
  const codes: readonly RefusalCode[] = ["SIGNATURE_INVALID", "INTERNAL"];
  for (const code of codes) {
    const report = { kind: "refused" as const, endpoint, code, detail: said("detail"), address: said("address") };
    metrics.report(report);
  }
  const accepted = { duplicate: false, delivery_id: said("delivery"), run: RUN };
  metrics.report({ kind: "accepted", endpoint, accepted, took_ms: 1 });
  traces.received("equity", "risk", RUN, 1_000, 1);
  await traces.close(5_000);
  const text = await metrics.text();
  await at.close();
  expect(text).toContain('qoc_runs_total{workspace="equity",webhook="risk",outcome="failed"} 1');
  expect(at.spans().map(({ name }) => name)).toContain("run");
  expect(text).not.toContain(CANARY);
  expect(at.bodies.join("\n")).not.toContain(CANARY);
  expect(JSON.stringify(at.headers)).not.toContain(CANARY);
});
