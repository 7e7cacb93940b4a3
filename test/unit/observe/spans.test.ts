import { describe, expect, test } from "vitest";
import { receivingSpan, spansOf } from "../../../src/observe/spans.ts";
import {
  decided,
  done,
  failed,
  normalized,
  predecessorArrived,
  proposes,
  recorded,
  REPORTED,
  RUN,
  runOf,
  SEALED,
  settled,
  VERIFIED,
} from "../../support/delivery-words.ts";
import { after } from "../../support/machine-given.ts";
import { subject, birth } from "../../support/store-changes.ts";
import { livedChanges } from "./lived-changes.ts";

const spans = (...args: Parameters<typeof livedChanges>) =>
  livedChanges(...args).flatMap((change) => spansOf("equity", change));
const INBOX = [VERIFIED, normalized(), recorded(), done(), SEALED];
const AGENT = [
  VERIFIED,
  normalized(),
  recorded(),
  proposes(),
  done(),
  done(),
  decided(1, true),
  settled(1),
  REPORTED,
  SEALED,
];

describe("the trace of a run", () => {
  test("has the run's id, so that it is found by it and goes on after a restart", () => {
    const ids = new Set(spans({}, INBOX).map(({ trace_id }) => trace_id));
    expect([...ids]).toEqual([RUN.replaceAll("-", "")]);
  });

  test("is one span with all others below it", () => {
    const all = spans({ action: "run", task: "t" }, AGENT);
    const roots = all.filter(({ parent_id }) => parent_id === null);
    expect(roots.map(({ name }) => name)).toEqual(["run"]);
    expect(new Set(all.filter((span) => span !== roots[0]).map(({ parent_id }) => parent_id))).toEqual(
      new Set([roots[0]?.span_id]),
    );
    expect(new Set(all.map(({ span_id }) => span_id)).size).toBe(all.length);
    expect(all.filter(({ span_id }) => !/^[0-9a-f]{16}$/.test(span_id))).toEqual([]);
  });

  test("has each effect from its asking to its outcome, the wait for approval, and the seal", () => {
    const names = spans({ action: "run", task: "t" }, AGENT).map(({ name }) => name);
    expect(names).toEqual([
      "runAgent",
      "askApproval",
      "wait for approval",
      "dispatchOrder",
      "writeReport",
      "sealRun",
      "run",
    ]);
  });

  test("says of the run where it came in and how it ended", () => {
    expect(spans({}, INBOX).at(-1)).toMatchObject({
      from: 0,
      failed: false,
      attributes: {
        "qoc.workspace": "equity",
        "qoc.webhook": "risk",
        "qoc.run": RUN,
        "qoc.outcome": "completed",
        "qoc.state": "sealed",
      },
    });
  });

  test("is made the same by a daemon that was started in between", () => {
    const changes = livedChanges({}, INBOX);
    const restarted = changes.map((change) => ({ ...change, before: structuredClone(change.before) }));
    expect(restarted.flatMap((change) => spansOf("equity", change))).toEqual(spans({}, INBOX));
  });
});

test("a wait for approval is as long as it was, whatever happened meanwhile", () => {
  const changes = livedChanges({ action: "run", task: "t" }, AGENT);
  const entered = changes.flatMap(({ entries }) => entries).find(({ to }) => to === "awaiting-approval.asking");
  const left = changes.flatMap(({ entries }) => entries).find(({ event }) => event === "DECIDED");
  const wait = spans({ action: "run", task: "t" }, AGENT).find(({ name }) => name === "wait for approval");
  expect(wait).toMatchObject({ from: entered?.at, to: left?.at, attributes: { "qoc.event": "DECIDED" } });
  expect((wait?.to ?? 0) - (wait?.from ?? 0)).toBeGreaterThan(1);
});

test("a delivery that was held shows for how long, and what ended it", () => {
  const held = [VERIFIED, normalized(), recorded({ order: "gap" })];
  const arrived = spans({ on_gap: "wait" }, [...held, predecessorArrived]);
  expect(arrived).toMatchObject([{ name: "wait for predecessor", attributes: { "qoc.event": "PREDECESSOR_ARRIVED" } }]);
  const timedOut = spans({ on_gap: "wait" }, [...held, after("holdTimeout")]);
  expect(timedOut.map(({ name }) => name)).toEqual(["wait for predecessor"]);
});

test("each attempt is a span of its own, and one that failed says so", () => {
  const all = spans({}, [VERIFIED, normalized(), recorded(), failed(true), after("backoff"), done()]);
  expect(all.map(({ name, failed: isFailed, attributes }) => [name, isFailed, attributes["qoc.result"]])).toEqual([
    ["writeInboxItem", true, "failed"],
    ["writeInboxItem", false, "performed"],
  ]);
  expect(all[0]?.span_id).not.toBe(all[1]?.span_id);
});

test("an actor that is of no run is in no trace", () => {
  expect(spansOf("equity", birth(subject("repo:secret/main")))).toEqual([]);
});

test("what the ingress knows stands below the run that will come of it", () => {
  const span = receivingSpan("equity", "risk", RUN, 1_000, 12.5);
  const root = spans({}, INBOX).at(-1);
  expect(span).toMatchObject({ name: "receive", from: 987.5, to: 1_000, parent_id: root?.span_id });
  expect(span.trace_id).toBe(root?.trace_id);
  expect(receivingSpan("equity", "risk", runOf(2), 1_000, 12.5).trace_id).not.toBe(span.trace_id);
});
