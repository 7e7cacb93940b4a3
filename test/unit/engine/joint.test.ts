import { describe, expect, test } from "vitest";
import { machineFor } from "../../../machines/index.ts";
import type { OrderSignal, Policy } from "../../../src/core/delivery.ts";
import { deliveryAddress, noticeAddress, subjectAddress, type Address } from "../../../src/core/ids.ts";
import type { AdvanceWorld, Told } from "../../../src/engine/advance.ts";
import { advanceJointly, type Joint } from "../../../src/engine/joint.ts";
import type { ActorEvent, ActorRecord, Entry, Mail, Position } from "../../../src/engine/ports.ts";
import {
  arrived,
  asJson,
  conflict,
  inputWith,
  normalized,
  recorded,
  replay,
  runOf,
  VERIFIED,
} from "../../support/delivery-words.ts";

const SUBJECT = subjectAddress("desk", "main");
const world: AdvanceWorld = { now: 50, laneOf: (name) => name, machine: machineFor };
const link = (before: string | null, after: string): OrderSignal => ({
  kind: "chain",
  before,
  after,
  forced: false,
  mark: null,
});

type Sent = { readonly order?: OrderSignal; readonly policy?: Partial<Policy>; readonly at?: Position };
/** The n-th delivery, as mail that goes through the subject. */
function mail(n: number, { order = link(`c${n - 1}`, `c${n}`), policy = {}, at = [n, 0] }: Sent = {}): Told {
  const placed: Mail = {
    to: deliveryAddress(runOf(n)),
    through: { to: SUBJECT, event: arrived(n, { order, waits: true, commit_sha: `c${n}` }) },
    at: 7,
    by: "provider",
    birth: asJson(inputWith(policy, runOf(n))),
    events: [VERIFIED, normalized(), recorded({ order: "unknown" })],
    artifacts: [],
    index: [],
  };
  return { kind: "mail", placed: { position: at, mail: placed } };
}

/** A desk's records and journals, to which joint changes are committed. */
function records() {
  const kept = new Map<Address, ActorRecord>();
  const entries: Entry[] = [];
  const commit = (batch: readonly Told[], of: AdvanceWorld = world, to: Address = SUBJECT): Joint => {
    const joint = advanceJointly(to, batch, (address) => kept.get(address), of);
    for (const { record, entries: more } of joint.changes) {
      kept.set(record.address, record);
      entries.push(...more);
    }
    return joint;
  };
  return { kept, commit, said: (name: string) => observed(entries, name) };
}
const observed = (entries: readonly Entry[], name: string): readonly unknown[] =>
  entries.flatMap(({ observations }) => observations.filter((each) => each.name === name)).map(({ value }) => value);
const changed = ({ changes }: Joint): readonly string[] => changes.map(({ record }) => record.address);

describe("mail that goes through a subject", () => {
  test("changes the subject and its addressee together, and takes over what the subject says", () => {
    const desk = records();
    const joint = desk.commit([mail(1, { order: link(null, "c1") })]);
    expect(changed(joint)).toEqual([SUBJECT, deliveryAddress(runOf(1))]);
    expect(desk.said("order_checked")).toEqual(["in_order", "in_order"]);
    expect(joint.changes.map(({ before }) => before)).toEqual([null, null]);
  });

  test("of one batch is told one after the other, in one change of the subject", () => {
    const desk = records();
    const joint = desk.commit([mail(1, { order: link(null, "c1") }), mail(2), mail(3)]);
    expect(changed(joint)).toHaveLength(4);
    expect(desk.said("order_checked").filter((value) => value === "in_order")).toHaveLength(6);
    expect(joint.changes[0]?.entries).toHaveLength(4);
  });

  test("frees a run that waits in the store, in the same change", () => {
    const desk = records();
    desk.commit([mail(1, { order: link(null, "c1") })]);
    desk.commit([mail(3, { policy: { on_gap: "wait" } })]);
    expect(desk.kept.get(deliveryAddress(runOf(3)))?.state).toBe("held.for-predecessor");
    const joint = desk.commit([mail(2)]);
    expect(changed(joint)).toEqual([SUBJECT, deliveryAddress(runOf(2)), deliveryAddress(runOf(3))]);
    expect(desk.kept.get(deliveryAddress(runOf(3)))?.state).toBe("executing.performing");
    expect(desk.said("released")).toEqual(["predecessor_arrived"]);
  });

  test("frees a run of its own batch", () => {
    const desk = records();
    desk.commit([mail(1, { order: link(null, "c1") }), mail(3, { policy: { on_gap: "wait" } }), mail(2)]);
    expect(desk.kept.get(deliveryAddress(runOf(3)))?.state).toBe("executing.performing");
  });

  test("that was taken in before changes nothing", () => {
    const desk = records();
    desk.commit([mail(1)]);
    expect(changed(desk.commit([mail(1)]))).toEqual([]);
  });

  test("to a run that is there already tells the subject nothing, and is noted", () => {
    const desk = records();
    desk.commit([mail(1)]);
    const joint = desk.commit([mail(1, { at: [9, 0] })]);
    expect(changed(joint)).toEqual([deliveryAddress(runOf(1))]);
    expect(joint.changes[0]).toMatchObject({ entries: [], record: { applied: [9, 0] } });
  });

  test("reaches its addressee, in an unknown order, when the subject cannot be told", () => {
    const desk = records();
    const without: AdvanceWorld = {
      ...world,
      machine: (name, version) => (name === "subject" ? undefined : machineFor(name, version)),
    };
    const joint = desk.commit([mail(1)], without);
    expect(changed(joint)).toEqual([deliveryAddress(runOf(1))]);
    expect(joint.troubles).toEqual([{ says: "mail passed by", address: SUBJECT, reason: expect.any(String) }]);
    expect(desk.said("order_checked")).toEqual(["unknown"]);
    expect(changed(desk.commit([mail(2)]))).toHaveLength(2);
  });

  test("says nothing to a run that is not there", () => {
    const desk = records();
    desk.commit([mail(1, { order: link(null, "c1") })]);
    desk.commit([mail(3, { policy: { on_gap: "wait" } })]);
    desk.kept.delete(deliveryAddress(runOf(3)));
    expect(changed(desk.commit([mail(2)]))).toEqual([SUBJECT, deliveryAddress(runOf(2))]);
  });
});

/** Mail of an actor's own. */
const told = (to: Address, by: Mail["by"], event: ActorEvent, position: Position): Told => ({
  kind: "mail",
  placed: {
    position,
    mail: { to, through: null, at: 8, by, birth: null, events: [event], artifacts: [], index: [] },
  },
});

describe("an actor that bears whom it tells", () => {
  const RUN = deliveryAddress(runOf(1));
  const again = (event: ActorEvent, at: Position): Told => told(RUN, "provider", event, at);
  const [first, second] = [noticeAddress(runOf(1), 1), noticeAddress(runOf(1), 2)];
  const withoutNotices: AdvanceWorld = {
    ...world,
    machine: (name, version) => (name === "notice" ? undefined : machineFor(name, version)),
  };

  test("changes together with it, and it is born and told in one change", () => {
    const desk = records();
    desk.commit([mail(1)]);
    const joint = desk.commit([again(conflict, [2, 0])], world, RUN);
    expect(changed(joint)).toEqual([RUN, first]);
    expect(joint.changes[1]).toMatchObject({
      before: null,
      record: { state: "writing", born_at: world.now },
      entries: [{ event: "init" }, { event: "NOTICE", by: "daemon" }],
    });
  });

  test("bears one for each that it has to tell, also of one batch", () => {
    const desk = records();
    desk.commit([mail(1)]);
    const batch = [again(conflict, [2, 0]), again(replay, [2, 1])];
    expect(changed(desk.commit(batch, world, RUN))).toEqual([RUN, first, second]);
    expect(desk.said("notice_asked")).toEqual(["id_conflict", "suspected_replay"]);
  });

  test("goes on where this build knows no such machine, and the one that is to be born keeps what it is told", () => {
    const desk = records();
    desk.commit([mail(1)]);
    const joint = desk.commit([again(conflict, [2, 0])], withoutNotices, RUN);
    expect(joint.troubles).toEqual([{ says: "actor parked", address: first, reason: expect.any(String) }]);
    expect(desk.kept.get(RUN)).toMatchObject({ parked: null, state: "executing.performing" });
    desk.commit([told(first, "operator", { type: "RESUME" }, [3, 0])], world, first);
    expect(desk.kept.get(first)).toMatchObject({ parked: null, state: "writing" });
  });

  test("has told it also when it is set aside by what came behind that", () => {
    const desk = records();
    desk.commit([mail(1)]);
    // A conflict without its artifacts is no event of ours: its observation throws.
    const broken: ActorEvent & { readonly same_id: true; readonly same_bytes: false } = {
      type: "REDELIVERED",
      same_id: true,
      same_bytes: false,
    };
    const joint = desk.commit([again(conflict, [2, 0]), again(broken, [2, 1])], world, RUN);
    expect(desk.kept.get(RUN)?.parked).not.toBeNull();
    expect(changed(joint)).toEqual([RUN, first]);
    expect(desk.kept.get(first)?.state).toBe("writing");
  });
});
