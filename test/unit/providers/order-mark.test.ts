import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderMark } from "../../../src/providers/order-mark.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

describe("a time is written in UTC with nanoseconds", () => {
  test.each([
    ["2016-08-12 15:23:28 UTC", "2016-08-12T15:23:28.000000000Z"],
    ["2016-08-12T15:23:28Z", "2016-08-12T15:23:28.000000000Z"],
    ["2016-08-12t15:23:28z", "2016-08-12T15:23:28.000000000Z"],
    ["2021-02-23T02:41:37.886Z", "2021-02-23T02:41:37.886000000Z"],
    ["2018-07-02T21:51:39.532546+00:00", "2018-07-02T21:51:39.532546000Z"],
    ["2021-04-28 21:50:00 +0200", "2021-04-28T19:50:00.000000000Z"],
    ["2019-03-01T10:31:15+0100", "2019-03-01T09:31:15.000000000Z"],
    ["2020-01-17T23:28:09-0800", "2020-01-18T07:28:09.000000000Z"],
    ["2020-01-01T00:15:00.123456789+05:30", "2019-12-31T18:45:00.123456789Z"],
  ])("%s", (text, mark) => {
    expect(orderMark(text)).toBe(mark);
  });
});

describe("what is no time that sorts is taken as it is", () => {
  test.each([
    "",
    "soon",
    "2016-08-12",
    "2016-08-12 15:23:28",
    "2016-08-12 15:23:28 utc",
    "2016-08-12 15:23:28  UTC",
    "2016-08-12 15:23:28 CEST",
    "2016-13-12T15:23:28Z",
    "2016-08-12T15:61:28Z",
    "2016-08-12T15:23:28+2500",
    "2016-12-31T23:59:60Z",
    "0000-01-01T00:00:00+0100",
    "9999-12-31T23:59:59-0100",
    "-5",
    "1e3",
    "1.",
    "123456789012345678901",
  ])("%j", (text) => {
    expect(orderMark(text)).toBe(text);
  });
});

type Writing = (at: Date) => string;
const seconds = (at: Date): string => at.toISOString().slice(0, 19);
const shifted = (at: Date, minutes: number): Date => new Date(at.getTime() + minutes * 60_000);
/** How the senders write one and the same second. */
const writings: readonly Writing[] = [
  (at) => `${seconds(at)}Z`,
  (at) => `${seconds(at)}.000Z`,
  (at) => `${seconds(at).replace("T", " ")} UTC`,
  (at) => `${seconds(shifted(at, 120)).replace("T", " ")} +0200`,
  (at) => `${seconds(shifted(at, 60))}+0100`,
  (at) => `${seconds(shifted(at, -570))}.000000-09:30`,
];
const second = fc.integer({ min: 0, max: 4_000_000_000 }).map((at) => new Date(at * 1000));
const writing = fc.constantFrom(...writings);
const order = <T>(a: T, b: T): number => (a === b ? 0 : a < b ? -1 : 1);

test("marks of times sort as the times do, however each was written", () => {
  fc.assert(
    fc.property(second, second, writing, writing, (a, b, writeA, writeB) => {
      expect(order(orderMark(writeA(a)), orderMark(writeB(b)))).toBe(order(a.getTime(), b.getTime()));
    }),
  );
});

test("marks of times sort within a second too", () => {
  const fraction = fc.integer({ min: 0, max: 999_999 });
  fc.assert(
    fc.property(second, fraction, fraction, (at, a, b) => {
      const mark = (part: number): string => orderMark(`${seconds(at)}.${String(part).padStart(6, "0")}+00:00`);
      expect(order(mark(a), mark(b))).toBe(order(a, b));
    }),
  );
});

test("marks of whole numbers sort as the numbers do", () => {
  const number = fc.bigInt({ min: 0n, max: 10n ** 20n - 1n });
  fc.assert(
    fc.property(number, number, (a, b) => {
      expect(order(orderMark(`${a}`), orderMark(`${b}`))).toBe(order(a, b));
    }),
  );
});

test("a number of seconds with a fraction sorts between the whole ones", () => {
  const marks = ["1355517523", "1355517523.000005", "1355517523.000008", "1355517524"].map(orderMark);
  expect(marks.toSorted()).toEqual(marks);
});

test("the mark of a mark is itself", () => {
  const texts = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[0-9]{1,21}(\.[0-9]{0,10})?$/),
    fc.tuple(second, writing).map(([at, write]) => write(at)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(orderMark(orderMark(text))).toBe(orderMark(text));
    }),
  );
});

test.each([
  ["digits", "1".repeat(1_000_000)],
  ["a fraction that never ends", `1.${"9".repeat(1_000_000)}x`],
  ["blanks", `2016-08-12 15:23:28${" ".repeat(1_000_000)}UTC`],
])("a megabyte of %s is no mark but itself, and takes no time", (_name, text) => {
  expect(orderMark(text)).toBe(text);
});
