import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createRunFolders } from "../../../src/agent/run-folders.ts";
import { runIdOf } from "../../../src/core/ids.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const run = runIdOf("0199aaaa-bbbb-8ccc-8ddd-eeeeffff0004");
/** A file below more folders than a path can name. */
const TOO_DEEP = "for i in $(seq 30); do d=$(printf '%0200d' 0); mkdir $d; cd -P ./$d; done; : > file";

test("a folder of which an agent made what cannot be removed is told of, and there for the next sweep", () => {
  const parent = path.join(temporaryFolder(), "agents");
  const complaints: string[] = [];
  const folders = createRunFolders(parent, (says) => complaints.push(says));
  const folder = folders.open(run);
  onTestFinished(() => void execFileSync("rm", ["-rf", parent]));
  execFileSync("sh", ["-c", TOO_DEEP], { cwd: folder });
  folders.remove(run);
  expect([complaints, folders.left()]).toEqual([[`the folder of run ${run} cannot be removed`], [run]]);
});

test("a folder is gone when it is removed, also one that was gone before", () => {
  const folders = createRunFolders(path.join(temporaryFolder(), "agents"), (says) => expect(says).toBe(""));
  const folder = folders.open(run);
  mkdirSync(path.join(folder, "bin"));
  folders.remove(run);
  folders.remove(run);
  expect([existsSync(folder), folders.left()]).toEqual([false, []]);
});
