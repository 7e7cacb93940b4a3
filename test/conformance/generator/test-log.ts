/** A log in memory: its checkpoints and receipts at any size, and the static files of its last one. */
import { leafBytes, type LogLeaf } from "../../../src/evidence/log/leaf.ts";
import { signerOf, signNote, type NoteSigner } from "../../../src/evidence/log/note.ts";
import { writeCheckpoint } from "../../../src/evidence/log/checkpoint.ts";
import { writeProof } from "../../../src/evidence/log/proof.ts";
import { consistencyProof, inclusionProof, leafHash, rootOf, type Hash } from "../../../src/evidence/log/tree.ts";
import { encodeEntries, entriesPath, tilePath, tilesChanged } from "../../../src/evidence/log/tiles.ts";
import { memoryTree } from "../../unit/evidence/log/tree-support.ts";
import type { Files } from "./case.ts";
import type { DeskKey } from "./desk.ts";

export type ReceiptParts = {
  readonly size: number;
  readonly by: DeskKey;
  /** More signers of the checkpoint: witnesses. */
  readonly also?: readonly NoteSigner[];
  /** The leaf's own bytes stand in the receipt. */
  readonly extra?: boolean;
};

export type TestLog = {
  readonly root: (size: number) => Hash;
  readonly checkpoint: (size: number, by: DeskKey, also?: readonly NoteSigner[]) => string;
  readonly receipt: (index: number, parts: ReceiptParts) => string;
  readonly consistency: (from: number, to: number) => readonly string[];
  /** What a web server would serve, below `folder`, and the verifier key beside it. */
  readonly files: (folder: string, by: DeskKey) => Files;
};

/** Bytes stand for an entry that no log of ours would write. */
export function testLog(origin: string, leaves: readonly (LogLeaf | Uint8Array)[]): TestLog {
  const entries = leaves.map((leaf) => (leaf instanceof Uint8Array ? leaf : leafBytes(leaf)));
  const { read } = memoryTree(entries.map(leafHash));
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  const checkpoint: TestLog["checkpoint"] = (size, by, also = []) =>
    signNote(writeCheckpoint({ origin, size, root: rootOf(size, read) }), [signerOf(origin, by.private), ...also]);
  const bytesOf = (file: ReturnType<typeof tilesChanged>[number]): readonly [string, Uint8Array] => {
    const { index, width } = file;
    const from = index * 256;
    if (file.kind === "entries") return [entriesPath(index, width), encodeEntries(entries.slice(from, from + width))];
    const hashes = Array.from({ length: width }, (_, at) => read(file.level * 8, from + at));
    return [tilePath(file.level, index, width), Buffer.concat(hashes)];
  };
  return {
    root: (size) => rootOf(size, read),
    checkpoint,
    receipt: (index, { size, by, also, extra = false }) =>
      writeProof({
        index,
        hashes: inclusionProof(index, size, read),
        checkpoint: checkpoint(size, by, also),
        ...(extra ? { extra: entries[index] ?? new Uint8Array() } : {}),
      }),
    consistency: (from, to) => consistencyProof(from, to, read).map(base64),
    files: (folder, by) => ({
      [`${folder}/log.vkey`]: `${signerOf(origin, by.private).vkey}\n`,
      [`${folder}/checkpoint`]: checkpoint(entries.length, by),
      ...Object.fromEntries(
        tilesChanged(0, entries.length).map((file) => {
          const [path, bytes] = bytesOf(file);
          return [`${folder}/${path}`, bytes];
        }),
      ),
    }),
  };
}
