import { describe, expect, test } from "vitest";
import { createMemoryStore, type MemoryOptions } from "../../../src/adapters/store-memory.ts";
import { createMailLog, type MailLog, type MailLogLimits } from "../../../src/engine/mail-log.ts";
import { Overloaded, type PlacedMail } from "../../../src/engine/ports.ts";
import { faultAt } from "../../support/faulty-store.ts";
import { artifactOf } from "../../support/store-changes.ts";
import { a, b, c, mailFor, rest } from "./toy-desk.ts";

const LIMITS: MailLogLimits = { batchMax: 3, waitingMax: 10, waitingBytesMax: 100_000 };

function world(options: MemoryOptions = {}, limits: Partial<MailLogLimits> = {}) {
  const store = createMemoryStore(options);
  const log = createMailLog(store, { ...LIMITS, ...limits });
  return { store, log };
}

/** A store whose writes reach the disk when the test says so. */
function heldWorld() {
  const flushes: (() => void)[] = [];
  const held = world({ flushLater: (flush) => flushes.push(flush) });
  return { ...held, flush: () => flushes.splice(0).forEach((flush) => flush()) };
}

const takeAll = (log: MailLog): readonly PlacedMail[] => log.take(1000);
const addressees = (placed: readonly PlacedMail[]): readonly string[] => placed.map(({ mail }) => mail.to);
const positions = (placed: readonly PlacedMail[]): readonly unknown[] => placed.map(({ position }) => position);

describe("posting", () => {
  test("resolves when the mail is durable, and not before", async () => {
    const { store, log, flush } = heldWorld();
    let isDurable = false;
    void log.post(mailFor(a, ["TOLD"])).then(() => (isDurable = true));
    await rest();
    expect({ isDurable, ready: log.ready() }).toEqual({ isDurable: false, ready: 0 });
    flush();
    await rest();
    expect({ isDurable, ready: log.ready(), kept: [...store.mail()].length }).toEqual({
      isDurable: true,
      ready: 1,
      kept: 1,
    });
  });

  test("shares one append with what is posted in the same turn", async () => {
    const { store, log } = world();
    await Promise.all([a, b, c].map((to) => log.post(mailFor(to, ["TOLD"]))));
    expect(store.stats().mail_batches).toBe(1);
    expect(positions(takeAll(log))).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
    ]);
  });

  test("shares the next append when one is under way", async () => {
    const { store, log, flush } = heldWorld();
    const first = log.post(mailFor(a, ["TOLD"]));
    await rest();
    const others = [b, c].map((to) => log.post(mailFor(to, ["TOLD"])));
    flush();
    await first;
    await rest();
    flush();
    await Promise.all(others);
    expect(positions([...store.mail()])).toEqual([
      [1, 0],
      [2, 0],
      [2, 1],
    ]);
  });

  test("puts no more than `batchMax` into one append, and keeps the order of the posts", async () => {
    const { store, log } = world();
    await Promise.all([a, b, c, b, a].map((to) => log.post(mailFor(to, ["TOLD"]))));
    expect(store.stats().mail_batches).toBe(2);
    expect(addressees(takeAll(log))).toEqual([a, b, c, b, a]);
  });

  test("is refused as overloaded when too much mail waits, until some is taken in", async () => {
    const { log } = world({}, { waitingMax: 2 });
    await Promise.all([a, b].map((to) => log.post(mailFor(to, ["TOLD"]))));
    await expect(log.post(mailFor(c, ["TOLD"]))).rejects.toThrow(Overloaded);
    const [first] = takeAll(log);
    if (first !== undefined) log.absorbed(first);
    await log.post(mailFor(c, ["TOLD"]));
    expect(log.waiting()).toBe(2);
  });

  test("is refused as overloaded when too many bytes wait, until they are taken in", async () => {
    const { log } = world({}, { waitingBytesMax: 5000 });
    await log.post(mailFor(a, ["TOLD"], { artifacts: [artifactOf("x".repeat(5000))] }));
    await expect(log.post(mailFor(b, ["TOLD"]))).rejects.toThrow(Overloaded);
    for (const placed of takeAll(log)) log.absorbed(placed);
    await log.post(mailFor(b, ["TOLD"]));
    expect(log.waiting()).toBe(1);
  });

  test("leaves nothing of what was refused as overloaded", async () => {
    const { log } = world({}, { waitingMax: 0 });
    await expect(log.post(mailFor(a, ["TOLD"]))).rejects.toThrow(Overloaded);
    expect({ holds: log.holds(a), waiting: log.waiting(), posted: log.posted() }).toEqual({
      holds: false,
      waiting: 0,
      posted: 0,
    });
  });
});

describe("an append that fails", () => {
  const row = { name: "body", key: "desk/hook/hash" } as const;

  test("rejects all of its posters with the store's error", async () => {
    const { log } = world({ faults: faultAt(1, "lost") });
    const posts = await Promise.allSettled([a, b].map((to) => log.post(mailFor(to, ["TOLD"]))));
    expect(posts).toEqual([
      { status: "rejected", reason: new Error("write 1 failed") },
      { status: "rejected", reason: new Error("write 1 failed") },
    ]);
    expect(takeAll(log)).toEqual([]);
  });

  test("rejects mail to the same address that was posted behind it, and no other", async () => {
    const { log } = world({ faults: faultAt(1, "lost") }, { batchMax: 1 });
    const posts = [mailFor(a, ["TOLD"], { birth: {} }), mailFor(a, ["TOLD"]), mailFor(b, ["TOLD"])];
    const settled = await Promise.allSettled(posts.map((mail) => log.post(mail)));
    expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    expect(addressees(takeAll(log))).toEqual([b]);
  });

  test("is forgotten: its addresses and index rows are unknown again", async () => {
    const { log } = world({ faults: faultAt(1, "lost") });
    await expect(log.post(mailFor(a, ["TOLD"], { birth: {}, index: [row] }))).rejects.toThrow("write 1 failed");
    expect({ holds: log.holds(a), under: log.waitingUnder(row), waiting: log.waiting() }).toEqual({
      holds: false,
      under: undefined,
      waiting: 0,
    });
  });

  test.each(["lost", "kept"] as const)("and was %s is behind the mail that is posted next", async (fault) => {
    const { store, log } = world({ faults: faultAt(1, fault) });
    await expect(log.post(mailFor(a, ["TOLD"]))).rejects.toThrow("write 1 failed");
    await log.post(mailFor(b, ["TOLD"]));
    expect(addressees(takeAll(log))).toEqual([b]);
    expect(addressees([...store.mail()])).toEqual([b]);
  });

  test("and was kept does not stand before another birth of the same actor after a restart", async () => {
    const { store, log } = world({ faults: faultAt(1, "kept") });
    await expect(log.post(mailFor(a, ["TOLD"], { birth: { body: "first" } }))).rejects.toThrow("write 1 failed");
    await log.post(mailFor(a, ["TOLD"], { birth: { body: "second" } }));
    const again = world({ from: store.crash() }).log;
    again.recover();
    expect(again.waitingFor(a).map(({ birth }) => birth)).toEqual([{ body: "second" }]);
  });

  test("and was kept is found by the next process when nothing was posted behind it", async () => {
    const { store, log } = world({ faults: faultAt(1, "kept") });
    await expect(log.post(mailFor(a, ["TOLD"]))).rejects.toThrow("write 1 failed");
    const again = world({ from: store.crash() });
    again.log.recover();
    await again.log.post(mailFor(b, ["TOLD"]));
    expect(positions(takeAll(again.log))).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });
});

describe("recovered mail", () => {
  test("is handed out again, oldest first and before what is posted", async () => {
    const { store, log } = world();
    await log.post(mailFor(a, ["TOLD"]));
    await log.post(mailFor(b, ["TOLD"]));
    const again = world({ from: store.crash() }).log;
    again.recover();
    await again.post(mailFor(c, ["TOLD"]));
    expect(addressees(takeAll(again))).toEqual([a, b, c]);
  });

  test("is known by address and by index row", async () => {
    const row = { name: "body", key: "k" } as const;
    const { store, log } = world();
    await log.post(mailFor(a, ["TOLD"], { birth: {}, index: [row] }));
    const again = world({ from: store.crash() }).log;
    again.recover();
    expect(again.holds(a)).toBe(true);
    expect(again.waitingUnder(row)).toBe(a);
  });

  test("does not come back once it was forgotten and something was appended since", async () => {
    const { store, log } = world();
    await log.post(mailFor(a, ["TOLD"]));
    for (const placed of takeAll(log)) log.absorbed(placed);
    await log.post(mailFor(b, ["TOLD"]));
    const again = world({ from: store.crash() }).log;
    again.recover();
    expect(addressees(takeAll(again))).toEqual([b]);
  });
});

describe("mail is forgotten", () => {
  async function threeBatches() {
    const made = world({}, { batchMax: 2 });
    await Promise.all([a, b, c, a, b].map((to) => made.log.post(mailFor(to, ["TOLD"]))));
    const placed = takeAll(made.log);
    const left = (): readonly unknown[] => positions([...made.store.mail()]);
    const absorb = (...nth: readonly number[]): void => {
      for (const at of nth) {
        const one = placed[at];
        if (one !== undefined) made.log.absorbed(one);
      }
    };
    return { left, absorb };
  }

  test("when all mail of its batch is taken in", async () => {
    const { left, absorb } = await threeBatches();
    absorb(0);
    expect(left()).toHaveLength(5);
    absorb(1);
    expect(left()).toEqual([
      [2, 0],
      [2, 1],
      [3, 0],
    ]);
  });

  test("from the oldest on only: a later batch waits for those before it", async () => {
    const { left, absorb } = await threeBatches();
    absorb(2, 3, 4);
    expect(left()).toHaveLength(5);
    absorb(1, 0);
    expect(left()).toEqual([]);
  });
});

describe("the log is drained", () => {
  test("when all mail posted before the question is taken in, whatever comes later", async () => {
    const { log } = world();
    await Promise.all([a, b].map((to) => log.post(mailFor(to, ["TOLD"]))));
    let isDrained = false;
    void log.drained().then(() => (isDrained = true));
    await log.post(mailFor(c, ["TOLD"]));
    const [first, second] = takeAll(log);
    if (second !== undefined) log.absorbed(second);
    await rest();
    expect(isDrained).toBe(false);
    if (first !== undefined) log.absorbed(first);
    await rest();
    expect({ isDrained, waiting: log.waiting() }).toEqual({ isDrained: true, waiting: 1 });
  });

  test("when the mail that was waited for could not be kept", async () => {
    const { log } = world({ faults: faultAt(1, "lost") });
    const post = log.post(mailFor(a, ["TOLD"]));
    const drained = log.drained();
    await expect(post).rejects.toThrow("write 1 failed");
    await expect(drained).resolves.toBeUndefined();
  });

  test("at once when no mail waits", async () => {
    await expect(world().log.drained()).resolves.toBeUndefined();
  });
});

test("the log is settled when no append is under way", async () => {
  const { log, flush } = heldWorld();
  await log.settled();
  let isSettled = false;
  const post = log.post(mailFor(a, ["TOLD"]));
  void log.settled().then(() => (isSettled = true));
  await rest();
  expect(isSettled).toBe(false);
  flush();
  await post;
  await rest();
  expect(isSettled).toBe(true);
});

test("what waits for an address is told oldest first", async () => {
  const { log } = world();
  const all = [mailFor(a, ["TOLD"], { birth: {} }), mailFor(b, ["TOLD"]), mailFor(a, ["WORK"])];
  await Promise.all(all.map((mail) => log.post(mail)));
  expect(log.waitingFor(a)).toEqual([all[0], all[2]]);
  expect(log.waitingFor(c)).toEqual([]);
});
