/** The folder of one launch, in which its process finds its bundle and its `qoc`: made new for each, and gone behind it. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { assert } from "../core/assert.ts";
import { isUuid, type RunId, runIdOf } from "../core/ids.ts";

const BUNDLE = "bundle.md";

export type RunFolders = {
  /** An empty folder for this run, whatever an earlier launch left there. Its path. */
  readonly open: (run: RunId) => string;
  /** Writes the bundle, to be read only. Its path. */
  readonly writeBundle: (run: RunId, bytes: Uint8Array) => string;
  /** Writes a file of the folder by its whole path, to be read only. */
  readonly write: (run: RunId, file: string, text: string) => void;
  /** Never throws: what an agent may have made in it so that it cannot be removed is left to the next sweep, and told of. */
  readonly remove: (run: RunId) => void;
  /** Of launches that an earlier process left: their runs, as long as their folders are there. */
  readonly left: () => readonly RunId[];
  /** Where the bundle of a run is, or would be. */
  readonly bundleOf: (run: RunId) => string;
};

/** @param parent must be nobody's else; it is made when it is missing */
export function createRunFolders(parent: string, complain: (says: string, reason: unknown) => void): RunFolders {
  const of = (run: RunId): string => path.join(parent, run);
  const put = (file: string, bytes: Uint8Array | string): string => {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, bytes, { mode: 0o400, flag: "wx" });
    return file;
  };
  return {
    open: (run) => {
      const folder = of(run);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return folder;
    },
    writeBundle: (run, bytes) => put(path.join(of(run), BUNDLE), bytes),
    write: (run, file, text) => {
      assert(file.startsWith(of(run) + path.sep), "a run's file lies in its folder");
      put(file, text);
    },
    remove: (run) => {
      try {
        rmSync(of(run), { recursive: true, force: true });
      } catch (thrown) {
        complain(`the folder of run ${run} cannot be removed`, thrown);
      }
    },
    left: () => (existsSync(parent) ? readdirSync(parent).filter(isUuid).map(runIdOf) : []),
    bundleOf: (run) => path.join(of(run), BUNDLE),
  };
}
