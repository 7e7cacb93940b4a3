import type { RefusalCode, SignatureFault } from "../core/refusals.ts";
import type { LikelyCause } from "../ingress/cause.ts";
import type { Accepted } from "../ingress/receive.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * What the daemon counts and logs of a request. `detail` is a sentence of ours or a system's error, never anything of the
 * body, a header's value or a secret. `endpoint` is undefined when the request named none that exists.
 */
export type IngressReport =
  | {
      readonly kind: "accepted";
      readonly endpoint: Endpoint;
      readonly accepted: Accepted;
      readonly bytes: number;
      /** From the request's headers to the delivery's being durable. */
      readonly took_ms: number;
    }
  | {
      readonly kind: "refused";
      readonly endpoint: Endpoint | undefined;
      readonly code: RefusalCode;
      readonly detail: string;
      readonly address: string | undefined;
      /** What was wrong with its signature; null for any other refusal. */
      readonly fault: SignatureFault | null;
      /** Why, when that was looked into. */
      readonly cause: LikelyCause | null;
    };
