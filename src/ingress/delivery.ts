import type { Facts, RawDelivery } from "../core/delivery.ts";
import { deliveryAddress, type Address, type RunId, type Sha256 } from "../core/ids.ts";
import type { Artifact } from "../engine/ports.ts";
import { readPayload } from "../providers/payload.ts";
import type { Provider } from "../providers/provider.ts";
import { headersArtifact, requestArtifact, sha256OfBytes } from "./artifacts.ts";
import type { WebhookRuntime } from "./desk-ingress.ts";
import { bodyKey, dedupeKey, runIdFor, type DedupeKey } from "./identity.ts";

/** A verified delivery with everything that follows from its bytes and the webhook's settings: who it is, what it says, what is kept. */
export type Delivery = {
  readonly facts: Facts;
  readonly sha256: Sha256;
  readonly key: DedupeKey;
  readonly run: RunId;
  readonly address: Address;
  readonly body_key: string;
  /** Known bytes under another id are a suspected replay. */
  readonly compares_ids: boolean;
  readonly request: Artifact;
  readonly headers: Artifact;
};

export function readDelivery(
  raw: RawDelivery,
  provider: Provider,
  workspace: string,
  webhook: WebhookRuntime,
): Delivery {
  const sha256 = sha256OfBytes(raw.body);
  const payload = readPayload(raw.body);
  const facts = provider.normalize({ headers: raw.headers, sha256, payload }, webhook.map);
  const key = dedupeKey(webhook.dedupe, facts, payload, sha256);
  const run = runIdFor(workspace, webhook.name, key);
  return {
    facts,
    sha256,
    key,
    run,
    address: deliveryAddress(run),
    compares_ids: webhook.dedupe.kind === "id+body",
    body_key: bodyKey(workspace, webhook.name, sha256),
    request: requestArtifact(raw, sha256),
    headers: headersArtifact(raw, provider),
  };
}
