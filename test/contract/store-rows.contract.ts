import { describe, expect, test } from "vitest";
import type { Address } from "../../src/core/ids.ts";
import type { ActorRecord, IndexRow } from "../../src/engine/ports.ts";
import { birth, delivery, next, subject, timerOf } from "../support/store-changes.ts";
import { eachTestHasAStore, type StoreWorld } from "./store-world.ts";

const [one, two] = [delivery(1), delivery(2)];

/** What every `Store` promises of the ways to find an actor again. */
export function storeRowsContract(name: string, openWorld: () => Promise<StoreWorld>): void {
  describe(`${name} finds actors by`, () => {
    const { store, reopen, commit } = eachTestHasAStore(openWorld);
    const idsIn = (lane: string): readonly string[] =>
      store()
        .open(lane, "", 100)
        .map(({ effect }) => effect);

    describe("pending effects, which", () => {
      test("stand in their lane in the order they were asked for, whatever the clock said", async () => {
        const a = await commit(birth(delivery(9), { asks: ["inbox", "seal", "inbox"], record: { changed_at: 5000 } }));
        const b = await commit(birth(one, { asks: ["inbox"], record: { changed_at: 10 } }));
        expect(idsIn("inbox")).toEqual([a.pending[0]?.id, a.pending[2]?.id, b.pending[0]?.id]);
        expect([...store().lanes()].toSorted()).toEqual(["inbox", "seal"]);
        await reopen();
        await commit(birth(two, { asks: ["inbox"] }));
        expect(idsIn("inbox")).toHaveLength(4);
        expect(idsIn("inbox").slice(0, 3)).toEqual([a.pending[0]?.id, a.pending[2]?.id, b.pending[0]?.id]);
      });

      test("keep their place while they are pending, and leave with their outcome, also after a restart", async () => {
        const a = await commit(birth(one, { asks: ["inbox"] }));
        const b = await commit(birth(two, { asks: ["inbox"] }));
        const started = next(a, {
          entries: 0,
          record: { pending: a.pending.map((effect) => ({ ...effect, started: true })) },
        });
        await store().commit([started]);
        expect(idsIn("inbox")).toEqual([a.pending[0]?.id, b.pending[0]?.id]);
        await reopen();
        const again = store().read(one);
        if (again === undefined) throw new Error("the actor is gone");
        await commit(next(again, { record: { pending: [] } }));
        expect(idsIn("inbox")).toEqual([b.pending[0]?.id]);
        await commit(next(b, { record: { pending: [] } }));
        expect(store().lanes()).toEqual([]);
      });

      test("are read page by page", async () => {
        const wanted: string[] = [];
        for (let number = 1; number <= 7; number += 1) {
          const { pending } = await commit(birth(delivery(number), { asks: ["inbox"] }));
          wanted.push(pending[0]?.id ?? "");
        }
        const seen: string[] = [];
        for (
          let page = store().open("inbox", "", 3);
          page.length > 0;
          page = store().open("inbox", page.at(-1)?.key ?? "", 3)
        ) {
          seen.push(...page.map(({ effect }) => effect));
        }
        expect(seen).toEqual(wanted);
      });
    });

    describe("timers, which", () => {
      test("are due earliest first, up to and with a time", async () => {
        const far = 1000 + 3 * 2 ** 31;
        await commit(birth(one, { record: { timers: [timerOf("a", 300), timerOf("b", 100)] } }));
        await commit(birth(two, { record: { timers: [timerOf("a", 200), timerOf("c", far)] } }));
        expect(store().nextDue()).toBe(100);
        expect(store().due(99, 10)).toEqual([]);
        expect(
          store()
            .due(300, 10)
            .map(({ at, address, id }) => [at, address, id]),
        ).toEqual([
          [100, one, "b"],
          [200, two, "a"],
          [300, one, "a"],
        ]);
        expect(store().due(300, 2)).toHaveLength(2);
        await reopen();
        expect(store().due(far, 10).at(-1)).toEqual({ at: far, address: two, id: "c", generation: 1 });
      });

      test("are unset, moved and renewed with the record", async () => {
        const a = await commit(birth(one, { record: { timers: [timerOf("a", 100), timerOf("b", 100)] } }));
        const b = await commit(next(a, { record: { timers: [timerOf("a", 100, 2), timerOf("b", 50)] } }));
        expect(
          store()
            .due(1000, 10)
            .map(({ at, id, generation }) => [at, id, generation]),
        ).toEqual([
          [50, "b", 1],
          [100, "a", 2],
        ]);
        await commit(next(b, { record: { timers: [] } }));
        expect(store().nextDue()).toBeUndefined();
      });
    });

    describe("not being at rest: unfinished actors", () => {
      test("are those not at rest, page by page, over a restart", async () => {
        const born: ActorRecord[] = [];
        for (const number of [5, 3, 8, 1]) born.push(await commit(birth(delivery(number))));
        const [, resting] = born;
        if (resting === undefined) throw new Error("nobody was born");
        const rests = await commit(next(resting, { record: { resting: true } }));
        await reopen();
        const seen: Address[] = [];
        for (let page = store().unfinished("", 2); page.length > 0; page = store().unfinished(page.at(-1) ?? "", 2)) {
          seen.push(...page);
        }
        expect(seen.toSorted()).toEqual([delivery(1), delivery(5), delivery(8)]);
        await commit(next(rests, { record: { resting: false } }));
        expect(store().unfinished("", 10)).toContain(delivery(3));
      });

      test("are counted", async () => {
        await commit(birth(one));
        await commit(birth(two, { record: { resting: true } }));
        const { actors, unfinished, schema, bytes } = store().stats();
        expect({ actors, unfinished, schema }).toEqual({ actors: 2, unfinished: 1, schema: 1 });
        expect(bytes).toBeGreaterThanOrEqual(0);
      });
    });

    describe("index rows, which", () => {
      const webhook: IndexRow = { name: "webhook", key: "desk/github" };
      const bornAt = (number: number, at: number, row = webhook): Promise<ActorRecord> =>
        commit(birth(delivery(number), { record: { born_at: at }, change: { index: [row] } }));

      test("find actors newest first", async () => {
        for (const [number, at] of [
          [1, 300],
          [2, 100],
          [3, 200],
        ] as const)
          await bornAt(number, at);
        await bornAt(4, 400, { name: "webhook", key: "desk/other" });
        await bornAt(5, 400, { name: "subject", key: "desk/github" });
        expect(store().find(webhook, { limit: 10 })).toEqual([
          { at: 300, address: delivery(1) },
          { at: 200, address: delivery(3) },
          { at: 100, address: delivery(2) },
        ]);
        expect(store().find(webhook, { limit: 2 })).toHaveLength(2);
        expect(
          store()
            .find(webhook, { limit: 10, since: 200 })
            .map(({ at }) => at),
        ).toEqual([300, 200]);
        expect(store().find({ name: "body", key: "none" }, { limit: 10 })).toEqual([]);
      });

      test("are read page by page without gap or repetition, also within one millisecond", async () => {
        for (let number = 1; number <= 9; number += 1) await bornAt(number, 100 + (number >> 2));
        await commit(birth(subject("s"), { record: { born_at: 101 }, change: { index: [webhook] } }));
        const seen: Address[] = [];
        for (let page = store().find(webhook, { limit: 2 }); page.length > 0;) {
          seen.push(...page.map(({ address }) => address));
          const before = page.at(-1);
          page = before === undefined ? [] : store().find(webhook, { limit: 2, before });
        }
        expect(seen.toSorted()).toEqual(
          [...Array.from({ length: 9 }, (_, at) => delivery(at + 1)), subject("s")].toSorted(),
        );
      });
    });

    describe("their births, of which", () => {
      test("all are listed in order, page by page, at rest or not, over a restart", async () => {
        const born = [delivery(7), subject("a"), delivery(3), delivery(5)];
        for (const address of born) await commit(birth(address, { record: { resting: address === delivery(3) } }));
        await reopen();
        expect(store().addresses("", 3)).toEqual(born.slice(0, 3));
        expect(store().addresses(delivery(3), 3)).toEqual([delivery(5)]);
        expect(store().addresses(delivery(5), 3)).toEqual([]);
      });
    });
  });
}
