import { createPublicKey, verify } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { approverKeyOf, isApproverName } from "../../../src/approval/approver-key.ts";
import { readDecision, verifyDecision } from "../../../src/approval/decision.ts";
import { readEndorsement } from "../../../src/approval/endorsement.ts";
import { AT_ISO, DESK, endorsed, person, signedBy } from "../../support/approval-words.ts";
import { DIGEST, RUN } from "../../support/delivery-words.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });
const [alice, bob] = [person("alice"), person("bob")];
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
const bytes = (from: string): Uint8Array => Buffer.from(from, "utf8");

describe("a signed decision", () => {
  const signed = signedBy(alice, { reason: "stop holds — „gut“" });

  test("verifies with the key that signed it and says what was decided", () => {
    expect(verifyDecision(signed, alice.key)).toEqual({
      kind: "verified",
      decision: {
        schema: "qoc.decision/v1",
        workspace: DESK,
        run: RUN,
        draft: 1,
        digest: DIGEST,
        decision: "approve",
        reason: "stop holds — „gut“",
        approver: "alice",
        at: AT_ISO,
      },
    });
  });

  test("is a DSSE envelope that others' tools verify: PAE over type and payload, Ed25519", () => {
    const { payload, payloadType, signatures } = JSON.parse(text(signed));
    const body = Buffer.from(payload, "base64");
    const pae = Buffer.concat([bytes(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body]);
    expect(payloadType).toBe("application/vnd.qoc.decision+json");
    expect(verify(null, pae, createPublicKey(alice.pem), Buffer.from(signatures[0].sig, "base64"))).toBe(true);
    expect(signatures).toHaveLength(1);
  });

  test("does not verify with another key, also when it names it", () => {
    expect(verifyDecision(signed, bob.key).kind).toBe("refused");
    const renamed = bytes(text(signed).replace(alice.key.fingerprint, bob.key.fingerprint));
    expect(verifyDecision(renamed, bob.key)).toEqual({ kind: "refused", reason: "The signature does not match." });
  });

  test("is refused with any byte changed, put in or taken out", () => {
    for (let at = 0; at < signed.length; at += 1) {
      const changed = Buffer.from(signed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(verifyDecision(changed, alice.key).kind, `byte ${at}`).toBe("refused");
      const without = Buffer.concat([signed.subarray(0, at), signed.subarray(at + 1)]);
      expect(verifyDecision(without, alice.key).kind, `without ${at}`).toBe("refused");
      const within = Buffer.concat([signed.subarray(0, at), Buffer.from(" "), signed.subarray(at)]);
      expect(verifyDecision(within, alice.key).kind, `space at ${at}`).toBe("refused");
    }
  });

  test("is refused with any byte set to any other", () => {
    fc.assert(
      fc.property(fc.nat(signed.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(signed);
        changed[at] = (changed[at] ?? 0) ^ by;
        expect(verifyDecision(changed, alice.key).kind).toBe("refused");
      }),
    );
  });

  test.each([
    [
      "written with its members in another order",
      () => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text(signed))).toReversed())),
    ],
    ["pretty", () => JSON.stringify(JSON.parse(text(signed)), null, 1)],
    ["followed by a line feed", () => `${text(signed)}\n`],
    ["signed twice", () => text(signed).replace(/\[(\{.*\})\]/, "[$1,$1]")],
    ["signed by nobody", () => text(signed).replace(/\[\{.*\}\]/, "[]")],
    ["with two payloads", () => text(signed).replace("{", '{"payload":"",')],
    ["an endorsement", () => text(endorsed(alice, alice).endorsement)],
    ["nothing", () => ""],
    ["no JSON", () => "approve"],
  ])("that is %s is none", (_says, written) => {
    expect(verifyDecision(bytes(written()), alice.key).kind).toBe("refused");
  });

  test("of more than 16 KiB is not even parsed", () => {
    expect(readDecision(new Uint8Array(16 * 1024 + 1))).toEqual({ kind: "malformed", reason: "it is too long" });
  });

  test.each([
    ["a field more", { extra: true }],
    ["another schema", { schema: "qoc.decision/v2" }],
    ["a draft 0", { draft: 0 }],
    ["half a draft", { draft: 1.5 }],
    ["a digest in capitals", { digest: DIGEST.toUpperCase().replaceAll("1", "A") }],
    ["a decision to wait", { decision: "wait" }],
    ["a time without a zone", { at: "2026-07-05T14:00:00.000" }],
    ["a time that is none", { at: "2026-13-05T14:00:00.000Z" }],
    ["a name that is a path", { approver: "../alice" }],
  ])("with %s is none, although the signature holds", async (_says, changes) => {
    const { signRecord } = await import("../../../src/approval/signed-record.ts");
    const record = JSON.parse(Buffer.from(JSON.parse(text(signed)).payload, "base64").toString("utf8"));
    const forged = signRecord({ ...record, ...changes }, "application/vnd.qoc.decision+json", alice.signer);
    expect(readDecision(forged)).toEqual({ kind: "malformed", reason: "its payload is not of the form" });
  });
});

test("a decision is no endorsement", () => {
  expect(readEndorsement(signedBy(alice)).kind).toBe("malformed");
});

describe("an approver's key", () => {
  test("has the fingerprint of its SubjectPublicKeyInfo", async () => {
    const { createHash } = await import("node:crypto");
    const der = createPublicKey(alice.pem).export({ type: "spki", format: "der" });
    expect(alice.key.fingerprint).toBe(createHash("sha256").update(der).digest("hex"));
    expect(approverKeyOf(alice.pem.replaceAll("\n", "\r\n"))?.fingerprint).toBe(alice.key.fingerprint);
  });
  test.each(["", "no key", alice.pem.replace("PUBLIC", "PRIVATE"), alice.pem.slice(0, 60)])("is not %j", (pem) => {
    expect(approverKeyOf(pem)).toBeUndefined();
  });
  test.each(["", "Alice", "-a", "a/b", "..", "a.b", "a b", "é", "a".repeat(33)])("is not named %j", (name) => {
    expect(isApproverName(name)).toBe(false);
  });
});
