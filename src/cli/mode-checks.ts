/** Files of a desk that nobody else may open, and how `qoc doctor --fix` closes them. */
import { chmodSync, lstatSync } from "node:fs";
import path from "node:path";
import { type Check, good, wrong } from "./check.ts";

const PRIVATE = [
  ".env.qoc",
  ".qoc",
  ".qoc/keys/evidence.key",
  ".qoc/keys/next.key",
  ".qoc/keys/body.key",
  ".qoc/console-tokens.json",
];

type Found = {
  readonly kind: "folder" | "file" | "socket";
  readonly name: string;
  readonly file: string;
  readonly mode: number;
};

export const modeChecks = (dir: string): readonly Check[] =>
  PRIVATE.flatMap((name) => {
    const found = look(dir, name);
    if (found === undefined) return [];
    if (!isOpen(found)) return [good(name, "private")];
    const command = `chmod ${found.kind === "folder" ? "700" : "600"} ${found.file}`;
    return [wrong(name, `mode 0${found.mode.toString(8)} lets others open it`, command)];
  });

/** Takes the rights of others away from each of these files that they can open. Gives the commands that would have done the same. */
export function mendModes(dir: string, sockets: readonly string[]): readonly string[] {
  const all = [
    ...PRIVATE.map((name) => look(dir, name)),
    ...sockets.map((socket) => look("/", socket)).filter((found) => found?.kind === "socket"),
  ];
  return all.flatMap((found) => {
    if (found === undefined || !isOpen(found)) return [];
    chmodSync(found.file, found.mode & 0o700);
    return [`chmod ${(found.mode & 0o700).toString(8)} ${found.file}`];
  });
}

const isOpen = ({ mode }: Found): boolean => (mode & 0o077) !== 0;

/** Undefined for what is not there, and for a link: what it leads to may be no file of the desk. */
function look(dir: string, name: string): Found | undefined {
  const file = path.resolve(dir, name);
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined || stat.isSymbolicLink()) return undefined;
  const kind = stat.isDirectory() ? "folder" : stat.isSocket() ? "socket" : "file";
  return { kind, name, file, mode: stat.mode & 0o777 };
}
