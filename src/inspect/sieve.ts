/**
 * Lets through what a viewer was not told yet. History is read while changes come in, so a row may come from both; and a row that was
 * committed may be read before it is announced.
 */
import type { Told } from "./frames.ts";

/** Actors remembered. One that was forgotten is registered anew when it is heard of again. */
export const ACTORS_MAX = 10_000;

export type Sieve = (told: Pick<Told, "actor" | "seq">) => boolean;

export function createSieve(actorsMax = ACTORS_MAX): Sieve {
  /** The last row of each actor, -1 for one that was only registered. Least lately heard of first. */
  const last = new Map<string, number>();
  const remember = (actor: string, seq: number): void => {
    last.delete(actor);
    last.set(actor, seq);
    if (last.size <= actorsMax) return;
    for (const [oldest] of last) {
      last.delete(oldest);
      return;
    }
  };
  return ({ actor, seq }) => {
    const known = last.get(actor);
    if (seq === null) {
      if (known === undefined) remember(actor, -1);
      return known === undefined;
    }
    if (known !== undefined && seq <= known) return false;
    remember(actor, seq);
    return true;
  };
}
