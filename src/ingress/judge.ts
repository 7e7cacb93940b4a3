import type { RawDelivery } from "../core/delivery.ts";
import type { Instant } from "../core/ids.ts";
import { providerFor } from "../providers/index.ts";
import { verify, type Unverified } from "../providers/verify.ts";
import { readDelivery, type Delivery } from "./delivery.ts";
import type { WebhookRuntime } from "./desk-ingress.ts";

/** A delivery whose signature holds, read; or what is wrong with its signature. */
export type Judged = { readonly kind: "judged"; readonly delivery: Delivery } | Unverified;

/** Bodies above this are judged in another thread: hashing, verifying and parsing them takes milliseconds. */
export const ASIDE_BYTES_MIN = 128 * 1024;

/** The same for a webhook with patterns of its own: they may take microseconds for each character. */
const PATTERN_ASIDE_BYTES_MIN = 4 * 1024;

export const isForAside = ({ body }: RawDelivery, { filter }: WebhookRuntime): boolean =>
  body.length >= ASIDE_BYTES_MIN ||
  (filter !== null && body.length >= PATTERN_ASIDE_BYTES_MIN && filter.rules.some(({ kind }) => kind === "pattern"));

/** Whether there is nothing that could verify: known from the headers alone, before a large body is read. */
export const isUnsigned = (headers: RawDelivery["headers"], { sender }: WebhookRuntime): boolean =>
  !providerFor(sender).schemes.some((scheme) => scheme.headers.some((header) => headers.has(header)));

/** Verifies first and reads afterwards. The same answer in any thread. */
export function judge(raw: RawDelivery, webhook: WebhookRuntime, workspace: string, now: Instant): Judged {
  const provider = providerFor(webhook.sender);
  const { secrets, public_url } = webhook;
  const verdict = verify(raw, provider.schemes, { secrets, public_url, now });
  if (verdict.kind === "unverified") return verdict;
  return { kind: "judged", delivery: readDelivery(raw, provider, workspace, webhook, verdict.secretIndex) };
}
