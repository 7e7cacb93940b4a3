import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { openStore } from "../../src/adapters/store-lmdb.ts";
import { createMemoryStore, type MemoryStore } from "../../src/adapters/store-memory.ts";
import type { ActorRecord, Change, Store } from "../../src/engine/ports.ts";
import { artifactOf, birth, delivery, mailTo, next, subject, timerOf } from "../support/store-changes.ts";

/**
 * One workload on two stores. The memory store works every answer out of the records, the LMDB store keeps indexes from the
 * differences between records: whatever is done, both must answer alike.
 */
const root = mkdtempSync(join(tmpdir(), "qoc-equal-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const ACTORS = [delivery(7), delivery(3), subject("key"), delivery(11)];
const LANES = ["inbox", "seal"];

const actor = fc.integer({ min: 0, max: ACTORS.length - 1 });
const Step = fc.record({
  kind: fc.constant("step" as const),
  actor,
  entries: fc.integer({ min: 0, max: 3 }),
  asks: fc.array(fc.constantFrom(...LANES), { maxLength: 2 }),
  settles: fc.integer({ min: 0, max: 2 }),
  timers: fc.uniqueArray(fc.constantFrom("a", "b"), { maxLength: 2 }),
  at: fc.integer({ min: 0, max: 5 }),
  resting: fc.boolean(),
  stale: fc.boolean(),
  body: fc.constantFrom("x", "y"),
});
const Post = fc.record({ kind: fc.constant("post" as const), actor });
const Forget = fc.record({ kind: fc.constant("forget" as const), back: fc.integer({ min: 0, max: 3 }) });
const Reopen = fc.record({ kind: fc.constant("reopen" as const) });
const AnyCommand = fc.oneof({ weight: 6, arbitrary: Step }, Post, Forget, Reopen);
type Command = typeof AnyCommand extends fc.Arbitrary<infer T> ? T : never;
type StepCommand = Extract<Command, { readonly kind: "step" }>;

function changeFor(store: Store, older: ReadonlyMap<string, ActorRecord>, step: StepCommand): Change {
  const address = ACTORS[step.actor] ?? delivery(7);
  const { at, resting, timers } = step;
  const set = timers.map((id) => timerOf(id, at, at));
  const change = { artifacts: [artifactOf(step.body)], index: [{ name: "body", key: step.body } as const] };
  const before = (step.stale ? older.get(address) : undefined) ?? store.read(address);
  if (before === undefined)
    return birth(address, { entries: 1, asks: step.asks, change, record: { resting, timers: set, born_at: at } });
  const asks = step.entries === 0 ? [] : step.asks;
  const made = next(before, { entries: step.entries, asks });
  const pending = made.record.pending.slice(Math.min(step.settles, before.pending.length));
  return next(before, { entries: step.entries, asks, record: { resting, timers: set, pending } });
}

const outcomeOf = (done: Promise<unknown>): Promise<string> => done.then(() => "done", String);

function answersOf(store: Store): unknown {
  const lanes = [...store.lanes()].toSorted();
  return {
    lanes,
    open: lanes.map((lane) => store.open(lane, "", 100).map(({ address, effect }) => [address, effect])),
    due: store
      .due(4, 100)
      .map((timer) => JSON.stringify(timer))
      .toSorted(),
    nextDue: store.nextDue(),
    unfinished: [...store.unfinished("", 100)].toSorted(),
    found: ["x", "y"].map((key) =>
      store
        .find({ name: "body", key }, { limit: 100 })
        .map((hit) => JSON.stringify(hit))
        .toSorted(),
    ),
    since: store.find({ name: "body", key: "x" }, { limit: 100, since: 3 }).map(({ at }) => at),
    records: ACTORS.map((address) => store.read(address)),
    journals: ACTORS.map((address) => store.journal(address)),
    mail: [...store.mail()].map(({ position, mail }) => [position, mail.to]),
    stats: { ...store.stats(), bytes: 0 },
  };
}

type Pair = { memory: MemoryStore; lmdb: Store; readonly older: Map<string, ActorRecord>; readonly appended: number[] };

/** Does one thing to both stores and gives what each said to it. */
async function perform(pair: Pair, command: Command, dir: string): Promise<readonly unknown[]> {
  const { memory, lmdb, older, appended } = pair;
  switch (command.kind) {
    case "step": {
      const [ours, theirs] = [changeFor(memory, older, command), changeFor(lmdb, older, command)];
      const said = await Promise.all([outcomeOf(memory.commit([ours])), outcomeOf(lmdb.commit([theirs]))]);
      if (ours.before !== null) older.set(ours.before.address, ours.before);
      return said;
    }
    case "post": {
      const mail = [mailTo(ACTORS[command.actor] ?? delivery(7))];
      const said = [await memory.append(mail), await lmdb.append(mail)];
      appended.push(...said.slice(0, 1));
      return said;
    }
    case "forget": {
      const batch = appended.at(-1 - command.back);
      return batch === undefined ? [] : [memory.forget(batch), lmdb.forget(batch)];
    }
    case "reopen":
      await Promise.all([memory.close(), lmdb.close()]);
      pair.memory = createMemoryStore({ from: memory.snapshot() });
      pair.lmdb = await openStore(dir);
      return [];
  }
}

test("the LMDB store answers as the memory store does, whatever is done", { timeout: 60_000 }, async () => {
  let folders = 0;
  const answersAlike = fc.asyncProperty(fc.array(AnyCommand, { minLength: 5, maxLength: 25 }), async (commands) => {
    const dir = join(root, String((folders += 1)), "store");
    const pair: Pair = { memory: createMemoryStore(), lmdb: await openStore(dir), older: new Map(), appended: [] };
    try {
      for (const command of commands) {
        const [memorySaid, lmdbSaid] = await perform(pair, command, dir);
        expect(lmdbSaid).toEqual(memorySaid);
        expect(answersOf(pair.lmdb)).toEqual(answersOf(pair.memory));
      }
    } finally {
      await pair.lmdb.close();
    }
  });
  await fc.assert(answersAlike, { seed: 1, numRuns: 25 });
});
