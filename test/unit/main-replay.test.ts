/** Going back and forth in runs of any length, without holding up the daemon. */
import { describe, expect, test } from "vitest";
import { delivery } from "../../machines/delivery.ts";
import { deliveryAddress, type RunId } from "../../src/core/ids.ts";
import { createReplay } from "../../src/main-replay.ts";
import { asJson, called, inputWith, normalized, recorded, RUN, runOf, VERIFIED } from "../support/delivery-words.ts";
import { type Actor, begin } from "../support/machine-given.ts";
import { stepAll } from "../../src/engine/step.ts";

/** An agent's run that asked so many times. */
function talkative(calls: number, run: RunId = RUN): Pick<Actor, "record" | "entries"> {
  const input = { ...inputWith({ action: "run", task: "t", agent: { timeout_ms: 1 } }, run), disclosure_key: run };
  const born = begin(delivery, deliveryAddress(run), asJson(input));
  const told = [VERIFIED, normalized(), recorded(), ...Array.from({ length: calls }, () => called())];
  const stepped = stepAll(
    delivery,
    born.record,
    told.map((event, at) => ({ event, by: "agent" as const, at: at + 1 })),
    (name) => name,
  );
  if (stepped.kind !== "stepped") throw new Error(stepped.reason);
  return { record: stepped.record, entries: [...born.entries, ...stepped.entries] };
}

describe("a run is shown as of its rows", () => {
  test("in any order, the same whether it was told before or not", async () => {
    const { record, entries } = talkative(300);
    const kept = createReplay();
    for (const seq of [entries.length - 1, 0, 150, 149, 3, 4, 150, entries.length - 1]) {
      const fresh = await createReplay()(record, entries, seq);
      expect(fresh).toMatchObject({ state: entries[seq]?.to, sequence: seq + 1 });
      expect(await kept(record, entries, seq)).toEqual(fresh);
    }
  });

  test("and never as another run, also when several are asked for at once", async () => {
    const runs = [1, 2, 3].map((n) => talkative(40 + n, runOf(n)));
    const replay = createReplay();
    const asked = Array.from({ length: 10 }, (_, at) => runs.map((run) => ({ ...run, seq: at * 4 }))).flat();
    const answers = await Promise.all(asked.map(({ record, entries, seq }) => replay(record, entries, seq)));
    for (const [at, { record, entries, seq }] of asked.entries())
      expect(answers[at]).toMatchObject({ address: record.address, state: entries[seq]?.to, sequence: seq + 1 });
  });

  test("and one that has gone on since is told on", async () => {
    const replay = createReplay();
    const [short, long] = [talkative(50), talkative(80)];
    await replay(short.record, short.entries, short.entries.length - 1);
    expect(await replay(long.record, long.entries, long.entries.length - 1)).toEqual(long.record);
  });

  test("whose machine is of no version here is refused", async () => {
    const { record, entries } = talkative(1);
    expect(await createReplay()({ ...record, version: "99" }, entries, 1)).toMatchObject({ code: "NOT_NOW" });
  });
});

test(
  "10,000 rows are told in many small parts, and the second look at them is at once",
  { timeout: 60_000 },
  async () => {
    const { record, entries } = talkative(10_000);
    const replay = createReplay();
    let turnsOfOthers = 0;
    let turn = setImmediate(function again() {
      turnsOfOthers += 1;
      turn = setImmediate(again);
    });
    const began = performance.now();
    expect(await replay(record, entries, 9_999)).toMatchObject({ sequence: 10_000 });
    const first = performance.now() - began;
    clearImmediate(turn);
    expect(turnsOfOthers).toBeGreaterThan(250);
    const again = performance.now();
    await replay(record, entries, 9_990);
    expect(performance.now() - again).toBeLessThan(first / 10);
  },
);
