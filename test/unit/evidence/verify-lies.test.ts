/** What the holder of the key and of K could seal, with every hash and commitment made to fit: only the form's own rules stand in the way. */
import { describe, expect, test } from "vitest";
import { commitmentOf, saltsOf } from "../../../src/evidence/chain.ts";
import { leavesOf } from "../../../src/evidence/leaves.ts";
import { parseIJson } from "../../../src/core/json.ts";
import { writeDisclosure } from "../../../src/evidence/pack/disclosure.ts";
import { exportPack } from "../../../src/evidence/pack/export.ts";
import { verifyPack } from "../../../src/evidence/pack/verify-pack.ts";
import { seal } from "../../../src/evidence/seal.ts";
import { verify, type VerifyCode } from "../../../src/evidence/verify.ts";
import { forgedPack, packOf, signInto, statementIn } from "./pack/pack-support.ts";
import { birth, forged, job, looseOf, redelivered, resealed, signer, type Loose } from "./support.ts";

const keys = [signer.publicKey];
const sealed = seal(job(), signer);
const amends = {
  evidence_id: sealed.evidence_id,
  seal_hash: sealed.seal_hash,
  ordinal: 1,
  prev_seal_hash: sealed.seal_hash,
};
const amendment = seal(job([redelivered(900, "sealed", Buffer.from("other"))], amends), signer).bytes;

/** Changed, then committed to again: a leaf that is new goes into the first link, one that is gone out of its link. */
function retold(bytes: Uint8Array, change: (document: Loose) => void): Uint8Array {
  return resealed(bytes, (document) => {
    change(document);
    const { integrity, ...said } = document;
    const parsed = parseIJson(JSON.stringify(said), { depthMax: 64 });
    if (parsed.kind !== "json") throw new Error(parsed.reason);
    const leaves = leavesOf(parsed.value);
    const linked = new Set<string>();
    for (const { open, fields } of integrity.hash_chain)
      for (const pointer of [...Object.keys(open), ...Object.keys(fields)])
        if (leaves.has(pointer)) linked.add(pointer);
        else delete fields[pointer];
    const [first] = integrity.hash_chain;
    for (const pointer of leaves.keys()) if (!linked.has(pointer)) first.fields[pointer] = "";
    const key = Buffer.from(integrity.disclosure_key, "base64url");
    for (const [index, { fields }] of integrity.hash_chain.entries()) {
      const pointers = Object.keys(fields).toSorted();
      const salts = saltsOf(key, index, pointers.length);
      for (const [place, pointer] of pointers.entries())
        fields[pointer] = commitmentOf(salts[place] ?? "", pointer, leaves.get(pointer) ?? "");
    }
  });
}

type Lie = readonly [name: string, change: (document: Loose) => void, codes: readonly VerifyCode[]];
const codesOf = (bytes: Uint8Array): readonly VerifyCode[] => verify(bytes, { keys }).codes;

const ofEnvelopes: readonly Lie[] = [
  ["nothing changed", () => {}, []],
  ["another statement", (d) => (d.intent.statement = "Sell everything"), []],
  ["a definition that is no hash", (d) => (d.execution.machine.definition_sha256 = "latest"), ["SHAPE_INVALID"]],
  ["a workspace that is not the origin's", (d) => (d.intent.trigger.workspace = "other"), ["SEAL_MISMATCH"]],
  ["the end of a workspace's name", (d) => (d.intent.trigger.workspace = "desk"), ["SEAL_MISMATCH"]],
  ["an origin of another workspace", (d) => (d.integrity.seal.origin = "localhost/other"), ["SEAL_MISMATCH"]],
  ["an origin without a host", (d) => (d.integrity.seal.origin = "equity-desk"), ["SEAL_MISMATCH"]],
  ["an origin of another host", (d) => (d.integrity.seal.origin = "desk.example/equity-desk"), []],
  ["a day that there is not", (d) => (d.generated_at = "2026-02-30T00:00:00.000Z"), ["SHAPE_INVALID"]],
  ["a second too many", (d) => (d.integrity.seal.sealed_at = "2026-07-05T13:45:60.000Z"), ["SHAPE_INVALID"]],
  ["an hour too many", (d) => (d.observations[0].at = "2026-07-05T24:00:00.000Z"), ["SHAPE_INVALID"]],
  ["a month too many", (d) => (d.integrity.hash_chain[0].at = "2026-13-01T00:00:00.000Z"), ["SHAPE_INVALID"]],
  ["a leap day of no leap year", (d) => (d.generated_at = "1900-02-29T00:00:00.000Z"), ["SHAPE_INVALID"]],
  ["a leap day", (d) => (d.generated_at = "2000-02-29T00:00:00.000Z"), ["TIME_MISMATCH"]],
  ["a day of the first year", (d) => (d.generated_at = "0000-01-01T00:00:00.000Z"), ["TIME_MISMATCH"]],
  ["a step's own words for its times", (d) => (d.execution.steps[0].started_at = "noon"), []],
  [
    "a redaction of no time",
    (d) =>
      (d.redactions = [
        {
          rule_id: "r",
          path: "/a",
          match_type: "email",
          match_count: 1,
          masked_len: 3,
          timestamp: "2026-06-31T00:00:00.000Z",
        },
      ]),
    ["SHAPE_INVALID"],
  ],
];

const ofAmendments: readonly Lie[] = [
  ["nothing changed", () => {}, []],
  ["another kind of subject", (d) => (d.subject.kind = "github_commit"), ["AMENDMENT_MISMATCH"]],
  ["another subject", (d) => (d.subject.id = birth.run), ["AMENDMENT_MISMATCH"]],
  ["another source", (d) => (d.subject.source = "github"), ["AMENDMENT_MISMATCH"]],
  ["no source", (d) => (d.subject.source = null), ["AMENDMENT_MISMATCH"]],
  ["words about its subject", (d) => d.subject.meta.push({ name: "ref", value: "main" }), ["AMENDMENT_MISMATCH"]],
  ["another seal before the first", (d) => (d.amends.prev_seal_hash = "0".repeat(64)), ["AMENDMENT_MISMATCH"]],
  ["another workspace", (d) => (d.intent.trigger.workspace = "other"), ["SEAL_MISMATCH"]],
];

describe("an envelope by the holder of the key", () => {
  test.each(ofEnvelopes)("is judged by the form, with %s", (_name, change, codes) => {
    expect(codesOf(retold(sealed.bytes, change))).toEqual(codes);
  });

  test("has at least one link", () => {
    const empty = resealed(sealed.bytes, (d) => (d.integrity.hash_chain = []));
    expect(verify(empty, { keys })).toMatchObject({ ok: false, level: "E0" });
    expect(codesOf(empty)).toContain("LEAF_UNCOVERED");
  });
});

describe("an amendment by the holder of the key", () => {
  test.each(ofAmendments)("is judged by the form, with %s", (_name, change, codes) => {
    expect(codesOf(retold(amendment, change))).toEqual(codes);
  });

  test("is not anchored", () => {
    const anchored = resealed(amendment, (d) => {
      d.subject.anchored = true;
      d.integrity.hash_chain[0].open["/subject/anchored"] = true;
    });
    expect(codesOf(anchored)).toEqual(["AMENDMENT_MISMATCH"]);
  });
});

/** A pack that opens all of what `retold` seals, which the exporter would refuse to make. */
function packOfLie(bytes: Uint8Array): Uint8Array {
  const { integrity, ...said } = looseOf(bytes);
  const parsed = parseIJson(JSON.stringify(said), { depthMax: 64 });
  if (parsed.kind !== "json") throw new Error(parsed.reason);
  const leaves = leavesOf(parsed.value);
  const key = Buffer.from(integrity.disclosure_key, "base64url");
  const disclosures = integrity.hash_chain.flatMap(({ fields }: Loose, index: number) => {
    const pointers = Object.keys(fields).toSorted();
    const salts = saltsOf(key, index, pointers.length);
    return pointers.map((pointer, place) => writeDisclosure(salts[place] ?? "", pointer, leaves.get(pointer) ?? ""));
  });
  const honest = packOf(amendment, { pointers: committed(amendment) }).bytes;
  return forgedPack(honest, (d) => {
    Object.assign(d, { envelope: said, disclosures: disclosures.toSorted(), dsse: integrity.dsse, redactions: [] });
    const statement = statementIn(d.export_dsse);
    statement.subject[0].digest.sha256 = integrity.seal_hash;
    statement.predicate.redactions = [];
    signInto(d.export_dsse, statement);
  });
}

const committed = (bytes: Uint8Array): readonly string[] =>
  looseOf(bytes).integrity.hash_chain.flatMap((link: Loose) => Object.keys(link.fields));

describe("a pack by the holder of the key", () => {
  test.each(ofAmendments)("is judged by what it opens of an amendment, with %s", (_name, change, codes) => {
    expect(verifyPack(packOfLie(retold(amendment, change)), { keys }).codes).toEqual(codes);
  });

  const closedBut = (...pointers: readonly string[]) => ({ pointers });

  test("closes what it likes, a workspace too", () => {
    const { bytes } = packOf(sealed.bytes, closedBut("/subject/kind"));
    expect(verifyPack(bytes, { keys })).toMatchObject({ ok: true });
    for (const policy of [closedBut(), closedBut(...committed(amendment)), closedBut("/subject/id", "/subject/meta")])
      expect(verifyPack(packOf(amendment, policy).bytes, { keys })).toMatchObject({ ok: true });
  });

  test("is of no chain without a link", () => {
    const pack = packOf(sealed.bytes).bytes;
    const empty = forgedPack(pack, (d) => {
      const statement = JSON.parse(Buffer.from(d.dsse.payload, "base64").toString());
      statement.predicate.hash_chain = [];
      d.dsse.payload = Buffer.from(JSON.stringify(statement)).toString("base64");
    });
    expect(verifyPack(empty, { keys })).toMatchObject({ ok: false, level: "E0" });
  });

  test("is not made of an envelope that does not hold", () => {
    const policy = { pointers: [], artifact_kinds: [], allow: [] };
    const exporter = { signer, keys, at: 0, tlog_proof: null };
    const bytes = retold(amendment, (d) => (d.subject.id = birth.run));
    expect(exportPack(bytes, policy, exporter)).toMatchObject({ because: "ENVELOPE_INVALID" });
    expect(
      exportPack(
        forged(bytes, () => {}),
        policy,
        exporter,
      ),
    ).toMatchObject({ because: "ENVELOPE_INVALID" });
  });
});
