import { describe, expect, test } from "vitest";
import { order } from "../../../machines/order.ts";
import { orderAddress, runIdOf, sha256Of } from "../../../src/core/ids.ts";
import type { DraftRef, OrderEnd, OrderEvent } from "../../../src/core/order.ts";
import { after, begin, given, PENDING, tell, told, untaken, type Actor } from "../../support/machine-given.ts";
import { row, type Row } from "./delivery-rows.ts";

const RUN = runIdOf("00000000-0000-8000-8000-000000000001");
const DIGEST = sha256Of("a".repeat(64));
const EDITED = sha256Of("b".repeat(64));
const BYTES = sha256Of("c".repeat(64));
const EDITED_BYTES = sha256Of("d".repeat(64));
const ACKNOWLEDGED = sha256Of("e".repeat(64));
const FILE = "orders/proposed/20260705T142200Z_NVDA_buy.toml";
const draft: DraftRef = { draft: 2, file: FILE, digest: DIGEST, content: BYTES };

type Told<T extends OrderEvent["type"]> = Extract<OrderEvent, { type: T }>;
const proposal: Told<"PROPOSED"> = { type: "PROPOSED", run: RUN, ...draft };
const approval: Told<"APPROVED"> = { type: "APPROVED", digest: EDITED, content: EDITED_BYTES, by: ["ada", "bo"] };
const rejection: Told<"REJECTED"> = { type: "REJECTED", reason: "too large" };
const expiry: Told<"EXPIRED"> = { type: "EXPIRED" };
const withdrawal: Told<"WITHDRAWN"> = { type: "WITHDRAWN", reason: "cancelled" };
const sending: Told<"DISPATCHING"> = { type: "DISPATCHING" };
const lost: Told<"UNCLEAR"> = { type: "UNCLEAR", reason: "it went silent" };
const settlement = (outcome: Told<"SETTLED">["outcome"]): Told<"SETTLED"> => ({
  type: "SETTLED",
  outcome,
  reason: null,
  acknowledgement: ACKNOWLEDGED,
});
const filed: Told<"EFFECT_DONE"> = { type: "EFFECT_DONE", effect: PENDING, file: "orders/executed/x.toml" };
const failed = (retryable: boolean): Told<"EFFECT_FAILED"> => ({
  type: "EFFECT_FAILED",
  effect: PENDING,
  reason: "no luck",
  retryable,
  step: null,
  artifacts: [],
});

const waiting = begin(order, orderAddress(RUN, 2), null);
const proposed = tell(waiting, proposal);
const approved = tell(proposed, approval);
const dispatching = tell(approved, sending);
const unclear = tell(dispatching, lost);
const filing = tell(dispatching, settlement("executed"));
const backingOff = tell(filing, failed(true));
const executed = tell(filing, filed);

const files = ["effect_started = settleOrder", "asks settleOrder"];
const ended = (outcome: string): string =>
  `order_settled = {"outcome":"${outcome}","reason":null,"acknowledgement":"${ACKNOWLEDGED}"}`;
const isFiled = "effect_done = orders/executed/x.toml";
const again = "effect_failed = no luck";

const rows: readonly Row[] = [
  row(
    "it is proposed",
    waiting,
    proposal,
    "proposed",
    `order_proposed = {"file":"${FILE}","digest":"${DIGEST}","content":"${BYTES}"}`,
  ),
  row(
    "it is approved as it was looked at",
    proposed,
    approval,
    "approved",
    `order_approved = {"digest":"${EDITED}","content":"${EDITED_BYTES}","by":["ada","bo"]}`,
  ),
  row("it is rejected", proposed, rejection, "filing", "order_rejected = too large", ...files),
  row("nobody decides in time", proposed, expiry, "filing", "order_expired = true", ...files),
  row("its run is cancelled before", proposed, withdrawal, "filing", "order_withdrawn = cancelled", ...files),
  row(
    "its run is cancelled before it is sent",
    approved,
    withdrawal,
    "filing",
    "order_withdrawn = cancelled",
    ...files,
  ),
  row("it is being sent", approved, sending, "dispatching", `order_dispatching = ${EDITED}`),
  row("it is settled", dispatching, settlement("blocked"), "filing", ended("blocked"), ...files),
  row("it may have been sent", dispatching, lost, "unclear", "order_unclear = it went silent"),
  row("its connector is asked again", unclear, sending, "dispatching", `order_dispatching = ${EDITED}`),
  row("a person settles it", unclear, settlement("failed"), "filing", ended("failed"), ...files),
  row("filing fails for now", filing, failed(true), "backing-off", again, "wakes backoff in 1000"),
  row("filing fails for good", filing, failed(false), "backing-off", again, "wakes backoff in 1000"),
  row("the pause is over", backingOff, after("backoff"), "filing", ...files, "unwakes backoff"),
  row(
    "the pause doubles",
    tell(backingOff, after("backoff")),
    failed(true),
    "backing-off",
    again,
    "wakes backoff in 2000",
  ),
  row("it is filed as executed", filing, filed, "executed", isFiled),
  row("it is filed as failed", tell(dispatching, settlement("failed")), filed, "failed", isFiled),
  row("it is filed as blocked", tell(dispatching, settlement("blocked")), filed, "blocked", isFiled),
  row("it is filed as unknown", tell(unclear, settlement("unknown")), filed, "unknown", isFiled),
  row("it is filed as rejected", tell(proposed, rejection), filed, "rejected", isFiled),
  row("it is filed as expired", tell(proposed, expiry), filed, "expired", isFiled),
  row("it is filed as withdrawn", tell(approved, withdrawal), filed, "withdrawn", isFiled),
  row("its run is erased", executed, { type: "ERASED" }, "erased", "order_erased = true"),
];

test.each(rows)("an order: $says", ({ actor, when, gives }) => {
  expect(given(actor).when(when).gives).toEqual(gives);
});

const journals = rows.map(({ actor, when }) => tell(actor, when)).flatMap(({ entries }) => entries);

test("every arrow of the chart is taken by a row above", () => {
  expect(untaken(order, journals)).toEqual([]);
});

test("every transition observes something", () => {
  expect(journals.filter(({ observations }) => observations.length === 0)).toEqual([]);
});

test("it rests when its file is, and not before", () => {
  const before = [waiting, proposed, approved, dispatching, unclear, filing, backingOff];
  expect(before.map(({ record }) => record.resting)).toEqual(before.map(() => false));
  const ends = rows.filter(({ says }) => says.startsWith("it is filed as"));
  expect(ends.map(({ actor, when }) => tell(actor, when).record.resting)).toEqual(Array(7).fill(true));
});

describe("what is filed", () => {
  const asksFor = (actor: Actor) => actor.record.pending.map(({ name, params }) => ({ name, params }));
  const asked = (end: OrderEnd, more: object) => [
    {
      name: "settleOrder",
      params: { run: RUN, ...draft, end, reason: null, acknowledgement: null, by: [], ...more },
    },
  ];
  test("is what was approved, with those who approved it and what the connector said", () => {
    const approvedAs = { digest: EDITED, content: EDITED_BYTES, by: ["ada", "bo"], acknowledgement: ACKNOWLEDGED };
    expect(asksFor(filing)).toEqual(asked("executed", approvedAs));
  });
  test("is what was proposed where nobody approved it", () => {
    expect(asksFor(tell(proposed, rejection))).toEqual(asked("rejected", { reason: "too large" }));
    expect(asksFor(tell(proposed, expiry))).toEqual(asked("expired", { reason: "nobody decided in time" }));
  });
  test("is the same at every attempt", () => {
    expect(asksFor(tell(backingOff, after("backoff")))).toEqual(asksFor(filing));
  });
});

test("it is filed without end, at least once an hour", () => {
  let actor = filing;
  for (let failures = 0; failures < 40; failures += 1) actor = tell(actor, failed(false), after("backoff"));
  const [timer] = tell(actor, failed(false)).record.timers;
  expect(timer?.at).toBe(actor.entries.length + 3_600_000);
});

describe("an order takes nothing else:", () => {
  const nothing: readonly (readonly [string, Actor, OrderEvent])[] = [
    ["what is not approved is not sent", proposed, sending],
    ["what is rejected is not approved", tell(proposed, rejection), approval],
    ["what is expired is not approved", tell(proposed, expiry), approval],
    ["what is withdrawn is not sent", tell(approved, withdrawal), sending],
    ["what is being sent is not withdrawn", dispatching, withdrawal],
    ["what may have been sent is not withdrawn", unclear, withdrawal],
    ["what is approved is not approved again", approved, approval],
    ["what is approved does not expire", approved, expiry],
    ["what is settled is settled once", filing, settlement("failed")],
    ["what is filed is not sent", executed, sending],
    ["it is proposed once", proposed, proposal],
  ];
  test.each(nothing)("%s", (_says, actor, when) => {
    expect(given(actor).when(when).gives).toEqual(["ignored"]);
  });
});

test("what is left of an order whose run was erased is that it was: no file, no digest, no person's word", () => {
  const gone = told(tell(proposed, rejection, filed), { type: "ERASED" });
  expect(gone).toMatchObject({
    kind: "stepped",
    forgets: { past: true },
    entries: [{ event: "ERASED", to: "erased" }],
  });
  const left = JSON.stringify(gone);
  for (const word of [FILE, DIGEST, BYTES, "too large", "executed/x"]) expect(left).not.toContain(word);
});
