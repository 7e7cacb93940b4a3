/** Public packs: good ones, what anybody can make of one, and what only who exports it can. */
import type { VerifyCode } from "../../../src/evidence/verify.ts";
import {
  disclosureOf,
  discloses,
  encodeDisclosure,
  forgedPack,
  packOf,
  reexported,
  signInto,
  statementIn,
} from "../../unit/evidence/pack/pack-support.ts";
import { looseOf, resealed, signOver, type Loose } from "../../unit/evidence/support.ts";
import { agentRun, runByHand } from "./agent-runs.ts";
import type { Expected, Made } from "./case.ts";
import { at, foreign, forked, log } from "./desk-log.ts";
import { envelopes, first, stranger } from "./desk.ts";

const OPENED = "/runner_context/os";
const CLOSED = "/subject/id";
const pointers = [OPENED, "/runner_context/arch", "/producer/name"];
const committedIn = (envelope: Uint8Array): readonly string[] =>
  looseOf(envelope).integrity.hash_chain.flatMap((link: Loose) => Object.keys(link.fields));

const few = packOf(envelopes.refused, { pointers }).bytes;
const inbox = packOf(envelopes.inbox, { pointers: ["/subject/id", "/artifacts/*/media_type"] }).bytes;
const amendment = packOf(envelopes.amendment1).bytes;
const other = packOf(envelopes.commit, { pointers: [...pointers, CLOSED] }).bytes;
const everything = (envelope: Uint8Array): Uint8Array => packOf(envelope, { pointers: committedIn(envelope) }).bytes;

const logged = (pack: Uint8Array, receipt: string): Uint8Array => forgedPack(pack, (d) => (d.tlog_proof = receipt));
const early = { size: 6, by: first };
/** What erasing an envelope leaves: everything closed that can be, by the rule of that name. */
const erased = (envelope: Uint8Array): Uint8Array => packOf(envelope, { rule: "erasure" }).bytes;

/** The pack's own disclosures and receipts over another chain that the desk signed. */
const over = (change: (document: Loose) => void): Uint8Array => {
  const { dsse } = looseOf(resealed(envelopes.refused, change)).integrity;
  return reexported(few, (d) => {
    d.dsse = dsse;
    const said = statementIn(d.export_dsse);
    said.subject = statementIn(dsse).subject;
    signInto(d.export_dsse, said);
  });
};
const isOf = (pointer: string) => (sent: string) => discloses(sent, pointer);
const exchange = (d: Loose, pointer: string, sent: readonly string[]): void => {
  const others: readonly string[] = d.disclosures.filter((one: string) => !isOf(pointer)(one));
  d.disclosures = [...others, ...sent].toSorted();
};
const recode = (d: Loose, change: (parts: Loose) => void): void => {
  const parts = disclosureOf(d.disclosures.find(isOf(OPENED)));
  change(parts);
  exchange(d, OPENED, [encodeDisclosure(parts)]);
};
const byPath = (a: Loose, b: Loose): number => (a.path < b.path ? -1 : 1);
const receiptFor = (d: Loose, pointer: string): Loose => {
  const chain: Loose[] = statementIn(d.dsse).predicate.hash_chain;
  const seq = chain.findIndex((link) => pointer in link.fields);
  return { rule_id: "default-deny", path: pointer, seq, commitment: chain[seq].fields[pointer] };
};
const restate = (d: Loose, change: (statement: Loose) => void): void => {
  const said = statementIn(d.export_dsse);
  change(said);
  signInto(d.export_dsse, said);
};

const codes = (...found: readonly VerifyCode[]): Expected => ({ level: "E0", codes: found });
type Case = readonly [name: string, pack: Uint8Array, expected: Expected];
const good: readonly Case[] = [
  ["closed", packOf(envelopes.refused).bytes, { level: "E2", codes: [] }],
  ["some-opened", inbox, { level: "E2", codes: [] }],
  ["all-opened", everything(envelopes.refused), { level: "E2", codes: [] }],
  [
    "artifacts-opened",
    packOf(envelopes.inbox, { artifact_kinds: ["webhook_request"] }).bytes,
    { level: "E2", codes: [] },
  ],
  ["amendment", amendment, { level: "E2", codes: [] }],
  [
    "filtered",
    packOf(envelopes.filtered, { pointers: ["/redactions/*/rule_id", "/redactions/*/match_count"] }).bytes,
    { level: "E2", codes: [] },
  ],
  ["erased", erased(envelopes.refused), { level: "E2", codes: [] }],
  [
    "agent-run",
    packOf(agentRun, { pointers: [...pointers, "/artifacts/*/media_type"] }).bytes,
    { level: "E2", codes: [] },
  ],
  ["erased-run-by-hand", erased(runByHand), { level: "E2", codes: [] }],
  ["erased-amendment", erased(envelopes.amendment1), { level: "E2", codes: [] }],
  ["logged", logged(few, log.receipt(5, early)), { level: "E3", codes: [] }],
  [
    "logged-amendment",
    logged(amendment, log.receipt(at.amendment1, { ...early, extra: true })),
    { level: "E3", codes: [] },
  ],
  ["logged-erased", logged(erased(envelopes.refused), log.receipt(5, early)), { level: "E3", codes: [] }],
];

/** The chain alone gives these away: whoever exports signs the receipts. */
const lies: readonly Case[] = [
  [
    "receipt-dropped-reexported",
    reexported(few, (d) => (d.redactions = d.redactions.filter((r: Loose) => r.path !== CLOSED))),
    codes("LEAF_UNACCOUNTED"),
  ],
  [
    "receipt-of-another-value",
    reexported(few, (d) => (d.redactions[0].commitment = "A".repeat(43))),
    codes("RECEIPT_MISMATCH"),
  ],
  ["receipts-unsorted", reexported(few, (d) => (d.redactions = d.redactions.toReversed())), codes("PACK_UNSORTED")],
  [
    "leaf-twice",
    reexported(few, (d) => (d.redactions = [...d.redactions, receiptFor(d, OPENED)].toSorted(byPath))),
    codes("LEAF_TWICE"),
  ],
  [
    "field-relabelled",
    reexported(few, (d) => recode(d, (parts) => (parts[1] = "/producer/version"))),
    codes("LEAF_UNACCOUNTED", "DISCLOSURE_RELABELLED", "SHOWN_MISMATCH"),
  ],
  [
    "value-swapped",
    reexported(few, (d) => (recode(d, (parts) => (parts[2] = "plan9")), (d.envelope.runner_context.os = "plan9"))),
    codes("LEAF_UNACCOUNTED", "DISCLOSURE_MISMATCH", "SHOWN_MISMATCH"),
  ],
  [
    "disclosure-of-another-envelope",
    reexported(few, (d) => exchange(d, CLOSED, [looseOf(other).disclosures.find(isOf(CLOSED))])),
    codes("DISCLOSURE_FOREIGN"),
  ],
  [
    "disclosure-respelt",
    reexported(few, (d) => exchange(d, OPENED, [`${d.disclosures.find(isOf(OPENED))}=`])),
    codes("DISCLOSURE_MALFORMED", "LEAF_UNACCOUNTED", "SHOWN_MISMATCH"),
  ],
  ["closed-value-shown", reexported(few, (d) => (d.envelope.subject.id = "delivery-1")), codes("SHOWN_MISMATCH")],
  [
    "genesis-closed",
    reexported(few, (d) => {
      d.redactions = [...d.redactions, receiptFor(d, "/amends")].toSorted(byPath);
      exchange(d, "/amends", []);
      delete d.envelope.amends;
    }),
    codes("GENESIS_CLOSED"),
  ],
  [
    "another-id",
    reexported(few, (d) => (d.evidence_id = "018f0000-0000-8000-8000-000000000001")),
    codes("SEAL_MISMATCH"),
  ],
  [
    "accepted-pointer-is-closed",
    forgedPack(few, (d) => restate(d, (said) => (said.predicate.allowed = [CLOSED]))),
    codes("EXPORT_MISMATCH"),
  ],
];
/** The holder of the key made the chain up. */
const madeUp: readonly Case[] = [
  [
    "list-with-a-gap",
    over((d) => (d.integrity.hash_chain[0].open["/artifacts/9/id"] = "a10")),
    codes("LEAVES_MISSHAPEN"),
  ],
  [
    "member-unknown",
    over((d) => (d.integrity.hash_chain[0].open["/promise"] = true)),
    codes("LEAF_MISCLASSED", "LEAVES_MISSHAPEN"),
  ],
  [
    "leaf-in-clear",
    over((d) => {
      const [link] = d.integrity.hash_chain;
      delete link.fields[OPENED];
      link.open[OPENED] = "linux";
    }),
    codes("DISCLOSURE_FOREIGN", "LEAF_MISCLASSED"),
  ],
  [
    "links-misnumbered",
    over((d) => d.integrity.hash_chain.forEach((link: Loose) => (link.seq += 1))),
    codes("LINK_OUT_OF_ORDER"),
  ],
];
const E1 = (...found: readonly VerifyCode[]): Expected => ({ level: "E1", codes: found });
const E2 = (...found: readonly VerifyCode[]): Expected => ({ level: "E2", codes: found });
const none = (code: VerifyCode): Expected => ({ level: "none", codes: [code] });
const signedBy = (d: Loose, keyid: string): void => void (d.export_dsse.signatures[0].keyid = keyid);
/** Anybody can make these. */
const forgeries: readonly Case[] = [
  ["receipt-dropped", forgedPack(few, (d) => d.redactions.shift()), codes("LEAF_UNACCOUNTED", "EXPORT_MISMATCH")],
  [
    "seal-of-another",
    forgedPack(few, (d) => (d.dsse = looseOf(other).dsse)),
    codes("RECEIPT_MISMATCH", "LEAF_UNACCOUNTED", "DISCLOSURE_MISMATCH", "SHOWN_MISMATCH", "EXPORT_MISMATCH"),
  ],
  [
    "link-spliced",
    forgedPack(inbox, (d) => {
      const said = statementIn(d.dsse);
      said.predicate.hash_chain[2] = statementIn(looseOf(other).dsse).predicate.hash_chain[2];
      const { sig } = d.dsse.signatures[0];
      signInto(d.dsse, said);
      d.dsse.signatures[0].sig = sig;
    }),
    codes("FIELD_COUNT_MISMATCH", "LEAF_UNACCOUNTED", "LINK_BROKEN", "RECEIPT_MISMATCH", "SIGNATURE_INVALID"),
  ],
  ["export-of-another", forgedPack(few, (d) => (d.export_dsse = looseOf(other).export_dsse)), codes("EXPORT_MISMATCH")],
  [
    "export-signature",
    forgedPack(few, (d) => (d.export_dsse.signatures[0].sig = d.dsse.signatures[0].sig)),
    E1("EXPORT_SIGNATURE_INVALID"),
  ],
  ["export-by-a-stranger", forgedPack(few, (d) => signedBy(d, stranger.keyid)), E1("EXPORT_KEY_UNKNOWN")],
  [
    "envelope-signature",
    forgedPack(few, (d) => (d.dsse.signatures[0].sig = Buffer.from(signOver(Buffer.from("else"))).toString("base64"))),
    E1("SIGNATURE_INVALID"),
  ],
  [
    "disclosure-key",
    forgedPack(few, (d) => (d.disclosure_key = looseOf(envelopes.refused).integrity.disclosure_key)),
    none("SHAPE_INVALID"),
  ],
  ["rule-unknown", forgedPack(few, (d) => (d.redactions[0].rule_id = "because")), none("SHAPE_INVALID")],
  ["statement-is-no-statement", forgedPack(few, (d) => (d.dsse.payload = "e30=")), none("SHAPE_INVALID")],
  ["commitment-padded", forgedPack(few, (d) => (d.redactions[0].commitment += "=")), none("BASE64_NOT_EXACT")],
  ["trailing-newline", Buffer.concat([few, Buffer.from("\n")]), none("BYTES_NOT_CANONICAL")],
];
/** The envelope and its openings are good, the log's receipt is not. */
const misproven: readonly Case[] = [
  ["wrong-leaf", logged(few, log.receipt(4, early)), E2("LOG_PROOF_INVALID")],
  ["wrong-index", logged(few, log.receipt(5, early).replace("index 5", "index 4")), E2("LOG_PROOF_INVALID")],
  ["amendment-without-extra", logged(amendment, log.receipt(at.amendment1, early)), E2("LOG_PROOF_INVALID")],
  [
    "amendment-of-another-leaf",
    logged(amendment, log.receipt(at.amendment2, { ...early, extra: true })),
    E2("LOG_PROOF_INVALID"),
  ],
  [
    "amendment-with-a-claim-for-extra",
    logged(
      amendment,
      log
        .receipt(at.amendment1, early)
        .replace(
          "\nindex",
          `\nextra ${Buffer.from(`{"of":0,"seal":"${looseOf(envelopes.amendment1).integrity.seal_hash}","t":"amendment","v":1}`).toString("base64")}\nindex`,
        ),
    ),
    E2("LOG_PROOF_INVALID"),
  ],
  ["seal-with-extra", logged(few, log.receipt(5, { ...early, extra: true })), E2("LOG_PROOF_INVALID")],
  ["foreign-log", logged(few, foreign.receipt(5, early)), E2("LOG_PROOF_INVALID")],
  ["checkpoint-by-a-stranger", logged(few, log.receipt(5, { size: 6, by: stranger })), E2("LOG_PROOF_INVALID")],
  [
    "checkpoint-of-a-fork",
    logged(few, log.receipt(5, early).replace(/\n\n[^]*$/, `\n\n${forked.checkpoint(6, first)}`)),
    E2("LOG_PROOF_INVALID"),
  ],
  ["checkpoint-root", logged(few, log.receipt(5, early).replace("/log\n6\n", "/log\n7\n")), E2("LOG_PROOF_INVALID")],
  ["proof-is-no-proof", logged(few, "because I say so\n"), E2("LOG_PROOF_INVALID")],
];

const ending = (cases: readonly Case[], suffix: string): readonly Case[] =>
  cases.map(([name, pack, expected]) => [`${name}${suffix}`, pack, expected]);
const all = [...good, ...ending([...lies, ...madeUp, ...forgeries, ...misproven], "_fail")];

export const packs: Made = {
  files: Object.fromEntries(all.map(([name, pack]) => [`packs/${name}.json`, pack])),
  expected: Object.fromEntries(all.map(([name, , expected]) => [`packs/${name}`, expected])),
};
