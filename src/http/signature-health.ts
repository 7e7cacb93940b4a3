/** How the signatures of one desk's webhooks have fared since the start: what tells a broken sender from a stranger. */
import type { Instant } from "../core/ids.ts";
import type { SignatureFault } from "../core/refusals.ts";
import type { LikelyCause } from "../ingress/cause.ts";
import { isoOf } from "./views.ts";

/** The signatures of one webhook as the API gives them. Times are ISO 8601. */
export type WebhookSignatures = {
  /** Since the start. */
  readonly verified: number;
  readonly last_verified_at: string | null;
  /** Verified since the start, or in an earlier life: then failures are a loss, and not only knocking. */
  readonly used_to_verify: boolean;
  readonly failed_since_verified: number;
  /** The first of those failures. */
  readonly failing_since: string | null;
  readonly last_failure: { readonly at: string; readonly fault: SignatureFault } | null;
  /** Of the failures that were looked into: a proof outlives guesses. Null once a signature holds again. */
  readonly cause: LikelyCause | null;
};

export type SignatureHealth = {
  readonly verified: (webhook: string) => void;
  /** Gives the cause when this failure was looked into: at most once in 10 s for each webhook. */
  readonly failed: (webhook: string, fault: SignatureFault, diagnose: () => LikelyCause) => LikelyCause | null;
  readonly snapshot: (webhook: string) => WebhookSignatures;
};

export type SignatureHealthOptions = {
  readonly now: () => Instant;
  /** Whether the store has any run of this webhook. Asked only for snapshots. */
  readonly hadRuns: (webhook: string) => boolean;
};

/** Looking into a failure costs some milliseconds, and whoever sends what fails would choose how often. */
const DIAGNOSE_EVERY_MS = 10_000;

type Known = {
  verified: number;
  lastVerifiedAt: Instant | null;
  failed: number;
  failingSince: Instant | null;
  lastFailure: { readonly at: Instant; readonly fault: SignatureFault } | null;
  diagnosedAt: Instant | null;
  cause: LikelyCause | null;
};

/** Webhooks are those of the configuration: there are as many records as names in it. */
export function createSignatureHealth({ now, hadRuns }: SignatureHealthOptions): SignatureHealth {
  const records = new Map<string, Known>();

  function recordOf(webhook: string): Known {
    const known = records.get(webhook);
    if (known !== undefined) return known;
    const record = unknown();
    records.set(webhook, record);
    return record;
  }

  return {
    verified: (webhook) => {
      const record = recordOf(webhook);
      record.verified += 1;
      record.lastVerifiedAt = now();
      record.failed = 0;
      record.failingSince = null;
      record.cause = null;
    },
    failed: (webhook, fault, diagnose) => {
      const record = recordOf(webhook);
      const at = now();
      record.failed += 1;
      record.failingSince ??= at;
      record.lastFailure = { at, fault };
      if (record.diagnosedAt !== null && Math.abs(at - record.diagnosedAt) < DIAGNOSE_EVERY_MS) return null;
      record.diagnosedAt = at;
      const cause = diagnose();
      // A stranger's request must not hide why the real sender fails.
      if (record.cause?.sure !== "proved" || cause.sure === "proved") record.cause = cause;
      return cause;
    },
    snapshot: (webhook) => {
      const record = records.get(webhook) ?? unknown();
      const { verified, failed, lastFailure } = record;
      return {
        verified,
        last_verified_at: isoOrNull(record.lastVerifiedAt),
        used_to_verify: verified > 0 || hadRuns(webhook),
        failed_since_verified: failed,
        failing_since: isoOrNull(record.failingSince),
        last_failure: lastFailure === null ? null : { at: isoOf(lastFailure.at), fault: lastFailure.fault },
        cause: record.cause,
      };
    },
  };
}

const isoOrNull = (at: Instant | null): string | null => (at === null ? null : isoOf(at));

const unknown = (): Known => ({
  verified: 0,
  lastVerifiedAt: null,
  failed: 0,
  failingSince: null,
  lastFailure: null,
  diagnosedAt: null,
  cause: null,
});
