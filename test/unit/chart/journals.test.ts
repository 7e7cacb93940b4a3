/** Journals that the engine wrote, found again in the chart: the rows of the machine's own tables take every arrow that it has. */
import { describe, expect, test } from "vitest";
import { marksOf } from "../../../src/chart/marks.ts";
import type { Entry } from "../../../src/engine/ports.ts";
import { tell } from "../../support/machine-given.ts";
import { everywhere, finishing, untouched } from "../machines/delivery-rows-ending.ts";
import { erasure } from "../machines/delivery-rows-erasure.ts";
import { holding, receiving, recording } from "../machines/delivery-rows-opening.ts";
import { deciding, performing, reports, sendingOrders } from "../machines/delivery-rows-working.ts";
import { committed } from "./charts.ts";

const chart = committed("delivery");
const tables = [
  receiving,
  recording,
  holding,
  performing,
  deciding,
  sendingOrders,
  reports,
  finishing,
  untouched,
  everywhere,
  erasure,
];
const actors = tables.flat().map(({ actor, when }) => tell(actor, when));
const entries = actors.flatMap((actor) => actor.entries.filter(({ from }) => from !== null));
const takenBy = (entry: Entry): readonly string[] => marksOf(chart, [entry], null).taken;

describe("a row of a real journal", () => {
  test("is one edge of the chart", () => {
    expect(entries.length).toBeGreaterThan(500);
    const others = entries.filter((entry) => takenBy(entry).length !== 1);
    expect(others.map(({ event, from, to, guard }) => ({ event, from, to, guard }))).toEqual([]);
  });

  test("is that edge, or one with the same ends and event, when its guard is not known", () => {
    for (const entry of entries) {
      const { guard: _, ...row } = entry;
      expect(marksOf(chart, [row], null).taken).toEqual(expect.arrayContaining([...takenBy(entry)]));
    }
  });

  test("was possible in the state before it", () => {
    const surprising = entries.filter((entry) => {
      const { possible } = marksOf(chart, [], entry.from);
      return !takenBy(entry).every((id) => possible.includes(id));
    });
    expect(surprising.map(({ event, from, to }) => ({ event, from, to }))).toEqual([]);
  });
});

test("there is no edge that a journal cannot tell of", () => {
  const taken = new Set(entries.flatMap(takenBy));
  expect(chart.edges.map(({ id }) => id).filter((id) => !taken.has(id))).toEqual([]);
});

test("the state and each timer of a real record have a place in the chart", () => {
  for (const { record } of actors) {
    const timers = record.timers.map(({ id }) => ({
      event: `after ${id.split(".")[2] ?? ""}`,
      at: "2026-07-05T13:46:00.000Z",
    }));
    const marks = marksOf(chart, [], record.state, timers);
    expect([marks.active.at(-1), marks.timers.length]).toEqual([record.state, timers.length]);
  }
});
