import type { Facts, RawDelivery } from "../core/delivery.ts";
import type { RunId, Sha256 } from "../core/ids.ts";
import { ARTIFACT_INLINE_BYTES_MAX } from "../core/limits.ts";
import type { Artifact } from "../engine/ports.ts";
import { readPayload, type Payload } from "../providers/payload.ts";
import type { Handshake, Provider } from "../providers/provider.ts";
import { headersArtifact, requestArtifact, sha256OfBytes } from "./artifacts.ts";
import type { WebhookRuntime } from "./desk-ingress.ts";
import { samenessOf } from "./sameness.ts";
import { bodyKey, dedupeKey, runIdFor, type DedupeKey } from "./identity.ts";

/** A verified delivery with everything that follows from its bytes and the webhook's settings: who it is, what it says, what is kept. */
export type Delivery = {
  readonly facts: Facts;
  readonly sha256: Sha256;
  /** What copies of this delivery have in common: the hash of its bytes, for most senders. */
  readonly sameness: Sha256;
  readonly key: DedupeKey;
  /** The run that the first delivery of this identity begins. */
  readonly first_run: RunId;
  readonly body_key: string;
  /** Known bytes under another id are a suspected replay. */
  readonly compares_ids: boolean;
  /** The place of the secret that matched: a rotation is finished when the old one no longer does. */
  readonly secret_index: number;
  readonly acknowledgement: Provider["acknowledgement"];
  /** Set when the sender only asks whether this endpoint is ours: the member to answer with, and its value. */
  readonly challenge: Challenge | null;
  readonly request: Artifact;
  readonly headers: Artifact;
  /** Its body is too large to ride in mail: it is kept ahead of it. */
  readonly is_large: boolean;
};
export type Challenge = { readonly name: string; readonly value: string };

export function readDelivery(
  raw: RawDelivery,
  provider: Provider,
  workspace: string,
  webhook: WebhookRuntime,
  secret_index: number,
): Delivery {
  const sha256 = sha256OfBytes(raw.body);
  const contentType = raw.headers.get("content-type")?.[0];
  const sameness = samenessOf(raw.body, sha256, contentType, provider.sameness);
  const payload = readPayload(raw.body, contentType, provider.form_json);
  const facts = provider.normalize({ headers: raw.headers, sha256, payload }, webhook.map);
  const key = dedupeKey(webhook.dedupe, facts, payload, { sha256, sameness });
  return {
    facts,
    sha256,
    sameness,
    key,
    first_run: runIdFor(workspace, webhook.name, key),
    compares_ids: webhook.dedupe.kind === "id+body",
    body_key: bodyKey(workspace, webhook.name, sameness),
    secret_index,
    acknowledgement: provider.acknowledgement,
    challenge: provider.handshake === null ? null : challengeIn(payload, provider.handshake),
    request: requestArtifact(raw, sha256),
    headers: headersArtifact(raw, provider),
    is_large: raw.body.length > ARTIFACT_INLINE_BYTES_MAX,
  };
}

function challengeIn(payload: Payload, { pointer, value, echo }: Handshake): Challenge | null {
  if (payload.at(pointer) !== value) return null;
  const answer = payload.at(echo);
  return answer === null ? null : { name: echo.slice(echo.lastIndexOf("/") + 1), value: answer };
}

/** What rides in the mail of this delivery. */
export const carried = ({ request, headers, is_large }: Delivery): readonly Artifact[] =>
  is_large ? [headers] : [request, headers];
