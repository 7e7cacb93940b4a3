import { describe, expect, test } from "vitest";
import { type Ground, judgeDecision, SIGNED_AGE_MS_MAX, type Submitted } from "../../../src/approval/judge-decision.ts";
import { sha256Of } from "../../../src/core/ids.ts";
import { DESK, person, SIGNED_AT, signedBy } from "../../support/approval-words.ts";
import { DIGEST, RUN, runOf } from "../../support/delivery-words.ts";

const [alice, bob, mallory] = [person("alice"), person("bob"), person("mallory")];
const EDITED = sha256Of("9".repeat(64));

const ground = (changes: Partial<Ground> = {}): Ground => ({
  policy: { require: "signed", approvers: 1, keys: [alice.key.fingerprint] },
  approvers: [alice.approver, bob.approver],
  unsettled: null,
  workspace: DESK,
  run: RUN,
  draft: 1,
  digest: DIGEST,
  now: SIGNED_AT,
  ...changes,
});
const approves = (signed: Uint8Array | null, changes: Partial<Submitted> = {}): Submitted => ({
  decision: "approve",
  digest: DIGEST,
  reason: "",
  signed,
  ...changes,
});
const codeOf = (submitted: Submitted, on = ground()): string => {
  const judged = judgeDecision(submitted, on);
  return judged.kind === "refused" ? judged.code : "accepted";
};

describe("a decision counts", () => {
  test("when an approver of the run signed it, and its bytes go into the evidence", () => {
    const signed = signedBy(alice);
    expect(judgeDecision(approves(signed), ground())).toEqual({
      kind: "accepted",
      approver: "alice",
      artifact: signed,
    });
  });
  test("when nobody signed it and the run takes such", () => {
    const local = ground({ policy: { require: "local", approvers: 1, keys: [] } });
    expect(judgeDecision(approves(null), local)).toEqual({ kind: "accepted", approver: null, artifact: null });
  });
  test.each([0, SIGNED_AGE_MS_MAX, -SIGNED_AGE_MS_MAX])("when it was signed %i ms from now", (apart) => {
    expect(codeOf(approves(signedBy(alice)), ground({ now: SIGNED_AT + apart }))).toBe("accepted");
  });
});

describe("a decision does not count", () => {
  test.each([
    ["that nobody signed", approves(null), {}, "SIGNATURE_MISSING"],
    ["of a draft that was edited since", approves(signedBy(alice)), { digest: EDITED }, "DRAFT_CHANGED"],
    [
      "signed for the digest of before the edit",
      approves(signedBy(alice), { digest: EDITED }),
      { digest: EDITED },
      "DECISION_OF_ANOTHER",
    ],
    ["signed for another draft", approves(signedBy(alice, { draft: 2 })), {}, "DECISION_OF_ANOTHER"],
    ["signed for another run", approves(signedBy(alice, { run: runOf(2) })), {}, "DECISION_OF_ANOTHER"],
    ["signed for another desk", approves(signedBy(alice, { workspace: "other" })), {}, "DECISION_OF_ANOTHER"],
    ["signed as a rejection", approves(signedBy(alice, { decision: "reject" })), {}, "DECISION_OF_ANOTHER"],
    ["signed with another reason", approves(signedBy(alice), { reason: "put in later" }), {}, "DECISION_OF_ANOTHER"],
    ["of a key of no approver", approves(signedBy(mallory)), {}, "APPROVER_UNKNOWN"],
    ["of one approver in another's name", approves(signedBy(alice, { approver: "bob" })), {}, "APPROVER_UNKNOWN"],
    ["of an approver whose key is younger than the run", approves(signedBy(bob)), {}, "KEY_NOT_OF_RUN"],
    ["that cannot be read", approves(Buffer.from("{}")), {}, "DECISION_MALFORMED"],
    ["signed too long ago", approves(signedBy(alice)), { now: SIGNED_AT + SIGNED_AGE_MS_MAX + 1 }, "CLOCK_SKEW"],
    ["signed in the future", approves(signedBy(alice)), { now: SIGNED_AT - SIGNED_AGE_MS_MAX - 1 }, "CLOCK_SKEW"],
    [
      "while the first approver is not the known one",
      approves(signedBy(alice)),
      { unsettled: "swapped" },
      "APPROVERS_UNSETTLED",
    ],
  ] as const)("%s", (_says, submitted, changes, code) => {
    expect(codeOf(submitted, ground(changes))).toBe(code);
  });

  test("with the signature of another under the approver's name", () => {
    const forged = Buffer.from(
      Buffer.from(signedBy(mallory, { approver: "alice" }))
        .toString()
        .replace(mallory.key.fingerprint, alice.key.fingerprint),
    );
    expect(codeOf(approves(forged))).toBe("SIGNATURE_WRONG");
  });

  test("with a wrong signature, also where none was needed", () => {
    const local = ground({ policy: { require: "local", approvers: 1, keys: [] } });
    expect(codeOf(approves(signedBy(mallory)), local)).toBe("APPROVER_UNKNOWN");
  });
});
