/**
 * `.qoc/evidence/log/witnessed`: the newest checkpoint that a witness has cosigned, as a note, the log's own signature first. It lags
 * behind `checkpoint` and never goes back. A crash leaves it as it was or as it was to be.
 */
import { join } from "node:path";
import { type Checkpoint, readCheckpoint } from "../evidence/log/checkpoint.ts";
import { openNote, type Verifier } from "../evidence/log/note.ts";
import type { LogDisk } from "./log-disk.ts";
import { replaceWhole } from "./log-replace.ts";

export type WitnessedNote = {
  /** Undefined when there is none of this log. */
  readonly checkpoint: () => Checkpoint | undefined;
  /** Whether this witness has cosigned the newest. */
  readonly isBy: (witness: Verifier) => boolean;
  /** Adds a line to the note that it was asked for; nothing happens when a newer one is kept. */
  readonly add: (note: string, witness: Verifier, line: string) => Promise<void>;
};

const FILE = "witnessed";

/**
 * @param origin of the log; a file of another epoch's counts as none
 * @param witnesses in whose order their lines stand; lines of others are dropped when the next checkpoint comes
 */
export function openWitnessedNote(
  folder: string,
  origin: string,
  witnesses: readonly Verifier[],
  disk: LogDisk,
): WitnessedNote {
  let newest = readKept(folder, origin, witnesses, disk);
  let writing = Promise.resolve();

  async function write(note: string, witness: Verifier, line: string): Promise<void> {
    const checkpoint = checkpointOf(note);
    if (checkpoint === undefined || checkpoint.size < (newest?.checkpoint.size ?? 0)) return;
    const others = newest !== undefined && textOf(newest.note) === textOf(note) ? newest.lines : new Map();
    const lines = new Map<string, string>([...others, [witness.vkey, line]]);
    const cosigned = witnesses.flatMap(({ vkey }) => lines.get(vkey) ?? []);
    await replaceWhole(folder, FILE, Buffer.from(`${note}${cosigned.join("")}`), disk);
    newest = { note, checkpoint, lines };
  }

  return {
    checkpoint: () => newest?.checkpoint,
    isBy: ({ vkey }) => newest?.lines.has(vkey) === true,
    add: (note, witness, line) => {
      const done = writing.then(() => write(note, witness, line));
      writing = done.catch(() => undefined);
      return done;
    },
  };
}

/** `lines` by vkey, of the witnesses that are asked. */
type Kept = {
  readonly note: string;
  readonly checkpoint: Checkpoint;
  readonly lines: ReadonlyMap<string, string>;
};

/** A file that no witness of ours cosigned says nothing. */
function readKept(folder: string, origin: string, witnesses: readonly Verifier[], disk: LogDisk): Kept | undefined {
  const found = disk.look(join(folder, FILE));
  if (typeof found === "string") return undefined;
  const note = Buffer.from(found).toString();
  const opened = openNote(note, witnesses);
  const checkpoint = opened.kind === "note" ? readCheckpoint(opened.text) : undefined;
  if (checkpoint?.origin !== origin) return undefined;
  const text = textOf(note);
  const signatures = note.slice(text.length + 1).split(/(?<=\n)/);
  const lineBy = (witness: Verifier): string | undefined =>
    signatures.find((line) => openNote(`${text}\n${line}`, [witness]).kind === "note");
  const lines = witnesses.flatMap((witness) => {
    const line = lineBy(witness);
    return line === undefined ? [] : [[witness.vkey, line] as const];
  });
  return { note: `${text}\n${signatures[0] ?? ""}`, checkpoint, lines: new Map(lines) };
}

/** What is signed. */
const textOf = (note: string): string => note.slice(0, note.lastIndexOf("\n\n") + 1);
const checkpointOf = (note: string): Checkpoint | undefined => readCheckpoint(textOf(note));
