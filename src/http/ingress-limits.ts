import { LARGE_BYTES_IN_FLIGHT_MAX } from "../core/limits.ts";
import type { Linger } from "./answer-and-close.ts";
import type { SignatureRateLimits } from "./signature-rate.ts";

export type IngressLimits = {
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to the last of its body. */
  readonly requestTimeoutMs: number;
  /** How often connections are looked at for time-outs. */
  readonly timeoutCheckMs: number;
  readonly keepAliveMs: number;
  readonly headerBytesMax: number;
  /** Of large bodies that are taken in at once. */
  readonly largeBytesMax: number;
  readonly linger: Linger;
  readonly signatures: SignatureRateLimits;
};

export const INGRESS_LIMITS: IngressLimits = {
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 60_000,
  timeoutCheckMs: 1_000,
  keepAliveMs: 72_000,
  headerBytesMax: 16 * 1024,
  largeBytesMax: LARGE_BYTES_IN_FLIGHT_MAX,
  linger: { ms: 500, bytes: 1024 * 1024 },
  signatures: { failuresMax: 30, windowMs: 60_000, keysMax: 10_000 },
};
