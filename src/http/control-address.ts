/** Where the control socket of a desk is, and how the command line finds it. The folder's and the socket's modes are the credential. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";

/** `sun_path` holds 104 bytes on the BSDs and macOS (108 on Linux), its closing NUL included. */
const SOCKET_PATH_BYTES_MAX = 103;

/** `.qoc/daemon.json`: written by the daemon when it answers, removed when it stops. */
const DaemonFile = z.object({
  pid: z.int().positive(),
  socket: z.string().min(1),
  ingress: z.string().nullable(),
  console: z.string().nullable(),
  started_at: z.string(),
});
export type DaemonFile = Readonly<z.infer<typeof DaemonFile>>;

export type Place = { readonly env: Readonly<Record<string, string | undefined>>; readonly tmp: string };
export const systemPlace = (env: Place["env"]): Place => ({ env, tmp: tmpdir() });

const fits = (socket: string): boolean => Buffer.byteLength(socket) <= SOCKET_PATH_BYTES_MAX;
const daemonFileOf = (dir: string): string => path.join(dir, ".qoc", "daemon.json");

/** Two desks of one name in different folders have different sockets. */
function shortName(name: string, dir: string): string {
  const hash = createHash("sha256").update(realpathSync(dir)).digest("hex").slice(0, 10);
  return `${name.slice(0, 32)}-${hash}.sock`;
}

/** Where the daemon of this desk listens: the user's runtime folder, else the desk, else a short path under the temporary folder. */
export function controlSocketPath(name: string, dir: string, place: Place): string {
  const runtime = place.env["XDG_RUNTIME_DIR"];
  const candidates = [
    ...(runtime === undefined || runtime === "" ? [] : [path.join(runtime, "qoc", shortName(name, dir))]),
    path.join(path.resolve(dir), ".qoc", "control.sock"),
    path.join(place.tmp, `qoc-${process.getuid?.() ?? "user"}`, shortName("c", dir)),
  ];
  const found = candidates.find(fits);
  if (found === undefined)
    throw new Error(`no path is short enough for a socket (over ${SOCKET_PATH_BYTES_MAX} bytes)`);
  return found;
}

/** The agents' own socket, beside the control socket and with no longer a path: what asks there gets the scoped commands and nothing else. */
export function agentSocketPath(control: string): string {
  const hash = createHash("sha256").update(control).digest("hex").slice(0, 10);
  const name = path.basename(control) === "control.sock" ? "agents.sock" : `a-${hash}.sock`;
  return path.join(path.dirname(control), name);
}

/**
 * Makes the socket's folder fit to hold it, and clears what a killed daemon left there. Call it only after the desk's
 * lock is held: then nobody listens on that path.
 * @throws when the folder is another user's, a link, or open to others
 */
export function prepareControlSocket(socket: string): void {
  const folder = path.dirname(socket);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const mine = process.getuid?.() ?? found.uid;
  if (!found.isDirectory() || found.uid !== mine) throw new Error(`${folder} is not a folder of this user`);
  if (path.basename(folder) !== ".qoc") chmodSync(folder, 0o700);
  rmSync(socket, { force: true });
}

/** Runs `listen` so that the socket it makes is never open to others, not even between `bind` and `chmod`. */
export async function listenPrivately(socket: string, listen: (socket: string) => Promise<unknown>): Promise<void> {
  prepareControlSocket(socket);
  const before = process.umask(0o177);
  try {
    await listen(socket);
  } finally {
    process.umask(before);
  }
  chmodSync(socket, 0o600);
}

/** Written whole or not at all; a reader sees the old file or the new one. */
export function writeDaemonFile(dir: string, content: DaemonFile): void {
  const file = daemonFileOf(dir);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // One name for all: what a crash leaves, the next daemon of the desk writes over. Only the holder of its lock comes here.
  const temporary = `${file}.part`;
  const handle = openSync(temporary, "w", 0o600);
  writeSync(handle, `${JSON.stringify(content)}\n`);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(temporary, file);
}

/** Removes the file only while it is this daemon's: a successor may have written its own. */
export function removeDaemonFile(dir: string, pid: number): void {
  if (readDaemonFile(dir)?.pid === pid) rmSync(daemonFileOf(dir), { force: true });
}

/** What the last daemon wrote. It may be dead since: only an answer on the socket says that one runs. */
export function readDaemonFile(dir: string): DaemonFile | undefined {
  try {
    return DaemonFile.parse(JSON.parse(readFileSync(daemonFileOf(dir), "utf8")));
  } catch {
    return undefined;
  }
}
