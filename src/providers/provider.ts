/** A sender, as data and one pure function. Verification is `verify.ts` over its schemes. */
import type { Facts, RawDelivery } from "../core/delivery.ts";
import type { Sha256 } from "../core/ids.ts";
import type { Payload } from "./payload.ts";
import type { SignatureScheme } from "./scheme.ts";

/** Where in a payload the facts stand: JSON Pointers (RFC 6901), from the webhook's configuration. */
export type PayloadMap = {
  readonly event: string;
  /** The sender's id of this delivery. */
  readonly id?: string | undefined;
  /** The sender's id of the event itself. */
  readonly external_id?: string | undefined;
  readonly actor?: string | undefined;
  readonly project?: string | undefined;
  readonly ref?: string | undefined;
  readonly commit_sha?: string | undefined;
  readonly subject?: string | undefined;
  /** Orders deliveries of one subject. */
  readonly updated_at?: string | undefined;
};

/** A delivery whose signature holds, with what was derived from its bytes once. */
export type ReadDelivery = {
  readonly headers: RawDelivery["headers"];
  readonly sha256: Sha256;
  readonly payload: Payload;
};

/** How this sender asks whether an endpoint is ours: a delivery that holds `value` at `pointer` is answered with what stands at `echo`. */
export type Handshake = {
  readonly pointer: string;
  readonly value: string;
  readonly echo: string;
};

/**
 * Two bodies are the same delivery's though their bytes differ: `without` a member, by its name at the top of a JSON body (the time of
 * the attempt); or as the `fields` of a form, in whatever order and encoding, where those are what is signed.
 */
export type Sameness = { readonly kind: "without"; readonly member: string } | { readonly kind: "fields" };

export type Provider = {
  readonly name: string;
  /**
   * The ways it signs, the strongest first. The first whose header a request has decides: one that is there must verify, and no
   * weaker one is looked at. Those that share that header are alternatives.
   */
  readonly schemes: readonly [SignatureScheme, ...SignatureScheme[]];
  /** What this sender counts as received, and what it wants to read: our receipt as JSON, or TwiML that says nothing. */
  readonly acknowledgement: { readonly status: 200 | 202; readonly body: "receipt" | "twiml" };
  /**
   * The headers that are kept as evidence. An allow-list: whatever else a proxy or a sender adds is never stored; nor is, though it
   * stood here, what carries a credential (`kept-headers.ts`).
   */
  readonly headers_kept: readonly string[];
  /** What makes two deliveries one unless the webhook says otherwise: its ids, or, of a sender without any, the bytes. */
  readonly dedupe: "body" | "id+body";
  /** The largest body it is known to send; null where the daemon's own limit does. */
  readonly body_limit_bytes: number | null;
  /** The field of a form-encoded body that holds JSON; null where the fields themselves are the payload. */
  readonly form_json: string | null;
  readonly handshake: Handshake | null;
  /** What of its bodies differs from copy to copy of one delivery; null where copies are the same bytes. */
  readonly sameness: Sameness | null;
  /** Total: whatever the payload holds, it gives facts and never throws. `map` is for senders whose shape is configured. */
  readonly normalize: (delivery: ReadDelivery, map: PayloadMap) => Facts;
};

/** A sender that is described in `desk.toml`: everything that a preset says as data. Its facts stand where the webhook's map says. */
export type CustomSender = {
  readonly scheme: SignatureScheme;
  /** Unsigned ids and event names; null where the map has them. Lower case. */
  readonly id_header: string | null;
  readonly event_header: string | null;
  readonly ack_status: 200 | 202;
  readonly handshake: Handshake | null;
};
