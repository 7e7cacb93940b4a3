/** A journal of an inbox run, as the engine writes one, and a fixed key to seal it with. */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import canonicalize from "canonicalize";
import type { DeliveryInput, Facts } from "../../../src/core/delivery.ts";
import { evidenceIdOf, runIdOf, sha256Of } from "../../../src/core/ids.ts";
import type { ArtifactRef, Json, Observation } from "../../../src/core/observation.ts";
import { sha256Hex } from "../../../src/evidence/hashes.ts";
import type { Amends, SealInput, Transition } from "../../../src/evidence/journal.ts";
import { signerOf } from "../../../src/evidence/keys.ts";

/** The PKCS#8 form of an Ed25519 seed (RFC 8410): 32 bytes, all 7. */
export const privateKey = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, 7)]),
  format: "der",
  type: "pkcs8",
});
export const privatePem = String(privateKey.export({ format: "pem", type: "pkcs8" }));
export const publicKey = createPublicKey(privateKey);
export const publicPem = String(publicKey.export({ format: "pem", type: "spki" }));
export const signer = signerOf(privatePem);
export const signOver = (bytes: Uint8Array): Uint8Array => sign(null, bytes, privateKey);

export const KEY = Buffer.alloc(32, 9);
export const BODY = Buffer.from('{"event":"risk_breach","nav":420.00}');
export const HEADERS = Buffer.from('[["content-type","application/json"]]');
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

export function artifact(kind: string, bytes: Uint8Array): ArtifactRef {
  return {
    sha256: sha256Of(sha256Hex(bytes)),
    kind,
    media_type: "application/json",
    bytes: bytes.length,
    class: "internal",
  };
}

const request = artifact("webhook_request", BODY);
const headers = artifact("webhook_headers", HEADERS);

export const birth: DeliveryInput = {
  run: runIdOf("018f0000-0000-8000-8000-000000000001"),
  evidence_id: evidenceIdOf("01980000-0000-7000-8000-000000000001"),
  workspace: "equity-desk",
  webhook: "risk-breach",
  received_at: Date.UTC(2026, 6, 5, 13, 45, 1, 120),
  origin: "localhost/equity-desk",
  producer: { name: "equity-desk", version: "0.1.0", component: "daemon" },
  runner: { os: "linux", arch: "x64", node: "20.20.2" },
  policy: {
    action: "inbox",
    task: null,
    on_stale: "process",
    on_gap: "process",
    on_partial: "process",
    hold_timeout_ms: 60_000,
    context_timeout_ms: 60_000,
    approval_timeout_ms: 60_000,
    attempts_max: 3,
    backoff_ms: 1000,
  },
  request,
  headers,
  disclosure_key: KEY.toString("base64url"),
};

export const facts: Facts = {
  provider: "qoc",
  event_type: "risk_breach",
  external_event_id: "evt-1",
  delivery_id: "delivery-1",
  actor: null,
  project: "desk/equity",
  ref: null,
  commit_sha: null,
  subject_key: "risk_breach",
  order: null,
  payload: "json",
};

export const observed = (name: string, value: Json, ...basis: readonly ArtifactRef[]): Observation => ({
  name,
  value,
  basis: basis.map(({ sha256 }) => sha256),
});

/** A transition `ms` after the delivery was received. */
export const transition = (
  ms: number,
  event: string,
  to: string,
  observations: readonly Observation[],
  data: Json = null,
): Transition => ({ at: birth.received_at + ms, event, to, observations, data });

export const redelivered = (ms: number, to: string, bytes: Uint8Array): Transition => {
  const conflicting = artifact("webhook_request", bytes);
  return transition(ms, "REDELIVERED", to, [observed("conflict_received", true, conflicting)], {
    delivery_id: "delivery-1",
    same_id: true,
    same_bytes: false,
    received_at: birth.received_at + ms,
    artifacts: [conflicting],
  });
};

const step = {
  kind: "inbox_item",
  status: "succeeded",
  exit_code: 0,
  started_at: "2026-07-05T13:45:01.130Z",
  finished_at: "2026-07-05T13:45:01.140Z",
  artifacts: [],
};

/** The journal of an inbox run. `given` replaces the facts; `anchored` is what RECORDED says of them. */
export function journal(given: Partial<Facts> = {}, anchored = false): readonly Transition[] {
  return [
    transition(0, "xstate.init", "received", []),
    transition(1, "VERIFIED", "verified", [observed("signature_verified", true, request, headers)], {
      scheme: "qoc",
      secret_index: 0,
      basis: [request.sha256, headers.sha256],
    }),
    transition(
      2,
      "NORMALIZED",
      "normalized",
      [observed("payload_parsed", "json", request), observed("correlation_recorded", "delivery-1", headers)],
      { facts: { ...facts, ...given }, basis: [request.sha256] },
    ),
    transition(
      3,
      "RECORDED",
      "recorded",
      [
        observed("order_checked", "unknown"),
        observed("anchor_checked", anchored, request),
        observed("intent_recorded", "Write an inbox item because of risk_breach", request),
      ],
      { order: "unknown", anchored, statement: "Write an inbox item because of risk_breach", basis: [request.sha256] },
    ),
    transition(3, "", "executing.performing", [observed("effect_started", "writeInboxItem")]),
    transition(
      20,
      "EFFECT_DONE",
      "sealing",
      [observed("effect_done", "writeInboxItem"), observed("outcome_decided", "completed")],
      { effect: "delivery/x#4:0", drafts: 0, step, artifacts: [], result: { file: "inbox/a.md" } },
    ),
  ];
}

export const machine = { id: "delivery", version: "1", definition: sha256Hex(Buffer.from("machine")) };

export const job = (entries: readonly Transition[] = journal(), amends: Amends | null = null): SealInput => ({
  birth,
  machine,
  entries,
  amends,
});

export const atHand = (sha256: string): Uint8Array | undefined =>
  [BODY, HEADERS].find((bytes) => sha256Hex(bytes) === sha256);

/** An envelope as a reader in a hurry would take it: plain, and without any check. */
export type Loose = ReturnType<typeof JSON.parse>;
export const looseOf = (bytes: Uint8Array): Loose => JSON.parse(Buffer.from(bytes).toString());

/** An envelope with one thing changed, as its canonical bytes: what a forger without the key can make. */
export function forged(bytes: Uint8Array, change: (document: Loose) => void): Uint8Array {
  const document = looseOf(bytes);
  change(document);
  return Buffer.from(canonicalize(document) ?? "");
}

const labelled = (label: string, value: unknown): string =>
  sha256Hex(Buffer.from(`qoc.evidence/v1/${label}\n${canonicalize(value)}`));

/** An envelope with one thing changed by the holder of the key: hashes, counts and signature are made to fit. */
export function resealed(bytes: Uint8Array, change: (document: Loose) => void): Uint8Array {
  return forged(bytes, (document) => {
    change(document);
    const { schema, evidence_id, kind, amends, integrity } = document;
    const { seal, hash_chain } = integrity;
    let head = labelled("genesis", { schema, evidence_id, kind, amends, origin: seal.origin });
    seal.field_count = 0;
    for (const link of hash_chain) {
      link.prev = head;
      head = labelled("link", link);
      seal.field_count += Object.keys(link.fields).length;
    }
    seal.chain_length = hash_chain.length;
    seal.head_entry_hash = integrity.head_entry_hash = head;
    integrity.seal_hash = labelled("seal", seal);
    const statement = {
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: `urn:qoc:evidence:${evidence_id}`, digest: { sha256: integrity.seal_hash } }],
      predicateType: "urn:qoc:evidence:v1",
      predicate: { seal, hash_chain },
    };
    const payload = Buffer.from(canonicalize(statement) ?? "");
    const encoded = Buffer.concat([Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `), payload]);
    integrity.dsse.payload = payload.toString("base64");
    integrity.dsse.signatures[0].sig = Buffer.from(signOver(encoded)).toString("base64");
  });
}
