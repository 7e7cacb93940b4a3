import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noticeAddress } from "../../../src/core/ids.ts";
import {
  amended,
  conflict,
  done,
  duplicate,
  executing,
  failed,
  replay,
  RUN,
  SEALED,
} from "../../support/delivery-words.ts";
import { after, tell, told, type Actor } from "../../support/machine-given.ts";

fc.configureGlobal({ seed: 1, numRuns: 150 });

/** Answers what is pending, once. */
function answered(actor: Actor): Actor {
  const [pending] = actor.record.pending;
  if (pending === undefined) return actor;
  switch (pending.name) {
    case "writeInboxItem":
      return tell(actor, done());
    case "sealRun":
      return tell(actor, SEALED);
    case "sealAmendment":
      return tell(actor, amended(ordinalOf(pending.params)));
    default:
      throw new Error(`unexpected ${pending.name}`);
  }
}

function ordinalOf(params: unknown): number {
  const ordinal = typeof params === "object" && params !== null && "ordinal" in params ? params.ordinal : undefined;
  if (typeof ordinal !== "number") throw new Error("an amendment has an ordinal");
  return ordinal;
}

type Move = "duplicate" | "conflict" | "replay" | "answer" | "fail" | "wait";
const moves = fc.array(fc.constantFrom<Move>("duplicate", "conflict", "replay", "answer", "answer", "fail", "wait"), {
  maxLength: 25,
});

function move(actor: Actor, how: Move): Actor {
  switch (how) {
    case "duplicate":
      return tell(actor, duplicate);
    case "conflict":
      return tell(actor, conflict);
    case "replay":
      return tell(actor, replay);
    case "answer":
      return answered(actor);
    case "fail":
      return actor.record.pending.length === 0 ? actor : tell(actor, failed(true));
    case "wait": {
      const [timer] = actor.record.timers;
      return timer === undefined ? actor : tell(actor, after(timer.id.split(".")[2] ?? ""));
    }
  }
}

function atRest(actor: Actor): Actor {
  let now = actor;
  while (!now.record.resting) now = move(now.record.pending.length > 0 ? move(now, "answer") : now, "wait");
  return now;
}

const observed = (actor: Actor, name: string): readonly unknown[] =>
  actor.entries.flatMap(({ observations }) =>
    observations.filter((seen) => seen.name === name).map(({ value }) => value),
  );
const count = (all: readonly Move[], ...some: readonly Move[]): number =>
  all.filter((one) => some.includes(one)).length;

const endOf = (how: readonly Move[]): Actor => atRest(how.reduce(move, executing({ attempts_max: 1_000 })));

describe("whatever is redelivered, and whenever", () => {
  test("the run is sealed once, as completed", () => {
    fc.assert(
      fc.property(moves, (how) => {
        const actor = endOf(how);
        expect([actor.record.state, ...observed(actor, "outcome_decided")]).toEqual(["sealed", "completed"]);
        expect(observed(actor, "envelope_sealed")).toEqual(["s0"]);
      }),
    );
  });

  test("what came after the outcome was decided is amended, each once and in turn", () => {
    fc.assert(
      fc.property(moves, (how) => {
        const actor = endOf(how);
        const decidedAt = actor.entries.findIndex(({ observations }) =>
          observations.some(({ name }) => name === "outcome_decided"),
        );
        const late = actor.entries
          .slice(decidedAt + 1)
          .filter(({ guard }) => guard === "sameIdOtherBytes" || guard === "otherIdSameBytes");
        const ordinals = late.map((_, index) => index + 1);
        expect(observed(actor, "amendment_owed")).toEqual(ordinals);
        expect(observed(actor, "redelivery_amended")).toEqual(ordinals);
      }),
    );
  });

  test("every one of them is observed", () => {
    fc.assert(
      fc.property(moves, (how) => {
        const actor = endOf(how);
        const names = ["duplicate_received", "conflict_received", "replay_suspected"];
        expect(names.map((name) => observed(actor, name).length)).toEqual([
          count(how, "duplicate"),
          count(how, "conflict"),
          count(how, "replay"),
        ]);
      }),
    );
  });
});

test("of each that is no plain duplicate a person is told once, by an actor of its own, in whatever state it came", () => {
  fc.assert(
    fc.property(moves, (how) => {
      const actor = endOf(how);
      const flagged = actor.entries.filter(({ guard }) => guard !== null && guard in FLAGS);
      expect(actor.tells).toEqual(
        flagged.map(({ guard }, index) => ({
          to: noticeAddress(RUN, index + 1),
          event: { type: "NOTICE", run: RUN, ordinal: index + 1, what: FLAGS[guard ?? ""] },
          bears: true,
        })),
      );
      expect(flagged).toHaveLength(count(how, "conflict", "replay"));
    }),
  );
});
const FLAGS: Readonly<Record<string, string>> = {
  sameIdOtherBytes: "id_conflict",
  otherIdSameBytes: "suspected_replay",
};

test("each amendment names the seal before it", () => {
  const sealed = executing({}, done(), SEALED);
  const second = tell(sealed, conflict, replay, amended(1));
  expect(tell(sealed, conflict).record.pending[0]?.params).toMatchObject({
    ordinal: 1,
    seal_hash: "s0",
    prev_seal_hash: "s0",
  });
  expect(second.record.pending[0]?.params).toMatchObject({ ordinal: 2, seal_hash: "s0", prev_seal_hash: "s1" });
});

test("a duplicate of a sealed run asks for nothing", () => {
  const stepped = told(executing({}, done(), SEALED), duplicate);
  expect(stepped).toMatchObject({ kind: "stepped", record: { resting: true, pending: [] } });
});
