/**
 * Draft orders, as the machines know them: by number, file and digest. What an order says stands in its file and among the run's
 * artifacts, never in a context.
 */
import type { EffectFailed } from "./effect-failed.ts";
import type { FileWritten } from "./files-written.ts";
import type { RunId, Sha256 } from "./ids.ts";

/**
 * One draft of a run, from 1. `file` is its path below the desk, with forward slashes. `digest` is of what would be sent
 * (`orders/draft.ts` says of what); `content` of the file's bytes, which are an artifact of the run.
 */
export type DraftRef = {
  readonly draft: number;
  readonly file: string;
  readonly digest: Sha256;
  readonly content: Sha256;
};

/** What came of an order that was sent, or was not because a guard blocked it. `unknown`: it may have been sent, and nobody can say. */
export type OrderOutcome = "executed" | "failed" | "blocked" | "unknown";

/** What becomes of a draft in the end: the outcome of sending it, or why it never was. */
export type OrderEnd = OrderOutcome | "rejected" | "expired" | "withdrawn";

/** What an order actor is told by its run, in the run's own commit. Reasons are sentences for people. */
export type OrderTold =
  | ({ readonly type: "PROPOSED"; readonly run: RunId } & DraftRef)
  /** With the digest and the content that were approved, which a person may have edited since the draft was proposed. */
  | { readonly type: "APPROVED"; readonly digest: Sha256; readonly content: Sha256; readonly by: readonly string[] }
  | { readonly type: "REJECTED"; readonly reason: string }
  | { readonly type: "EXPIRED" }
  | { readonly type: "WITHDRAWN"; readonly reason: string }
  | { readonly type: "DISPATCHING" }
  /** It may have been sent: the run is stuck over it. */
  | { readonly type: "UNCLEAR"; readonly reason: string }
  | {
      readonly type: "SETTLED";
      readonly outcome: OrderOutcome;
      readonly reason: string | null;
      readonly acknowledgement: Sha256 | null;
    }
  /** Its run is erased, and its files are gone: it keeps nothing. */
  | { readonly type: "ERASED" };

/** What an order actor is told in all: by its run, and of its one effect, which moves the file and tells the person. */
export type OrderEvent =
  | OrderTold
  | {
      readonly type: "EFFECT_DONE";
      readonly effect: string;
      readonly file: string | null;
      readonly wrote?: readonly FileWritten[];
    }
  | EffectFailed;
