/** Evidence as the page of a run verifies it: the same verdicts as the command line's, with the reasons in words. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { checkEvidence } from "../../../../src/console/run/check-evidence.ts";
import type { RunEvidence } from "../../../../src/http/shapes/envelopes.ts";

const folder = path.join(import.meta.dirname, "../../../conformance");
const file = (name: string) => ({ name, base64: readFileSync(path.join(folder, name)).toString("base64") });
const evidenceOf = (name: string, over: Partial<RunEvidence> = {}): RunEvidence => ({
  run: "r",
  envelope: file(name),
  amendments: [],
  receipt: null,
  keys: [file("evidence.pub")],
  command: "qoc envelope verify F --key evidence.pub",
  ...over,
});
const checkedOf = async (evidence: RunEvidence) => {
  const checked = await checkEvidence(evidence);
  if (checked.kind === "unable") throw new Error(checked.says);
  return checked;
};

describe("an envelope", () => {
  test("that holds: every check holds, and what it claims and does not show are in words", async () => {
    const { ok, files } = await checkedOf(evidenceOf("envelopes/commit.json"));
    const [first] = files;
    expect(ok).toBe(true);
    expect(first?.level).toBe("E2");
    expect(first?.checks.map(({ state }) => state)).toEqual(first?.checks.map(() => "holds"));
    expect(first?.claims.sentences.join(" ")).toMatch(
      /The run ended completed.*begun by a delivery.*anchored to a commit/s,
    );
    expect(first?.not_proven).toContain("that what the sender said is true");
  });
  test("that was masked says by which rule, where", async () => {
    const { files } = await checkedOf(evidenceOf("envelopes/filtered.json"));
    expect(files[0]?.claims.redactions.length).toBeGreaterThan(0);
    expect(files[0]?.claims.redactions[0]).toMatch(/ masked \d+ at /);
  });
  test("whose value was changed: the check that fails says so, with its code and its place", async () => {
    const { ok, files } = await checkedOf(evidenceOf("envelopes/committed-value_fail.json"));
    const failed = files[0]?.checks.filter(({ state }) => state === "fails") ?? [];
    expect(ok).toBe(false);
    expect(failed.map(({ failures }) => failures).flat()).toEqual([
      expect.stringMatching(/^COMMITMENT_MISMATCH: A commitment is not to the document's value\. \(\//),
    ]);
  });
  test("that cannot be read at all: what was not checked does not count as held", async () => {
    const { files } = await checkedOf(evidenceOf("envelopes/duplicate-member_fail.json"));
    expect(files[0]?.checks.map(({ state }) => state)).not.toContain("holds");
    expect(files[0]?.checks.map(({ state }) => state)).toContain("not checked");
    expect(files[0]?.claims.sentences.join(" ")).not.toContain("completed");
  });
  test("without the desk's key is not verified, however well its chain holds", async () => {
    const { ok, files } = await checkedOf(evidenceOf("envelopes/commit.json", { keys: [] }));
    expect([ok, files[0]?.level]).toEqual([false, "E1"]);
  });
  test("with an amendment that does not hold is not verified as a whole", async () => {
    const amendments = [file("envelopes/amendment-1.json"), file("envelopes/amendment-renumbered_fail.json")];
    const { ok, files } = await checkedOf(evidenceOf("envelopes/commit.json", { amendments }));
    expect([ok, ...files.map((each) => each.ok)]).toEqual([false, true, true, false]);
  });
});

test("what a pack keeps of an envelope is told from an envelope, with how much of it is closed", async () => {
  const { ok, files } = await checkedOf(evidenceOf("packs/closed.json"));
  expect([ok, files[0]?.kind]).toEqual([true, "pack"]);
  expect(files[0]?.claims.closed).toBeGreaterThan(0);
});
