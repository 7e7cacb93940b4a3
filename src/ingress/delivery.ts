import type { Facts, RawDelivery } from "../core/delivery.ts";
import type { RunId, Sha256 } from "../core/ids.ts";
import { ARTIFACT_INLINE_BYTES_MAX } from "../core/limits.ts";
import type { Masked } from "../core/redaction.ts";
import type { Artifact } from "../engine/ports.ts";
import { keptHeaders } from "../providers/kept-headers.ts";
import { readPayload, type Payload } from "../providers/payload.ts";
import type { Handshake, Provider } from "../providers/provider.ts";
import { headersArtifact, mediaTypeOf, requestArtifact, sha256OfBytes } from "./artifacts.ts";
import { keyedIdentity } from "./commitment.ts";
import type { WebhookRuntime } from "./desk-ingress.ts";
import { bodyKey, dedupeKey, runIdFor, type DedupeKey } from "./identity.ts";
import { filtered } from "./kept.ts";
import { samenessOf } from "./sameness.ts";

/**
 * A verified delivery with everything that follows from its bytes and the webhook's settings: who it is, what it says, what is kept. Who it
 * is comes from the bytes as received; what it says and what is kept comes, for a filtered webhook, from what its rules leave of them.
 */
export type Delivery = {
  readonly facts: Facts;
  /** As received. Of a filtered delivery neither these bytes nor their bare hash is ever stored. */
  readonly raw: Uint8Array;
  readonly sha256: Sha256;
  /** What was masked; null where everything is kept as it came. */
  readonly redactions: readonly Masked[] | null;
  readonly key: DedupeKey;
  /** The run that the first delivery of this identity begins. */
  readonly first_run: RunId;
  readonly body_key: string;
  /** Who it was to a webhook that stores what comes, as this one did before: it is looked for, and never stored. Null for one that still does. */
  readonly unfiltered: Pick<Delivery, "first_run" | "body_key"> | null;
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
  const { filter, dedupe } = webhook;
  const known = (said: string): string => (filter === null ? said : keyedIdentity(filter.key, said));
  const { by, value } = dedupeKey(dedupe, facts, payload, { sha256, sameness });
  const key: DedupeKey = { by, value: known(value) };
  const unfiltered = (): Delivery["unfiltered"] => ({
    first_run: runIdFor(workspace, webhook.name, { by, value }),
    body_key: bodyKey(workspace, webhook.name, sameness),
  });
  const kept = filter === null ? whole(raw, provider, sha256, facts) : filtered(raw, facts, provider, webhook, filter);
  // Member by member: a spread that more members follow takes longer than all the rest.
  return {
    facts: kept.facts,
    request: kept.request,
    headers: kept.headers,
    redactions: kept.redactions,
    raw: raw.body,
    sha256,
    key,
    first_run: runIdFor(workspace, webhook.name, key),
    compares_ids: dedupe.kind === "id+body",
    body_key: bodyKey(workspace, webhook.name, known(sameness)),
    unfiltered: filter === null ? null : unfiltered(),
    secret_index,
    acknowledgement: provider.acknowledgement,
    challenge: provider.handshake === null ? null : challengeIn(payload, provider.handshake),
    is_large: kept.request.bytes.length > ARTIFACT_INLINE_BYTES_MAX,
  };
}

function whole({ headers, body }: RawDelivery, provider: Provider, sha256: Sha256, facts: Facts) {
  const kept = keptHeaders(provider).flatMap((name) => (headers.get(name) ?? []).map((value) => ({ name, value })));
  return {
    facts,
    request: requestArtifact(mediaTypeOf(headers.get("content-type")?.[0]), body, sha256),
    headers: headersArtifact(kept),
    redactions: null,
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
