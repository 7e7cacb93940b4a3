import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contextOf } from "../../../machines/delivery-context.ts";
import { notificationsTold } from "../../../machines/delivery-notification.ts";
import { notification } from "../../../machines/notification.ts";
import { boundedRetry, pauseMs } from "../../../machines/notification-pauses.ts";
import { notificationAddress } from "../../../src/core/ids.ts";
import type { NotificationAsked, NotificationEvent } from "../../../src/core/notification.ts";
import type { ActorEvent } from "../../../src/engine/ports.ts";
import { failed, inputWith, resume, RUN } from "../../support/delivery-words.ts";
import { after, begin, given, PENDING, tell, untaken, type Actor } from "../../support/machine-given.ts";
import { row, type Row } from "./delivery-rows.ts";

fc.configureGlobal({ seed: 1, numRuns: 500 });

const asked: NotificationAsked = {
  run: RUN,
  n: 1,
  target: "ops",
  event: "run.stuck",
  webhook: "risk",
  task: "risk-review",
  outcome: null,
  drafts: 2,
};
const notify: NotificationEvent = { type: "NOTIFY", ...asked };
const ADDRESS = notificationAddress(RUN, 1, "ops");
const taken: NotificationEvent = { type: "NOTIFIED", effect: PENDING, status: 204, skipped: null };
const unwanted: NotificationEvent = { type: "NOTIFIED", effect: PENDING, status: null, skipped: "unwanted" };
const notTaken = (refused: boolean, retry_after_ms: number | null = null): NotificationEvent => ({
  type: "NOT_NOTIFIED",
  effect: PENDING,
  reason: refused ? "it answers 410" : "it answers 503",
  refused,
  retry_after_ms,
});
const page: NotificationEvent = { type: "EFFECT_DONE", effect: PENDING, file: "inbox/n.md" };

/** Fails until its next failure is the last. */
function worn(from: Actor): Actor {
  let actor = from;
  for (let n = 1; n < 12; n += 1) actor = tell(actor, notTaken(false), after("backoff"));
  return actor;
}

const waiting = begin(notification, ADDRESS, null);
const sending = tell(waiting, notify);
const backingOff = tell(sending, notTaken(false));
const delivered = tell(sending, taken);
const last = worn(sending);
const abandoned = tell(last, notTaken(false));
const pageLate = tell(abandoned, failed(true));
const told = tell(abandoned, page);

const starts = ["effect_started = sendNotification", "asks sendNotification"] as const;
const writes = ["effect_started = writeAbandoned", "asks writeAbandoned"] as const;
const wakes = (attempt: number, retry = 0): string => `wakes backoff in ${pauseMs(asked, attempt, retry)}`;

const rows: readonly Row[] = [
  row("it hears what it is about", waiting, notify, "sending", "notification_asked = run.stuck", ...starts),
  row("the target takes it", sending, taken, "delivered", "notification_delivered = 204"),
  row("the target does not want it", sending, unwanted, "delivered", "notification_skipped = unwanted"),
  row("the target fails", sending, notTaken(false), "backing-off", "effect_failed = it answers 503", wakes(1)),
  row("the target says no", sending, notTaken(true), "backing-off", "effect_failed = it answers 410", wakes(1)),
  row("sending itself fails", sending, failed(true), "backing-off", "effect_failed = no luck", wakes(1)),
  row(
    "the target says when to come again",
    sending,
    notTaken(false, 900_000),
    "backing-off",
    "effect_failed = it answers 503",
    "wakes backoff in 900000",
  ),
  row("the pause is over", backingOff, after("backoff"), "sending", ...starts, "unwakes backoff"),
  row(
    "the twelfth failure is the last",
    last,
    notTaken(false),
    "abandoned.writing",
    "effect_failed = it answers 503",
    "notification_abandoned = 12",
    writes[0],
    writes[1],
  ),
  row(
    "so it is when sending itself fails",
    last,
    failed(false),
    "abandoned.writing",
    "effect_failed = no luck",
    "notification_abandoned = 12",
    writes[0],
    writes[1],
  ),
  row("a person is told", abandoned, page, "abandoned.written", "effect_done = writeAbandoned"),
  row(
    "the page cannot be written",
    abandoned,
    failed(false),
    "abandoned.backing-off",
    "effect_failed = no luck",
    "wakes pageBackoff in 1000",
  ),
  row("it is tried again", pageLate, after("pageBackoff"), "abandoned.writing", ...writes, "unwakes pageBackoff"),
];

test.each(rows)("a notification: $says", ({ actor, when, gives }) => {
  expect(given(actor).when(when).gives).toEqual(gives);
});

const journals = rows.map(({ actor, when }) => tell(actor, when)).flatMap(({ entries }) => entries);

test("every arrow of the chart is taken by a row above", () => {
  expect(untaken(notification, journals)).toEqual([]);
});

test("every transition observes something, and rests on no artifact", () => {
  expect(journals.filter(({ observations }) => observations.length === 0)).toEqual([]);
  expect(journals.flatMap(({ observations }) => observations.flatMap(({ basis }) => basis))).toEqual([]);
});

test("it rests when it was delivered or a person was told, and not before", () => {
  const all = [waiting, sending, backingOff, abandoned, pageLate, delivered, told];
  expect(all.map(({ record }) => record.resting)).toEqual([false, false, false, false, false, true, true]);
});

test("what it sends is what it was told, at every attempt", () => {
  const again = tell(backingOff, after("backoff"));
  expect([sending, again].map(({ record }) => record.pending[0]?.params)).toEqual([asked, asked]);
});

test("the page is asked for with how often, and why last", () => {
  expect(abandoned.record.pending[0]?.params).toEqual({ ...asked, attempts: 12, reason: "it answers 503" });
});

test("a target that says no is asked four times", () => {
  let actor = sending;
  for (let n = 1; n < 4; n += 1) actor = tell(actor, notTaken(true), after("backoff"));
  expect(tell(actor, notTaken(true)).record.state).toBe("abandoned.writing");
  expect(tell(actor, notTaken(false)).record.state).toBe("backing-off");
});

test("what a target asked for once does not hold for the next pause", () => {
  const again = tell(sending, notTaken(false, 3_000_000), after("backoff"));
  expect(given(again).when(notTaken(false)).gives).toContain(wakes(2));
});

test("the page is tried without end, at least once an hour", () => {
  let actor = abandoned;
  for (let n = 0; n < 40; n += 1) actor = tell(actor, failed(false), after("pageBackoff"));
  const [timer] = tell(actor, failed(false)).record.timers;
  expect(timer?.at).toBe(actor.entries.length + 3_600_000);
});

describe("a pause", () => {
  const attempts = fc.integer({ min: 1, max: 12 });
  const retries = fc.integer({ min: 0, max: 10 ** 12 });

  test("grows threefold up to four hours, with at most a half taken off", () => {
    fc.assert(
      fc.property(attempts, fc.nat(1000), (attempt, n) => {
        const whole = Math.min(14_400_000, 5_000 * 3 ** (attempt - 1));
        const pause = pauseMs({ ...asked, n }, attempt, 0);
        expect(pause).toBeLessThanOrEqual(whole);
        expect(pause).toBeGreaterThanOrEqual(whole / 2);
      }),
    );
  });

  test("is the same for the same, and spread over what it may be for others", () => {
    expect(pauseMs(asked, 5, 0)).toBe(pauseMs({ ...asked }, 5, 0));
    const shares = Array.from({ length: 200 }, (_, n) => pauseMs({ ...asked, n }, 12, 0) / 14_400_000);
    const quarters = new Set(shares.map((share) => Math.floor((share - 0.5) * 8)));
    expect(quarters).toEqual(new Set([0, 1, 2, 3]));
  });

  test("is never shorter than what the target asked for, of which only a second to an hour counts", () => {
    fc.assert(
      fc.property(retries, (ms) => {
        const bounded = boundedRetry(ms);
        expect(bounded).toBe(ms < 1000 ? 1000 : ms > 3_600_000 ? 3_600_000 : ms);
        expect(pauseMs(asked, 1, bounded)).toBeGreaterThanOrEqual(bounded);
      }),
    );
    expect(tell(sending, notTaken(false, 10 ** 12)).record.timers[0]?.at).toBe(sending.entries.length + 3_600_000);
  });

  test("eleven of them outlast a night", () => {
    const pauses = Array.from({ length: 11 }, (_, at) => pauseMs(asked, at + 1, 0));
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(8 * 3_600_000);
  });
});

describe("a notification takes nothing else:", () => {
  const late: NotificationEvent = { ...taken, effect: "notification/x#1:0" };
  const nothing: readonly (readonly [string, Actor, ActorEvent])[] = [
    ["what it is about is told once", sending, notify],
    ["also when it is delivered", delivered, notify],
    ["a late answer of an attempt that is over", backingOff, late],
    ["a person has nothing to resume", backingOff, resume],
  ];
  test.each(nothing)("%s", (_says, actor, when) => {
    expect(given(actor).when(when).gives).toEqual(["ignored"]);
  });
});

describe("a delivery tells", () => {
  const context = (targets?: readonly string[]) => ({
    ...contextOf(inputWith({ task: "risk-review", ...(targets === undefined ? {} : { notify: targets }) })),
    notified: 3,
  });

  test("each target of its policy by an actor of its own, under the number that was counted last", () => {
    expect(notificationsTold(context(["ops", "pager"]), "run.stuck", 2)).toEqual(
      ["ops", "pager"].map((target) => ({
        type: "tell",
        params: {
          to: `notification/${RUN}/3/${target}`,
          event: { ...notify, n: 3, target },
          bears: true,
        },
      })),
    );
  });

  test.each([
    ["no policy", undefined],
    ["an empty one", []],
  ])("nobody by %s", (_says, names) => {
    expect(notificationsTold(context(names), "run.finalized", 0)).toEqual([]);
  });
});
