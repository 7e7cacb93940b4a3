import { describe, expect, test } from "vitest";
import type { NewLeaf } from "../../../src/adapters/log-plan.ts";
import { LogRefused } from "../../../src/adapters/log-refused.ts";
import { createReceivedMarks, type ReceivedMarks } from "../../../src/adapters/received-marks.ts";
import { manualClock, type ManualClock } from "../../support/manual-clock.ts";

const mark = (n: number): string => String(n).padStart(64, "0");
const received = (n: number): NewLeaf => ({ kind: "received", mark: mark(n) });
const seal = (n: number): NewLeaf => ({ kind: "seal", seal: mark(n) });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type World = {
  readonly marks: ReceivedMarks;
  readonly clock: ManualClock;
  readonly appended: (readonly NewLeaf[])[];
  readonly complaints: string[];
  /** What the log does with each append from now on. */
  fails: Error | undefined;
};

function world(): World {
  const appended: (readonly NewLeaf[])[] = [];
  const complaints: string[] = [];
  const clock = manualClock();
  const here: World = {
    clock,
    appended,
    complaints,
    fails: undefined,
    marks: createReceivedMarks({
      clock,
      complain: (says, reason) => complaints.push(`${says}: ${reason}`),
      append: (leaves) => {
        if (here.fails !== undefined) return Promise.reject(here.fails);
        appended.push(leaves);
        return Promise.resolve(leaves.map((_, at) => at));
      },
    }),
  };
  return here;
}

describe("marks of accepted deliveries", () => {
  test("are logged together, within 100 ms of the first", async () => {
    const { marks, clock, appended } = world();
    for (const n of [1, 2, 3]) marks.note(mark(n));
    expect(appended).toEqual([]);
    clock.advance(100);
    await turn();
    expect(appended).toEqual([[received(1), received(2), received(3)]]);
    expect(marks.waiting()).toBe(0);
  });

  test("ride with their seal when that comes first, and the log has one append", async () => {
    const { marks, clock, appended } = world();
    marks.note(mark(1));
    await marks.append([received(1), seal(1)]);
    clock.advance(1_000);
    await turn();
    expect(appended).toEqual([[received(1), seal(1)]]);
  });

  test("that came during a burst follow in batches", async () => {
    const { marks, clock, appended } = world();
    for (let n = 0; n < 2_500; n += 1) marks.note(mark(n));
    for (let round = 0; round < 3; round += 1) {
      clock.advance(100);
      await turn();
    }
    expect(appended.map(({ length }) => length)).toEqual([1024, 1024, 452]);
  });

  test("wait for a log that fails, of which a person is told once", async () => {
    const here = world();
    here.fails = new Error("EIO");
    here.marks.note(mark(1));
    for (let round = 0; round < 3; round += 1) {
      here.clock.advance(1_100);
      await turn();
    }
    expect([here.marks.waiting(), here.complaints]).toEqual([1, ["received leaves were not logged: EIO"]]);
    here.fails = undefined;
    here.clock.advance(1_100);
    await turn();
    expect(here.appended).toEqual([[received(1)]]);
  });

  test("of a seal that was not logged wait again", async () => {
    const here = world();
    here.fails = new Error("EIO");
    here.marks.note(mark(1));
    await expect(here.marks.append([received(1), seal(1)])).rejects.toThrow("EIO");
    here.fails = undefined;
    here.clock.advance(1_100);
    await turn();
    expect(here.appended).toEqual([[received(1)]]);
  });

  test("are not asked for again of a log that is refused", async () => {
    const here = world();
    here.fails = new LogRefused("it forked");
    here.marks.note(mark(1));
    here.clock.advance(100);
    await turn();
    expect(here.clock.waiting()).toBe(0);
    await here.marks.close();
    expect(here.marks.waiting()).toBe(1);
  });

  test("are all logged when it closes, and no timer is left", async () => {
    const { marks, clock, appended } = world();
    for (let n = 0; n < 1_500; n += 1) marks.note(mark(n));
    await marks.close();
    expect([appended.flat().length, marks.waiting(), clock.waiting()]).toEqual([1_500, 0, 0]);
  });
});
