import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { machineFor } from "../../../machines/index.ts";
import { openStoreReadOnly } from "../../../src/adapters/store-lmdb.ts";
import type { ActorRecord, Entry } from "../../../src/engine/ports.ts";
import { replay, type Replayed } from "../../../src/fsck/replay.ts";
import { liveThrough } from "../../support/lived-desk.ts";

type Actor = { readonly record: ActorRecord; readonly journal: readonly Entry[] };

const root = mkdtempSync(join(tmpdir(), "qoc-test-"));
const actors: Actor[] = [];

beforeAll(async () => {
  const dir = join(root, "desk");
  mkdirSync(dir);
  await liveThrough(dir);
  const store = await openStoreReadOnly(join(dir, ".qoc", "store"));
  for (const address of store.addresses("", 1000)) {
    const record = store.read(address);
    if (record !== undefined) actors.push({ record, journal: store.journal(address) });
  }
  await store.close();
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

function replayed({ record, journal }: Actor): Replayed {
  const machine = machineFor(record.machine, record.version);
  if (machine === undefined) throw new Error("no such machine");
  return replay(machine, record, journal);
}

/** Every actor with this done to each of its entries, one after the other. */
const withEach = (change: (journal: readonly Entry[], at: number) => readonly Entry[]): readonly Actor[] =>
  actors.flatMap(({ record, journal }) => journal.map((_, at) => ({ record, journal: change(journal, at) })));

const numbered = (journal: readonly Entry[]): readonly Entry[] => journal.map((entry, seq) => ({ ...entry, seq }));

describe("a journal is told again", () => {
  test("and leads to its record: runs, subjects and notices", () => {
    expect(new Set(actors.map(({ record }) => record.machine))).toEqual(new Set(["delivery", "subject", "notice"]));
    expect(actors.map(replayed)).toEqual(actors.map(() => ({ kind: "same" })));
  });

  test.each<[string, (journal: readonly Entry[], at: number) => readonly Entry[]]>([
    ["without one of its entries", (journal, at) => numbered(journal.toSpliced(at, 1))],
    ["with one twice", (journal, at) => numbered([...journal.slice(0, at + 1), ...journal.slice(at)])],
    ["with another state in one", (journal, at) => changed(journal, at, { to: "elsewhere" })],
    ["with another guard in one", (journal, at) => changed(journal, at, { guard: "of nobody" })],
    [
      "with one observation more",
      (journal, at) => changed(journal, at, { observations: [{ name: "of nobody", value: true, basis: [] }] }),
    ],
  ])("and not %s", (_, change) => {
    const wrong = withEach(change);
    expect(wrong.length).toBeGreaterThan(100);
    const taken = wrong.filter((actor) => replayed(actor).kind === "same");
    expect(taken.map(({ record }) => record.address)).toEqual([]);
  });

  test("and not to a record with another value anywhere", () => {
    const names = ["sequence", "born_at", "changed_at", "state", "resting", "snapshot", "definition"] as const;
    for (const { record, journal } of actors)
      for (const name of names) {
        const value =
          typeof record[name] === "number" ? record[name] + 1 : name === "resting" ? !record[name] : "other";
        expect(replayed({ record: { ...record, [name]: value }, journal })).toEqual({ kind: "record", names: [name] });
      }
  });
});

const changed = (journal: readonly Entry[], at: number, change: Partial<Entry>): readonly Entry[] =>
  journal.map((entry, place) => (place === at ? { ...entry, ...change } : entry));
