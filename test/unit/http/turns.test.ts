/** Views that read many runs, beside a daemon that has other work: reading that takes long stands in for reading much. */
import { describe, expect, test } from "vitest";
import { deliveryAddress } from "../../../src/core/ids.ts";
import type { ControlTarget, DeskTarget } from "../../../src/http/control-target.ts";
import { needsYou } from "../../../src/http/needs-you.ts";
import { listRuns, pageOfRuns, resolveRun } from "../../../src/http/run-index.ts";
import { AT, aRun, aTarget, runNumber } from "./desk-with-runs.ts";

const RUNS = 12;
const JOURNAL_MS = 15;

function deskOfLongJournals(): DeskTarget {
  const runs = Array.from({ length: RUNS }, (_, n) => aRun({ run: runNumber(n + 1), state: "stuck" }));
  const [desk] = aTarget(runs).desks();
  if (desk === undefined) throw new Error("a target has a desk");
  const slow: DeskTarget["store"]["journal"] = (address) => {
    const until = performance.now() + JOURNAL_MS;
    while (performance.now() < until);
    return desk.store.journal(address);
  };
  return { ...desk, store: { ...desk.store, journal: slow } };
}

/** How often others had their turn. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work;
  isOver = true;
  return turns;
}

describe("others have their turn in the midst", () => {
  const desk = deskOfLongJournals();
  const target: Pick<ControlTarget, "desks"> = { desks: () => [desk] };

  test("of a page of runs", async () => {
    const page = listRuns([desk], { stuck: false, needs_me: false, limit: RUNS });
    expect(await turnsDuring(page)).toBeGreaterThanOrEqual(RUNS - 1);
    expect((await page).items).toHaveLength(RUNS);
  });

  test("of a page of whatever is made of runs", async () => {
    const page = pageOfRuns([desk], { limit: RUNS }, (_, journal) => (journal().length > 9 ? "long" : undefined));
    expect(await turnsDuring(page)).toBeGreaterThanOrEqual(RUNS - 1);
    expect(await page).toEqual({ items: [], next: null, looked: RUNS });
  });

  test("of a search for a part of an id, which looks at very many runs", async () => {
    const many = Array.from({ length: 2_000 }, (_, n) => ({ at: AT - n, address: deliveryAddress(runNumber(n)) }));
    const find: DeskTarget["store"]["find"] = ({ key }, { before, limit }) => {
      const from = key.endsWith("/price-alert") ? (before === undefined ? 0 : AT - before.at + 1) : many.length;
      for (const until = performance.now() + JOURNAL_MS; performance.now() < until;);
      return many.slice(from, from + limit);
    };
    const searched = resolveRun([{ ...desk, store: { ...desk.store, find } }], "zzzz");
    expect(await turnsDuring(searched)).toBeGreaterThanOrEqual(9);
    expect(await searched).toEqual({ kind: "unknown" });
  });

  test("of what needs a person", async () => {
    const needs = needsYou({ target, clock: { now: () => AT } });
    expect(await turnsDuring(needs)).toBeGreaterThanOrEqual(RUNS - 1);
    expect((await needs).counts.stuck).toBe(RUNS);
  });
});
