/** Whatever the order of commits, connects and breaks: who reads rows misses none and hears none twice; who reads changes ends up to date. */
import * as fc from "fast-check";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { EVENTS_KEPT_MAX } from "../../../src/http/events/kept-rows.ts";
import { runNumber } from "./desk-with-runs.ts";
import { changesIn, eventWorld, oneRow, rowIn, type Frame, type Reader } from "./events-world.ts";

fc.configureGlobal({ seed: 1, numRuns: 150 });

const RUNS = 6;
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("commit"), run: fc.integer({ min: 1, max: RUNS }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("connect"), reader: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("break"), reader: fc.integer({ min: 0, max: 3 }) }) },
  // So many rows that what was missed is no longer kept.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("flood") }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("turn") }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait"), ms: fc.integer({ min: 1, max: 600 }) }) },
);
type Step =
  | { readonly kind: "commit"; readonly run: number }
  | { readonly kind: "connect" | "break"; readonly reader: number }
  | { readonly kind: "flood" | "turn" }
  | { readonly kind: "wait"; readonly ms: number };

/** A client: it takes the frames of one connection after the other, and says its last id when it comes again. */
function client(world: ReturnType<typeof eventWorld>, view: "rows" | "changes") {
  const heard: Frame[] = [];
  let connection: Reader | undefined;
  const drain = (): void => {
    heard.push(...(connection?.frames() ?? []));
    connection?.leave();
    connection = undefined;
  };
  return {
    view,
    connect: () => {
      drain();
      const lastId = heard.at(-1)?.id;
      connection = world.read(view, lastId === undefined ? {} : { lastId });
    },
    drain,
    heard,
  };
}

type Committed = { readonly run: string; readonly seq: number; readonly state: string };

const numberOf = ({ id }: Frame): number => Number(id.split(":")[1]);

function play(steps: readonly Step[]) {
  const world = eventWorld();
  /** What was committed, in order; the number of the first is 1. */
  const committed: Committed[] = [];
  const lengths = new Map<number, number>();
  const commit = (run: number): void => {
    const seq = lengths.get(run) ?? 0;
    lengths.set(run, seq + 1);
    world.tell(oneRow(run, seq));
    committed.push({ run: runNumber(run), seq, state: `state-${seq}` });
  };
  const clients = (["rows", "rows", "changes", "changes"] as const).map((view) => client(world, view));
  for (const each of steps) {
    switch (each.kind) {
      case "commit":
        commit(each.run);
        break;
      case "connect":
        clients[each.reader]?.connect();
        break;
      case "break":
        clients[each.reader]?.drain();
        break;
      case "flood":
        for (let i = 0; i <= EVENTS_KEPT_MAX; i += 1) commit(1 + (i % RUNS));
        break;
      case "turn":
        world.turn();
        break;
      case "wait":
        world.turn();
        world.clock.advance(each.ms);
    }
  }
  // Whoever is away comes back at last, and everything is sent.
  for (const each of clients) each.connect();
  world.settle();
  for (const { drain } of clients) drain();
  return { committed, clients };
}

/** Whether a reader of rows may hear this frame behind the one of that number; of its first frame, undefined. */
function follows(frame: Frame, last: number | undefined, committed: readonly Committed[]): boolean {
  const number = numberOf(frame);
  switch (frame.event) {
    case "row": {
      const { run, seq, to } = rowIn(frame);
      return number === (last ?? 0) + 1 && isDeepStrictEqual({ run, seq, state: to }, committed[number - 1]);
    }
    case "open":
      return last === undefined || number === last;
    case "reset":
      return last !== undefined && number - last > EVENTS_KEPT_MAX;
    default:
      return false;
  }
}

const steps = fc.array(step, { maxLength: 60 }).map((all) => all.map(asStep));
function asStep(given: {
  readonly kind: string;
  readonly run?: number;
  readonly reader?: number;
  readonly ms?: number;
}): Step {
  const { kind, run = 1, reader = 0, ms = 1 } = given;
  switch (kind) {
    case "commit":
      return { kind, run };
    case "connect":
    case "break":
      return { kind, reader };
    case "wait":
      return { kind, ms };
    case "flood":
    case "turn":
      return { kind };
    default:
      throw new Error(`no step is called ${kind}`);
  }
}

test("a reader of rows hears each row once and in order from where it came, or a reset where the gap is too old", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const { committed, clients } = play(all);
      for (const { heard } of clients.filter(({ view }) => view === "rows")) {
        const numbers = heard.map(numberOf);
        const wrong = heard.filter((frame, i) => !follows(frame, numbers[i - 1], committed));
        expect(wrong).toEqual([]);
        expect(numbers.at(-1)).toBe(committed.length);
      }
    }),
  );
});

test("a reader of changes ends with the last state of each run that changed since it came, or was told to read again", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const { committed, clients } = play(all);
      for (const { heard } of clients.filter(({ view }) => view === "changes")) {
        const known = new Map<string, string>();
        let from = 0;
        for (const [i, frame] of heard.entries()) {
          if (frame.event === "reset" || i === 0) {
            known.clear();
            from = numberOf(frame);
          }
          if (frame.event !== "changes") continue;
          const { items, more } = changesIn(frame);
          expect(more).toBe(0);
          for (const { run, state } of items) known.set(run, state);
        }
        const since = new Map(committed.slice(from).map(({ run, state }) => [run, state]));
        // It may know more: what was under way when it came.
        for (const [run, state] of since) expect(known.get(run)).toBe(state);
        for (const [run, state] of known) expect(committed.findLast((each) => each.run === run)?.state).toBe(state);
      }
    }),
  );
});

test("the id of another life is a reset in both, whatever was heard before", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), fc.nat(40), (count, last) => {
      const world = eventWorld("later");
      for (let seq = 0; seq < count; seq += 1) world.tell(oneRow(1, seq));
      for (const view of ["rows", "changes"] as const)
        expect(world.read(view, { lastId: `earlier:${last}` }).short()).toEqual([`reset later:${count}`]);
    }),
  );
});
