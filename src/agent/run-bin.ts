/** The `qoc` on the PATH of an agent: this very build, run by this very Node. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Run from its sources, the daemon gives its agents the built command: what starts it here has no loader for TypeScript. */
const BUILT = import.meta.url.endsWith(".ts") ? "../../dist/src/cli/main.js" : "../cli/main.js";
export const CLI_FILE = fileURLToPath(new URL(BUILT, import.meta.url));

/** Writes `<folder>/bin/qoc` and gives the bin folder. What a crash leaves is written over. */
export function writeRunBin(folder: string): string {
  const bin = path.join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  const file = path.join(bin, "qoc");
  writeFileSync(file, `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(CLI_FILE)} "$@"\n`);
  // Whatever the umask says.
  chmodSync(file, 0o755);
  return bin;
}

/** Files and folders that this `qoc` is made of: what a sandbox has to show of the machine for it to start, besides Node itself. */
export function runBinReads(): readonly string[] {
  const root = path.resolve(path.dirname(CLI_FILE), "../../..");
  return [path.join(root, "dist"), path.join(root, "package.json"), ...modulesAbove(root)].filter((place) =>
    existsSync(place),
  );
}

/** Where Node looks for packages from this folder on: an installed qoc has those it needs beside it. */
function modulesAbove(folder: string): readonly string[] {
  const here = path.join(folder, "node_modules");
  const above = path.dirname(folder);
  return above === folder ? [here] : [here, ...modulesAbove(above)];
}

/** One word to a POSIX shell, whatever stands in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
