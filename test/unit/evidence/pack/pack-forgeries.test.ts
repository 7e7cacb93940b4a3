import { describe, expect, test } from "vitest";
import { evidenceIdOf } from "../../../../src/core/ids.ts";
import { seal } from "../../../../src/evidence/seal.ts";
import { verifyPack } from "../../../../src/evidence/pack/verify-pack.ts";
import type { VerifyCode } from "../../../../src/evidence/verify.ts";
import { birth, job, journal, looseOf, signer, type Loose } from "../support.ts";
import {
  codesOf,
  disclosureOf,
  discloses,
  encodeDisclosure,
  forgedPack,
  keys,
  packOf,
  reexported,
  signInto,
  statementIn,
} from "./pack-support.ts";

const { bytes } = seal(job(), signer);
const OPENED = "/intent/statement";
const CLOSED = "/subject/id";
const pointers = [OPENED, "/intent/task", "/runner_context/os"];
const pack = packOf(bytes, { pointers }).bytes;
const all = looseOf(
  packOf(bytes, { pointers: looseOf(bytes).integrity.hash_chain.flatMap((l: Loose) => Object.keys(l.fields)) }).bytes,
);

const otherBirth = {
  ...birth,
  evidence_id: evidenceIdOf("01980000-0000-7000-8000-000000000002"),
  disclosure_key: Buffer.alloc(32, 8).toString("base64url"),
};
const otherJob = { ...job(journal({ event_type: "other" })), birth: otherBirth };
const other = packOf(seal(otherJob, signer).bytes, { pointers: [...pointers, CLOSED] }).bytes;

const disclosureAt = (d: Loose, pointer: string): string =>
  d.disclosures.find((sent: string) => discloses(sent, pointer)) ?? "";
const sorted = (d: Loose): void => {
  d.disclosures = d.disclosures.toSorted();
};

function recode(d: Loose, pointer: string, change: (parts: Loose) => void): void {
  const parts = disclosureOf(disclosureAt(d, pointer));
  change(parts);
  d.disclosures = d.disclosures.map((sent: string) => (discloses(sent, pointer) ? encodeDisclosure(parts) : sent));
  sorted(d);
}
const drop = (d: Loose, pointer: string): void => {
  d.disclosures = d.disclosures.filter((sent: string) => !discloses(sent, pointer));
};
const receiptOf = (d: Loose, pointer: string): Loose => d.redactions.find((receipt: Loose) => receipt.path === pointer);
const receiptFor = (d: Loose, pointer: string): Loose => {
  const chain: Loose[] = statementIn(d.dsse).predicate.hash_chain;
  const seq = chain.findIndex((link) => pointer in link.fields);
  return { rule_id: "default-deny", path: pointer, seq, commitment: chain[seq].fields[pointer] };
};
const byPath = (a: Loose, b: Loose): number => (a.path < b.path ? -1 : 1);

type Forgery = readonly [name: string, change: (document: Loose) => void, codes: readonly VerifyCode[]];

/** Whoever exports signs the receipts, so these are the lies that only the chain gives away. */
const lies: readonly Forgery[] = [
  ["nothing changed", () => {}, []],
  [
    "a receipt dropped",
    (d) => (d.redactions = d.redactions.filter((receipt: Loose) => receipt.path !== CLOSED)),
    ["LEAF_UNACCOUNTED"],
  ],
  ["a receipt of another value", (d) => (receiptOf(d, CLOSED).commitment = "A".repeat(43)), ["RECEIPT_MISMATCH"]],
  ["a receipt of another link", (d) => (receiptOf(d, CLOSED).seq += 1), ["RECEIPT_MISMATCH"]],
  ["a receipt of no leaf", (d) => d.redactions.push({ ...receiptOf(d, CLOSED), path: "/zzz" }), ["RECEIPT_MISMATCH"]],
  [
    "a receipt for a leaf in clear",
    (d) => (
      d.redactions.push({ ...receiptOf(d, CLOSED), path: "/schema" }),
      (d.redactions = d.redactions.toSorted(byPath))
    ),
    ["RECEIPT_MISMATCH"],
  ],
  ["a receipt twice", (d) => d.redactions.push(d.redactions.at(-1)), ["PACK_UNSORTED"]],
  ["receipts in another order", (d) => (d.redactions = d.redactions.toReversed()), ["PACK_UNSORTED"]],
  ["disclosures in another order", (d) => (d.disclosures = d.disclosures.toReversed()), ["PACK_UNSORTED"]],
  ["a disclosure twice", (d) => (d.disclosures.push(d.disclosures[0]), sorted(d)), ["PACK_UNSORTED"]],
  [
    "a leaf opened and receipted",
    (d) => (d.redactions.push(receiptFor(d, OPENED)), (d.redactions = d.redactions.toSorted(byPath))),
    ["LEAF_TWICE"],
  ],
  [
    "a leaf neither opened nor receipted",
    (d) => (drop(d, OPENED), delete d.envelope.intent.statement),
    ["LEAF_UNACCOUNTED"],
  ],
  [
    "a value swapped",
    (d) => (recode(d, OPENED, (parts) => (parts[2] = "Sell")), (d.envelope.intent.statement = "Sell")),
    ["LEAF_UNACCOUNTED", "DISCLOSURE_MISMATCH", "SHOWN_MISMATCH"],
  ],
  [
    "a salt swapped",
    (d) => recode(d, OPENED, (parts) => (parts[0] = "A".repeat(22))),
    ["LEAF_UNACCOUNTED", "DISCLOSURE_MISMATCH", "SHOWN_MISMATCH"],
  ],
  [
    "a field relabelled as another one",
    (d) => recode(d, OPENED, (parts) => (parts[1] = "/intent/action")),
    ["LEAF_UNACCOUNTED", "DISCLOSURE_RELABELLED", "SHOWN_MISMATCH"],
  ],
  [
    "a field relabelled as one that is not there",
    (d) => recode(d, OPENED, (parts) => (parts[1] = "/intent/promise")),
    ["LEAF_UNACCOUNTED", "DISCLOSURE_RELABELLED", "SHOWN_MISMATCH"],
  ],
  [
    "a disclosure of another envelope",
    (d) => (d.disclosures.push(disclosureAt(looseOf(other), CLOSED)), sorted(d)),
    ["DISCLOSURE_FOREIGN"],
  ],
  [
    "a disclosure of another envelope in the place of its own",
    (d) => (drop(d, OPENED), d.disclosures.push(disclosureAt(looseOf(other), OPENED)), sorted(d)),
    ["LEAF_UNACCOUNTED", "DISCLOSURE_MISMATCH", "SHOWN_MISMATCH"],
  ],
  ["another value shown", (d) => (d.envelope.intent.statement = "Sell everything"), ["SHOWN_MISMATCH"]],
  ["a closed value shown", (d) => (d.envelope.subject.id = "delivery-1"), ["SHOWN_MISMATCH"]],
  ["an opened value not shown", (d) => delete d.envelope.intent.statement, ["SHOWN_MISMATCH"]],
  ["a value in clear shown otherwise", (d) => (d.envelope.execution.outcome = "failed"), ["SHOWN_MISMATCH"]],
  ["an observation less shown", (d) => d.envelope.observations.pop(), ["SHOWN_MISMATCH"]],
  ["what is amended closed", (d) => closeAmends(d), ["GENESIS_CLOSED"]],
  ["another id", (d) => (d.evidence_id = birth.run), ["SEAL_MISMATCH"]],
];

function closeAmends(d: Loose): void {
  d.redactions = [...d.redactions, receiptFor(d, "/amends")].toSorted(byPath);
  drop(d, "/amends");
  delete d.envelope.amends;
}

const SHAPE: readonly VerifyCode[] = ["SHAPE_INVALID"];
const misshapen: readonly Forgery[] = [
  ["a member too many", (d) => (d.extra = 1), SHAPE],
  ["a member too few", (d) => delete d.tlog_proof, SHAPE],
  ["another schema", (d) => (d.schema = "qoc.public-pack/v2"), SHAPE],
  ["the disclosure key", (d) => (d.disclosure_key = looseOf(bytes).integrity.disclosure_key), SHAPE],
  ["a receipt with a member too many", (d) => (d.redactions[0].value = "x"), SHAPE],
  ["a receipt of another rule", (d) => (d.redactions[0].rule_id = "because"), SHAPE],
  ["no document", (d) => (d.envelope = []), SHAPE],
  ["a commitment with padding", (d) => (d.redactions[0].commitment += "="), ["BASE64_NOT_EXACT"]],
  ["another statement", (d) => (d.dsse.payload = "e30="), SHAPE],
  ["a statement that is no JSON", (d) => (d.dsse.payload = "AAAA"), SHAPE],
];

const malformed = (change: (parts: Loose) => string): Forgery[1] => {
  return (d) => {
    const sent = disclosureAt(d, OPENED);
    drop(d, OPENED);
    d.disclosures.push(change(disclosureOf(sent)));
    sorted(d);
  };
};
const MALFORMED: readonly VerifyCode[] = ["DISCLOSURE_MALFORMED", "LEAF_UNACCOUNTED", "SHOWN_MISMATCH"];
const plain = (text: string): string => Buffer.from(text).toString("base64url");
const illSpelt: readonly Forgery[] = [
  ["blanks in it", malformed((parts) => plain(JSON.stringify(parts).replace(",", ", "))), MALFORMED],
  [
    "an escape too many",
    malformed((parts) => plain(JSON.stringify(parts).replace("/intent", "\\u002fintent"))),
    MALFORMED,
  ],
  ["padding behind it", malformed((parts) => `${encodeDisclosure(parts)}=`), MALFORMED],
  ["a value with parts", malformed(([salt, pointer]) => encodeDisclosure([salt, pointer, ["x"]])), MALFORMED],
  ["a fourth part", malformed((parts) => encodeDisclosure([...parts, 1])), MALFORMED],
  ["a short salt", malformed(([, ...rest]) => encodeDisclosure(["AAAA", ...rest])), MALFORMED],
  ["a number for a pointer", malformed(([salt]) => encodeDisclosure([salt, 1, "x"])), MALFORMED],
  ["no JSON in it", malformed(() => "AAAA"), MALFORMED],
  ["nothing in it", malformed(() => ""), MALFORMED],
];

const misexported: readonly Forgery[] = [
  [
    "the exporter's time",
    (d) => restate(d, (said) => (said.predicate.exported_at = "2020-01-01T00:00:00.000Z")),
    ["EXPORT_SIGNATURE_INVALID"],
  ],
  [
    "a receipt dropped from both lists",
    (d) => {
      d.redactions.shift();
      restate(d, (said) => said.predicate.redactions.shift());
    },
    ["LEAF_UNACCOUNTED", "EXPORT_SIGNATURE_INVALID"],
  ],
  ["a receipt dropped", (d) => d.redactions.shift(), ["LEAF_UNACCOUNTED", "EXPORT_MISMATCH"]],
  [
    "the exporter's signature spoiled",
    (d) => (d.export_dsse.signatures[0].sig = d.dsse.signatures[0].sig),
    ["EXPORT_SIGNATURE_INVALID"],
  ],
  ["an exporter unknown", (d) => (d.export_dsse.signatures[0].keyid = "0".repeat(64)), ["EXPORT_KEY_UNKNOWN"]],
  ["no exporter", (d) => (d.export_dsse.signatures = []), ["SIGNATURE_COUNT"]],
  ["the envelope's statement for the exporter's", (d) => (d.export_dsse = d.dsse), ["EXPORT_MISMATCH"]],
  [
    "the exporter's statement of another envelope",
    (d) => (d.export_dsse = looseOf(other).export_dsse),
    ["EXPORT_MISMATCH"],
  ],
  [
    "the envelope's signature spoiled",
    (d) => (d.dsse.signatures[0].sig = d.export_dsse.signatures[0].sig),
    ["SIGNATURE_INVALID"],
  ],
];

function restate(d: Loose, change: (statement: Loose) => void): void {
  const statement = statementIn(d.export_dsse);
  change(statement);
  const { sig } = d.export_dsse.signatures[0];
  signInto(d.export_dsse, statement);
  d.export_dsse.signatures[0].sig = sig;
}

describe("a pack with one thing changed by who exports it", () => {
  test.each(lies)("is judged by the chain, with %s", (_name, change, codes) => {
    expect(codesOf(reexported(pack, change))).toEqual(codes);
  });

  test.each([
    ["an accepted pointer that is closed", [CLOSED]],
    ["an accepted pointer twice", [OPENED, OPENED]],
  ])("is refused for %s", (_name, allowed) => {
    const lie = forgedPack(pack, (d) => {
      const said = statementIn(d.export_dsse);
      said.predicate.allowed = allowed;
      signInto(d.export_dsse, said);
    });
    expect(codesOf(lie)).toEqual(["EXPORT_MISMATCH"]);
  });
});

describe("a pack with one thing changed", () => {
  test.each(misshapen)("is no pack with %s", (_name, change, codes) => {
    expect(verifyPack(forgedPack(pack, change), { keys })).toMatchObject({ level: "none", codes, shown: null });
  });
  test.each(illSpelt)("is refused for a disclosure with %s", (_name, change, codes) => {
    expect(codesOf(forgedPack(pack, change))).toEqual(codes);
  });
  test.each(misexported)("is refused for %s", (_name, change, codes) => {
    expect(codesOf(forgedPack(pack, change))).toEqual(codes);
  });

  test("is refused with the seal of another envelope", () => {
    const codes = codesOf(forgedPack(pack, (d) => (d.dsse = looseOf(other).dsse)));
    expect(codes).toEqual(expect.arrayContaining(["RECEIPT_MISMATCH", "SEAL_MISMATCH", "EXPORT_MISMATCH"]));
  });

  test("is refused with everything opened of one envelope under the chain of another", () => {
    const codes = codesOf(forgedPack(other, (d) => Object.assign(d, { disclosures: all.disclosures, redactions: [] })));
    expect(codes).toEqual(expect.arrayContaining(["LEAF_UNACCOUNTED", "DISCLOSURE_MISMATCH", "EXPORT_MISMATCH"]));
  });
});
