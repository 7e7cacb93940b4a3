/** The newest checkpoint that witnesses have cosigned, as far as it is a beginning of the published log. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Checkpoint } from "../evidence/log/checkpoint.ts";
import { type HashReader, rootOf } from "../evidence/log/tree.ts";

/** A signed note, and what reads the hashes of its tree. */
export type NoteOfTree = { readonly note: string; readonly size: number; readonly read: HashReader };

type TreeHead = Pick<Checkpoint, "size" | "root">;

/**
 * Undefined when there is none, when it is not this log's, and when it is of a larger or another tree: a receipt under it would not hold.
 * `open` reads a checkpoint of this log by a key that the desk had then; `readerOf` reads the tree of a size out of the log's tiles.
 */
export function cosignedNote(
  folder: string,
  open: (note: string) => TreeHead | undefined,
  published: TreeHead,
  readerOf: (size: number) => HashReader,
): NoteOfTree | undefined {
  const file = path.join(folder, "witnessed");
  if (!existsSync(file)) return undefined;
  const note = readFileSync(file, "utf8");
  const checkpoint = open(note);
  if (checkpoint === undefined || checkpoint.size > published.size) return undefined;
  const read = readerOf(checkpoint.size);
  if (!Buffer.from(rootOf(checkpoint.size, read)).equals(checkpoint.root)) return undefined;
  return { note, size: checkpoint.size, read };
}
