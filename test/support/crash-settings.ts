/** How long and how random the crash tests are: short and always the same in the gate, as told by the environment otherwise. */
const SEED_OF_THE_GATE = 20_261_121;

/** `CRASH_ROUNDS`, or what the gate does. */
export const crashRounds = (inTheGate: number): number => Number(process.env["CRASH_ROUNDS"] ?? inTheGate);

/** `CRASH_SEED`, a number or `random`; the long form is random by itself. What it is gets printed when it is not the gate's. */
export function crashSeed(): number {
  const given = process.env["CRASH_SEED"] ?? (process.env["CRASH_ROUNDS"] === undefined ? undefined : "random");
  if (given === undefined) return SEED_OF_THE_GATE;
  const seed = given === "random" ? Date.now() % 2 ** 31 : Number(given);
  process.stdout.write(`CRASH_SEED=${seed}\n`);
  return seed;
}

/** How long the tests that go over all rounds may take. */
export const CRASH_TEST_MS = process.env["CRASH_ROUNDS"] === undefined ? 120_000 : 3_600_000;

/** Of a list of points the gate takes every second one, and the long form all. */
export const pointsOf = <Point>(all: readonly Point[]): readonly Point[] =>
  process.env["CRASH_ROUNDS"] === undefined ? all.filter((_, at) => at % 2 === 0) : all;
