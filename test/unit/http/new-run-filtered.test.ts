/** A person makes a run of a redelivery to a webhook that stores what is filtered. */
import { describe, expect, test } from "vitest";
import type { DeliveryEvent } from "../../../src/core/delivery.ts";
import { birthIn } from "../../../src/core/delivery-journal.ts";
import type { Filtered } from "../../../src/core/redaction.ts";
import { planNewRun } from "../../../src/http/new-run.ts";
import { delivery } from "../../../machines/delivery.ts";
import { deliveryAddress } from "../../../src/core/ids.ts";
import {
  asJson,
  conflict,
  duplicate,
  inputWith,
  normalized,
  recorded,
  RUN,
  VERIFIED,
} from "../../support/delivery-words.ts";
import { begin, tell } from "../../support/machine-given.ts";

const world = { clock: { now: () => 9 }, entropy: { bytes: (count: number) => new Uint8Array(count).fill(7) } };
const masked = (rule_id: string) => ({ rule_id, path: "/body/a", match_type: "email", match_count: 1, masked_len: 8 });
const filtered = (rule_id: string): Filtered => ({
  redactions: [masked(rule_id)],
  raw_bytes_committed: "ab".repeat(32),
});

function bornOf(redelivery: DeliveryEvent) {
  const born = begin(delivery, deliveryAddress(RUN), asJson({ ...inputWith(), filtered: filtered("first") }));
  const { record, entries } = tell(born, VERIFIED, normalized(), recorded(), redelivery);
  const plan = planNewRun(record, entries, "a second event", world);
  if (plan.kind !== "plan") throw new Error(plan.detail);
  return { birth: birthIn(plan.mails[0]?.birth ?? null), events: plan.mails[0]?.events ?? [] };
}

describe("the new run", () => {
  test("has the redelivery's receipts, and commits to no bytes: its key never met them", () => {
    const { birth, events } = bornOf({ ...conflict, filtered: filtered("second") });
    expect(birth.filtered).toEqual({ redactions: [masked("second")], raw_bytes_committed: null });
    expect(events.filter((event) => "raw_bytes_committed" in event)).toEqual([]);
  });

  test("made of a plain duplicate has the receipts of the bytes that it is born with", () => {
    expect(bornOf(duplicate).birth.filtered).toEqual({ redactions: [masked("first")], raw_bytes_committed: null });
  });
});
