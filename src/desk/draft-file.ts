/**
 * The files of drafts: read where they were proposed, and filed when their order has come to its end. What is filed is what was decided,
 * whatever the file says by then, with the outcome behind it; what a person has changed since is kept beside.
 */
import { createHash } from "node:crypto";
import type { FileWritten } from "../core/files-written.ts";
import { sha256Of, type Sha256 } from "../core/ids.ts";
import { DRAFT_BYTES_MAX, type DraftKind, type DraftRead, isDraftFileName, readDraft } from "../orders/draft.ts";
import { type DraftTable, tableText } from "../orders/draft-text.ts";

export const PROPOSED_FOLDER = "orders/proposed";
export const EXECUTED_FOLDER = "orders/executed";
export const REJECTED_FOLDER = "orders/rejected";

export type FileLook =
  | { readonly kind: "file"; readonly bytes: Uint8Array }
  | { readonly kind: "none" }
  /** It is a link or no regular file, too large, or may not be opened. */
  | { readonly kind: "unsafe"; readonly says: string };

/** Files below a desk, by their path with forward slashes. No link is followed in any part of a path. Rejections are the disk's. */
export interface OrderFiles {
  readonly look: (file: string, bytesMax: number) => FileLook;
  /**
   * Makes a file whole or not at all, under the first of the names that is free, has these bytes already, or has this file as a person
   * changed it since. Resolves with that name when it would survive a power cut.
   */
  readonly place: (
    folder: string,
    names: readonly string[],
    bytes: Uint8Array,
    isEdited: (found: Uint8Array) => boolean,
  ) => Promise<string>;
  /** Gives whatever has this name the first of the names that is free, at one stroke and durably. Null when nothing has it. */
  readonly move: (file: string, folder: string, names: readonly string[]) => Promise<string | null>;
  /** Takes a name away durably. Nothing happens when it is gone. */
  readonly remove: (file: string) => Promise<void>;
}

export type DraftFile =
  | { readonly kind: "found"; readonly bytes: Uint8Array; readonly content: Sha256; readonly read: DraftRead }
  | { readonly kind: "none" }
  | { readonly kind: "unsafe"; readonly says: string };

/** The draft as it is now: for whoever decides, to look at before and to name in the decision. */
export function readDraftFile(files: Pick<OrderFiles, "look">, file: string, kinds: readonly DraftKind[]): DraftFile {
  if (nameIn(file) === undefined) return { kind: "unsafe", says: `that is no name of a draft in ${PROPOSED_FOLDER}/` };
  const found = files.look(file, DRAFT_BYTES_MAX);
  if (found.kind !== "file") return found;
  const { bytes } = found;
  return { kind: "found", bytes, content: contentOf(bytes), read: readDraft(bytes, kinds) };
}

/** The name of a draft's file in its folder; undefined for what no draft is called. */
function nameIn(file: string): string | undefined {
  const name = file.slice(PROPOSED_FOLDER.length + 1);
  return file === `${PROPOSED_FOLDER}/${name}` && isDraftFileName(name) ? name : undefined;
}

const contentOf = (bytes: Uint8Array): Sha256 => sha256Of(createHash("sha256").update(bytes).digest("hex"));

/** The last two tell this filing from every other, and stand in the outcome's table. */
export type Filing = {
  readonly folder: typeof EXECUTED_FOLDER | typeof REJECTED_FOLDER;
  /** Where it was proposed. */
  readonly file: string;
  /** The bytes that were decided. */
  readonly decided: Uint8Array;
  readonly outcome: DraftTable & { readonly run: string; readonly draft: string };
};

/** `wrote`: the draft as it is filed, and what a person has changed since, with the hash of what was decided. */
type Filed = { readonly file: string; readonly wrote: readonly FileWritten[] };

/**
 * Files it. First the new file is there whole, then the old name goes; done again, after a crash at any point, it ends in the same files.
 * @throws for a name that is no draft's
 */
export async function fileDraft(files: OrderFiles, { folder, file, decided, outcome }: Filing): Promise<Filed> {
  const name = nameIn(file);
  if (name === undefined) throw new Error(`${JSON.stringify(file.slice(0, 200))} is no name of a draft`);
  const stem = name.slice(0, -".toml".length);
  const own = `${stem}.${outcome.run.slice(0, 8)}-${outcome.draft}`;
  const names = [name, `${own}.toml`];
  const lines = ["run", "draft"].map((key) => `${key} = ${JSON.stringify(outcome[key])}`);
  const text = filedText(decided, outcome);
  const placed = await files.place(folder, names, text, (found) => hasLines(found, lines));
  const content = contentOf(decided);
  const edited = await putAside(files, file, folder, [`${stem}.edited.toml`, `${own}.edited.toml`], content);
  const path = `${folder}/${placed}`;
  return {
    file: path,
    wrote: [{ file: path, content: contentOf(text) }, ...edited.map((each) => ({ file: each, content }))],
  };
}

/** What was decided, to the byte, and behind it a table that no draft may have. */
function filedText(decided: Uint8Array, outcome: DraftTable): Uint8Array {
  const ends = decided.at(-1) === 0x0a;
  return Buffer.concat([decided, Buffer.from(`${ends ? "" : "\n"}\n${tableText("outcome", outcome)}`)]);
}

function hasLines(found: Uint8Array, lines: readonly string[]): boolean {
  const all = new Set(new TextDecoder().decode(found).split(/\r?\n/));
  return all.has("[outcome]") && lines.every((line) => all.has(line));
}

/**
 * Moved first and looked at then, so that no change of the last moment is lost. What says what was decided is not kept twice. Gives the
 * paths of what is.
 */
async function putAside(
  files: OrderFiles,
  file: string,
  folder: string,
  names: readonly string[],
  content: Sha256,
): Promise<readonly string[]> {
  await files.move(file, folder, names);
  const kept: string[] = [];
  for (const path of names.map((name) => `${folder}/${name}`)) {
    const found = files.look(path, DRAFT_BYTES_MAX);
    if (found.kind === "file" && contentOf(found.bytes) === content) await files.remove(path);
    else if (found.kind !== "none") kept.push(path);
  }
  return kept;
}
