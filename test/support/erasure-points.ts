/** The moments of an erasure at which a crash could leave half of it for good, each with a name; see `crash-points.ts`. */
import type { Clerk } from "../../src/adapters/clerk-turn.ts";
import type { DeskFiles } from "../../src/desk/erasure.ts";
import type { Change, Store } from "../../src/engine/ports.ts";

export const erasurePoints = [
  "erasure-asked-before-commit",
  "erasure-asked-committed",
  "erasure-before-packs",
  "erasure-first-pack-placed",
  "erasure-before-first-removal",
  "erasure-first-file-removed",
  "erasure-second-file-removed",
  "erasure-before-expunge",
  "erasure-expunge-under-way",
  "erasure-expunged",
  "erasure-told-before-commit",
  "erasure-told-under-way",
  "erasure-told-committed",
] as const;
export type ErasurePoint = (typeof erasurePoints)[number];
type Reach = (point: ErasurePoint) => void;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const has = (changes: readonly Change[], event: string): boolean =>
  changes.some(({ entries }) => entries.some((entry) => entry.event === event));

export function erasingStore(store: Store, reach: Reach): Store {
  return {
    ...store,
    commit: async (changes) => {
      const [asked, told] = [has(changes, "ERASE"), has(changes, "ERASED")];
      if (asked) reach("erasure-asked-before-commit");
      if (told) reach("erasure-told-before-commit");
      const flushed = store.commit(changes);
      if (told) {
        await nextTurn();
        reach("erasure-told-under-way");
      }
      await flushed;
      if (asked) reach("erasure-asked-committed");
      if (told) reach("erasure-told-committed");
    },
    expunge: async (...given) => {
      reach("erasure-before-expunge");
      const done = store.expunge(...given);
      await nextTurn();
      reach("erasure-expunge-under-way");
      const shared = await done;
      reach("erasure-expunged");
      return shared;
    },
  };
}

export const erasingClerk = (clerk: Clerk, reach: Reach): Clerk => ({
  ...clerk,
  perform: async (job) => {
    if (job.kind === "erase") reach("erasure-before-packs");
    const done = await clerk.perform(job);
    if (job.kind === "erase") reach("erasure-first-pack-placed");
    return done;
  },
});

export function erasingFiles(files: DeskFiles, reach: Reach): DeskFiles {
  let removed = 0;
  return {
    ...files,
    remove: async (file) => {
      if (removed === 0) reach("erasure-before-first-removal");
      await files.remove(file);
      removed += 1;
      reach(removed === 1 ? "erasure-first-file-removed" : "erasure-second-file-removed");
    },
  };
}
