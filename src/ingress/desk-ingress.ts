/** What the ingress needs of a desk, with every setting resolved. A reload makes a new one whole; nothing in it changes. */
import type { DeliveryInput, Policy, RawDelivery } from "../core/delivery.ts";
import type { Instant, RunId } from "../core/ids.ts";
import type { Engine, Entropy } from "../engine/ports.ts";
import type { Sender } from "../providers/index.ts";
import type { PayloadMap } from "../providers/provider.ts";
import type { RedactionRule } from "../redaction/rule.ts";
import type { Dedupe } from "./identity.ts";
import type { Judged } from "./judge.ts";
import type { KnownDeliveries } from "./known.ts";

/** Plain data: it can be handed to another thread. */
export type WebhookRuntime = {
  readonly name: string;
  readonly sender: Sender;
  /** In the order of the configuration: the first is the current one, those behind it are on their way out. */
  readonly secrets: readonly Uint8Array[];
  /** What the sender calls, where that is not what arrives here. */
  readonly public_url: string | null;
  readonly body_limit_bytes: number;
  readonly dedupe: Dedupe;
  /** For how long what is known makes a redelivery; null for as long as the run is kept. */
  readonly dedupe_window_ms: number | null;
  readonly map: PayloadMap;
  readonly policy: Policy;
  /** Null: what comes is stored as it comes. */
  readonly filter: BodyFilter | null;
};

/** What is masked before anything is stored. */
export type BodyFilter = {
  readonly rules: readonly RedactionRule[];
  /** The desk's own, 32 bytes: what was masked is known again by it, and by nobody who lacks it. */
  readonly key: Uint8Array;
};

export type DeskIngress = {
  /** The workspace's name. */
  readonly name: string;
  /** `<producer host or "localhost">/<workspace>`. */
  readonly origin: string;
  readonly producer: DeliveryInput["producer"];
  readonly runner: DeliveryInput["runner"];
  readonly webhooks: ReadonlyMap<string, WebhookRuntime>;
  readonly engine: Pick<Engine, "post" | "keep">;
  /** What a run is born with beside its webhook's policy, as of this moment. */
  readonly bornWith: (action: Policy["action"]) => Pick<Policy, "approval" | "notify">;
  /** A place among the runs of agents, for one that is about to be begun. With none left a sender is asked to come again, and nothing is lost. */
  readonly queue: { readonly join: (run: RunId) => boolean; readonly leave: (run: RunId) => void };
  readonly known: KnownDeliveries;
  /** Asked twice a delivery: hand in a `pooledEntropy`. */
  readonly entropy: Entropy;
  /** `judge` in another thread, for bodies that would hold up all others. */
  readonly judgeAside: (raw: RawDelivery, webhook: WebhookRuntime, workspace: string, now: Instant) => Promise<Judged>;
};
