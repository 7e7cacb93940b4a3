import { describe, expect, test } from "vitest";
import { ARTIFACT_INLINE_BYTES_MAX } from "../../src/core/limits.ts";
import type { Change, IndexRow } from "../../src/engine/ports.ts";
import { artifactOf, birth, delivery, entryOf, mailTo, next } from "../support/store-changes.ts";
import { eachTestHasAStore, type StoreWorld } from "./store-world.ts";

const [one, other] = [delivery(1), delivery(2)];
const WEBHOOK: IndexRow = { name: "webhook", key: "desk/risk" };
const BODY: IndexRow = { name: "body", key: "desk/risk/b" };
const SUBJECT: IndexRow = { name: "subject", key: "desk/thing" };

/** An actor whose first entry names these bytes, and brings them. */
function named(address: typeof one, body: ReturnType<typeof artifactOf>, index: readonly IndexRow[] = []): Change {
  const change = birth(address, { change: { artifacts: [body], index } });
  return { ...change, entries: [entryOf(0, { data: { sha256: body.ref.sha256 } })] };
}

/** What every `Store` promises of what is taken out of it. */
export function storeExpungeContract(name: string, openWorld: () => Promise<StoreWorld>): void {
  describe(`${name} takes out for good`, () => {
    const { store, reopen, commit } = eachTestHasAStore(openWorld);

    test.each([
      ["small", 10],
      ["large", ARTIFACT_INLINE_BYTES_MAX + 10],
    ])("%s bytes that one actor names, over a restart, and again without complaint", async (_size, bytes) => {
      const body = artifactOf(Buffer.alloc(bytes, 7));
      await commit(named(one, body));
      expect(await store().expunge(one, [body.ref.sha256], [])).toEqual([]);
      expect(await store().expunge(one, [body.ref.sha256], [])).toEqual([]);
      await reopen();
      expect([store().artifact(body.ref.sha256), store().stats().artifacts]).toEqual([undefined, 0]);
    });

    test("no bytes that another actor names, and says which", async () => {
      const [shared, own] = [artifactOf("shared"), artifactOf("own")];
      await commit(named(other, shared));
      await commit(named(one, own));
      expect(await store().expunge(one, [shared.ref.sha256, own.ref.sha256], [])).toEqual([shared.ref.sha256]);
      expect([store().artifact(shared.ref.sha256)?.length, store().artifact(own.ref.sha256)]).toEqual([6, undefined]);
    });

    test("bytes that the actor's own parts name too", async () => {
      const body = artifactOf("a draft");
      await commit(named(other, body));
      await commit(named(one, body));
      expect(await store().expunge(one, [body.ref.sha256], [], [other])).toEqual([]);
      expect(store().artifact(body.ref.sha256)).toBeUndefined();
    });

    test("no bytes that waiting mail names", async () => {
      const body = artifactOf("to come");
      await commit(named(one, body));
      await store().append([mailTo(other, { birth: { request: body.ref.sha256 } })]);
      expect(await store().expunge(one, [body.ref.sha256], [])).toEqual([body.ref.sha256]);
    });

    test("nothing that comes while it is at work", async () => {
      const body = artifactOf("both at once");
      await commit(named(one, body));
      await Promise.all([store().expunge(one, [body.ref.sha256], []), store().commit([named(other, body)])]);
      expect(Buffer.from(store().artifact(body.ref.sha256) ?? []).toString()).toBe("both at once");
    });

    test("bytes that come again afterwards not at all", async () => {
      const body = artifactOf("again");
      await commit(named(one, body));
      await store().expunge(one, [body.ref.sha256], []);
      await commit(named(other, body));
      expect(Buffer.from(store().artifact(body.ref.sha256) ?? []).toString()).toBe("again");
    });

    test("the actor's rows, but for those that stay, and nobody else's", async () => {
      await commit(named(one, artifactOf("1"), [WEBHOOK, BODY, SUBJECT]));
      await commit(named(other, artifactOf("2"), [WEBHOOK, BODY]));
      await store().expunge(one, [], [WEBHOOK]);
      const found = [WEBHOOK, BODY, SUBJECT].map((row) =>
        store()
          .find(row, { limit: 9 })
          .map(({ address }) => address),
      );
      expect(found.map((addresses) => addresses.toSorted())).toEqual([[one, other], [other], []]);
    });
  });

  describe(`${name} drops a journal`, () => {
    const { store, reopen, commit } = eachTestHasAStore(openWorld);

    test("before the entries of a change that forgets, and goes on from there", async () => {
      await commit(birth(one, { entries: 3 }));
      const before = store().read(one);
      if (before === undefined) throw new Error("not born");
      await commit({ ...next(before, { entries: 2 }), forgetsPast: true });
      await reopen();
      const after = store().read(one);
      if (after === undefined) throw new Error("not there");
      expect(
        store()
          .journal(one)
          .map(({ seq }) => seq),
      ).toEqual([3, 4]);
      await commit(next(after));
      expect(
        store()
          .journal(one)
          .map(({ seq }) => seq),
      ).toEqual([3, 4, 5]);
    });
  });
}
