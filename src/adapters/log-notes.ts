/** The two places of a log's checkpoint: what was signed, in the writer's own folder, and what is published beside the tiles. */
import { join } from "node:path";
import { assert } from "../core/assert.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../evidence/log/checkpoint.ts";
import { type NoteSigner, openNote, readVkey, signNote } from "../evidence/log/note.ts";
import type { LogDisk } from "./log-disk.ts";
import { LogRefused } from "./log-refused.ts";
import { replaceWhole } from "./log-replace.ts";

/** A checkpoint of this log, and the note that says it. */
export type SignedCheckpoint = Checkpoint & { readonly note: string };

export type LogNotes = {
  readonly sign: (size: number, root: Uint8Array) => SignedCheckpoint;
  /** Undefined when there is no such file. @throws LogRefused when it is none that this desk signed for this log. */
  readonly readSigned: () => SignedCheckpoint | undefined;
  readonly readPublished: () => SignedCheckpoint | undefined;
  readonly writeSigned: (checkpoint: SignedCheckpoint) => Promise<void>;
  readonly writePublished: (checkpoint: SignedCheckpoint) => Promise<void>;
};

export type LogPlaces = { readonly published: string; readonly state: string };

/** The origin and the signer's name are one. */
export function createLogNotes(places: LogPlaces, origin: string, signer: NoteSigner, disk: LogDisk): LogNotes {
  const verifier = readVkey(signer.vkey);
  assert(verifier !== undefined && signer.name === origin, "a log is signed under its origin");
  const known = [verifier];

  function read(folder: string, name: string): SignedCheckpoint | undefined {
    const path = join(folder, name);
    const bytes = disk.look(path);
    if (bytes === "none") return undefined;
    if (bytes === "other") throw new LogRefused(`${path} is no file that can be read`);
    const opened = openNote(bytes, known);
    if (opened.kind === "refused") throw new LogRefused(`${path} is not signed by this desk's key: ${opened.reason}`);
    const checkpoint = readCheckpoint(opened.text);
    if (checkpoint?.origin !== origin) throw new LogRefused(`${path} is no checkpoint of ${origin}`);
    return { ...checkpoint, note: Buffer.from(bytes).toString() };
  }

  return {
    sign: (size, root) => {
      const checkpoint = { origin, size, root };
      return { ...checkpoint, note: signNote(writeCheckpoint(checkpoint), [signer]) };
    },
    readSigned: () => read(places.state, "signed"),
    readPublished: () => read(places.published, "checkpoint"),
    writeSigned: ({ note }) => replaceWhole(places.state, "signed", Buffer.from(note), disk),
    writePublished: ({ note }) => replaceWhole(places.published, "checkpoint", Buffer.from(note), disk),
  };
}
