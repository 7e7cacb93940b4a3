/**
 * What a witness cosigned last of each log, a file a log in `cosigned/`, named by the hash of an origin that the operator gave, never by a
 * request. Its first line is the SHA-256 of all that follows; then comes the checkpoint, with the signatures that it had.
 *
 * The file is made when the log is added, so one that is missing was lost: a witness without its memory could cosign a second tree of
 * a size, and serves nothing. A crash leaves the file as it was or as it was to be. The cosignature leaves after that, so what was
 * cosigned is always in it.
 */
import { hash } from "node:crypto";
import { join } from "node:path";
import type { LogDisk } from "../adapters/log-disk.ts";
import { ensureFolder, replaceWhole } from "../adapters/log-replace.ts";
import { placeWhole } from "../adapters/durable-file.ts";
import { readCheckpoint, writeCheckpoint } from "../evidence/log/checkpoint.ts";
import { type Cosigned, nothingCosigned } from "../evidence/log/add-checkpoint.ts";
import { unusable } from "./refused.ts";

export type WitnessMemory = {
  /** Makes the memory of a log that is new; one that is there stays as it is. */
  readonly begin: (origin: string) => Promise<void>;
  /** @throws WitnessRefused when it is missing or damaged. */
  readonly recall: (origin: string) => Cosigned;
  /**
   * Resolves when a power cut would leave this note to be recalled. After a rejection the old or the new one may be there: recall it
   * again before going on.
   */
  readonly keep: (origin: string, note: string) => Promise<void>;
  /** Keeps the first note of a log that contradicts what was cosigned of it: with the one that is kept, proof of two histories. */
  readonly accuse: (origin: string, note: string) => Promise<void>;
};

const COSIGNED = "cosigned";
const CONTRADICTIONS = "contradictions";

export function openMemory(folder: string, disk: LogDisk): WitnessMemory {
  const nameOf = (origin: string): string => hash("sha256", origin, "hex");
  const known = new Set<string>();
  const place = async (below: string, origin: string, bytes: Uint8Array): Promise<void> => {
    const inside = join(folder, below);
    await ensureFolder(inside, known, disk);
    if (disk.look(join(inside, nameOf(origin))) !== "none") return;
    await placeWhole({ folder: inside, names: [nameOf(origin)], bytes, mode: 0o600 }, disk);
  };

  return {
    begin: (origin) => place(COSIGNED, origin, recorded(writeCheckpoint({ origin, ...nothingCosigned }))),
    recall: (origin) => {
      const path = join(folder, COSIGNED, nameOf(origin));
      const found = disk.look(path);
      const checkpoint = typeof found === "string" ? undefined : readRecorded(found);
      if (checkpoint?.origin === origin) return checkpoint;
      throw unusable(
        `${path}, what was cosigned last of ${origin}, is ${found === "none" ? "missing" : "damaged"}`,
        "the newest backup of it if nothing was cosigned since, otherwise a new witness: qoc witness init",
      );
    },
    keep: (origin, note) => replaceWhole(join(folder, COSIGNED), nameOf(origin), recorded(note), disk),
    accuse: (origin, note) => place(CONTRADICTIONS, origin, Buffer.from(note)),
  };
}

const recorded = (note: string): Uint8Array => Buffer.from(`${hash("sha256", note, "hex")}\n${note}`);

/** Undefined for bytes that `recorded` did not give. */
function readRecorded(bytes: Uint8Array): ReturnType<typeof readCheckpoint> {
  const text = Buffer.from(bytes).toString();
  const end = text.indexOf("\n") + 1;
  const note = text.slice(end);
  if (text.slice(0, end) !== `${hash("sha256", note, "hex")}\n`) return undefined;
  const blank = note.indexOf("\n\n");
  return readCheckpoint(blank === -1 ? note : note.slice(0, blank + 1));
}
