/** What the inspector's page keeps: bounded, whatever it is given. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ACTORS_MAX, createBook } from "../../../../src/console/inspect/book.ts";
import { pathOf, readDefinition, readFrame } from "../../../../src/console/inspect/frame.ts";
import { gapOf } from "../../../../src/console/inspect/gap.ts";
import { registration, rowFrames } from "../../../../src/inspect/frames.ts";
import { aRun, runNumber } from "../../http/desk-with-runs.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const given = aRun({
  run: runNumber(1),
  rows: [
    { event: "VERIFIED", to: "verified" },
    { event: "NORMALIZED", to: "normalized" },
  ],
});
const options = { definition: () => '{"id":"delivery"}', context: false };
const texts = [
  registration(given.record, options),
  ...given.journal.map((row) => rowFrames(given.record, row, options)),
]
  .flatMap(({ frames }) => frames)
  .map((frame) => JSON.stringify(frame));
const foreign = (n: number, sessionId = "a"): string =>
  JSON.stringify({
    type: "@xstate.snapshot",
    sessionId,
    createdAt: String(n),
    id: `${n}`,
    event: { type: "E" },
    snapshot: { value: "s" },
  });

describe("a book", () => {
  test("joins an event with where it led, and knows where it came from", () => {
    const book = createBook();
    for (const text of texts) expect(book.take(text)).toBe(true);
    expect(book.rows().map(({ event, from, state }) => [event.type, from, state])).toEqual([
      ["init", null, "received"],
      ["VERIFIED", "received", "verified"],
      ["NORMALIZED", "verified", "normalized"],
    ]);
    expect(book.actors()).toMatchObject([{ name: "delivery", state: "normalized" }]);
  });

  test("takes nothing twice, as after a connection that was lost", () => {
    const book = createBook();
    for (const text of [...texts, ...texts]) book.take(text);
    expect([book.rows().length, book.frames()]).toEqual([3, texts.length]);
  });

  test("gives a file that makes the same book again", () => {
    const [book, again] = [createBook(), createBook()];
    for (const text of texts) book.take(text);
    for (const line of book.ndjson().trim().split("\n")) again.take(line);
    expect([again.rows(), again.actors()]).toEqual([book.rows(), book.actors()]);
  });

  test("keeps the newest frames within its bounds, and counts those that went", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 300 }), (max, count) => {
        const book = createBook(max, 100_000);
        for (let n = 0; n < count; n += 1) book.take(foreign(n));
        expect(book.frames()).toBeLessThanOrEqual(max);
        expect(book.rows().length).toBeLessThanOrEqual(max);
        expect(book.frames() + book.dropped()).toBe(count);
        expect(book.rows().at(-1)?.at).toBe(count === 0 ? undefined : count - 1);
      }),
    );
  });

  test("is bounded by the length of its texts, and by the number of its actors", () => {
    const long = createBook(1000, 1000);
    for (let n = 0; n < 100; n += 1) long.take(foreign(n, "x".repeat(200)));
    expect(long.ndjson().length).toBeLessThan(1500);
    const wide = createBook();
    for (let n = 0; n < ACTORS_MAX + 50; n += 1) wide.take(foreign(n, `actor ${n}`));
    expect(wide.actors().length).toBe(ACTORS_MAX);
  });
});

describe("frames of a file that anybody may have written", () => {
  test("are read or left alone, and never throw", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .json()
            .map(
              (text) =>
                `{"type":"@xstate.snapshot","sessionId":"a","createdAt":"1","snapshot":${text},"event":${text}}`,
            ),
        ),
        (text) => {
          const frame = readFrame(text);
          const time = frame === undefined ? undefined : new Date(frame.at).toISOString();
          expect(createBook().take(text)).toBe(time !== undefined);
        },
      ),
    );
  });
  test("with a time that is none are no frames", () => {
    expect(["1e300", "NaN", "soon"].map((at) => readFrame(foreign(1).replace('"1"', JSON.stringify(at))))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
  test("with states within each other without end show the first of them", () => {
    const deep = `${'{"a":'.repeat(5000)}"b"${"}".repeat(5000)}`;
    expect(pathOf(JSON.parse(deep)).length).toBeLessThan(100);
    const states = `${'{"id":"m","states":{"a":'.repeat(1000)}{}${"}}".repeat(1000)}`;
    expect(JSON.stringify(readDefinition(states)).length).toBeLessThan(2000);
  });
});

test("gaps are said in the unit that fits", () => {
  expect([
    gapOf(undefined, 1),
    gapOf(1, 4),
    gapOf(0, 1_230),
    gapOf(0, 65_000),
    gapOf(0, 7_300_000),
    gapOf(10, 4),
  ]).toEqual(["", "+3 ms", "+1.2 s", "+1 min", "+2 h", "-6 ms"]);
});
