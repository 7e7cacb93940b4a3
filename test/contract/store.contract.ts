import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { StaleSequence, type Change } from "../../src/engine/ports.ts";
import { artifactOf, birth, delivery, entryOf, mailTo, next, subject, timerOf } from "../support/store-changes.ts";
import { eachTestHasAStore, type StoreWorld } from "./store-world.ts";

const [one, two, three] = [delivery(1), delivery(2), delivery(3)];

/** What every `Store` promises, whatever it is made of. */
export function storeContract(name: string, openWorld: () => Promise<StoreWorld>): void {
  describe(`${name} is a Store`, () => {
    const { store, reopen, commit } = eachTestHasAStore(openWorld);

    describe("mail", () => {
      test("comes back in order, batch by batch, whole", async () => {
        const body = artifactOf(Buffer.from([0, 255, 10]));
        const first = mailTo(one, { birth: { run: "x" }, artifacts: [body], index: [{ name: "body", key: "k" }] });
        const a = await store().append([first, mailTo(two)]);
        const b = await store().append([mailTo(three)]);
        expect(b).toBeGreaterThan(a);
        const found = [...store().mail()];
        expect(found.map(({ position }) => position)).toEqual([
          [a, 0],
          [a, 1],
          [b, 0],
        ]);
        expect(found.map(({ mail }) => mail.to)).toEqual([one, two, three]);
        expect({ ...found[0]?.mail, artifacts: [] }).toEqual({ ...first, artifacts: [] });
        expect(Buffer.from(found[0]?.mail.artifacts[0]?.bytes ?? [])).toEqual(Buffer.from(body.bytes));
        expect(found[0]?.mail.artifacts[0]?.ref).toEqual(body.ref);
      });

      test("is there after a restart", async () => {
        await store().append([mailTo(one)]);
        await reopen();
        expect([...store().mail()].map(({ mail }) => mail.to)).toEqual([one]);
      });

      test("is gone when forgotten, and stays so over a close", async () => {
        const a = await store().append([mailTo(one)]);
        await store().append([mailTo(two)]);
        store().forget(a);
        expect([...store().mail()].map(({ mail }) => mail.to)).toEqual([two]);
        expect(store().stats().mail_batches).toBe(1);
        await reopen();
        expect([...store().mail()].map(({ mail }) => mail.to)).toEqual([two]);
      });

      test("never gets a number that was used before, also when all mail was forgotten before a restart", async () => {
        const a = await store().append([mailTo(one)]);
        store().forget(a);
        await reopen();
        expect(await store().append([mailTo(two)])).toBeGreaterThan(a);
      });

      test("can hold a body of 25 MB", async () => {
        const body = artifactOf(Buffer.alloc(25 * 1024 * 1024, 7));
        await store().append([mailTo(one, { artifacts: [body] })]);
        const [found] = [...store().mail()];
        expect(Buffer.compare(found?.mail.artifacts[0]?.bytes ?? new Uint8Array(), body.bytes)).toBe(0);
      });
    });

    describe("commit", () => {
      test("keeps record, journal and artifacts over a restart", async () => {
        const body = artifactOf("hello");
        const born = await commit(birth(one, { entries: 2, change: { artifacts: [body] } }));
        const change = next(born, { record: { state: "recorded", applied: [1, 0] } });
        await store().commit([change]);
        await reopen();
        expect(store().read(one)).toEqual(change.record);
        expect(store().journal(one)).toEqual([...birth(one, { entries: 2 }).entries, ...change.entries]);
        expect(Buffer.from(store().artifact(body.ref.sha256) ?? [])).toEqual(Buffer.from("hello"));
      });

      test("gives back a record that is equal to the last detail: so one that was kept though reported as failed is known", async () => {
        const parked = { reason: "broken", at: 1, birth: null, events: [] };
        const committed = await commit(birth(one, { asks: ["inbox"], record: { parked, timers: [timerOf("t", 5)] } }));
        expect(isDeepStrictEqual(store().read(one), committed)).toBe(true);
        await reopen();
        expect(isDeepStrictEqual(store().read(one), committed)).toBe(true);
      });

      test("keeps all that an entry says", async () => {
        const basis = [artifactOf("x").ref.sha256];
        const entry = entryOf(0, {
          from: null,
          guard: "isInOrder",
          by: "operator",
          observations: [{ name: "order", value: { verdict: ["in_order", null, 4.5] }, basis }],
          data: { text: "line\nbreak \u{1F600}", nested: { __proto__x: [] } },
        });
        await store().commit([{ ...birth(one), entries: [entry] }]);
        expect(store().journal(one)).toEqual([entry]);
      });

      test("keeps an actor of any address", async () => {
        const odd = subject(`${"k".repeat(900)} \0 \u{1F600} [x]`);
        const born = await commit(birth(odd, { asks: ["inbox"], record: { timers: [timerOf("t", 5)] } }));
        expect(store().read(odd)).toEqual(born);
        expect(store().unfinished("", 10)).toEqual([odd]);
        expect(
          store()
            .open("inbox", "", 10)
            .map(({ address }) => address),
        ).toEqual([odd]);
        expect(
          store()
            .due(5, 10)
            .map(({ address }) => address),
        ).toEqual([odd]);
      });

      test("knows nothing of what was never committed", () => {
        expect(store().read(one)).toBeUndefined();
        expect(store().journal(one)).toEqual([]);
        expect(store().artifact(artifactOf("x").ref.sha256)).toBeUndefined();
      });

      test("of two that are born under one address, one is", async () => {
        const results = await Promise.allSettled([
          store().commit([birth(one, { record: { state: "a" } })]),
          store().commit([birth(one, { record: { state: "b" } })]),
        ]);
        expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        expect(store().journal(one)).toHaveLength(1);
      });

      test("of two writers from the same record one wins, and the loser leaves nothing", async () => {
        const born = await commit(birth(one));
        const lost = artifactOf("lost");
        const results = await Promise.allSettled([
          store().commit([next(born, { record: { state: "won" } })]),
          store().commit([next(born, { record: { state: "lost" }, change: { artifacts: [lost] }, asks: ["inbox"] })]),
        ]);
        expect(results).toEqual([
          { status: "fulfilled", value: undefined },
          { status: "rejected", reason: new StaleSequence(one) },
        ]);
        expect(store().read(one)?.state).toBe("won");
        expect(store().journal(one)).toHaveLength(2);
        expect(store().artifact(lost.ref.sha256)).toBeUndefined();
        expect(store().lanes()).toEqual([]);
      });

      test("of two writers one wins also where the sequence does not change", async () => {
        const born = await commit(birth(one, { asks: ["a", "b"] }));
        const started = (which: number): Change =>
          next(born, {
            entries: 0,
            record: { pending: born.pending.map((effect, at) => ({ ...effect, started: at === which })) },
          });
        const results = await Promise.allSettled([store().commit([started(0)]), store().commit([started(1)])]);
        expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
        expect(
          store()
            .read(one)
            ?.pending.map((effect) => effect.started),
        ).toEqual([true, false]);
      });

      test("takes a copy of what was read for the record itself", async () => {
        const born = await commit(birth(one, { asks: ["inbox"] }));
        await store().commit([next(structuredClone(born), { record: { pending: [] } })]);
        expect(store().lanes()).toEqual([]);
        await expect(store().commit([next(structuredClone(born))])).rejects.toThrow(new StaleSequence(one));
      });

      test("builds on a record whose commit is still under way, and fails with it", async () => {
        const born = await commit(birth(one));
        const first = next(born, { record: { state: "first" } });
        const second = next(first.record, { record: { state: "second" } });
        await Promise.all([store().commit([first]), store().commit([second])]);
        expect(store().read(one)?.state).toBe("second");
        const stale = next(born, { record: { state: "stale" } });
        const onStale = next(stale.record);
        const results = await Promise.allSettled([store().commit([stale]), store().commit([onStale])]);
        expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
        expect(store().read(one)?.state).toBe("second");
      });

      test("of several actors is all or nothing, and names the one that has moved on", async () => {
        const [a, b] = [await commit(birth(one)), await commit(birth(two))];
        await commit(next(b, { record: { state: "moved" } }));
        const all = [birth(three), next(a, { record: { state: "x" } }), next(b, { record: { state: "y" } })];
        for (const changes of [
          all,
          all.toReversed(),
          [all[2], all[0], all[1]].filter((change) => change !== undefined),
        ]) {
          await expect(store().commit(changes)).rejects.toThrow(new StaleSequence(two));
          expect(store().read(three)).toBeUndefined();
          expect(store().read(one)).toEqual(a);
          expect(store().unfinished("", 10)).toEqual([one, two]);
        }
        await store().commit([birth(three), next(a, { record: { state: "x" } })]);
        expect([store().read(three)?.state, store().read(one)?.state]).toEqual(["received", "x"]);
      });

      test("of several steps of one actor keeps them in order, or none", async () => {
        const born = birth(one);
        const then = next(born.record, { record: { state: "second" } });
        await store().commit([born, then]);
        expect(store().read(one)?.state).toBe("second");
        expect(
          store()
            .journal(one)
            .map(({ seq }) => seq),
        ).toEqual([0, 1]);
        const third = next(then.record);
        await expect(store().commit([third, next(then.record)])).rejects.toThrow(StaleSequence);
        expect(store().read(one)?.sequence).toBe(2);
      });

      test("of nothing is done", async () => {
        await expect(store().commit([])).resolves.toBeUndefined();
      });

      test("can be seen when it resolves, and not in the turn that it was asked for", async () => {
        const committing = store().commit([birth(one)]);
        expect(store().read(one)).toBeUndefined();
        await committing;
        expect(store().read(one)).toBeDefined();
      });

      test("keeps bytes once that come twice", async () => {
        const body = artifactOf("same");
        await commit(birth(one, { change: { artifacts: [body] } }));
        await commit(birth(two, { change: { artifacts: [body] } }));
        expect(store().stats().artifacts).toBe(1);
      });

      test.each([0, 1, 256 * 1024, 256 * 1024 + 1, 3 * 1024 * 1024])(
        "keeps an artifact of %i bytes",
        async (length) => {
          const body = artifactOf(Buffer.alloc(length, "ab"));
          await commit(birth(one, { change: { artifacts: [body] } }));
          await reopen();
          expect(Buffer.compare(store().artifact(body.ref.sha256) ?? Buffer.from("absent"), body.bytes)).toBe(0);
        },
      );
    });

    test("closes when what was under way is kept", async () => {
      const under: Promise<unknown>[] = [store().append([mailTo(one)]), store().commit([birth(one)])];
      await Promise.resolve();
      const large = artifactOf("large".repeat(100_000));
      under.push(store().commit([birth(two, { change: { artifacts: [large] } })]), store().commit([birth(three)]));
      await store().close();
      expect((await Promise.allSettled(under)).map(({ status }) => status)).toEqual(under.map(() => "fulfilled"));
      await reopen();
      expect(store().stats()).toMatchObject({ actors: 3, mail_batches: 1 });
    });

    test("refuses every call once it is closed, and closes twice", async () => {
      await store().close();
      await store().close();
      expect(() => store().read(one)).toThrow("the store is open");
      await expect(store().append([mailTo(one)])).rejects.toThrow("the store is open");
      await expect(store().commit([birth(one)])).rejects.toThrow("the store is open");
    });
  });
}
