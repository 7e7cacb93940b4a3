import type { EvidenceId, Instant, RunId } from "./ids.ts";

/** What is left of a run that was erased. All of it is of our own making: nothing that its sender said, and no hash of that. */
export type Tombstone = {
  readonly run: RunId;
  readonly evidence_id: EvidenceId;
  readonly workspace: string;
  readonly webhook: string;
  readonly received_at: Instant;
  readonly sealed_at: Instant;
  /** What stands in the log for the delivery, 64 hex digits (evidence/log/mark.ts): who has no more than this can not make it anew. */
  readonly mark: string;
  /** As the person who asked for it typed it. */
  readonly reason: string;
  /** The envelope, then its amendments. */
  readonly seals: readonly ErasedSeal[];
  /** Pages of the inbox that a person had edited, below the desk: they stay. */
  readonly edited: readonly string[];
  /** How many artifacts stay because another run rests on the same bytes. */
  readonly shared: number;
};

export type ErasedSeal = {
  readonly evidence_id: string;
  readonly seal_hash: string;
  /** Numbers in the log: of the seal's leaf, and of the leaf that says it was erased. */
  readonly index: number;
  readonly erasure: number;
  /** Its pack below the desk; null where the envelope's file was not there any more. */
  readonly pack: string | null;
};

/** Whether a delivery in this state keeps nothing of its sender any more, or is about to. */
export const isErasedState = (state: string): boolean => state === "erased" || state.split(".")[0] === "erasing";
