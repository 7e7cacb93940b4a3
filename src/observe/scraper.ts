/** Who scrapes `/metrics`: whoever shows the token of `[telemetry] metrics_token`. It opens nothing else. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Secret } from "../config/secrets.ts";

/** Whether a token is the scraper's. Hashes of one length are compared, so that the time it takes tells nothing. Without a secret nobody's is. */
export function scraperBy(secret: Secret | null): (token: string) => boolean {
  if (secret === null) return () => false;
  const expected = hashOf(secret.reveal());
  return (token) => timingSafeEqual(hashOf(token), expected);
}

const hashOf = (bytes: Uint8Array | string): Uint8Array => createHash("sha256").update(bytes).digest();
