import { type ClerkOptions, createClerk } from "./clerk.ts";
import type { Clerk } from "./clerk-turn.ts";

/**
 * Several clerks of one desk, each in its own thread: making a file waits for the file system's journal most of the time, and
 * those waits overlap. A job goes to the clerk with the fewest in hand; no two jobs in flight end in one file.
 */
export function createClerkPool(options: ClerkOptions, threads: number): Clerk {
  const clerks = Array.from({ length: threads }, () => ({ clerk: createClerk(options), inHand: 0 }));
  return {
    perform: async (job) => {
      const idlest = clerks.reduce((least, one) => (one.inHand < least.inHand ? one : least));
      idlest.inHand += 1;
      try {
        return await idlest.clerk.perform(job);
      } finally {
        idlest.inHand -= 1;
      }
    },
    close: async () => {
      await Promise.all(clerks.map(({ clerk }) => clerk.close()));
    },
  };
}
