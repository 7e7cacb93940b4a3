/** The two places of a log's checkpoint: what was signed, in the writer's own folder, and what is published beside the tiles. */
import { join } from "node:path";
import { assert } from "../core/assert.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../evidence/log/checkpoint.ts";
import { keyidOfVkey } from "../evidence/log/key-chain.ts";
import { type NoteSigner, openNote, readVkey, signNote, type Verifier, vkeyOf } from "../evidence/log/note.ts";
import type { LogDisk } from "./log-disk.ts";
import { LogRefused } from "./log-refused.ts";
import { replaceWhole } from "./log-replace.ts";

/** A checkpoint of this log, the note that says it, and the keyid of the key that signed it. */
export type SignedCheckpoint = Checkpoint & { readonly note: string; readonly by: string };

export type LogNotes = {
  /** The keyid of the key that signs now. */
  readonly own: string;
  readonly sign: (size: number, root: Uint8Array) => SignedCheckpoint;
  /** Undefined when there is no such file. @throws LogRefused when it is none that this desk signed for this log. */
  readonly readSigned: () => SignedCheckpoint | undefined;
  readonly readPublished: () => SignedCheckpoint | undefined;
  readonly writeSigned: (checkpoint: SignedCheckpoint) => Promise<void>;
  readonly writePublished: (checkpoint: SignedCheckpoint) => Promise<void>;
};

export type LogPlaces = { readonly published: string; readonly state: string };

/** The origin and the signer's name are one. `former` are the 32 bytes of keys that signed before. */
export function createLogNotes(
  places: LogPlaces,
  origin: string,
  signer: NoteSigner,
  disk: LogDisk,
  former: readonly Uint8Array[] = [],
): LogNotes {
  const verifier = readVkey(signer.vkey);
  assert(verifier !== undefined && signer.name === origin, "a log is signed under its origin");
  const own = keyidOfVkey(signer.vkey);
  const known = [verifier, ...former.flatMap((raw) => readVkey(vkeyOf(origin, raw)) ?? [])];

  function read(folder: string, name: string): SignedCheckpoint | undefined {
    const path = join(folder, name);
    const bytes = disk.look(path);
    if (bytes === "none") return undefined;
    if (bytes === "other") throw new LogRefused(`${path} is no file that can be read`);
    const opened = openNote(bytes, known);
    if (opened.kind === "refused") throw new LogRefused(`${path} is not signed by this desk's key: ${opened.reason}`);
    const checkpoint = readCheckpoint(opened.text);
    if (checkpoint?.origin !== origin) throw new LogRefused(`${path} is no checkpoint of ${origin}`);
    return { ...checkpoint, note: Buffer.from(bytes).toString(), by: signerAmong(known, bytes) };
  }

  return {
    own,
    sign: (size, root) => {
      const checkpoint = { origin, size, root };
      return { ...checkpoint, note: signNote(writeCheckpoint(checkpoint), [signer]), by: own };
    },
    readSigned: () => read(places.state, "signed"),
    readPublished: () => read(places.published, "checkpoint"),
    writeSigned: ({ note }) => replaceWhole(places.state, "signed", Buffer.from(note), disk),
    writePublished: ({ note }) => replaceWhole(places.published, "checkpoint", Buffer.from(note), disk),
  };
}

/** The keyid of the one that signed. All of them have one name, so they are asked one by one. */
function signerAmong(known: readonly Verifier[], note: Uint8Array): string {
  const by = known.find((verifier) => openNote(note, [verifier]).kind === "note");
  assert(by !== undefined, "a note that opened was signed");
  return keyidOfVkey(by.vkey);
}
