/** The form of an envelope and of an amendment: every member, its type and its exact spelling. */
import { isArray, isObject, type IJsonValue } from "../core/json.ts";
import { PAYLOAD_TYPE } from "./dsse.ts";
import {
  count,
  encoded,
  instant,
  integer,
  list,
  mapOf,
  matching,
  object,
  oneOf,
  orNull,
  text,
  truth,
  type Read,
  type Reader,
} from "./shape.ts";

const hex64 = matching(/^[0-9a-f]{64}$/);
const uuid = matching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
const schema = oneOf("qoc.evidence/v1");
const kind = oneOf("envelope", "amendment");
const commitment = encoded("base64url", 32);
const namedText = object({ name: text, value: text });

/** What an observation may claim: plain values, lists of them, and names as values beside what they name. */
const claim: Reader<IJsonValue> = (value, at) => {
  if (value === undefined) return text(value, at);
  if (isObject(value)) namedClaim(value, at);
  else if (isArray(value)) claims(value, at);
  return value;
};
const claims = list(claim);
const namedClaim = object({ name: text, value: claim });

const openValue: Reader<string | number | boolean | null> = (value, at) =>
  typeof value === "object" && value !== null ? text(value, at) : (value ?? null);

const link = object({
  seq: count,
  step: text,
  at: instant,
  open: mapOf(openValue),
  fields: mapOf(commitment),
  prev: hex64,
});

const seal = object({
  schema,
  evidence_id: uuid,
  kind,
  origin: text,
  chain_length: count,
  field_count: count,
  head_entry_hash: hex64,
  sealed_at: instant,
});

const integrity = object({
  canonicalization: oneOf("rfc8785-jcs"),
  hash: oneOf("sha-256"),
  hash_chain: list(link),
  head_entry_hash: hex64,
  seal,
  seal_hash: hex64,
  dsse: object({
    payloadType: oneOf(PAYLOAD_TYPE),
    payload: encoded("base64"),
    signatures: list(object({ keyid: hex64, sig: encoded("base64", 64) })),
  }),
  disclosure_key: encoded("base64url", 32),
});

export const readEnvelope = object({
  schema,
  evidence_id: uuid,
  kind,
  amends: orNull(object({ evidence_id: uuid, seal_hash: hex64, ordinal: count, prev_seal_hash: hex64 })),
  generated_at: instant,
  producer: object({ name: text, version: text, component: text }),
  intent: object({
    action: oneOf("inbox", "run"),
    task: orNull(text),
    statement: orNull(text),
    trigger: object({
      kind: oneOf("webhook", "operator", "agent"),
      workspace: text,
      webhook: text,
      provider: orNull(text),
      event_type: orNull(text),
    }),
  }),
  subject: object({ kind: text, id: text, source: orNull(text), anchored: truth, meta: list(namedText) }),
  runner_context: object({ runner_type: text, os: text, arch: text, toolchain: list(namedText) }),
  execution: object({
    outcome: oneOf("completed", "failed", "denied", "expired", "superseded", "cancelled", "refused", "amended"),
    machine: object({ id: text, version: text, definition_sha256: hex64 }),
    steps: list(
      object({
        id: text,
        kind: text,
        status: oneOf("succeeded", "failed", "interrupted", "cancelled"),
        exit_code: orNull(integer),
        started_at: text,
        finished_at: text,
        artifact_ids: list(text),
      }),
    ),
  }),
  artifacts: list(
    object({
      id: text,
      kind: text,
      media_type: text,
      bytes: count,
      sha256: hex64,
      content_uri: text,
      location_hints: list(text),
      class: oneOf("internal", "public"),
    }),
  ),
  observations: list(
    object({
      id: text,
      name: text,
      value: claim,
      at: instant,
      state: text,
      basis_artifact_ids: list(text),
    }),
  ),
  redactions: list(
    object({
      rule_id: text,
      path: text,
      match_type: text,
      match_count: count,
      masked_len: count,
      timestamp: instant,
    }),
  ),
  integrity,
});

export type Envelope = Read<typeof readEnvelope>;
export type Link = Read<typeof link>;
