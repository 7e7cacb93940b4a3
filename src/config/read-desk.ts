/** The files of a desk's configuration, read from the disk and handed to `load`. The only part of the configuration that does I/O. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { reasonOf } from "../core/assert.ts";
import { openToOthers } from "./env-file.ts";
import type { Env } from "./layers.ts";
import { load, type Loaded } from "./load.ts";
import type { Problem } from "./problem.ts";
import type { FileRead } from "./secrets.ts";
import type { TextFile } from "./toml.ts";

const DESK_FILE = "desk.toml";
const ENV_FILE = ".env.qoc";

const FILE_BYTES_MAX = 1024 * 1024;

export type DeskPlace = {
  /** The desk's folder. */
  readonly dir: string;
  /** `~/.qoc/config.toml`, or null to leave it out. It need not exist. */
  readonly globalFile: string | null;
  readonly env: Env;
};

/** Reads everything anew at each call, so that SIGHUP sees edited files, new secrets among them. Never throws for what the files hold. */
export function readDesk({ dir, globalFile, env }: DeskPlace): Loaded {
  const workspace = readText(path.join(dir, DESK_FILE));
  const global = globalFile === null ? null : readText(globalFile);
  const envFile = readText(path.join(dir, ENV_FILE));
  const unread = [
    ...(workspace.kind === "missing" ? [noDesk(path.join(dir, DESK_FILE))] : []),
    ...[workspace, global, envFile].flatMap((read) => (read?.kind === "problem" ? [read.problem] : [])),
    ...(envFile.kind === "text"
      ? [openToOthers(envFile.file, envFile.mode)].filter((problem) => problem !== null)
      : []),
  ];
  if (workspace.kind !== "text") return { kind: "problems", problems: unread };

  const texts = {
    workspace,
    global: global?.kind === "text" ? global : null,
    envFile: envFile.kind === "text" ? envFile : null,
  };
  const loaded = load(texts, { env, file: (name) => readFile(path.resolve(dir, name)) });
  if (unread.length === 0) return loaded;
  return { kind: "problems", problems: [...unread, ...(loaded.kind === "problems" ? loaded.problems : [])] };
}

type TextRead =
  | ({ readonly kind: "text"; readonly mode: number } & TextFile)
  | { readonly kind: "missing" }
  | { readonly kind: "problem"; readonly problem: Problem };

function readText(file: string): TextRead {
  const read = readFile(file);
  if (read.kind === "missing") return read;
  if (read.kind === "bytes") return decoded(file, read.bytes, read.mode);
  return { kind: "problem", problem: aboutFile(file, `cannot be read (${read.reason})`) };
}

function decoded(file: string, bytes: Uint8Array, mode: number): TextRead {
  try {
    return { kind: "text", file, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), mode };
  } catch {
    return { kind: "problem", problem: aboutFile(file, "is not UTF-8") };
  }
}

const aboutFile = (file: string, says: string): Problem => ({
  file,
  line: null,
  column: null,
  key: null,
  says,
  seen: null,
  nearest: null,
});

const noDesk = (file: string): Problem =>
  aboutFile(file, `does not exist; "qoc init ${path.dirname(file)}" makes a desk`);

type BytesRead =
  | Exclude<FileRead, { kind: "bytes" }>
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly mode: number };

/** Bytes and mode of one and the same open file. */
function readFile(file: string): BytesRead {
  try {
    // Not blocking: a pipe in the place of a file would hold the daemon for ever.
    const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readOpen(handle);
    } finally {
      closeSync(handle);
    }
  } catch (thrown) {
    if (isMissing(thrown)) return { kind: "missing" };
    return { kind: "unreadable", reason: reasonOf(thrown) };
  }
}

function readOpen(handle: number): BytesRead {
  const stat = fstatSync(handle);
  if (!stat.isFile()) return { kind: "unreadable", reason: "not a file" };
  if (stat.size > FILE_BYTES_MAX) return { kind: "unreadable", reason: `over ${FILE_BYTES_MAX} bytes` };
  return { kind: "bytes", bytes: new Uint8Array(readFileSync(handle)), mode: stat.mode };
}

const isMissing = (thrown: unknown): boolean =>
  thrown instanceof Error && "code" in thrown && (thrown.code === "ENOENT" || thrown.code === "ENOTDIR");
