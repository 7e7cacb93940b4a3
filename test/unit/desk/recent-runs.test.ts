import { describe, expect, test } from "vitest";
import { addressOf } from "../../../src/core/ids.ts";
import { createRecentRuns } from "../../../src/desk/recent-runs.ts";
import type { ActorRecord, Change, Entry } from "../../../src/engine/ports.ts";

const address = addressOf("delivery/run");
const entry = (seq: number): Entry => ({
  seq,
  at: seq,
  event: "E",
  by: "daemon",
  from: null,
  to: "s",
  guard: null,
  observations: [],
  effects: [],
  data: null,
});
const record = (sequence: number, over: Partial<ActorRecord> = {}): ActorRecord => ({
  address,
  machine: "delivery",
  version: "1",
  definition: "",
  sequence,
  applied: null,
  born_at: 0,
  changed_at: 0,
  state: "s",
  resting: false,
  snapshot: null,
  pending: [],
  timers: [],
  parked: null,
  ...over,
});
const change = (before: ActorRecord | null, after: ActorRecord, entries: readonly Entry[]): Change => ({
  record: after,
  before,
  entries,
  artifacts: [],
  index: [],
});
const stored = { read: () => record(99), journal: () => [entry(99)] };

describe("recent runs", () => {
  test("answer with what was committed, all of it", () => {
    const runs = createRecentRuns(stored);
    runs.note(change(null, record(1), [entry(0)]));
    runs.note(change(record(1), record(3), [entry(1), entry(2)]));
    expect(runs.journal(address).map(({ seq }) => seq)).toEqual([0, 1, 2]);
    expect(runs.read(address)?.sequence).toBe(3);
  });

  test("leave a run to the store whose beginning they did not see", () => {
    const runs = createRecentRuns(stored);
    runs.note(change(record(1), record(2), [entry(1)]));
    expect(runs.journal(address)).toEqual([entry(99)]);
    expect(runs.read(address)?.sequence).toBe(99);
  });

  test("forget a run at rest, and know only the store's word when it moves again", () => {
    const runs = createRecentRuns(stored);
    runs.note(change(null, record(1, { resting: true }), [entry(0)]));
    expect(runs.journal(address)).toEqual([entry(99)]);
    runs.note(change(record(1, { resting: true }), record(2), [entry(1)]));
    expect(runs.journal(address)).toEqual([entry(99)]);
  });

  test("forget the oldest of too many", () => {
    const runs = createRecentRuns(stored);
    for (let n = 0; n <= 2048; n += 1) {
      const of = record(1, { address: addressOf(`delivery/${n}`) });
      runs.note(change(null, of, [entry(n)]));
    }
    expect(runs.journal(addressOf("delivery/0"))).toEqual([entry(99)]);
    expect(runs.journal(addressOf("delivery/2048"))).toEqual([entry(2048)]);
  });
});
