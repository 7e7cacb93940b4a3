import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/**
 * Every file below a folder with its bytes, under its path from there. A daemon may be at work in it: a temporary that has got its name
 * or is gone meanwhile is left out.
 */
export function filesBelow(dir: string): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const bytes = bytesOf(file);
    if (bytes !== undefined) found.set(path.relative(dir, file), bytes);
  }
  return found;
}

function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}
