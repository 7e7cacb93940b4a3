/** What a notification is told, and tells: ids and states only, so that no word of a sender and no draft ever leaves by one. */
import type { EffectFailed } from "./effect-failed.ts";
import type { Outcome } from "./delivery.ts";
import type { FileWritten } from "./files-written.ts";
import type { RunId } from "./ids.ts";

export type NotificationType = "run.finalized" | "approval.requested" | "run.stuck";

/** The `n`-th thing that targets are notified of about this run, from 1; every target hears of it by an actor of its own. */
export type NotificationAsked = {
  readonly run: RunId;
  readonly n: number;
  readonly target: string;
  readonly event: NotificationType;
  readonly webhook: string;
  readonly task: string | null;
  readonly outcome: Outcome | null;
  /** How many the run has. */
  readonly drafts: number;
};

/** Why nothing was sent, and nothing is missing: the target does not want this type, or a person has taken it out of the configuration. */
export type Skipped = "unwanted" | "target_removed";

/** What is given up on, and why: a sentence of ours. `attempts`: how many there were. */
export type AbandonedAsked = NotificationAsked & { readonly attempts: number; readonly reason: string };

/** What a notification actor is told: by its run, then of its two effects. */
export type NotificationEvent =
  | ({ readonly type: "NOTIFY" } & NotificationAsked)
  /** `status`: what the target answered; null when it was not asked. */
  | {
      readonly type: "NOTIFIED";
      readonly effect: string;
      readonly status: number | null;
      readonly skipped: Skipped | null;
    }
  /** `refused`: the answer will hardly be another one later. `retry_after_ms`: what the target asked for, unbounded. */
  | {
      readonly type: "NOT_NOTIFIED";
      readonly effect: string;
      readonly reason: string;
      readonly refused: boolean;
      readonly retry_after_ms: number | null;
    }
  /** `file` is null where the run had been erased. */
  | {
      readonly type: "EFFECT_DONE";
      readonly effect: string;
      readonly file: string | null;
      readonly wrote?: readonly FileWritten[];
    }
  | EffectFailed;
