/**
 * The command line of bubblewrap for an agent: the desk to be read, its writable folders to be written, the run's own folder and the agents'
 * socket, the system's programs, and nothing else of the disk; no network unless it is wanted; nothing that outlives it.
 *
 * The person's home is empty inside and gone afterwards, but for the one or two files with which a preset's program signs in, to be read.
 * They are not the whole configuration folders: a setting that an agent writes there would run something outside the next time.
 * An `.env` file that is made while the run goes on is not covered.
 * @see https://man.archlinux.org/man/bwrap.1
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import path from "node:path";
import { reasonOf } from "../core/assert.ts";
import { isShown, WRITABLE_FOLDERS } from "./desk-paths.ts";

export type SandboxPlace = {
  /** Behind all links. */
  readonly desk: string;
  readonly home: string | null;
  /** The run's own folder, below `.qoc` or anywhere: its `qoc`, its bundle, its settings. */
  readonly folder: string;
  readonly socket: string;
  /** The agent's command, as found and behind all links. */
  readonly command: readonly string[];
  /** Folders and files that the command and the run's `qoc` need besides. */
  readonly reads: readonly string[];
  /** Files with which the command signs in, to be read where they exist. */
  readonly credentials: readonly string[];
  readonly network: boolean;
  /** The daemon is root: inside it is another user then. */
  readonly root: boolean;
};
export type SandboxArgv =
  | { readonly kind: "argv"; readonly argv: readonly string[] }
  | { readonly kind: "refused"; readonly reason: string };

/** Who one is inside when the daemon is root. */
const USER_INSIDE = "1000";
const NAMESPACES = [
  "--unshare-all",
  "--unshare-user",
  "--die-with-parent",
  "--new-session",
  "--cap-drop",
  "ALL",
] as const;
const SYSTEM_FOLDERS = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
const SYSTEM_FILES = ["/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"];
const NETWORK_FILES = [
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/nsswitch.conf",
  "/etc/ssl",
  "/etc/ca-certificates",
  "/etc/pki",
];

/** The arguments of bubblewrap up to the command. Makes the writable folders that are missing. */
export function sandboxArgv(place: SandboxPlace): SandboxArgv {
  const { desk, home, folder, socket, network, root } = place;
  try {
    const writable = WRITABLE_FOLDERS.map((name) => writableFolder(desk, name));
    const masks = masksOf(desk);
    const private_home = home === null || home === "/" || isWithin(home, "/usr") ? [] : ["--tmpfs", home];
    return {
      kind: "argv",
      argv: [
        ...baseArgv(network, root),
        ...private_home,
        ...place.credentials.flatMap((file) => bound("--ro-bind-try", file)),
        ...readableOf(place).flatMap((file) => bound("--ro-bind-try", file)),
        ...bound("--ro-bind", desk),
        ...writable.flatMap((each) => bound("--bind", each)),
        ...masks.argv,
        ...bound("--ro-bind", folder),
        ...bound("--ro-bind-try", socket),
        ...masks.folders.flatMap((each) => ["--remount-ro", each]),
        "--chdir",
        desk,
        "--",
      ],
    };
  } catch (error) {
    return { kind: "refused", reason: reasonOf(error) };
  }
}

/** Namespaces, the system's programs, and places that are empty: all that `sandbox-check.ts` tries. */
export function baseArgv(network: boolean, root: boolean): readonly string[] {
  return [
    ...NAMESPACES,
    ...(network ? ["--share-net"] : []),
    ...(root ? ["--uid", USER_INSIDE, "--gid", USER_INSIDE] : []),
    ...bound("--ro-bind", "/usr"),
    ...SYSTEM_FOLDERS.filter((each) => existsSync(each)).flatMap((each) =>
      lstatSync(each).isSymbolicLink() ? ["--symlink", readlinkSync(each), each] : bound("--ro-bind", each),
    ),
    ...[...SYSTEM_FILES, ...(network ? NETWORK_FILES : [])].flatMap((each) => bound("--ro-bind-try", each)),
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--tmpfs",
    "/tmp",
  ];
}

/**
 * A link would be followed, to a folder outside of the desk too: an earlier run, in no sandbox, may have put one there.
 * @throws Error
 */
function writableFolder(desk: string, name: string): string {
  const folder = path.join(desk, name);
  mkdirSync(folder, { recursive: true });
  if (realpathSync(folder) !== folder) throw new Error(`${name} is a symbolic link, or lies behind one`);
  return folder;
}

type Masks = { readonly argv: readonly string[]; readonly folders: readonly string[] };

/** Entries of a desk that are looked at for what is not to be read; of a larger one nobody could say that nothing of it is seen. */
const ENTRIES_MAX = 200_000;

/**
 * What of the desk is not to be read, however deep: folders are empty inside, files cannot be opened. A link is masked where it leads, if that
 * is in the desk. @throws for a desk that is too large to be looked through
 */
function masksOf(desk: string): Masks {
  const real = closedIn(desk).flatMap((place) => {
    const target = realpathOf(place);
    return target !== undefined && target !== desk && isWithin(target, desk) ? [target] : [];
  });
  const folders = real.filter((each) => lstatSync(each).isDirectory());
  const files = real.filter((each) => !folders.includes(each));
  return {
    folders,
    argv: [
      ...folders.flatMap((each) => ["--tmpfs", each]),
      ...files.flatMap((each) => ["--ro-bind", "/dev/null", each]),
    ],
  };
}

/** No link is followed: where one leads in the desk is looked at by its own name. */
function closedIn(desk: string): readonly string[] {
  const closed: string[] = [];
  const waiting = [desk];
  let looked = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      looked += 1;
      if (looked > ENTRIES_MAX)
        throw new Error(`the desk has more than ${ENTRIES_MAX} files, too many to look for .env`);
      const place = path.join(folder, entry.name);
      if (!isShown(entry.name)) closed.push(place);
      else if (entry.isDirectory()) waiting.push(place);
    }
  }
  return closed;
}

/** The folders of the command and of Node, so that what lies beside a program is there with it; the file alone where the folder holds more than programs. */
function readableOf({ desk, home, command, reads }: SandboxPlace): readonly string[] {
  const programs = [...command, process.execPath, realpathSync(process.execPath)].map((file) => {
    const folder = path.dirname(file);
    const holdsMore =
      isWithin(desk, folder) || (home !== null && isWithin(home, folder)) || path.dirname(folder) === "/";
    return holdsMore ? file : folder;
  });
  return [...new Set([...programs, ...reads])].filter((each) => !isWithin(each, "/usr") && !isWithin(each, desk));
}

/** At its own place. */
const bound = (how: "--bind" | "--ro-bind" | "--ro-bind-try", file: string): readonly string[] => [how, file, file];
const isWithin = (place: string, folder: string): boolean =>
  place === folder || place.startsWith(folder.endsWith("/") ? folder : `${folder}/`);

function realpathOf(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
