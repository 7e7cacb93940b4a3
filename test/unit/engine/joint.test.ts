import { describe, expect, test } from "vitest";
import { machineFor } from "../../../machines/index.ts";
import type { OrderSignal, Policy } from "../../../src/core/delivery.ts";
import { deliveryAddress, subjectAddress, type Address } from "../../../src/core/ids.ts";
import type { AdvanceWorld, Told } from "../../../src/engine/advance.ts";
import { advanceJointly, type Joint } from "../../../src/engine/joint.ts";
import type { ActorRecord, Entry, Mail, Position } from "../../../src/engine/ports.ts";
import { arrived, asJson, inputWith, normalized, recorded, runOf, VERIFIED } from "../../support/delivery-words.ts";

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
  const commit = (batch: readonly Told[], of: AdvanceWorld = world): Joint => {
    const joint = advanceJointly(SUBJECT, batch, (address) => kept.get(address), of);
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
