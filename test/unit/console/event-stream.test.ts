/** The page's reader of server-sent events. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createStreamReader, EVENT_LENGTH_MAX, type StreamEvent } from "../../../src/console/event-stream.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const readAll = (pieces: readonly string[]): readonly StreamEvent[] => {
  const read = createStreamReader();
  return pieces.flatMap((piece) => read(piece));
};

describe("a stream of events", () => {
  test("gives each event with its name, its data and the last id", () => {
    expect(readAll(['id: a:1\nevent: changes\ndata: {"x":1}\n\ndata: two\n\n'])).toEqual([
      { kind: "event", event: "changes", data: '{"x":1}', id: "a:1" },
      { kind: "event", event: "message", data: "two", id: "a:1" },
    ]);
  });

  test("a comment is a heartbeat, and is told at once", () => {
    expect(readAll([": \n", ":still here\n"])).toEqual([{ kind: "heartbeat" }, { kind: "heartbeat" }]);
  });

  test("several lines of data are one text; one leading space is not part of it", () => {
    expect(readAll(["data:one\ndata:  two\ndata\n\n"])).toEqual([
      { kind: "event", event: "message", data: "one\n two\n", id: "" },
    ]);
  });

  test("an event without data is none, and its name does not go on to the next", () => {
    expect(readAll(["event: changes\n\ndata: x\n\n"])).toEqual([
      { kind: "event", event: "message", data: "x", id: "" },
    ]);
  });

  test("an id with a null character is no id, and a byte order mark in front is no part of a field", () => {
    expect(readAll(["\uFEFFdata: x\nid: a\0b\n\n"])).toEqual([{ kind: "event", event: "message", data: "x", id: "" }]);
  });

  test("an event that is not finished is not given, and one without an end is refused", () => {
    const read = createStreamReader();
    expect(read("data: begun\n")).toEqual([]);
    expect(() => read("x".repeat(EVENT_LENGTH_MAX + 1))).toThrow(RangeError);
    const lines = createStreamReader();
    expect(() => {
      for (let line = 0; line < 5000; line += 1) lines(`data: ${"y".repeat(1000)}\n`);
    }).toThrow(RangeError);
  });

  test("however the text is cut into pieces and whatever ends its lines, the events are the same", () => {
    const line = fc.stringMatching(/^[a-z :{}"]{0,20}$/);
    const event = fc.record({
      id: fc.stringMatching(/^[a-z0-9]{1,5}:[0-9]{1,3}$/),
      data: fc.array(line, { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 5 }),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.array(fc.nat(200), { maxLength: 8 }),
        (events, end, cuts) => {
          const text = `${events
            .map(
              ({ id, data }) => [`id: ${id}`, "event: row", ...data.map((part) => `data: ${part}`), ""].join(end) + end,
            )
            .join("")}:${end}:`;
          const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)).toSorted((a, b) => a - b), text.length];
          const pieces = places.slice(1).map((to, at) => text.slice(places[at], to));
          expect(readAll(pieces).filter(({ kind }) => kind === "event")).toEqual(
            events.map(({ id, data }) => ({ kind: "event", event: "row", data: data.join("\n"), id })),
          );
        },
      ),
    );
  });
});
