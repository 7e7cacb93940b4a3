/** What a run writes itself: new files, and those again that it made and nobody has changed since. */
import { hash } from "node:crypto";
import { sha256Of, type Sha256 } from "../core/ids.ts";
import type { AgentFiles, FileRefused } from "./agent-files.ts";
import { writablePath } from "./desk-paths.ts";
import type { WriteBudget } from "./tool-limits.ts";
import { refused, type ToolRefused } from "./tool.ts";

export type OwnWritten = { readonly kind: "written"; readonly file: string; readonly sha256: Sha256 };

export type OwnFiles = {
  /** Makes a file under the first of these names that is free. */
  readonly make: (names: Iterable<string>, bytes: Uint8Array) => Promise<OwnWritten | ToolRefused>;
  /** Makes the file, or puts these bytes in the place of what this run wrote there. */
  readonly write: (name: string, bytes: Uint8Array) => Promise<OwnWritten | ToolRefused>;
  /** Notes bytes that another part of the daemon writes for the run. */
  readonly elsewhere: WriteBudget;
};

export function createOwnFiles(files: AgentFiles, budget: WriteBudget): OwnFiles {
  const made = new Map<string, Sha256>();

  async function place(name: string, bytes: Uint8Array): Promise<OwnWritten | ToolRefused | FileRefused> {
    const path = writablePath(name);
    if (path.kind === "refused") return path;
    const over = budget.mayWrite(bytes.byteLength, 1);
    if (over !== undefined) return over;
    const placed = await files.place(path, bytes);
    return placed.kind === "refused" ? placed : noted(path.text, bytes, 1);
  }

  async function replace(name: string, expected: Sha256, bytes: Uint8Array): Promise<OwnWritten | ToolRefused> {
    const path = writablePath(name);
    if (path.kind === "refused") return path;
    const over = budget.mayWrite(bytes.byteLength, 0);
    if (over !== undefined) return over;
    const replaced = await files.replace(path, bytes, expected);
    return replaced.kind === "refused" ? refused(replaced.says) : noted(path.text, bytes, 0);
  }

  function noted(file: string, bytes: Uint8Array, count: number): OwnWritten {
    const sha256 = sha256Of(hash("sha256", bytes, "hex"));
    made.set(file, sha256);
    budget.spend(bytes.byteLength, count);
    return { kind: "written", file, sha256 };
  }

  return {
    make: async (names, bytes) => {
      for (const name of names) {
        const placed = await place(name, bytes);
        if (placed.kind === "written") return placed;
        if (!("because" in placed) || placed.because !== "taken") return refused(placed.says);
      }
      return refused("Every name that the file could have is taken.");
    },
    write: async (name, bytes) => {
      const before = made.get(name);
      const written = before === undefined ? await place(name, bytes) : await replace(name, before, bytes);
      return written.kind === "written" ? written : refused(written.says);
    },
    elsewhere: budget,
  };
}
