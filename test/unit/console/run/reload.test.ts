/** Reading again as a run changes, and reading its past while somebody drags: few questions, and no answer that comes too late. */
import { describe, expect, test } from "vitest";
import { RELOAD_DEBOUNCE_MS, reloader } from "../../../../src/console/run/reload.ts";
import { REPLAYS_KEPT_MAX, replayReader, SCRUB_DEBOUNCE_MS } from "../../../../src/console/run/replay-reader.ts";

/** Waits that end when the test says so. */
function waiting() {
  let waits: { readonly call: () => void; readonly ms: number }[] = [];
  return {
    wait: (call: () => void, ms: number) => {
      const one = { call, ms };
      waits.push(one);
      return () => {
        waits = waits.filter((each) => each !== one);
      };
    },
    lengths: () => waits.map(({ ms }) => ms),
    pass: async () => {
      const due = waits;
      waits = [];
      for (const { call } of due) call();
      await settle();
    },
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A question that is answered when the test says so. */
function asking() {
  const open: { readonly seq: number; readonly answer: (says: string) => void; readonly fail: (why: Error) => void }[] =
    [];
  return {
    open,
    read: (seq: number) => new Promise<string>((answer, fail) => void open.push({ seq, answer, fail })),
  };
}

describe("reading again", () => {
  test("happens once for many changes, a tenth of a second after the first", async () => {
    const { wait, lengths, pass } = waiting();
    let loads = 0;
    const { changed } = reloader(() => Promise.resolve(void (loads += 1)), wait);
    await settle();
    for (let i = 0; i < 50; i += 1) changed();
    expect([loads, lengths()]).toEqual([1, [RELOAD_DEBOUNCE_MS]]);
    await pass();
    expect([loads, lengths()]).toEqual([2, []]);
  });
  test("does not begin while another is under way, and begins once that is done", async () => {
    const { wait, pass } = waiting();
    const ends: (() => void)[] = [];
    const { changed } = reloader(() => new Promise<void>((end) => void ends.push(end)), wait);
    changed();
    await pass();
    changed();
    await pass();
    expect(ends.length).toBe(1);
    ends[0]?.();
    await settle();
    await pass();
    expect(ends.length).toBe(2);
    ends[1]?.();
    await settle();
    await pass();
    expect(ends.length).toBe(2);
  });
  test("gathers changes for as long as it is told to", async () => {
    const { wait, lengths } = waiting();
    const { changed } = reloader(
      () => Promise.resolve(),
      wait,
      () => 1000,
    );
    await settle();
    changed();
    expect(lengths()).toEqual([1000]);
  });
  test("ends with the page", async () => {
    const { wait, pass, lengths } = waiting();
    let loads = 0;
    const { changed, stop } = reloader(() => Promise.resolve(void (loads += 1)), wait);
    await settle();
    changed();
    stop();
    changed();
    await pass();
    expect([loads, lengths()]).toEqual([1, []]);
  });
});

describe("reading the past", () => {
  const told = () => {
    const shown: (readonly [number, string])[] = [];
    const failed: number[] = [];
    return {
      shown,
      failed,
      told: {
        show: (seq: number, says: string) => void shown.push([seq, says]),
        fail: (seq: number) => void failed.push(seq),
      },
    };
  };
  test("asks for the row where the scrubber rests, and for none that it passed", async () => {
    const { wait, lengths, pass } = waiting();
    const { open, read } = asking();
    const reader = replayReader(read, wait, told().told);
    for (let seq = 1; seq <= 40; seq += 1) reader.moveTo(seq);
    expect(lengths()).toEqual([SCRUB_DEBOUNCE_MS]);
    await pass();
    expect(open.map(({ seq }) => seq)).toEqual([40]);
  });
  test("drops an answer that comes after the scrubber went on, and shows it at once when it comes back", async () => {
    const { wait, pass } = waiting();
    const { open, read } = asking();
    const { shown, told: tells } = told();
    const reader = replayReader(read, wait, tells);
    reader.moveTo(3);
    await pass();
    reader.moveTo(4);
    await pass();
    open[1]?.answer("four");
    open[0]?.answer("three");
    await settle();
    expect(shown).toEqual([[4, "four"]]);
    reader.moveTo(3);
    expect(shown).toEqual([
      [4, "four"],
      [3, "three"],
    ]);
    expect(open.length).toBe(2);
  });
  test("shows nothing of the past once it is at now, nor a fault of a row that was left", async () => {
    const { wait, pass } = waiting();
    const { open, read } = asking();
    const { shown, failed, told: tells } = told();
    const reader = replayReader(read, wait, tells);
    reader.moveTo(3);
    await pass();
    reader.moveTo(null);
    open[0]?.answer("three");
    reader.moveTo(5);
    await pass();
    reader.moveTo(null);
    open[1]?.fail(new Error("gone"));
    await settle();
    expect([shown, failed]).toEqual([[], []]);
  });
  test("tells what came instead of the row, and asks again when it comes back to it", async () => {
    const { wait, pass } = waiting();
    const { open, read } = asking();
    const { failed, told: tells } = told();
    const reader = replayReader(read, wait, tells);
    reader.moveTo(3);
    await pass();
    open[0]?.fail(new Error("unreachable"));
    await settle();
    expect(failed).toEqual([3]);
    reader.moveTo(3);
    await pass();
    expect(open.length).toBe(2);
  });
  test("remembers a bounded number of rows, those asked for last", async () => {
    const { wait, pass } = waiting();
    let reads = 0;
    const reader = replayReader((seq) => ((reads += 1), Promise.resolve(String(seq))), wait, told().told);
    for (let seq = 0; seq <= REPLAYS_KEPT_MAX; seq += 1) {
      reader.moveTo(seq);
      await pass();
    }
    reader.moveTo(REPLAYS_KEPT_MAX);
    await pass();
    expect(reads).toBe(REPLAYS_KEPT_MAX + 1);
    reader.moveTo(0);
    await pass();
    expect(reads).toBe(REPLAYS_KEPT_MAX + 2);
  });
});
