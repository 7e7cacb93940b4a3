/**
 * Files that are there whole or not at all. The bytes go into a temporary of the same folder and are synced; only then does a
 * link give them their name, so a name that can be seen has all its bytes, and a file that is there already is never replaced.
 * A crash leaves at most temporaries, which `sweepTemporaries` takes away at start-up, and doing it again ends in the same file.
 */
import { basename, join } from "node:path";
import { ClerkFailure, clerkFailureOf } from "./clerk-failure.ts";
import { type Disk, errnoOf, nodeDisk } from "./disk.ts";

export type Placement = {
  readonly folder: string;
  /** Plain file names, the preferred one first; the next is taken when something else has the name. */
  readonly names: readonly string[];
  readonly bytes: Uint8Array;
  readonly mode: number;
  /** Whether a file of other bytes is this very one, changed by a person since. By default none is. */
  readonly isEdited?: (found: Uint8Array) => boolean;
};

/** A placement whose bytes are written, not synced, to a temporary that is still open; or are in place already. */
export type Draft = {
  readonly placement: Placement;
  readonly held:
    | { readonly kind: "temporary"; readonly path: string; readonly file: number }
    | { readonly kind: "settled"; readonly name: string };
};

/**
 * Files being synced at a time. They wait in the process's pool of four threads, where the store's commits wait too: two leave
 * room for those.
 */
const SYNCS_IN_FLIGHT_MAX = 2;

const TEMPORARY = /^\.tmp-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Resolves with the name that the file has, when file and name would survive a power cut. @throws ClerkFailure */
export async function placeWhole(placement: Placement, disk: Disk = nodeDisk): Promise<string> {
  const [placed] = await publish([draft(placement, disk)], disk);
  if (typeof placed === "string") return placed;
  throw placed ?? new ClerkFailure("BUG", "nothing was published");
}

/** Writes the bytes under no name yet, unless they have one already. Every draft must be published. @throws ClerkFailure */
export function draft(placement: Placement, disk: Disk = nodeDisk): Draft {
  try {
    for (const name of placement.names) assertPlain(name);
    const settled = placement.names.find((name) => isThere(placement, name, disk));
    if (settled !== undefined) return { placement, held: { kind: "settled", name: settled } };
    return { placement, held: writeTemporary(placement, disk) };
  } catch (thrown) {
    throw clerkFailureOf(thrown);
  }
}

/**
 * Syncs all drafts, names them, then syncs each folder once. Gives each one's name or failure, in the order of the drafts; never
 * rejects. The phases do not overlap, because on a journalling file system a change of names waits for a sync under way.
 */
export async function publish(
  drafts: readonly Draft[],
  disk: Disk = nodeDisk,
): Promise<readonly (string | ClerkFailure)[]> {
  const synced = await inLanes(drafts, SYNCS_IN_FLIGHT_MAX, ({ held }) => failureOf(syncHeld(held, disk)));
  const named = drafts.map((each, i) => attempt(() => nameDraft(each, synced[i] ?? null, disk)));
  const folders = [...new Set(drafts.map(({ placement }) => placement.folder))];
  const settled = await Promise.all(folders.map((folder) => failureOf(disk.syncFolder(folder))));
  const failed = new Map(folders.map((folder, i) => [folder, settled[i]]));
  return named.map((name, i) => failed.get(drafts[i]?.placement.folder ?? "") ?? name);
}

/** Takes away what a crash left behind. Call it before anything is placed in the folder. Gives how many there were. */
export function sweepTemporaries(folder: string, disk: Disk = nodeDisk): number {
  const left = namesIn(folder, disk).filter((name) => TEMPORARY.test(name));
  for (const name of left) disk.remove(join(folder, name));
  return left.length;
}

function namesIn(folder: string, disk: Disk): readonly string[] {
  try {
    return disk.list(folder);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return [];
    throw thrown;
  }
}

function assertPlain(name: string): void {
  if (basename(name) !== name || /^\.|[/\\\0]/.test(name) || name === "")
    throw new ClerkFailure("NAME_UNSAFE", JSON.stringify(name.slice(0, 200)));
}

function isThere({ folder, bytes, isEdited }: Placement, name: string, disk: Disk): boolean {
  const found = disk.look(join(folder, name));
  if (typeof found === "string") return false;
  return Buffer.compare(found, bytes) === 0 || isEdited?.(found) === true;
}

function writeTemporary({ folder, bytes, mode }: Placement, disk: Disk): Draft["held"] {
  const path = join(folder, `.tmp-${disk.freshName()}`);
  const file = disk.create(path, mode);
  try {
    disk.write(file, bytes);
    return { kind: "temporary", path, file };
  } catch (thrown) {
    attempt(() => disk.close(file));
    attempt(() => disk.remove(path));
    throw thrown;
  }
}

async function syncHeld(held: Draft["held"], disk: Disk): Promise<void> {
  if (held.kind === "settled") return;
  try {
    await disk.sync(held.file);
  } finally {
    disk.close(held.file);
  }
}

/** A failed sync is not tried again on the same file: the kernel may have dropped the pages and would call the second one good. */
function nameDraft({ placement, held }: Draft, unsynced: ClerkFailure | null, disk: Disk): string {
  if (held.kind === "settled") return held.name;
  try {
    if (unsynced !== null) throw unsynced;
    const name = placement.names.find((each) => takeName(placement, held.path, each, disk));
    if (name === undefined) throw new ClerkFailure("NAME_TAKEN", join(placement.folder, placement.names.at(-1) ?? ""));
    return name;
  } finally {
    // A temporary that stays is swept at the next start; the file has its name either way.
    attempt(() => disk.remove(held.path));
  }
}

/** True when the name is now the placement's, or was so before. */
function takeName(placement: Placement, temporary: string, name: string, disk: Disk): boolean {
  try {
    disk.link(temporary, join(placement.folder, name));
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) !== "EEXIST") throw thrown;
    return isThere(placement, name, disk);
  }
}

function attempt<T>(act: () => T): T | ClerkFailure {
  try {
    return act();
  } catch (thrown) {
    return clerkFailureOf(thrown);
  }
}

const failureOf = (done: Promise<void>): Promise<ClerkFailure | null> => done.then(() => null, clerkFailureOf);

/** Calls for every item, at most `lanes` at a time, and keeps their order. */
async function inLanes<A, B>(items: readonly A[], lanes: number, call: (item: A) => Promise<B>): Promise<readonly B[]> {
  const results: B[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [i, item] of queue) results[i] = await call(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
