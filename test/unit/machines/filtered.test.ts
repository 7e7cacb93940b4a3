/** What a filtered delivery claims of the bytes that were not kept. */
import { describe, expect, test } from "vitest";
import type { DeliveryEvent } from "../../../src/core/delivery.ts";
import type { Observation } from "../../../src/core/observation.ts";
import {
  BODY,
  conflict,
  delivered,
  executing,
  normalized,
  OTHER,
  recorded,
  replay,
  VERIFIED,
} from "../../support/delivery-words.ts";
import { tell, type Actor } from "../../support/machine-given.ts";

const committed = "ab".repeat(32);
const claimsOf = ({ entries }: Actor): readonly Observation[] =>
  entries.flatMap(({ observations }) => observations).filter(({ name }) => name === "raw_bytes_committed");

describe("a delivery", () => {
  const upTo = (event: ReturnType<typeof normalized>): Actor => delivered({}, VERIFIED, event, recorded());

  test("that was filtered commits to what came, on the basis of what is kept", () => {
    expect(claimsOf(upTo({ ...normalized(), raw_bytes_committed: committed }))).toEqual([
      { name: "raw_bytes_committed", value: committed, basis: [BODY] },
    ]);
  });

  test.each([
    ["that was not", {}],
    ["that a person made a run of", { raw_bytes_committed: null }],
  ])("%s claims nothing of it", (_name, more) => {
    expect(claimsOf(upTo({ ...normalized(), ...more }))).toEqual([]);
  });
});

describe("a redelivery", () => {
  const filtered = { redactions: [], raw_bytes_committed: committed };

  test.each([
    ["in conflict", conflict],
    ["that may be a replay", { ...replay, artifacts: conflict.artifacts }],
  ])("%s commits to what came in the same entry", (_name, event) => {
    const withBytes: DeliveryEvent = { ...event, filtered };
    const told = tell(executing(), withBytes);
    expect(claimsOf(told)).toEqual([{ name: "raw_bytes_committed", value: committed, basis: [OTHER] }]);
    expect(told.entries.at(-1)?.observations.map(({ name }) => name)).toContain("raw_bytes_committed");
    expect(claimsOf(tell(executing(), event))).toEqual([]);
  });
});
