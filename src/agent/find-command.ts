/** Which file a command's name means: looked up before anything is started, so that a name that means none is told as that. */
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { reasonOf } from "../core/assert.ts";

export type FoundCommand =
  /** `file` as it was found, `real` behind all links. */
  | { readonly kind: "found"; readonly file: string; readonly real: string }
  | { readonly kind: "none"; readonly reason: string };

/** A name with a slash is a path, from `folder` on when it is relative; any other is looked for in `searchPath`, whose relative parts do not count. */
export function findCommand(name: string, searchPath: string, folder: string): FoundCommand {
  if (name === "" || name.includes("\0")) return { kind: "none", reason: "the command has no name" };
  if (name.includes("/")) return looked(path.resolve(folder, name));
  const places = searchPath.split(":").filter((place) => path.isAbsolute(place));
  for (const place of places) {
    const found = looked(path.join(place, name));
    if (found.kind === "found") return found;
  }
  return { kind: "none", reason: `${name} is in no folder of the PATH` };
}

function looked(file: string): FoundCommand {
  try {
    if (!statSync(file).isFile()) return { kind: "none", reason: `${file} is not a file` };
    accessSync(file, constants.X_OK);
    return { kind: "found", file, real: realpathSync(file) };
  } catch (error) {
    return { kind: "none", reason: reasonOf(error) };
  }
}
