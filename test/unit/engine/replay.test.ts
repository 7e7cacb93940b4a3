/** A run as of a row of its journal, against what the step itself gave at that row. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { delivery } from "../../../machines/delivery.ts";
import { deliveryAddress } from "../../../src/core/ids.ts";
import type { ActorEvent, ActorRecord, Entry } from "../../../src/engine/ports.ts";
import { journalUntil, recordAt, retell } from "../../../src/engine/replay.ts";
import {
  asJson,
  called,
  decided,
  done,
  failed,
  inputWith,
  interrupted,
  normalized,
  proposes,
  recorded,
  refused,
  RUN,
  VERIFIED,
} from "../../support/delivery-words.ts";
import { type Actor, after, begin, PENDING, told } from "../../support/machine-given.ts";

fc.configureGlobal({ seed: 1, numRuns: 150 });

const approval = { require: "signed", approvers: 1, keys: [] } as const;
const policies = [
  {},
  { on_partial: "wait", on_gap: "wait" },
  { action: "run", task: "risk-review", agent: { timeout_ms: 1000 }, approval },
] as const;
const events: readonly ActorEvent[] = [
  done(),
  failed(true),
  failed(false),
  interrupted(),
  called(),
  proposes(),
  decided(1, true),
  decided(2, false),
  { type: "REPORTED", effect: PENDING, file: "snapshots/a.md", step: null, artifacts: [] },
  { type: "SEALED", effect: PENDING, seal_hash: "0".repeat(64), file: ".qoc/evidence/e.json" },
  { type: "RESUME", reason: "look" },
  { type: "CANCEL", reason: "no" },
  { type: "RELEASE", reason: "go" },
  after("holdTimeout"),
  after("contextTimeout"),
  after("approvalTimeout"),
  after("backoff"),
].map((event): ActorEvent => event);

/** An actor that was told these, as far as it took them, with its record behind each of them. */
function lived(policy: number, picks: readonly number[]) {
  let actor: Actor = begin(delivery, deliveryAddress(RUN), asJson(inputWith(policies[policy])));
  const records: { readonly rows: number; readonly record: ActorRecord }[] = [];
  const note = () => records.push({ rows: actor.entries.length, record: actor.record });
  note();
  const opening = [VERIFIED, normalized({ commit_sha: null }), recorded({ order: policy === 1 ? "gap" : "in_order" })];
  for (const event of [...opening, ...picks.flatMap((at) => events[at] ?? [])]) {
    const stepped = attempt(actor, event);
    if (stepped?.kind !== "stepped") continue;
    actor = { ...actor, record: stepped.record, entries: [...actor.entries, ...stepped.entries] };
    note();
  }
  return { actor, records };
}

/** Undefined where a test's word stands for a timer or an effect that is not there. */
function attempt(actor: Actor, event: ActorEvent) {
  const isMissing = event.type.startsWith("after ")
    ? !actor.record.timers.some(({ id }) => id.includes(`.${event.type.slice(6)}.`))
    : "effect" in event && actor.record.pending.length === 0;
  return isMissing ? undefined : told(actor, event);
}

const lives = fc
  .record({ policy: fc.nat(policies.length - 1), picks: fc.array(fc.nat(events.length - 1), { maxLength: 14 }) })
  .map(({ policy, picks }) => lived(policy, picks));
const { address } = lived(0, []).actor.record;
const at = (journal: readonly Entry[], seq: number) => recordAt(delivery, address, journal, seq);

describe("the record as of a row", () => {
  test("is the one that was committed with the last row of each message, with its effects and timers", () => {
    let timers = 0;
    fc.assert(
      fc.property(lives, ({ actor, records }) => {
        for (const { rows, record } of records) expect(at(actor.entries, rows - 1)).toEqual(record);
        timers += records.filter(({ record }) => record.timers.length > 0).length;
      }),
    );
    expect(timers).toBeGreaterThan(20);
  });

  test("has the state of each row, also of one that was left at once, and what its whole step left", () => {
    fc.assert(
      fc.property(lives, ({ actor, records }) => {
        for (const { seq, to } of actor.entries) {
          const whole = records.find(({ rows }) => rows > seq)?.record;
          expect(at(actor.entries, seq)).toMatchObject({
            state: to,
            sequence: seq + 1,
            pending: whole?.pending,
            timers: whole?.timers,
          });
        }
      }),
    );
  });

  test("comes out the same in parts of any size, and from any place on", () => {
    fc.assert(
      fc.property(lives, fc.integer({ min: 1, max: 5 }), ({ actor }, messagesMax) => {
        const parts = [...retell(delivery, address, actor.entries, { messagesMax })];
        const last = parts.at(-1);
        expect(last).toMatchObject({ kind: "told", end: actor.entries.length, record: actor.record });
        for (const part of parts) {
          if (part.kind !== "told" || part === last) continue;
          expect([...retell(delivery, address, actor.entries, { from: part })].at(-1)).toMatchObject({
            record: actor.record,
          });
        }
      }),
    );
  });
});

describe("what cannot be told again is refused", () => {
  const { entries } = lived(0, [0]).actor;

  test("a run that was set aside at its birth, and one that was erased", () => {
    expect(at([], 0)).toMatchObject({ kind: "refused", code: "NOT_NOW" });
    const [last] = entries.slice(-1);
    if (last === undefined) throw new Error("a run has rows");
    expect(at([{ ...last, event: "ERASED" }], last.seq)).toMatchObject({ kind: "refused", code: "NOT_NOW" });
    expect(journalUntil([{ ...last, seq: 0, event: "ERASED" }], 0)).toMatchObject({ code: "NOT_NOW" });
  });

  test("a row that there is not", () => {
    expect(at(entries, entries.length)).toMatchObject({
      code: "NOT_FOUND",
      detail: `there are the rows 0 to ${entries.length - 1}`,
    });
  });

  test("a journal that this machine tells otherwise, from the row on where it does", () => {
    const changed = entries.map((entry, seq) => (seq === 2 ? { ...entry, to: "elsewhere" } : entry));
    expect(at(changed, 1)).toMatchObject({ state: entries[1]?.to });
    expect(at(changed, 2)).toMatchObject({ code: "NOT_NOW", detail: expect.stringContaining("from row 2 on") });
    const refusedThere = [...entries.slice(0, 1), { ...entries[1], ...refusedEntry(entries[1]) }];
    expect(at(refusedThere, 1)).toMatchObject({ code: "NOT_NOW" });
  });

  test("and no journal, however it was spoilt, makes it throw", () => {
    const spoilt = fc
      .tuple(lives, fc.nat(30), fc.constantFrom("event", "by", "data", "to", "seq", "at"), fc.jsonValue())
      .map(([{ actor }, place, key, value]) =>
        actor.entries.map((entry, seq) =>
          seq === place % actor.entries.length ? spoil(entry, key, typeof value === "object" ? {} : value) : entry,
        ),
      );
    fc.assert(
      fc.property(spoilt, fc.integer({ min: -2, max: 40 }), (journal, seq) => {
        const found = at(journal, seq);
        expect("kind" in found ? found.kind : "record").toMatch(/^(?:refused|record)$/);
      }),
    );
  });
});

function spoil(entry: Entry, key: string, value: unknown): Entry {
  return Object.assign({}, entry, { [key]: key === "event" ? String(value) : value });
}

function refusedEntry(entry: Entry | undefined): Entry {
  if (entry === undefined) throw new Error("a run has two rows");
  const { type, ...data } = refused(true);
  return { ...entry, event: type, data: asJson(data) };
}
