import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { seal } from "../../../src/evidence/seal.ts";
import { verify, verifyCodes } from "../../../src/evidence/verify.ts";
import { atHand, birth, BODY, forged, job, publicPem, signer, signOver } from "./support.ts";

const { bytes, evidence_id } = seal(job(), signer);
const otherPem = String(generateKeyPairSync("ed25519").publicKey.export({ format: "pem", type: "spki" }));

const gradesWith = (artifact: typeof atHand) =>
  Object.fromEntries(
    verify(bytes, { keys: [publicPem], artifact }).observations.map(({ name, grade }) => [name, grade]),
  );

describe("verify", () => {
  test.each([
    ["its PEM", publicPem],
    ["its raw bytes", signer.publicKey],
  ])("accepts a sealed envelope with the key given as %s", (_name, key) => {
    const verdict = verify(bytes, { keys: [key], origin: "localhost/equity-desk", artifact: atHand });
    expect(verdict).toMatchObject({ ok: true, level: "E2", codes: [], findings: [], evidence_id });
  });

  test("finds the key among several", () => {
    expect(verify(bytes, { keys: [otherPem, publicPem] }).ok).toBe(true);
  });

  test("gives level E1, and is not ok, without a key", () => {
    expect(verify(bytes, {})).toMatchObject({ ok: false, level: "E1", codes: ["KEY_NOT_GIVEN"] });
  });

  test("gives level E1 for a signature by an unknown key", () => {
    expect(verify(bytes, { keys: [otherPem] })).toMatchObject({ ok: false, level: "E1", codes: ["KEY_UNKNOWN"] });
  });

  test("says so when a given key is no key", () => {
    expect(verify(bytes, { keys: ["nonsense"] }).codes).toEqual(["KEY_UNKNOWN", "KEY_UNUSABLE"]);
    expect(verify(bytes, { keys: ["nonsense", publicPem] })).toMatchObject({
      ok: false,
      level: "E2",
      codes: ["KEY_UNUSABLE"],
    });
  });

  test("is not ok from another origin than expected", () => {
    const verdict = verify(bytes, { keys: [publicPem], origin: "elsewhere/equity-desk" });
    expect(verdict).toMatchObject({ ok: false, level: "E2", codes: ["ORIGIN_UNEXPECTED"] });
  });

  test("gives level E1 for a signature that is not over this statement", () => {
    const verdict = verify(
      forged(bytes, ({ integrity }) => {
        integrity.dsse.signatures[0].sig = Buffer.from(signOver(Buffer.from("else"))).toString("base64");
      }),
      { keys: [publicPem] },
    );
    expect(verdict).toMatchObject({ ok: false, level: "E1", codes: ["SIGNATURE_INVALID"] });
  });

  test("is not ok when the bytes at hand are not the artifact's", () => {
    const verdict = verify(bytes, { keys: [publicPem], artifact: () => BODY });
    expect(verdict).toMatchObject({ ok: false, level: "E2", codes: ["ARTIFACT_MISMATCH"] });
    expect(verdict.findings).toEqual([{ code: "ARTIFACT_MISMATCH", at: "/artifacts/1" }]);
  });

  test("is the same for bytes of a larger buffer", () => {
    const larger = Buffer.concat([Buffer.from("  "), bytes, Buffer.from("  ")]);
    expect(verify(larger.subarray(2, -2), { keys: [publicPem] }).ok).toBe(true);
  });

  test("says what it does not prove", () => {
    expect(verify(bytes, { keys: [publicPem] }).not_proven).toHaveLength(6);
  });

  test("gives back what the document says", () => {
    expect(verify(bytes, { keys: [publicPem] }).document).toMatchObject({
      execution: { outcome: "completed" },
      integrity: { seal: { origin: birth.origin } },
    });
  });
});

describe("the grade of an observation", () => {
  test("is A with its basis at hand, B without, C where it has none", () => {
    expect(gradesWith(atHand)).toMatchObject({ payload_parsed: "A", correlation_recorded: "A", order_checked: "C" });
    expect(gradesWith(() => undefined)).toMatchObject({
      payload_parsed: "B",
      correlation_recorded: "B",
      order_checked: "C",
    });
  });

  test("is B for a signature, because the secret is not at hand", () => {
    expect(gradesWith(atHand)).toMatchObject({ signature_verified: "B" });
  });

  test("is B when the bytes at hand are others", () => {
    expect(gradesWith(() => Buffer.from("other bytes"))).toMatchObject({ payload_parsed: "B" });
  });
});

describe("the format's page", () => {
  const page = readFileSync(new URL("../../../src/evidence/README.md", import.meta.url), "utf8").replaceAll(/ +/g, " ");

  test.each(Object.entries(verifyCodes))("words %s as the code does", (code, says) => {
    expect(page).toContain(`| \`${code}\` | ${says} |`);
  });

  test("has no code that the table has not", () => {
    const rows = [...page.matchAll(/^\| `([A-Z0-9]+_[A-Z0-9_]+)` \|/gm)].map(([, code]) => code);
    expect(rows).toEqual(Object.keys(verifyCodes));
  });
});
