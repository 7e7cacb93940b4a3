import type { Sha256 } from "../core/ids.ts";
import type { Artifact } from "../engine/ports.ts";

/**
 * Bytes that somebody is about to name though no journal tells of it yet. Whoever takes bytes away has to know: a commit does not write
 * again what is there, and between its look and its flush they must not go.
 */
export type ArtifactUses = {
  /** A commit of these is under way until the answer is called. */
  readonly begin: (artifacts: readonly Artifact[]) => () => void;
  /** They were kept ahead of the mail that will name them. */
  readonly ahead: (sha256: Sha256) => void;
  /** From now on it is noted what is begun, and what is kept ahead: its mail may come behind the look at all mail. */
  readonly watch: () => { readonly saw: (sha256: Sha256) => boolean; readonly end: () => void };
  /** Kept ahead a moment ago: the mail may not be durable yet. */
  readonly isAhead: (sha256: Sha256) => boolean;
};

/** Milliseconds. A post follows its keep in the same request. */
const AHEAD_MS = 2_000;
const AHEAD_MAX = 4_096;

export function createArtifactUses(): ArtifactUses {
  const underWay = new Map<Sha256, number>();
  const ahead = new Map<Sha256, number>();
  const watching = new Set<Set<Sha256>>();
  return {
    begin: (artifacts) => {
      for (const { ref } of artifacts) {
        underWay.set(ref.sha256, (underWay.get(ref.sha256) ?? 0) + 1);
        for (const seen of watching) seen.add(ref.sha256);
      }
      return () => {
        for (const { ref } of artifacts) {
          const left = (underWay.get(ref.sha256) ?? 1) - 1;
          if (left === 0) underWay.delete(ref.sha256);
          else underWay.set(ref.sha256, left);
        }
      };
    },
    ahead: (sha256) => {
      ahead.delete(sha256);
      ahead.set(sha256, performance.now());
      for (const seen of watching) seen.add(sha256);
      const oldest = ahead.keys().next();
      if (ahead.size > AHEAD_MAX && oldest.done !== true) ahead.delete(oldest.value);
    },
    watch: () => {
      const seen = new Set(underWay.keys());
      watching.add(seen);
      return { saw: (sha256) => seen.has(sha256), end: () => void watching.delete(seen) };
    },
    isAhead: (sha256) => performance.now() - (ahead.get(sha256) ?? -AHEAD_MS) < AHEAD_MS,
  };
}
