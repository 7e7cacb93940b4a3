/**
 * An agent's file access. A path is walked folder by folder, each opened in the one before without following links, so that what is
 * opened in the end lies below the desk whatever was renamed or linked meanwhile. Linux opens a name in an open folder through
 * `/proc/self/fd`; where that is missing, names are opened by path, and where they led is checked behind it, which leaves an instant
 * to whoever swaps folders at just that moment.
 */
import * as nodeFs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { FileRefused } from "../agent/agent-files.ts";
import { errnoOf } from "./disk.ts";

/** The calls that are made, one by one, so that a test can put something in their way. */
export type AgentDisk = Pick<
  typeof nodeFs,
  | "openSync"
  | "closeSync"
  | "fstatSync"
  | "fchmodSync"
  | "lstatSync"
  | "readSync"
  | "writeFileSync"
  | "opendirSync"
  | "mkdirSync"
  | "linkSync"
  | "renameSync"
  | "unlinkSync"
  | "realpathSync"
> & {
  readonly sync: (file: number) => Promise<void>;
  /** A path that leads into an open folder, whatever became of its name; where the system has none, to nothing. */
  readonly through: (file: number) => string;
};

export const nodeAgentDisk: AgentDisk = {
  ...nodeFs,
  sync: promisify(nodeFs.fsync),
  through: (file) => `/proc/self/fd/${file}`,
};

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = nodeFs.constants;

/** An open folder. `at` is how its names are reached; `real` is set where that is by path, and says where the folder must be. */
export type Folder = { readonly file: number; readonly at: string; readonly real: string | null };

/** Thrown on the way and told as a value: see `AgentFiles`. */
export class Refused extends Error {
  readonly because: FileRefused["because"];
  constructor(because: FileRefused["because"], says: string) {
    super(says);
    this.because = because;
  }
}

/** The desk's own folder is the operator's word, links and all; no part below it may be one. */
export function openFolders(dir: string, parts: readonly string[], making: boolean, disk: AgentDisk): Folder {
  const real = disk.realpathSync(dir);
  let folder = entered(disk.openSync(real, O_RDONLY | O_DIRECTORY), real, disk);
  for (const part of parts) {
    const above = folder;
    try {
      folder = openFolder(above, part, making, disk);
    } finally {
      disk.closeSync(above.file);
    }
  }
  return folder;
}

function openFolder(above: Folder, part: string, making: boolean, disk: AgentDisk): Folder {
  const name = path.join(above.at, part);
  try {
    if (making) makeFolder(name, disk);
    return entered(disk.openSync(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), name, disk, above);
  } catch (thrown) {
    throw refusalOf(thrown, part);
  }
}

function makeFolder(name: string, disk: AgentDisk): void {
  try {
    disk.mkdirSync(name, { mode: 0o755 });
  } catch (thrown) {
    if (errnoOf(thrown) !== "EEXIST") throw thrown;
  }
}

function entered(file: number, name: string, disk: AgentDisk, above?: Folder): Folder {
  try {
    const through = disk.through(file);
    if (isSame(disk.lstatSync(`${through}/.`, { throwIfNoEntry: false }), disk.fstatSync(file)))
      return { file, at: through, real: null };
    const real = above === undefined ? name : path.join(above.real ?? above.at, path.basename(name));
    const folder = { file, at: name, real };
    checkPlace(folder, disk);
    return folder;
  } catch (thrown) {
    disk.closeSync(file);
    throw thrown;
  }
}

/** Of a folder that is reached by its path: that the path still leads to it, over no link. */
export function checkPlace({ file, real }: Folder, disk: AgentDisk): void {
  if (real === null) return;
  if (disk.realpathSync(real) !== real || !isSame(disk.lstatSync(real), disk.fstatSync(file)))
    throw new Refused("unsafe", "A folder of the path was changed meanwhile.");
}

type Inode = { readonly dev: number; readonly ino: number };
export const isSame = (one: Inode | undefined, other: Inode): boolean =>
  one !== undefined && one.dev === other.dev && one.ino === other.ino;

/**
 * Opens a regular file that has this one name. That is looked at behind the opening, by name and file at once: a second name that was
 * there for the opening alone is no longer this one.
 */
export function openFile(
  folder: Folder,
  name: string,
  disk: AgentDisk,
): { readonly file: number; readonly size: number; readonly mode: number } {
  const at = path.join(folder.at, name);
  try {
    const before = disk.lstatSync(at);
    if (before.isSymbolicLink()) throw new Refused("unsafe", `${name} is a link; links are not followed.`);
    if (!before.isFile()) throw new Refused("unsafe", `${name} is no regular file.`);
    const file = disk.openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const opened = disk.fstatSync(file);
      checkPlace(folder, disk);
      const found = disk.lstatSync(at);
      if (!opened.isFile() || !isSame(found, opened))
        throw new Refused("unsafe", `${name} was changed while it was opened.`);
      if (found.nlink !== 1) throw new Refused("unsafe", `${name} has a second name, maybe outside of the desk.`);
      return { file, size: opened.size, mode: opened.mode & 0o777 };
    } catch (thrown) {
      disk.closeSync(file);
      throw thrown;
    }
  } catch (thrown) {
    throw refusalOf(thrown, name);
  }
}

type Says = readonly [because: FileRefused["because"], says: (name: string) => string];
const CLOSED: Says = ["unsafe", (name) => `${name} may not be opened.`];
const REFUSALS: ReadonlyMap<string | undefined, Says> = new Map<string | undefined, Says>([
  ["ENOENT", ["gone", (name) => `There is no ${name}.`]],
  ["EEXIST", ["taken", (name) => `There is a ${name} already; it is left as it is.`]],
  ["ELOOP", ["unsafe", (name) => `${name} is a link; links are not followed.`]],
  ["ENOTDIR", ["unsafe", (name) => `${name} is no folder, or a link to one.`]],
  ["EISDIR", ["unsafe", (name) => `${name} is a folder.`]],
  ["EACCES", CLOSED],
  ["EPERM", CLOSED],
  ["ENXIO", CLOSED],
]);

/** What the agent is told of a failed call; the failure itself where it is the disk's own. */
export function refusalOf(thrown: unknown, name: string): unknown {
  const known = REFUSALS.get(errnoOf(thrown));
  return known === undefined ? thrown : new Refused(known[0], known[1](name));
}
