/** Files that no person named: they lie where one was named, and whoever made that folder chose what they are. */
import { readFileSync, statSync } from "node:fs";

/** More than any artifact, receipt or tile has. */
const BYTES_MAX = 64 * 1024 * 1024;
const NOT_THERE: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

/** Undefined for what is not there and for what is no file of bounded size: a pipe would never end, a device neither. */
export function readBeside(file: string, bytesMax = BYTES_MAX): Buffer | undefined {
  try {
    const found = statSync(file);
    return found.isFile() && found.size <= bytesMax ? readFileSync(file) : undefined;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && NOT_THERE.has(thrown.code)) return undefined;
    throw thrown;
  }
}
