import type { Sha256 } from "./ids.ts";

/** What a JSON document can hold, with numbers that came from a payload kept as strings. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a transition claims, and the artifacts that it rests on. Without a basis it is informational. */
export type Observation = {
  readonly name: string;
  readonly value: Json;
  readonly basis: readonly Sha256[];
};

/** Bytes by their hash, as a journal entry or an envelope names them. */
export type ArtifactRef = {
  readonly sha256: Sha256;
  readonly kind: string;
  readonly media_type: string;
  readonly bytes: number;
  readonly class: "internal" | "public";
};

/** One thing that was done in a run, as it stands in the envelope's `execution.steps`. Times are ISO 8601 in UTC. */
export type ExecutionStep = {
  readonly kind: string;
  readonly status: "succeeded" | "failed" | "interrupted" | "cancelled";
  readonly exit_code: number | null;
  readonly started_at: string;
  readonly finished_at: string;
  readonly artifacts: readonly Sha256[];
};
