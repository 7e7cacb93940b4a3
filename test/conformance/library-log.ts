/** The library's word on the static files of a log: the rules of `static_log.py`, by the parts that the daemon and its commands use. */
import { existsSync, readFileSync } from "node:fs";
import { readCheckpoint, type Checkpoint } from "../../src/evidence/log/checkpoint.ts";
import { leafBefore, leafKey, readLeaf, type LogLeaf } from "../../src/evidence/log/leaf.ts";
import { openNote, readVkey } from "../../src/evidence/log/note.ts";
import { decodeEntries, entriesPath, readerOverTiles, tilePath, tilesChanged } from "../../src/evidence/log/tiles.ts";
import { consistencyProof, leafHash, rootOf, verifyConsistency, type HashReader } from "../../src/evidence/log/tree.ts";

const WIDTH = 256;

export function judgeLog(folder: string): readonly string[] {
  const vkey = readFileSync(`${folder}/log.vkey`, "utf8").trimEnd();
  const checkpoint = open(readFileSync(`${folder}/checkpoint`, "utf8"), vkey);
  const read = checkpoint && soundTiles(folder, checkpoint);
  if (checkpoint === undefined || read === undefined) return ["LOG_UNUSABLE"];
  if (!existsSync(`${folder}/held`)) return [];
  const held = open(readFileSync(`${folder}/held`, "utf8"), vkey);
  if (held === undefined) return ["CHECKPOINT_UNUSABLE"];
  const { size, root } = checkpoint;
  const proof = held.size > size ? [] : consistencyProof(held.size, size, read);
  return verifyConsistency(held.size, held.root, size, root, proof) ? [] : ["CHECKPOINT_INCONSISTENT"];
}

function open(note: string, vkey: string): Checkpoint | undefined {
  const verifier = readVkey(vkey);
  const opened = verifier === undefined ? undefined : openNote(note, [verifier]);
  const checkpoint = opened?.kind === "note" ? readCheckpoint(opened.text) : undefined;
  return checkpoint?.origin === verifier?.name ? checkpoint : undefined;
}

/** Undefined unless every tile is what the entries make it, and the root what was signed. */
function soundTiles(folder: string, { origin, size, root }: Checkpoint): HashReader | undefined {
  try {
    const files = tilesChanged(0, size);
    const entries = files.flatMap((file) => {
      if (file.kind !== "entries") return [];
      const found = decodeEntries(readFileSync(`${folder}/${entriesPath(file.index, file.width)}`), file.width);
      if (found === undefined) throw new Error("a bundle is not whole");
      return found;
    });
    if (!areLeaves(entries, origin)) return undefined;
    const read = readerOverTiles(size, (level, index, width) =>
      readFileSync(`${folder}/${tilePath(level, index, width)}`),
    );
    const areHashed = entries.every((bytes, at) => Buffer.compare(leafHash(bytes), read(0, at)) === 0);
    const areTiled = files.every((file) => {
      if (file.kind === "entries" || file.level === 0) return true;
      const hashes = Array.from({ length: file.width }, (_, at) => below(read, file.level, file.index * WIDTH + at));
      return Buffer.concat(hashes).equals(readFileSync(`${folder}/${tilePath(file.level, file.index, file.width)}`));
    });
    return areHashed && areTiled && Buffer.compare(rootOf(size, read), root) === 0 ? read : undefined;
  } catch {
    return undefined; // a file is missing, or of another length
  }
}

/** The root of a full tile, by the hashes of the level below. */
const below: (read: HashReader, level: number, index: number) => Uint8Array = (read, level, index) =>
  rootOf(WIDTH, (height, at) => read((level - 1) * 8 + height, index * 2 ** (8 - height) + at));

function areLeaves(entries: readonly Uint8Array[], origin: string): boolean {
  const seen = new Set<string>();
  const leaves: LogLeaf[] = [];
  return entries.every((bytes, index) => {
    const leaf = readLeaf(bytes);
    if (leaf === undefined || seen.has(leafKey(leaf))) return false;
    const before = leafBefore(leaf);
    const isAbout = before === undefined || aboutWhat(leaf).includes(leaves[before]?.kind ?? "");
    seen.add(leafKey(leaf));
    leaves.push(leaf);
    return isAbout && (leaf.kind === "epoch") === (index === 0 && !origin.endsWith("/log"));
  });
}

const aboutWhat = ({ kind }: LogLeaf): readonly string[] => (kind === "erasure" ? ["seal", "amendment"] : ["seal"]);
