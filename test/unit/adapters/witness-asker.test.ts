import { expect, test } from "vitest";
import { createWitnessAsker, type WitnessAskerParts, type WitnessFault } from "../../../src/adapters/witness-asker.ts";
import type { WitnessPlace, WitnessReply } from "../../../src/adapters/witness-client.ts";
import { openWitnessedNote } from "../../../src/adapters/witnessed-note.ts";
import type { AddCheckpoint } from "../../../src/evidence/log/add-checkpoint.ts";
import { cosignerOf, openNote, signNote } from "../../../src/evidence/log/note.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { keyOf } from "../evidence/log/note-vectors.ts";
import { historyOf, LOG, logSigner, verifierOf } from "../witness/witness-support.ts";
import { logMemoryDisk } from "./log-memory-disk.ts";

const history = historyOf("honest", 100, 100);
const DIR = "/desk/log";
const FILE = `${DIR}/witnessed`;

type Asking = {
  readonly place: WitnessPlace;
  readonly request: AddCheckpoint;
  readonly at: number;
  readonly answer: (reply: WitnessReply) => void;
};

const places = [31, 32, 33].map((seed, n): WitnessPlace => ({
  url: `https://w${n}.example`,
  verifier: verifierOf(cosignerOf(`w${n}.example`, keyOf(seed), 0).vkey),
}));
const lineOf = (place: WitnessPlace, size: number): string => {
  const cosigner = cosignerOf(place.verifier.name, keyOf(31 + places.indexOf(place)), 1);
  const text = `${history.note(size).split("\n\n")[0] ?? ""}\n`;
  return signNote(text, [cosigner]).slice(text.length + 1);
};

/** An asker over a log of so many leaves, whose witnesses answer when the test says so. */
function asking(count: number, given: Partial<WitnessAskerParts> = {}, disk = logMemoryDisk()) {
  const clock = manualClock(1_000_000);
  const open: Asking[] = [];
  const told: (readonly [string, WitnessFault["fault"], string])[] = [];
  let size = 10;
  disk.put(`${DIR}/checkpoint`, Buffer.from(history.note(size)));
  const witnesses = places.slice(0, count);
  const kept = openWitnessedNote(
    DIR,
    LOG,
    witnesses.map(({ verifier }) => verifier),
    disk,
  );
  const asker = createWitnessAsker({
    log: { checkpoint: () => history.note(size), size: () => size, consistency: (old) => history.proof(old, size) },
    witnesses,
    ask: (place, request, signal) =>
      new Promise((resolve) => {
        const breakOff = (): void => resolve({ kind: "failed", reason: "broken off" });
        signal.addEventListener("abort", breakOff);
        const answer = (reply: WitnessReply): void => {
          signal.removeEventListener("abort", breakOff);
          resolve(reply);
        };
        open.push({ place, request, at: clock.now(), answer });
      }),
    kept,
    clock,
    stood: new Map(),
    tell: (place, { fault, says }) => told.push([place.verifier.name, fault, says]),
    ...given,
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  };
  return {
    asker,
    clock,
    told,
    disk,
    kept,
    grow: (to: number) => {
      size = to;
      asker.look();
    },
    /** The requests that came since this was asked last, after this time has passed. */
    after: async (ms: number): Promise<readonly Asking[]> => {
      clock.advance(ms);
      await settle();
      return open.splice(0);
    },
    answer: async (
      { place, answer }: Asking,
      reply: WitnessReply | { readonly kind: "cosigns"; readonly size: number },
    ) => {
      answer(reply.kind === "cosigns" ? { kind: "cosigned", line: lineOf(place, reply.size) } : reply);
      await settle();
    },
    witnessed: () => {
      const bytes = disk.files().get(FILE);
      const opened =
        bytes === undefined
          ? undefined
          : openNote(bytes, [verifierOf(logSigner.vkey), ...places.map(({ verifier }) => verifier)]);
      return opened?.kind === "note" ? [Number(opened.text.split("\n")[1]), ...opened.by] : [];
    },
  };
}
const cosigns = (size: number) => ({ kind: "cosigns", size }) as const;
const down = { kind: "failed", reason: "connection refused" } as const;

function one(all: readonly Asking[]): Asking {
  const [first, ...others] = all;
  if (first === undefined || others.length > 0) throw new Error(`${all.length} requests where one was expected`);
  return first;
}
function two(all: readonly Asking[]): readonly [Asking, Asking] {
  const [first, second] = all;
  if (first === undefined || second === undefined || all.length !== 2)
    throw new Error(`${all.length} requests, not two`);
  return [first, second];
}

test("asks all for one checkpoint, and keeps their cosignatures together, the log's own first", async () => {
  const { asker, after, answer, witnessed } = asking(2);
  asker.look();
  const [first, second] = two(await after(0));
  expect(first.request).toEqual({ old: 0, proof: [], note: history.note(10) });
  await answer(second, cosigns(10));
  expect(witnessed()).toEqual([10, LOG, "w1.example"]);
  await answer(first, cosigns(10));
  expect(witnessed()).toEqual([10, LOG, "w0.example", "w1.example"]);
  expect(await after(60_000)).toEqual([]);
});

test("asks at most once a second, with one request in flight, for the newest checkpoint, from the size cosigned last", async () => {
  const { asker, after, answer, grow } = asking(1);
  asker.look();
  const first = one(await after(0));
  for (let size = 11; size < 30; size += 1) grow(size);
  expect(await after(5_000)).toEqual([]);
  await answer(first, cosigns(10));
  const second = one(await after(0));
  expect(second.request).toEqual({ old: 10, proof: history.proof(10, 29), note: history.note(29) });
  await answer(second, cosigns(29));
  grow(30);
  expect(await after(999)).toEqual([]);
  expect(one(await after(1)).request).toMatchObject({ old: 29 });
});

test("goes on from the size that the witness says", async () => {
  const { asker, after, answer, told, witnessed } = asking(1);
  asker.look();
  await answer(one(await after(0)), { kind: "elsewhere", size: 7 });
  expect(await after(999)).toEqual([]);
  const second = one(await after(1));
  expect(second.request).toEqual({ old: 7, proof: history.proof(7, 10), note: history.note(10) });
  await answer(second, cosigns(10));
  expect([witnessed(), told]).toEqual([[10, LOG, "w0.example"], []]);
});

test("waits longer for one that fails, up to five minutes, tells it once, and does not hold up the others", async () => {
  const { asker, after, answer, told, grow, witnessed, clock } = asking(2);
  asker.look();
  let size = 10;
  const waits: number[] = [];
  let last = -1;
  for (let round = 0; round < 700; round += 1) {
    for (const each of await after(1_000)) {
      if (each.place === places[0]) {
        if (last >= 0) waits.push(each.at - last);
        await answer(each, down);
        last = clock.now();
      } else {
        await answer(each, cosigns(size));
      }
    }
    if (round % 10 === 9 && size < 80) grow((size += 1));
  }
  expect(waits.slice(0, 9)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000]);
  expect(told).toEqual([["w0.example", "unreachable", "connection refused"]]);
  expect(witnessed()).toEqual([79, LOG, "w1.example"]);
});

test("asks one that was away again without waiting for growth, and tells that it is back", async () => {
  const { asker, after, answer, told } = asking(1);
  asker.look();
  await answer(one(await after(0)), down);
  await answer(one(await after(1_000)), cosigns(10));
  expect(told.map(([, fault]) => fault)).toEqual(["unreachable", "none"]);
});

test.each<readonly [string, WitnessReply, string]>([
  ["it has cosigned a larger tree", { kind: "elsewhere", size: 11 }, "the log went back"],
  ["it has cosigned another tree", { kind: "contradicts" }, "two histories"],
])("tells each time that a witness contradicts the log: %s", async (_, reply, says) => {
  const { asker, after, answer, told } = asking(1);
  asker.look();
  await answer(one(await after(0)), reply);
  await answer(one(await after(1_000)), down);
  await answer(one(await after(2_000)), reply);
  expect(told).toEqual([1, 2].map(() => ["w0.example", "contradicts", expect.stringContaining(says)]));
});

test("keeps to the size that a witness is ahead by, until the log has grown past it and is found another", async () => {
  const { asker, after, answer, grow } = asking(1);
  asker.look();
  await answer(one(await after(0)), { kind: "elsewhere", size: 15 });
  expect(one(await after(1_000)).request).toMatchObject({ old: 10, proof: [] });
  const other = asking(1);
  other.asker.look();
  await other.answer(one(await other.after(0)), { kind: "elsewhere", size: 15 });
  other.grow(20);
  expect(one(await other.after(1_000)).request).toMatchObject({ old: 15, proof: history.proof(15, 20) });
  grow(11);
  expect(await after(0)).toEqual([]);
});

test("never replaces what was cosigned by what is smaller", async () => {
  const { asker, after, answer, grow, kept, witnessed } = asking(2);
  asker.look();
  const [first, second] = two(await after(0));
  await answer(first, cosigns(10));
  await answer(second, down);
  grow(20);
  const [again] = await after(1_000);
  if (again === undefined) throw new Error("nobody was asked");
  await answer(again, cosigns(20));
  await kept.add(history.note(10), second.place.verifier, lineOf(second.place, 10));
  expect(witnessed()).toEqual([20, LOG, again.place.verifier.name]);
});

test("takes up after a restart where it was: who cosigned is not asked, and the lines stay together", async () => {
  const before = asking(2);
  before.asker.look();
  const [first, second] = two(await before.after(0));
  await before.answer(first, cosigns(10));
  await before.answer(second, down);
  const next = asking(2, {}, before.disk.after("kill"));
  next.asker.look();
  const asked = one(await next.after(0));
  expect(asked.place).toBe(second.place);
  await next.answer(asked, cosigns(10));
  expect(next.witnessed()).toEqual([10, LOG, "w0.example", "w1.example"]);
});

const elsewhere = signNote(`${history.note(50).split("\n\n")[0] ?? ""}\n`.replace(LOG, "localhost/other/log"), [
  cosignerOf("w0.example", keyOf(31), 1),
]);
test.each([
  ["is no note", "nonsense\n"],
  ["no witness of ours cosigned", history.note(50)],
  ["is of another log", elsewhere],
])("takes a kept file that %s for none", async (_, text) => {
  const disk = logMemoryDisk();
  disk.put(FILE, Buffer.from(text));
  const { asker, after, answer, witnessed } = asking(1, {}, disk);
  asker.look();
  await answer(one(await after(0)), cosigns(10));
  expect(witnessed()).toEqual([10, LOG, "w0.example"]);
});

test("remembers a contradiction over a restart, until the witness cosigns again", async () => {
  const [place] = places;
  const stood = new Map([[place?.verifier.vkey ?? "", "contradicts" as const]]);
  const { asker, after, answer, told } = asking(1, { stood });
  asker.look();
  await answer(one(await after(0)), down);
  expect(told).toEqual([]);
  await answer(one(await after(1_000)), cosigns(10));
  expect(told).toEqual([["w0.example", "none", "it cosigns again"]]);
});

test("stops at once: what is in flight is broken off, and nothing is asked any more", async () => {
  const { asker, after, grow, clock, told } = asking(2);
  asker.look();
  expect(await after(0)).toHaveLength(2);
  await asker.close();
  grow(20);
  expect([await after(600_000), clock.waiting(), told]).toEqual([[], 0, []]);
});

test("asks nobody about an empty log", async () => {
  const { asker, after, grow } = asking(1);
  grow(0);
  asker.look();
  expect(await after(10_000)).toEqual([]);
});

test("asks ever more rarely for a cosignature that the disk does not take, and tells that once", async () => {
  const disk = logMemoryDisk();
  const full = { isFull: true };
  const disks = {
    ...disk,
    write: (file: number, bytes: Uint8Array) => {
      if (full.isFull) throw new Error("ENOSPC");
      disk.write(file, bytes);
    },
  };
  const { asker, after, answer, told, clock, witnessed } = asking(1, {}, disks);
  asker.look();
  const at: number[] = [];
  for (let round = 0; round < 130; round += 1) {
    for (const each of await after(1_000)) {
      at.push(clock.now());
      await answer(each, cosigns(10));
    }
  }
  expect(at.slice(1).map((time, n) => time - (at[n] ?? 0))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000,
  ]);
  expect(told).toEqual([["w0.example", "unreachable", expect.stringContaining("ENOSPC")]]);
  full.isFull = false;
  await answer(one(await after(128_000)), cosigns(10));
  expect([witnessed(), told.at(-1)]).toEqual([
    [10, LOG, "w0.example"],
    ["w0.example", "none", "it cosigns again"],
  ]);
});

test("goes on asking when the clock is set back", async () => {
  const { asker, after, answer, clock, grow } = asking(2);
  asker.look();
  const [well, ill] = two(await after(0));
  await answer(well, cosigns(10));
  await answer(ill, down);
  clock.jump(0);
  grow(20);
  const next = one(await after(1_000));
  expect(next.place).toBe(well.place);
  await answer(next, cosigns(20));
  expect(one(await after(5 * 60_000)).place).toBe(ill.place);
});
