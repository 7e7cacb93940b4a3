import { statfsSync } from "node:fs";

/** Bytes that this process may still write on the disk that holds `dir`. @throws when `dir` is not there. */
export function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}
