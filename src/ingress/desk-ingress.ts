/** What the ingress needs of a desk, with every setting resolved. A reload makes a new one whole; nothing in it changes. */
import type { DeliveryInput, Policy } from "../core/delivery.ts";
import type { Engine, Entropy } from "../engine/ports.ts";
import type { ProviderName } from "../providers/index.ts";
import type { PayloadMap } from "../providers/provider.ts";
import type { Dedupe } from "./identity.ts";
import type { KnownDeliveries } from "./known.ts";

export type WebhookRuntime = {
  readonly name: string;
  readonly provider: ProviderName;
  /** In the order of the configuration: the first is the current one, those behind it are on their way out. */
  readonly secrets: readonly Uint8Array[];
  readonly body_limit_bytes: number;
  readonly dedupe: Dedupe;
  readonly map: PayloadMap;
  readonly policy: Policy;
};

export type DeskIngress = {
  /** The workspace's name. */
  readonly name: string;
  /** `<producer host or "localhost">/<workspace>`. */
  readonly origin: string;
  readonly producer: DeliveryInput["producer"];
  readonly runner: DeliveryInput["runner"];
  readonly webhooks: ReadonlyMap<string, WebhookRuntime>;
  readonly engine: Pick<Engine, "post">;
  readonly known: KnownDeliveries;
  /** Asked twice a delivery: hand in a `pooledEntropy`. */
  readonly entropy: Entropy;
};
