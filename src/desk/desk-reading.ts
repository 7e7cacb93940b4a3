/**
 * Files of a desk as the daemon reads them for a run: regular ones below the desk, and never what is hidden there. A link is followed
 * where it leads to such a file, and refused where it leads anywhere else.
 */
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, realpath } from "node:fs/promises";
import path from "node:path";
import { forms } from "../config/forms.ts";

export type InsideRead =
  /** `bytes` are the beginning of the file, `size` is the whole's. `by_runs`: it lies where runs write, whatever led there. */
  | { readonly kind: "read"; readonly bytes: Uint8Array; readonly size: number; readonly by_runs: boolean }
  /** `reason` goes on from the file's name. */
  | { readonly kind: "refused"; readonly because: "gone" | "unfit"; readonly reason: string };

const WRITTEN_BY_RUNS = /^(?:issues|inbox|orders|research|snapshots)\//;
/** Whether a path below the desk is one that a run may write to. */
export const isWrittenByRuns = (file: string): boolean => WRITTEN_BY_RUNS.test(file);

/** @param file below the desk, with forward slashes. Never rejects. */
export async function readInside(dir: string, file: string, bytesMax: number): Promise<InsideRead> {
  if (!forms.deskPath.pattern.test(file)) return unfit("is no path of a file below the desk, or a hidden one");
  try {
    const root = await realpath(dir);
    const real = await realpath(path.join(root, file));
    if (!isInside(root, real)) return unfit("leads out of the desk, or to what is hidden there");
    // A pipe in the place of a file would hold the daemon for ever.
    const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return await readOpen(handle, { root, file, real }, bytesMax);
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    return isMissing(thrown) ? { kind: "refused", because: "gone", reason: "is not there" } : unfit("cannot be read");
  }
}

type Place = { readonly root: string; readonly file: string; readonly real: string };

/** What was opened must be what the path still leads to: somebody may have put a link in its way meanwhile. */
async function readOpen(handle: FileHandle, { root, file, real }: Place, bytesMax: number): Promise<InsideRead> {
  const opened = await handle.stat();
  if (!opened.isFile()) return unfit("is no file");
  const found = await lstat(real);
  if ((await realpath(path.join(root, file))) !== real || found.ino !== opened.ino || found.dev !== opened.dev)
    return unfit("was changed while it was read");
  // A second name may be that of a file outside; in the other folders only people make one.
  const by_runs = isWrittenByRuns(path.relative(root, real));
  if (opened.nlink > 1 && by_runs) return unfit("has a second name");
  const buffer = new Uint8Array(Math.min(opened.size, bytesMax));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return { kind: "read", bytes: buffer.subarray(0, filled), size: Math.max(opened.size, filled), by_runs };
}

/** Below the root, with no part that is hidden: `.qoc`, `.env`, `.git`. */
function isInside(root: string, real: string): boolean {
  const below = path.relative(root, real);
  return below !== "" && !path.isAbsolute(below) && below.split(path.sep).every((part) => !part.startsWith("."));
}

/** Names of the Markdown pages of a folder, sorted; none where there is no such folder. */
export async function pagesIn(dir: string, folder: string): Promise<readonly string[]> {
  try {
    const root = await realpath(dir);
    const real = await realpath(path.join(root, folder));
    if (!isInside(root, real)) return [];
    const names = await readdir(real);
    return names.filter((name) => name.endsWith(".md") && forms.deskPath.pattern.test(name)).toSorted();
  } catch {
    return [];
  }
}

const unfit = (reason: string): InsideRead => ({ kind: "refused", because: "unfit", reason });
const isMissing = (thrown: unknown): boolean =>
  thrown instanceof Error && "code" in thrown && (thrown.code === "ENOENT" || thrown.code === "ENOTDIR");
