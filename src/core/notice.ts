import type { EffectFailed } from "./effect-failed.ts";
import type { RunId } from "./ids.ts";

/** What a person is to look at: other bytes under a known id, or known bytes under another id. */
export type Flagged = "id_conflict" | "suspected_replay";

/** Which redelivery of which run: the `ordinal`-th that was flagged, from 1. */
export type NoticeAsked = { readonly run: RunId; readonly ordinal: number; readonly what: Flagged };

/**
 * What a notice actor is told. Ids only: what the person reads is read from the run's journal. No file: the run was erased before it was
 * written.
 */
export type NoticeEvent =
  | ({ readonly type: "NOTICE" } & NoticeAsked)
  | { readonly type: "EFFECT_DONE"; readonly effect: string; readonly file: string | null }
  | EffectFailed;
