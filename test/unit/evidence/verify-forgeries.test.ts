import { describe, expect, test } from "vitest";
import { seal } from "../../../src/evidence/seal.ts";
import { verify, type VerifyCode } from "../../../src/evidence/verify.ts";
import { birth, forged, job, publicPem, redelivered, resealed, signer, type Loose } from "./support.ts";

const { bytes, evidence_id, seal_hash } = seal(job(), signer);
const amendment = seal(
  job([redelivered(900, "sealed", Buffer.from("other"))], {
    evidence_id,
    seal_hash,
    ordinal: 1,
    prev_seal_hash: seal_hash,
  }),
  signer,
).bytes;
const codesOf = (file: Uint8Array): readonly VerifyCode[] => verify(file, { keys: [publicPem] }).codes;
const chainOf = (document: Loose): Loose[] => document.integrity.hash_chain;

type Forgery = readonly [name: string, change: (document: Loose) => void, codes: readonly VerifyCode[]];

const SHAPE: readonly VerifyCode[] = ["SHAPE_INVALID"];
const misshapen: readonly Forgery[] = [
  ["a member too many", (d) => (d.extra = 1), SHAPE],
  ["a member too many in an artifact", (d) => (d.artifacts[0].extra = 1), SHAPE],
  ["a member too many in a link", (d) => (chainOf(d)[0].extra = 1), SHAPE],
  ["a member too many in the seal", (d) => (d.integrity.seal.extra = 1), SHAPE],
  ["a member too many in a signature", (d) => (d.integrity.dsse.signatures[0].cert = ""), SHAPE],
  ["a member too few", (d) => delete d.redactions, SHAPE],
  ["a member renamed", (d) => ((d.producers = d.producer), delete d.producer), SHAPE],
  ["another schema", (d) => (d.schema = "qoc.evidence/v2"), SHAPE],
  ["another kind", (d) => (d.kind = "pack"), SHAPE],
  ["another hash function", (d) => (d.integrity.hash = "sha-1"), SHAPE],
  ["another canonicalization", (d) => (d.integrity.canonicalization = "none"), SHAPE],
  ["another payload type", (d) => (d.integrity.dsse.payloadType = "text/plain"), SHAPE],
  ["an array for an object", (d) => (d.subject = []), SHAPE],
  ["an object for an array", (d) => (d.artifacts = { "0": d.artifacts[0] }), SHAPE],
  ["a string for a number", (d) => (d.artifacts[0].bytes = "36"), SHAPE],
  ["a fraction for a count", (d) => (d.integrity.seal.chain_length = 6.5), SHAPE],
  ["a negative count", (d) => (d.artifacts[0].bytes = -1), SHAPE],
  ["null for a text", (d) => (d.evidence_id = null), SHAPE],
  ["an upper-case hash", (d) => (d.artifacts[0].sha256 = d.artifacts[0].sha256.toUpperCase()), SHAPE],
  ["a time with an offset", (d) => (d.generated_at = "2026-07-05T15:45:01.140+02:00"), SHAPE],
  ["a nested open leaf", (d) => (chainOf(d)[0].open["/schema"] = []), SHAPE],
  ["a name of the sender's in a claim", (d) => (d.observations[0].value = { secret: 1 }), SHAPE],
  ["a signature of 63 bytes", (d) => (d.integrity.dsse.signatures[0].sig = Buffer.alloc(63).toString("base64")), SHAPE],
  [
    "a commitment of 31 bytes",
    (d) => (chainOf(d)[0].fields["/amends"] = Buffer.alloc(31).toString("base64url")),
    SHAPE,
  ],
  ["a key with its padding", (d) => (d.integrity.disclosure_key += "="), ["BASE64_NOT_EXACT"]],
  ["a payload with a line feed", (d) => (d.integrity.dsse.payload += "\n"), ["BASE64_NOT_EXACT"]],
  ["a commitment in plain base64", (d) => (chainOf(d)[0].fields["/amends"] = "+".repeat(43)), ["BASE64_NOT_EXACT"]],
];

const UNSEALED: readonly VerifyCode[] = ["LINK_BROKEN", "STATEMENT_MISMATCH"];
const HEADLESS: readonly VerifyCode[] = ["HEAD_MISMATCH", "STATEMENT_MISMATCH"];
const broken: readonly Forgery[] = [
  ["a committed value", (d) => (d.intent.statement = "Sell everything"), ["COMMITMENT_MISMATCH"]],
  ["a value in clear", (d) => (d.execution.outcome = "failed"), ["OPEN_MISMATCH"]],
  ["a claim about the signature", (d) => (d.observations[0].value = false), ["OPEN_MISMATCH"]],
  ["a committed number", (d) => (d.artifacts[0].bytes += 1), ["COMMITMENT_MISMATCH"]],
  [
    "an artifact's hash alone",
    (d) => (d.artifacts[0].sha256 = "0".repeat(64)),
    ["COMMITMENT_MISMATCH", "URI_MISMATCH"],
  ],
  ["a leaf that is new", (d) => d.subject.meta.push({ name: "x", value: "y" }), ["LEAF_UNCOVERED"]],
  ["an observation less", (d) => d.observations.pop(), ["POINTER_DANGLING"]],
  [
    "an observation with another place",
    (d) => ([d.observations[3], d.observations[4]] = [d.observations[4], d.observations[3]]),
    ["ID_UNEXPECTED", "OPEN_MISMATCH", "POINTER_DANGLING", "COMMITMENT_MISMATCH", "LEAF_UNCOVERED"],
  ],
  [
    "a basis that does not resolve",
    (d) => (d.observations[0].basis_artifact_ids[0] = "a9"),
    ["BASIS_UNKNOWN", "COMMITMENT_MISMATCH"],
  ],
  ["an observation's state", (d) => (d.observations[0].state = "sealed"), ["OPEN_MISMATCH", "OBSERVATION_MISPLACED"]],
  ["an id", (d) => (d.artifacts[0].id = "a7"), ["ID_UNEXPECTED", "BASIS_UNKNOWN", "OPEN_MISMATCH"]],
  ["another key for the salts", (d) => (d.integrity.disclosure_key = "A".repeat(43)), ["COMMITMENT_MISMATCH"]],
  ["the times", (d) => (d.generated_at = "2026-07-05T13:45:01.141Z"), ["COMMITMENT_MISMATCH", "TIME_MISMATCH"]],
  [
    "the evidence id",
    (d) => (d.evidence_id = birth.run),
    ["LINK_BROKEN", "OPEN_MISMATCH", "SEAL_MISMATCH", "STATEMENT_MISMATCH"],
  ],
  [
    "the origin",
    (d) => (d.integrity.seal.origin = "x/y"),
    [...UNSEALED.slice(0, 1), "SEAL_MISMATCH", "SEAL_HASH_MISMATCH", "STATEMENT_MISMATCH"],
  ],
  [
    "the count of links",
    (d) => (d.integrity.seal.chain_length = 5),
    ["CHAIN_LENGTH_MISMATCH", "SEAL_HASH_MISMATCH", "STATEMENT_MISMATCH"],
  ],
  [
    "the count of commitments",
    (d) => (d.integrity.seal.field_count = 5),
    ["FIELD_COUNT_MISMATCH", "SEAL_HASH_MISMATCH", "STATEMENT_MISMATCH"],
  ],
  ["the head", (d) => (d.integrity.head_entry_hash = "0".repeat(64)), ["HEAD_MISMATCH"]],
  [
    "the seal's head",
    (d) => (d.integrity.seal.head_entry_hash = "0".repeat(64)),
    ["HEAD_MISMATCH", "SEAL_HASH_MISMATCH", "STATEMENT_MISMATCH"],
  ],
  [
    "the seal's time",
    (d) => (d.integrity.seal.sealed_at = "2026-07-05T13:45:01.141Z"),
    ["TIME_MISMATCH", "SEAL_HASH_MISMATCH", "STATEMENT_MISMATCH"],
  ],
  ["the seal hash", (d) => (d.integrity.seal_hash = "0".repeat(64)), ["SEAL_HASH_MISMATCH", "STATEMENT_MISMATCH"]],
  ["a link's time", (d) => (chainOf(d)[0].at = "2026-07-05T13:45:01.119Z"), UNSEALED],
  [
    "the last link's step",
    (d) => (chainOf(d)[5].step = "sealed"),
    ["HEAD_MISMATCH", "OBSERVATION_MISPLACED", "STATEMENT_MISMATCH"],
  ],
  ["a link's number", (d) => (chainOf(d)[5].seq = 6), ["LINK_OUT_OF_ORDER", ...HEADLESS]],
  ["a link's predecessor", (d) => (chainOf(d)[5].prev = "0".repeat(64)), ["LINK_BROKEN", ...HEADLESS]],
  [
    "a link less at the end",
    (d) => chainOf(d).pop(),
    [
      "HEAD_MISMATCH",
      "CHAIN_LENGTH_MISMATCH",
      "FIELD_COUNT_MISMATCH",
      "LEAF_UNCOVERED",
      "OBSERVATION_MISPLACED",
      "TIME_MISMATCH",
      "STATEMENT_MISMATCH",
    ],
  ],
  [
    "two links in each other's place",
    (d) => chainOf(d).splice(2, 2, chainOf(d)[3], chainOf(d)[2]),
    ["LINK_OUT_OF_ORDER", "LINK_BROKEN", "COMMITMENT_MISMATCH", "STATEMENT_MISMATCH"],
  ],
  [
    "a commitment less",
    (d) => delete chainOf(d)[5].fields["/generated_at"],
    ["HEAD_MISMATCH", "FIELD_COUNT_MISMATCH", "COMMITMENT_MISMATCH", "LEAF_UNCOVERED", "STATEMENT_MISMATCH"],
  ],
  [
    "a pointer twice",
    (d) => (chainOf(d)[5].open["/schema"] = "qoc.evidence/v1"),
    ["HEAD_MISMATCH", "POINTER_REPEATED", "STATEMENT_MISMATCH"],
  ],
  [
    "a committed leaf in clear beside its commitment",
    (d) => (chainOf(d)[5].open["/generated_at"] = d.generated_at),
    ["HEAD_MISMATCH", "LEAF_MISCLASSED", "POINTER_REPEATED", "STATEMENT_MISMATCH"],
  ],
  [
    "a pointer to nothing",
    (d) => (chainOf(d)[5].open["/nothing"] = 1),
    ["HEAD_MISMATCH", "POINTER_DANGLING", "STATEMENT_MISMATCH"],
  ],
  [
    "a pointer to what has parts",
    (d) => (chainOf(d)[5].open["/intent"] = 1),
    ["HEAD_MISMATCH", "POINTER_DANGLING", "STATEMENT_MISMATCH"],
  ],
  [
    "a signature too many",
    (d) => d.integrity.dsse.signatures.push(d.integrity.dsse.signatures[0]),
    ["SIGNATURE_COUNT"],
  ],
  ["no signature", (d) => (d.integrity.dsse.signatures = []), ["SIGNATURE_COUNT"]],
  ["the key's id", (d) => (d.integrity.dsse.signatures[0].keyid = "0".repeat(64)), ["KEY_UNKNOWN"]],
  ["another statement", (d) => (d.integrity.dsse.payload = "e30="), ["STATEMENT_MISMATCH", "SIGNATURE_INVALID"]],
  [
    "an envelope for an amendment",
    (d) => (d.kind = "amendment"),
    ["AMENDMENT_MISMATCH", "LINK_BROKEN", "OPEN_MISMATCH", "SEAL_MISMATCH"],
  ],
];

const AMENDED: readonly VerifyCode[] = ["AMENDMENT_MISMATCH", "LINK_BROKEN"];
const misamended: readonly Forgery[] = [
  ["another ordinal", (d) => (d.amends.ordinal = 2), [...AMENDED, "COMMITMENT_MISMATCH"]],
  ["ordinal nought", (d) => (d.amends.ordinal = 0), [...AMENDED, "COMMITMENT_MISMATCH"]],
  ["another envelope", (d) => (d.amends.evidence_id = birth.run), [...AMENDED, "OPEN_MISMATCH"]],
  ["nothing amended", (d) => (d.amends = null), [...AMENDED, "POINTER_DANGLING", "LEAF_UNCOVERED"]],
  ["an outcome of its own", (d) => (d.execution.outcome = "completed"), ["AMENDMENT_MISMATCH", "OPEN_MISMATCH"]],
];

/** The holder of the key seals what no journal gives: each check has to find it by itself. */
const lies: readonly Forgery[] = [
  ["nothing changed", () => {}, []],
  ["a committed leaf in clear", (d) => showSource(chainOf(d)[3], d), ["LEAF_MISCLASSED"]],
  ["a leaf left out", (d) => delete chainOf(d)[0].open["/schema"], ["LEAF_UNCOVERED"]],
  ["a leaf in two links", (d) => (chainOf(d)[5].open["/schema"] = "qoc.evidence/v1"), ["POINTER_REPEATED"]],
  ["a leaf that is not there", (d) => (chainOf(d)[5].open["/intent"] = "x"), ["POINTER_DANGLING"]],
  ["another value in clear", (d) => (chainOf(d)[5].open["/execution/outcome"] = "failed"), ["OPEN_MISMATCH"]],
  ["another value committed", (d) => (d.intent.statement = "Sell everything"), ["COMMITMENT_MISMATCH"]],
  ["links numbered from one", (d) => chainOf(d).forEach((link) => (link.seq += 1)), ["LINK_OUT_OF_ORDER"]],
  ["a link of another step", (d) => (chainOf(d)[3].step = "held"), ["OBSERVATION_MISPLACED"]],
  [
    "a link of another time",
    (d) => (chainOf(d)[3].at = chainOf(d)[4].at.replace("123", "122")),
    ["OBSERVATION_MISPLACED"],
  ],
  ["a seal of another time", (d) => (d.integrity.seal.sealed_at = "2026-07-05T13:45:01.141Z"), ["TIME_MISMATCH"]],
  ["a seal of another document", (d) => (d.integrity.seal.evidence_id = birth.run), ["SEAL_MISMATCH"]],
  ["a seal of another kind", (d) => (d.integrity.seal.kind = "amendment"), ["SEAL_MISMATCH"]],
];

/** The last of a link's commitments, so that the salts of the others stay as they are. */
function showSource(link: Loose, { subject }: Loose): void {
  delete link.fields["/subject/source"];
  link.open["/subject/source"] = subject.source;
}

describe("an envelope with one thing changed", () => {
  test("is accepted while nothing is", () => expect(codesOf(forged(bytes, () => {}))).toEqual([]));

  test.each(misshapen)("is not an envelope with %s", (_name, change, codes) => {
    expect(codesOf(forged(bytes, change))).toEqual(codes);
    expect(verify(forged(bytes, change), {}).level).toBe("none");
  });

  test.each(broken)("is refused for %s", (_name, change, codes) => {
    expect(codesOf(forged(bytes, change))).toEqual(codes);
  });
});

describe("an amendment with one thing changed", () => {
  test.each(misamended)("is refused for %s", (_name, change, codes) => {
    expect(codesOf(forged(amendment, change))).toEqual(codes);
  });
});

describe("an envelope that the holder of the key sealed", () => {
  test.each(lies)("is judged by what it says, with %s", (_name, change, codes) => {
    expect(codesOf(resealed(bytes, change))).toEqual(codes);
  });
});
