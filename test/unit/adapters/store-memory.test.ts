import { describe, expect, test } from "vitest";
import { createMemoryStore } from "../../../src/adapters/store-memory.ts";
import type { Change } from "../../../src/engine/ports.ts";
import { artifactOf, birth, delivery, entryOf, mailTo, next, timerOf } from "../../support/store-changes.ts";

const one = delivery(1);
const born = birth(one, { asks: ["inbox"] });

/** A store whose writes stay under way until `flush` is called. */
function heldStore(): { readonly store: ReturnType<typeof createMemoryStore>; readonly flush: () => void } {
  const flushes: (() => void)[] = [];
  const store = createMemoryStore({ flushLater: (flush) => flushes.push(flush) });
  return { store, flush: () => flushes.splice(0).forEach((flush) => flush()) };
}

describe("the memory store refuses a caller's mistake:", () => {
  const body = artifactOf("body");
  const other = artifactOf("other");
  test.each<readonly [string, Change]>([
    ["entries that are not contiguous", { ...birth(one, { entries: 2 }), entries: [entryOf(0), entryOf(2)] }],
    ["a sequence that is not the number of entries", birth(one, { record: { sequence: 7 } })],
    ["another address than before", { ...next(born.record), record: birth(delivery(2)).record }],
    ["another time of birth than before", next(born.record, { record: { born_at: 1 } })],
    ["an effect that no entry asked for", { ...born, entries: [entryOf(0)] }],
    [
      "an effect that is pending twice",
      birth(one, { record: { pending: [...born.record.pending, ...born.record.pending] } }),
    ],
    [
      "an effect of another actor",
      birth(one, { record: { pending: birth(delivery(2), { asks: ["inbox"] }).record.pending } }),
    ],
    ["an effect without a lane", birth(one, { asks: [""] })],
    ["a timer that is set twice", birth(one, { record: { timers: [timerOf("t", 1), timerOf("t", 2)] } })],
    [
      "bytes under another hash",
      birth(one, { change: { artifacts: [{ ref: body.ref, bytes: Buffer.from("yodb") }] } }),
    ],
    [
      "bytes of another length",
      birth(one, { change: { artifacts: [{ ref: { ...other.ref, bytes: 1 }, bytes: other.bytes }] } }),
    ],
  ])("%s", async (_, change) => {
    const store = createMemoryStore();
    if (change.before !== null) await store.commit([born]);
    await expect(store.commit([change])).rejects.toThrow("assertion failed");
    expect(store.journal(one)).toHaveLength(change.before === null ? 0 : 1);
  });

  test("an effect that changes its lane or becomes unstarted", async () => {
    const store = createMemoryStore();
    await store.commit([born]);
    const [effect] = born.record.pending;
    if (effect === undefined) throw new Error("nothing is pending");
    const started = next(born.record, { entries: 0, record: { pending: [{ ...effect, started: true }] } });
    await store.commit([started]);
    for (const changed of [{ ...effect, started: true, lane: "seal" }, effect]) {
      const change = next(started.record, { entries: 0, record: { pending: [changed] } });
      await expect(store.commit([change])).rejects.toThrow("assertion failed");
    }
  });

  test("appends that overlap, and a batch of nothing", async () => {
    const store = createMemoryStore();
    const first = store.append([mailTo(one)]);
    await expect(store.append([mailTo(one)])).rejects.toThrow("appends do not overlap");
    await first;
    await expect(store.append([])).rejects.toThrow("a batch holds mail");
    await expect(store.append([mailTo(one, { events: [] })])).rejects.toThrow("mail tells something");
    expect(() => store.forget(99)).toThrow("batch 99 was appended");
  });

  test("a change to what was given or read", async () => {
    const store = createMemoryStore();
    const context = { count: 1 };
    await store.commit([birth(one, { record: { snapshot: context } })]);
    context.count = 2;
    const read = store.read(one);
    expect(read?.snapshot).toEqual({ count: 1 });
    expect(() => Object.assign(read ?? {}, { state: "other" })).toThrow(TypeError);
  });
});

describe("a power cut in the memory store", () => {
  test("takes what was under way, and nothing that was flushed", async () => {
    const { store, flush } = heldStore();
    const kept = store.commit([born]);
    flush();
    await kept;
    let settled = false;
    const settle = (): boolean => (settled = true);
    void store.commit([next(born.record)]).then(settle, settle);
    void store.append([mailTo(one)]).then(settle, settle);
    const after = createMemoryStore({ from: store.crash() });
    flush();
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(false);
    expect(after.read(one)).toEqual(born.record);
    expect([...after.mail()]).toEqual([]);
  });

  test("may leave writes that nobody was told of", () => {
    const { store } = heldStore();
    void store.commit([born]);
    void store.append([mailTo(one)]);
    const after = createMemoryStore({ from: store.crash(1) });
    expect(after.read(one)).toEqual(born.record);
    expect([...after.mail()]).toEqual([]);
  });

  test("brings back mail that was forgotten and not yet dropped", async () => {
    const store = createMemoryStore();
    store.forget(await store.append([mailTo(one)]));
    expect([...store.mail()]).toEqual([]);
    expect([...createMemoryStore({ from: store.crash() }).mail()]).toHaveLength(1);
  });

  test("leaves a store to whoever still holds it, which does nothing", async () => {
    const store = createMemoryStore();
    await store.commit([born]);
    const state = store.crash();
    void store.commit([next(born.record)]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(store.read(one)).toEqual(born.record);
    expect(state.actors.get(one)).toEqual(born.record);
    await expect(store.close()).resolves.toBeUndefined();
  });
});

test("a snapshot is a copy", async () => {
  const store = createMemoryStore();
  await store.commit([born]);
  const snapshot = store.snapshot();
  await store.commit([next(born.record)]);
  expect(snapshot.journals.get(one)).toHaveLength(1);
  expect(snapshot).not.toEqual(store.snapshot());
});
