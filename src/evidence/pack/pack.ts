/** The form of a public pack and of the two statements that are signed in it, and the texts of what an exporter writes. */
import { isObject, type IJsonObject, type IJsonValue } from "../../core/json.ts";
import { canonical, quote } from "../../core/canonical.ts";
import { PAYLOAD_TYPE } from "../dsse.ts";
import { sha256Hex } from "../hashes.ts";
import { utf8 } from "../platform.ts";
import {
  count,
  encoded,
  instant,
  list,
  mapOf,
  matching,
  Misshapen,
  object,
  oneOf,
  orNull,
  text,
  type Read,
  type Reader,
} from "../shape.ts";

export const PACK_SCHEMA = "qoc.public-pack/v1";
/** A pack holds the chain once, and of each leaf a disclosure or two receipts: up to some four times its envelope. */
export const PACK_BYTES_MAX = 64 * 1024 * 1024;

const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE = "urn:qoc:public-pack:v1";

const hex64 = matching(/^[0-9a-f]{64}$/);
const uuid = matching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
const commitment = encoded("base64url", 32);
/** Of any members: its form is checked elsewhere. */
const anyObject: Reader<IJsonObject> = (value, at) => {
  if (isObject(value)) return value;
  throw new Misshapen("SHAPE_INVALID", at);
};
const anyValue: Reader<IJsonValue> = (value, at) => {
  if (value !== undefined) return value;
  throw new Misshapen("SHAPE_INVALID", at);
};

const dsse = object({
  payloadType: oneOf(PAYLOAD_TYPE),
  payload: encoded("base64"),
  signatures: list(object({ keyid: hex64, sig: encoded("base64", 64) })),
});

/** Why a leaf is closed: nobody opened it, or its opening was removed from the desk. */
const ruleId = oneOf("default-deny", "erasure");
export type RuleId = Read<typeof ruleId>;

const receipt = object({ rule_id: ruleId, path: text, seq: count, commitment });

export const readPack = object({
  schema: oneOf(PACK_SCHEMA),
  evidence_id: uuid,
  envelope: anyObject,
  redactions: list(receipt),
  disclosures: list(text),
  dsse,
  export_dsse: dsse,
  tlog_proof: orNull(text),
});

export type Pack = Read<typeof readPack>;
export type Receipt = Read<typeof receipt>;

const statement = <T>(predicateType: string, predicate: Reader<T>) =>
  object({
    _type: oneOf(STATEMENT_TYPE),
    subject: list(object({ name: text, digest: object({ sha256: hex64 }) })),
    predicateType: oneOf(predicateType),
    predicate,
  });

/** The envelope's statement, as far as its leaves have to be known before `readEnvelope` can judge the rest. */
export const readSealStatement = statement(
  "urn:qoc:evidence:v1",
  object({
    seal: anyObject,
    hash_chain: list(
      object({
        seq: count,
        step: anyValue,
        at: anyValue,
        open: mapOf(anyValue),
        fields: mapOf(commitment),
        prev: anyValue,
      }),
    ),
  }),
);
export type ChainLink = Read<typeof readSealStatement>["predicate"]["hash_chain"][number];

export const readExportStatement = statement(
  PREDICATE_TYPE,
  object({ allowed: list(text), exported_at: instant, policy_sha256: hex64, redactions: list(receipt) }),
);

/** What the exporter signs, and of what. `redactions` is canonical text. */
export type ExportClaim = {
  readonly evidence_id: string;
  readonly seal_hash: string;
  readonly exported_at: string;
  readonly policy_sha256: string;
  /** Pointers that a person had opened although the scan found something there. */
  readonly allowed: readonly string[];
  readonly redactions: string;
};

/** The canonical text of the in-toto statement of an export: a verifier writes it anew and compares bytes. */
export const writeExportStatement = (claim: ExportClaim): string =>
  `{"_type":"${STATEMENT_TYPE}","predicate":{"allowed":${canonical(claim.allowed)},` +
  `"exported_at":${quote(claim.exported_at)},"policy_sha256":"${claim.policy_sha256}","redactions":${claim.redactions}},` +
  `"predicateType":"${PREDICATE_TYPE}",` +
  `"subject":[{"digest":{"sha256":"${claim.seal_hash}"},"name":${quote(`urn:qoc:evidence:${claim.evidence_id}`)}}]}`;

/** The canonical text of one receipt. */
export const writeReceipt = (
  path: string,
  seq: number,
  commitmentText: string,
  rule: RuleId = "default-deny",
): string => `{"commitment":"${commitmentText}","path":${quote(path)},"rule_id":"${rule}","seq":${seq}}`;

/** The policy that an export followed, by the SHA-256 of its RFC 8785 bytes; the order of its lists is no part of it. */
export const policyHash = (pointers: readonly string[], artifactKinds: readonly string[]): string =>
  sha256Hex(
    utf8(
      canonical({
        artifact_kinds: [...new Set(artifactKinds)].toSorted(),
        pointers: [...new Set(pointers)].toSorted(),
      }),
    ),
  );
