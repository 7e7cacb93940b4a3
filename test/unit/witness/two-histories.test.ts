/** Whatever is asked of a witness, and whatever its disk does meanwhile, its cosignatures are of one history that only grows. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Fate, logMemoryDisk, type LogMemoryDisk } from "../adapters/log-memory-disk.ts";
import { cosignedIn, historyOf, LOG, type History, witnessOn } from "./witness-support.ts";
import { writeAddCheckpoint } from "../../../src/evidence/log/add-checkpoint.ts";

fc.configureGlobal({ seed: 1, numRuns: 150 });

const SIZE_MAX = 30;
const FORKED_AT = 4;
const histories: readonly History[] = ["one", "two", "three"].map((name) => historyOf(name, FORKED_AT, SIZE_MAX));
const rootAt = (history: History, size: number): string => Buffer.from(history.root(size)).toString("hex");

type Cosigned = { readonly size: number; readonly root: string };

/** One history has all the roots, and no size follows a larger one. */
function isOneHistory(cosigned: readonly Cosigned[]): boolean {
  const grows = cosigned.every(({ size }, at) => size >= (cosigned[at - 1]?.size ?? 0));
  return grows && histories.some((history) => cosigned.every(({ size, root }) => rootAt(history, size) === root));
}

const size = fc.nat({ max: SIZE_MAX });
const index = fc.nat({ max: histories.length - 1 });
const seldom = <T>(value: fc.Arbitrary<T>) => fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, value);
/** `guess` asks anything; otherwise it is what a log would ask that knows where the witness is. */
const asking = fc.record({
  kind: fc.constant("ask" as const),
  history: index,
  proofOf: seldom(index),
  guess: seldom(size),
  grows: fc.nat({ max: 3 }),
  size,
});
const dying = fc.record({
  kind: fc.constant("die" as const),
  cut: fc.oneof(
    fc.constant("kill" as const),
    fc.record({ names: fc.constantFrom("kept" as const, "lost" as const), bytes: fc.constantFrom(0, 0.5, 1) }),
  ),
});
const failing = fc.record({
  kind: fc.constant("fail" as const),
  after: fc.nat({ max: 8 }),
  fate: fc.constantFrom<Fate>("lost", "kept", "dead"),
});
const acts = fc.array(fc.oneof({ weight: 12, arbitrary: asking }, dying, failing), { minLength: 1, maxLength: 60 });

test("a log that forks is never cosigned twice, over failing disks, kills and power cuts", async () => {
  let [cosignedAtAll, contradicted] = [0, 0];
  await fc.assert(
    fc.asyncProperty(acts, async (all) => {
      let failsAt = Infinity;
      let fate: Fate = "done";
      let steps = 0;
      const fated = (): Fate => {
        steps += 1;
        if (steps < failsAt) return "done";
        if (fate !== "dead") failsAt = Infinity;
        return fate;
      };
      let disk: LogMemoryDisk = logMemoryDisk(fated);
      let witness = witnessOn(disk);
      await witness.memory.begin(LOG);
      const cosigned: Cosigned[] = [];
      for (const act of all) {
        if (act.kind === "fail") [failsAt, fate] = [steps + act.after, act.fate];
        if (act.kind === "die") {
          [failsAt, fate] = [Infinity, "done"];
          disk = disk.after(act.cut, fated);
          witness = witnessOn(disk);
        }
        if (act.kind !== "ask") continue;
        const last = cosigned.at(-1)?.size ?? 0;
        const target = act.guess === null ? Math.min(SIZE_MAX, last + act.grows) : act.size;
        const old = Math.min(act.guess ?? last, target);
        const history = histories[act.history];
        const proofOf = histories[act.proofOf ?? act.history];
        if (history === undefined || proofOf === undefined) throw new Error("there is no such history");
        const proof = proofOf.proof(old, target);
        const request = Buffer.from(writeAddCheckpoint({ old, proof, note: history.note(target) }));
        const { status, body } = await witness.ask(request);
        if (status === 422 || (status === 409 && body.startsWith("ROOT"))) contradicted += 1;
        if (status !== 200) continue;
        const checkpoint = cosignedIn(request, body);
        expect(checkpoint).toMatchObject({ size: target });
        cosigned.push({ size: target, root: Buffer.from(checkpoint?.root ?? []).toString("hex") });
      }
      cosignedAtAll += cosigned.length;
      expect(isOneHistory(cosigned)).toBe(true);
    }),
  );
  // The runs reached what they are about.
  expect([cosignedAtAll > 300, contradicted > 100]).toEqual([true, true]);
});

/** Each step of the first cosigning fails in its turn, the log asks again, then the power goes. */
test("what is cosigned after a failure outlives a power cut, whichever step failed", async () => {
  const [one, two] = histories;
  if (one === undefined || two === undefined) throw new Error("there are histories");
  let [looked, again] = [0, 0];
  for (const fate of ["lost", "kept"] as const) {
    for (let failsAt = 0; failsAt < 20; failsAt += 1) {
      let steps = -Infinity;
      const disk = logMemoryDisk(() => (steps++ === failsAt ? fate : "done"));
      const witness = witnessOn(disk);
      await witness.memory.begin(LOG);
      expect((await witness.ask(one.request(0, 2))).status).toBe(200);
      steps = 0;
      const first = await witness.ask(one.request(2, 9));
      steps = -Infinity;
      const held = (await witness.ask(one.request(0, 9))).body;
      const second = await witness.ask(held === "9\n" ? one.request(9, 9) : one.request(2, 9));
      looked += 1;
      if (first.status !== 200 && held === "9\n") again += 1;
      const after = witnessOn(disk.after({ names: "lost", bytes: 0 }));
      const other = await Promise.all([after.ask(two.request(2, 9)), after.ask(two.request(2, 7))]);
      expect(second.status).toBe(200);
      expect(other.map(({ status }) => status)).toEqual([409, 409]);
      expect(await after.ask(two.request(9, 9))).toMatchObject({ status: 409, body: expect.stringContaining("ROOT") });
    }
  }
  // Some failures come after the new file has its name.
  expect([looked, again > 0]).toEqual([40, true]);
});

test("the check itself tells one history from two, and going back", () => {
  const [one, two] = histories;
  if (one === undefined || two === undefined) throw new Error("there are histories");
  const of = (history: History, ...sizes: readonly number[]): readonly Cosigned[] =>
    sizes.map((each) => ({ size: each, root: rootAt(history, each) }));
  expect(isOneHistory([...of(one, 2, 4), ...of(two, 6, 9)])).toBe(true);
  expect(isOneHistory([...of(one, 2, 6), ...of(two, 9)])).toBe(false);
  expect(isOneHistory(of(one, 6, 4))).toBe(false);
});
