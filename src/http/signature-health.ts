/** How the signatures of one desk's webhooks have fared since the start: what tells a broken sender from a stranger. */
import type { Instant } from "../core/ids.ts";
import type { SignatureFault } from "../core/refusals.ts";
import type { LikelyCause } from "../ingress/cause.ts";
import type { FailureKind } from "../ingress/sender-marks.ts";
import { isoOf } from "./views.ts";

/** The signatures of one webhook as the API gives them. Times are ISO 8601. */
export type WebhookSignatures = {
  /** Since the start. */
  readonly verified: number;
  readonly last_verified_at: string | null;
  /** Verified since the start, or in an earlier life: then failures are a loss. */
  readonly used_to_verify: boolean;
  /** Of requests that were signed, or had the marks of the sender. */
  readonly failed_since_verified: number;
  /** The first of those failures. */
  readonly failing_since: string | null;
  readonly last_failure: { readonly at: string; readonly fault: SignatureFault } | null;
  /** Of the failures that were looked into: a proof outlives guesses. Null once a signature holds again. */
  readonly cause: LikelyCause | null;
  /** Since the start: unsigned requests without any mark of the sender. They say nothing of how it fares. */
  readonly knocks: { readonly count: number; readonly last_at: string | null; readonly cause: LikelyCause | null };
};

/** Whether failures lose deliveries: whoever signs with a key that is nearly ours, or has the sender's marks, is no stranger, even if nothing ever verified. */
export const isLoss = ({
  used_to_verify,
  cause,
}: {
  readonly used_to_verify: boolean;
  readonly cause: { readonly kind: string; readonly sure: string } | null;
}): boolean => used_to_verify || cause?.sure === "proved" || (cause?.kind === "unsigned" && cause.sure === "likely");

export type Failure = { readonly fault: SignatureFault; readonly kind: FailureKind };

export type SignatureHealth = {
  readonly verified: (webhook: string) => void;
  /** Gives the cause when this failure was looked into: at most once in 10 s for each webhook and kind of failure. */
  readonly failed: (webhook: string, failure: Failure, diagnose: () => LikelyCause) => LikelyCause | null;
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
  cause: LikelyCause | null;
  readonly knocks: { count: number; lastAt: Instant | null; cause: LikelyCause | null };
  /** Apart, or whoever knocks every ten seconds keeps the sender's own failures from being looked into. */
  readonly diagnosedAt: Map<FailureKind, Instant>;
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
    failed: (webhook, { fault, kind }, diagnose) => {
      const record = recordOf(webhook);
      const at = now();
      if (kind === "knock") {
        record.knocks.count += 1;
        record.knocks.lastAt = at;
      } else {
        record.failed += 1;
        record.failingSince ??= at;
        record.lastFailure = { at, fault };
      }
      if (Math.abs(at - (record.diagnosedAt.get(kind) ?? -Infinity)) < DIAGNOSE_EVERY_MS) return null;
      record.diagnosedAt.set(kind, at);
      const cause = diagnose();
      if (kind === "knock") record.knocks.cause = cause;
      // A stranger can sign as well, and must not hide why the real sender fails.
      else if (record.cause?.sure !== "proved" || cause.sure === "proved") record.cause = cause;
      return cause;
    },
    snapshot: (webhook) => {
      const record = records.get(webhook) ?? unknown();
      const { verified, failed, lastFailure, knocks } = record;
      return {
        verified,
        last_verified_at: isoOrNull(record.lastVerifiedAt),
        used_to_verify: verified > 0 || hadRuns(webhook),
        failed_since_verified: failed,
        failing_since: isoOrNull(record.failingSince),
        last_failure: lastFailure === null ? null : { at: isoOf(lastFailure.at), fault: lastFailure.fault },
        cause: record.cause,
        knocks: { count: knocks.count, last_at: isoOrNull(knocks.lastAt), cause: knocks.cause },
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
  cause: null,
  knocks: { count: 0, lastAt: null, cause: null },
  diagnosedAt: new Map(),
});
