/** The export: from a sealed envelope to a public pack. Nothing is opened that no policy names, and nothing that looks like a secret. */
import { assert } from "../../core/assert.ts";
import { canonical, writeObject } from "../../core/canonical.ts";
import { atPointer, isObject, parseIJson, type IJsonObject, type IJsonValue } from "../../core/json.ts";
import { EVIDENCE_BOUNDS } from "../../core/limits.ts";
import { saltsOf } from "../chain.ts";
import { signStatement, type Signer } from "../dsse.ts";
import type { Envelope } from "../envelope.ts";
import { isoOf } from "../journal.ts";
import type { PublicKey } from "../keys.ts";
import { leavesOf } from "../leaves.ts";
import type { Instant } from "../../core/ids.ts";
import { verify, type VerifyCode } from "../verify.ts";
import { writeDisclosure } from "./disclosure.ts";
import { openerOf, type PublicPolicy } from "./opening.ts";
import { PACK_SCHEMA, policyHash, writeExportStatement, writeReceipt, type RuleId } from "./pack.ts";
import { grow, shownOf, type MaybeLeaf } from "./rebuild.ts";
import { scan, type Suspect } from "./secret-scan.ts";

export type ExportPolicy = PublicPolicy & {
  /** Pointers that a person looked at and accepted. It opens nothing by itself: it only answers the scan. */
  readonly allow: readonly string[];
  /** Why leaves are closed, as their receipts say it. */
  readonly rule?: RuleId;
};

export type Exporter = {
  readonly signer: Signer;
  /** The keys that the envelope may be signed by. */
  readonly keys: readonly PublicKey[];
  readonly at: Instant;
  /** The receipt of the log, which lies beside the envelope; null when it is not logged. */
  readonly tlog_proof: string | null;
};

export type Exported =
  | {
      readonly kind: "pack";
      readonly evidence_id: string;
      readonly bytes: Uint8Array;
      /** Pointers of the committed leaves that the pack opens, in ascending order. */
      readonly opened: readonly string[];
      /** How many committed leaves it receipts instead. */
      readonly closed: number;
      /** Of the policy's `allow`, those at which the scan had found something. */
      readonly allowed: readonly string[];
    }
  | { readonly kind: "stopped"; readonly because: "SECRET_FOUND"; readonly at: readonly Suspect[] }
  | { readonly kind: "stopped"; readonly because: "ENVELOPE_INVALID"; readonly codes: readonly VerifyCode[] };

export function exportPack(envelope: Uint8Array, policy: ExportPolicy, exporter: Exporter): Exported {
  const verdict = verify(envelope, { keys: exporter.keys });
  if (!verdict.ok || verdict.document === null)
    return { kind: "stopped", because: "ENVELOPE_INVALID", codes: verdict.codes };
  const tree = treeOf(envelope);
  const parted = part(tree, verdict.document, policy);
  const suspects = scan(parted.shown, (pointer) => nameBeside(tree, pointer), closedHashes(verdict.document, parted));
  const refused = suspects.filter(({ pointer }) => !policy.allow.includes(pointer));
  if (refused.length > 0) return { kind: "stopped", because: "SECRET_FOUND", at: refused };
  const allowed = [...new Set(suspects.map(({ pointer }) => pointer))].toSorted();
  const { evidence_id } = verdict.document;
  return {
    kind: "pack",
    evidence_id,
    bytes: writePack(tree, verdict.document, parted, allowed, policy, exporter),
    opened: [...parted.disclosures.keys()].toSorted(),
    closed: parted.receipts.size,
    allowed,
  };
}

/** Each leaf of the chain: shown (in clear, or opened by a disclosure) or closed (by a receipt). */
type Parted = {
  readonly shown: ReadonlyMap<string, IJsonValue>;
  readonly disclosures: ReadonlyMap<string, string>;
  readonly receipts: ReadonlyMap<string, string>;
};

function part(tree: IJsonObject, { integrity, artifacts }: Envelope, policy: ExportPolicy): Parted {
  const leaves = leavesOf(new Map([...tree].filter(([name]) => name !== "integrity")));
  const opens = openerOf(policy, (index) => artifacts[index]?.kind);
  const shown = new Map<string, IJsonValue>();
  const disclosures = new Map<string, string>();
  const receipts = new Map<string, string>();
  for (const [seq, { open, fields }] of integrity.hash_chain.entries()) {
    for (const [pointer, value] of open) shown.set(pointer, value);
    const salts = saltsOf(integrity.disclosure_key, seq, fields.size);
    for (const [place, [pointer, commitment]] of [...fields].entries()) {
      const leaf = leaves.get(pointer);
      assert(leaf !== undefined, "a verified chain names leaves that are there");
      if (opens(pointer)) {
        shown.set(pointer, atPointer(tree, pointer) ?? null);
        disclosures.set(pointer, writeDisclosure(salts[place] ?? "", pointer, leaf));
      } else
        receipts.set(pointer, writeReceipt(pointer, seq, Buffer.from(commitment).toString("base64url"), policy.rule));
    }
  }
  return { shown, disclosures, receipts };
}

/** What lies beside in the document, closed or not: the scan may know more than the reader of the pack. */
function nameBeside(tree: IJsonObject, pointer: string): string | undefined {
  const beside = atPointer(tree, `${pointer.slice(0, pointer.lastIndexOf("/"))}/name`);
  return typeof beside === "string" ? beside : undefined;
}

/** Whoever allows the hash or the URI of an artifact allows what both of them say. */
const closedHashes = ({ artifacts }: Envelope, { shown }: Parted): readonly string[] =>
  artifacts.flatMap(({ sha256 }, index) =>
    ["sha256", "content_uri"].some((name) => shown.has(`/artifacts/${index}/${name}`)) ? [] : [sha256],
  );

function writePack(
  tree: IJsonObject,
  { evidence_id, integrity }: Envelope,
  { shown, disclosures, receipts }: Parted,
  allowed: readonly string[],
  policy: PublicPolicy,
  exporter: Exporter,
): Uint8Array {
  const closed = [...receipts.keys()].map((pointer): readonly [string, MaybeLeaf] => [pointer, undefined]);
  const grown = grow([...shown, ...closed]);
  assert(grown !== undefined, "the leaves of a verified document are those of a document");
  const redactions = `[${[...receipts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => text)
    .join(",")}]`;
  const claim = {
    evidence_id,
    seal_hash: integrity.seal_hash,
    exported_at: isoOf(exporter.at),
    policy_sha256: policyHash(policy.pointers, policy.artifact_kinds),
    allowed,
    redactions,
  };
  const members = [
    ["schema", canonical(PACK_SCHEMA)],
    ["evidence_id", canonical(evidence_id)],
    ["envelope", canonical(shownOf(grown) ?? new Map())],
    ["redactions", redactions],
    ["disclosures", canonical([...disclosures.values()].toSorted())],
    ["dsse", canonical(atPointer(tree, "/integrity/dsse") ?? null)],
    ["export_dsse", signStatement(writeExportStatement(claim), exporter.signer)],
    ["tlog_proof", canonical(exporter.tlog_proof)],
  ] as const;
  return Buffer.from(writeObject(members));
}

/** @throws when the bytes are no verified envelope: a bug of ours. */
function treeOf(bytes: Uint8Array): IJsonObject {
  const parsed = parseIJson(bytes, EVIDENCE_BOUNDS);
  assert(parsed.kind === "json" && isObject(parsed.value), "a verified envelope is an object");
  return parsed.value;
}
