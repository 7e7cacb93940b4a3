/** Verification of a public pack, offline: the same levels as an envelope, and that each leaf is opened or closed as the pack says. */
import { canonical } from "../../core/canonical.ts";
import { atPointer, isObject, parseIJson, type IJsonObject, type IJsonValue } from "../../core/json.ts";
import { EVIDENCE_BOUNDS } from "../../core/limits.ts";
import { checkIds, weighing, type AtHand } from "../check-artifacts.ts";
import { checkLinks, checkPlaces, linkTexts } from "../check-chain.ts";
import { trustOf } from "../check-keys.ts";
import { checkLog, levelOf } from "../check-log.ts";
import { checkIdentity, checkOrigin, checkSeal, checkSignature } from "../check-seal.ts";
import type { Envelope } from "../envelope.ts";
import { areEqual, utf8 } from "../platform.ts";
import { Misshapen, type Reader } from "../shape.ts";
import { firstOf, notProvenOfPack, type Finding, type VerifyCode } from "../verify-codes.ts";
import type { Verdict } from "../verify.ts";
import { reaches, type Level, type VerifyPolicy } from "../verify-policy.ts";
import { settle, type Account } from "./account.ts";
import { checkAmendedLeaves } from "./check-amended.ts";
import { checkExport, checkExportSignature } from "./check-export.ts";
import { checkOpened, gradeOpened } from "./check-opened.ts";
import { PACK_BYTES_MAX, PACK_SCHEMA, readPack, readSealStatement, type Pack } from "./pack.ts";
import { grow, shownOf, type Node } from "./rebuild.ts";
import { restore } from "./stand-in.ts";

/** As of an envelope; `ok` and the levels ask for both signatures. */
export type PackVerdict = Omit<Verdict, "document"> & {
  /** What the pack shows of the document; null when it could not be read. */
  readonly shown: IJsonObject | null;
  /** How many leaves are closed, and how many of these because their openings were removed from the desk. */
  readonly closed: number;
  readonly erased: number;
};

type Opened = {
  readonly pack: Pack;
  readonly account: Account;
  /** All leaves of the document in their places, closed ones too. */
  readonly grown: Node;
  /** The envelope as far as the pack tells it, and its text as a tree. */
  readonly envelope: Envelope;
  readonly tree: IJsonObject;
};
type Opening =
  | { readonly kind: "opened"; readonly opened: Opened }
  | { readonly kind: "unreadable"; readonly level: "none" | "E0"; readonly findings: readonly Finding[] };

/** Whether bytes say of themselves that they are a pack; it promises nothing about them. */
export function isPack(bytes: Uint8Array): boolean {
  if (bytes.length > PACK_BYTES_MAX) return false;
  const parsed = parseIJson(bytes, EVIDENCE_BOUNDS);
  return parsed.kind === "json" && isObject(parsed.value) && parsed.value.get("schema") === PACK_SCHEMA;
}

/** Never throws on hostile bytes. Throws only what `policy.artifact` throws. */
export function verifyPack(bytes: Uint8Array, policy: VerifyPolicy): PackVerdict {
  const opening = openPack(bytes);
  if (opening.kind === "unreadable") return verdict(opening.level, opening.findings);
  const { pack, account, tree, envelope } = opening.opened;
  const links = linkTexts(tree);
  const atHand = weighing(policy.artifact ?? nothingAtHand);
  const chain = firstOf(
    account.findings,
    checkShown(opening.opened),
    checkIdentity(envelope),
    checkAmendedLeaves(account.leaves, envelope),
    // What rests on artifacts is checked below, as far as it is opened.
    firstOf(checkIds(envelope)).filter(({ code }) => code === "ID_UNEXPECTED"),
    checkLinks(links, envelope),
    checkPlaces(envelope),
    checkSeal(tree, links, envelope),
    checkExport(pack, account.leaves, envelope),
  );
  const trust = trustOf(policy, envelope.integrity.seal.origin);
  const log = checkLog(envelope, trust.keys, policy, pack.tlog_proof);
  const signatures = firstOf(
    checkSignature(envelope, trust.keys, policy),
    checkExportSignature(pack, trust.keys, policy),
    log.outOfRange,
  );
  const reader = firstOf(
    trust.findings,
    checkOrigin(envelope, policy.origin, "/dsse/payload /predicate/seal/origin"),
    checkOpened(account.leaves, envelope, atHand),
    log.findings,
  );
  const level = chain.length > 0 ? "E0" : signatures.length > 0 ? "E1" : levelOf(log);
  return {
    ...verdict(level, firstOf(chain, signatures, reader)),
    observations: gradeOpened(account.leaves, envelope, atHand),
    not_proven: notProvenOfPack(log),
    evidence_id: envelope.evidence_id,
    shown: pack.envelope,
    closed: pack.redactions.length,
    erased: pack.redactions.filter(({ rule_id }) => rule_id === "erasure").length,
    logged: log.logged,
    witnesses: log.witnesses,
  };
}

function openPack(bytes: Uint8Array): Opening {
  if (bytes.length > PACK_BYTES_MAX) return unreadable("SIZE_EXCEEDED", `${bytes.length} bytes`);
  const parsed = parseIJson(bytes, EVIDENCE_BOUNDS);
  if (parsed.kind === "unparsable") return unreadable("JSON_MALFORMED", parsed.reason);
  if (!areEqual(utf8(canonical(parsed.value)), bytes)) return unreadable("BYTES_NOT_CANONICAL", "");
  try {
    return restorePack(parsed.value, readPack(parsed.value, ""));
  } catch (thrown) {
    if (thrown instanceof Misshapen) return unreadable(thrown.code, thrown.at);
    throw thrown;
  }
}

/** @throws Misshapen when the signed statement is none. */
function restorePack(tree: IJsonValue, pack: Pack): Opening {
  const at = "/dsse/payload";
  const statement = parseIJson(pack.dsse.payload, EVIDENCE_BOUNDS);
  if (statement.kind === "unparsable") return unreadable("SHAPE_INVALID", at);
  const { subject, predicate } = read(readSealStatement, statement.value, at);
  const account = settle(predicate.hash_chain, pack);
  const grown = grow(account.leaves);
  if (grown === undefined) return shapeless(account.findings, "");
  const restored = restore(grown, {
    hash_chain: atPointer(statement.value, "/predicate/hash_chain") ?? null,
    seal: predicate.seal,
    seal_hash: subject[0]?.digest.sha256 ?? "",
    dsse: atPointer(tree, "/dsse") ?? null,
  });
  if (restored.kind === "envelope") return { kind: "opened", opened: { pack, account, grown, ...restored } };
  if (restored.at.startsWith("/integrity")) return unreadable(restored.code, `${at} ${restored.at}`);
  return shapeless(account.findings, restored.at);
}

/** A reader's complaint about what stands within a payload, with the payload's place before it. */
const read = <T>(reader: Reader<T>, value: IJsonValue, at: string): T => reader(value, `${at} `);

const unreadable = (code: VerifyCode, at: string): Opening => ({
  kind: "unreadable",
  level: "none",
  findings: [{ code, at }],
});
const shapeless = (findings: readonly Finding[], at: string): Opening => ({
  kind: "unreadable",
  level: "E0",
  findings: firstOf(findings, [{ code: "LEAVES_MISSHAPEN", at }]),
});

const nothingAtHand: AtHand = () => undefined;

function* checkShown({ pack, grown, envelope }: Opened): Iterable<Finding> {
  if (pack.evidence_id !== envelope.evidence_id) yield { code: "SEAL_MISMATCH", at: "/evidence_id" };
  if (canonical(pack.envelope) !== canonical(shownOf(grown) ?? new Map()))
    yield { code: "SHOWN_MISMATCH", at: "/envelope" };
}

function verdict(level: Level, findings: readonly Finding[]): PackVerdict {
  const codes = findings.map(({ code }) => code);
  return {
    ok: reaches(level, "E2") && codes.length === 0,
    level,
    codes,
    findings,
    observations: [],
    not_proven: notProvenOfPack({}),
    evidence_id: null,
    shown: null,
    closed: 0,
    erased: 0,
    logged: null,
    witnesses: [],
  };
}
