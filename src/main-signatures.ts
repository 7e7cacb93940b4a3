/** Looks after the signatures of the desks that are served: what the ingress reports of them, and what a person is told. */
import { systemClock } from "./adapters/clock.ts";
import type { RawDelivery } from "./core/delivery.ts";
import type { SignatureFault } from "./core/refusals.ts";
import type { Store } from "./engine/ports.ts";
import type { Endpoint } from "./http/endpoint.ts";
import { createSignatureHealth, type SignatureHealth } from "./http/signature-health.ts";
import type { LikelyCause } from "./ingress/cause.ts";
import { likelyCauses } from "./ingress/likely-cause.ts";
import { failureKind } from "./ingress/sender-marks.ts";
import { providerFor } from "./providers/index.ts";

/** Whether a webhook ever verified outlives the process: it has runs. */
export const watchSignatures = (workspace: string, store: Pick<Store, "find">): SignatureHealth =>
  createSignatureHealth({
    now: systemClock.now,
    hadRuns: (webhook) => store.find({ name: "webhook", key: `${workspace}/${webhook}` }, { limit: 1 }).length > 0,
  });

export function diagnoseSignature(
  health: SignatureHealth,
  { desk, webhook }: Endpoint,
  raw: RawDelivery,
  fault: SignatureFault,
): LikelyCause | null {
  const others = [...desk.webhooks.values()].filter(({ name }) => name !== webhook.name);
  const kind = failureKind(raw, providerFor(webhook.sender));
  return health.failed(
    webhook.name,
    { fault, kind },
    () => likelyCauses(raw, webhook, others, fault, systemClock.now())[0],
  );
}
