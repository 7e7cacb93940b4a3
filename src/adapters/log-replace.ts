/** Folders that a power cut does not take back, and files that change from one whole content to the next. */
import { dirname, join } from "node:path";
import { errnoOf } from "./disk.ts";
import type { LogDisk } from "./log-disk.ts";

/**
 * Makes the folder and those above it. Its name is synced even when it was there already: a crash may have come between the two.
 * `known` spares the work for folders that went through here before.
 */
export async function ensureFolder(path: string, known: Set<string>, disk: LogDisk): Promise<void> {
  if (known.has(path)) return;
  if (!makes(path, disk)) {
    await ensureFolder(dirname(path), known, disk);
    if (!makes(path, disk)) throw new Error(`cannot make the folder ${path}`);
  }
  await disk.syncFolder(dirname(path));
  known.add(path);
}

/** False when the folder above is missing. */
function makes(path: string, disk: LogDisk): boolean {
  try {
    disk.makeFolder(path);
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === "EEXIST") return true;
    if (errnoOf(thrown) === "ENOENT" && dirname(path) !== path) return false;
    throw thrown;
  }
}

/**
 * Resolves when the name has these bytes and would keep them in a power cut. A crash leaves the old content or the new one, and at
 * most a temporary that `sweepTemporaries` takes away. After a rejection it may be either: read it again before going on.
 */
export async function replaceWhole(
  folder: string,
  name: string,
  bytes: Uint8Array,
  disk: LogDisk,
  mode = 0o644,
): Promise<void> {
  const temporary = join(folder, `.tmp-${disk.freshName()}`);
  const file = disk.create(temporary, mode);
  try {
    try {
      disk.write(file, bytes);
      await disk.sync(file);
    } finally {
      disk.close(file);
    }
    disk.rename(temporary, join(folder, name));
  } catch (thrown) {
    removeLeft(temporary, disk);
    throw thrown;
  }
  await disk.syncFolder(folder);
}

/** What cannot be removed now is swept at the next start. */
function removeLeft(temporary: string, disk: LogDisk): void {
  try {
    disk.remove(temporary);
  } catch {
    return;
  }
}
