import { describe, expect, test } from "vitest";
import { notice } from "../../../machines/notice.ts";
import type { ActorEvent } from "../../../src/engine/ports.ts";
import { failed, noticed, notified, resume, RUN, written } from "../../support/delivery-words.ts";
import { after, given, tell, untaken, type Actor } from "../../support/machine-given.ts";
import { row, type Row } from "./delivery-rows.ts";

const waiting = notified();
const writing = notified(noticed);
const backingOff = tell(writing, failed(true));
const done = tell(writing, written);
const fails = ["backing-off", "effect_failed = no luck"] as const;
const starts = ["effect_started = writeNotice", "asks writeNotice"];

const rows: readonly Row[] = [
  row("it hears what it is about", waiting, noticed, "writing", "notice_asked = id_conflict", ...starts),
  row("its page is written", writing, written, "written", "effect_done = writeNotice"),
  row("writing fails for now", writing, failed(true), ...fails, "wakes backoff in 1000"),
  row("writing fails for good", writing, failed(false), ...fails, "wakes backoff in 1000"),
  row("the pause is over", backingOff, after("backoff"), "writing", ...starts, "unwakes backoff"),
  row("the pause doubles", tell(backingOff, after("backoff")), failed(true), ...fails, "wakes backoff in 2000"),
];

test.each(rows)("a notice: $says", ({ actor, when, gives }) => {
  expect(given(actor).when(when).gives).toEqual(gives);
});

const journals = rows.map(({ actor, when }) => tell(actor, when)).flatMap(({ entries }) => entries);

test("every arrow of the chart is taken by a row above", () => {
  expect(untaken(notice, journals)).toEqual([]);
});

test("every transition observes something", () => {
  expect(journals.filter(({ observations }) => observations.length === 0)).toEqual([]);
});

test("it rests when its page is written, and not before", () => {
  expect([waiting, writing, backingOff, done].map(({ record }) => record.resting)).toEqual([false, false, false, true]);
});

test("what it asks for is named by ids alone", () => {
  expect(writing.record.pending.map(({ params }) => params)).toEqual([{ run: RUN, ordinal: 2, what: "id_conflict" }]);
});

test("it is tried without end, at least once an hour", () => {
  let actor = writing;
  for (let failures = 0; failures < 40; failures += 1) actor = tell(actor, failed(false), after("backoff"));
  const [timer] = tell(actor, failed(false)).record.timers;
  expect(timer?.at).toBe(actor.entries.length + 3_600_000);
});

describe("a notice takes nothing else:", () => {
  const nothing: readonly (readonly [string, Actor, ActorEvent])[] = [
    ["what it is about is told once", writing, noticed],
    ["also when it is written", done, noticed],
    ["a person has nothing to resume", backingOff, resume],
  ];
  test.each(nothing)("%s", (_says, actor, when) => {
    expect(given(actor).when(when).gives).toEqual(["ignored"]);
  });
});
