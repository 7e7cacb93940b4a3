import type { ArtifactRef, ExecutionStep } from "./observation.ts";

/** An effect could not be performed, or nobody knows: as the engine tells it of any effect whose performing rejects. */
export type EffectFailed = {
  readonly type: "EFFECT_FAILED";
  readonly effect: string;
  /** A sentence for people. */
  readonly reason: string;
  readonly retryable: boolean;
  readonly step: ExecutionStep | null;
  readonly artifacts: readonly ArtifactRef[];
};
