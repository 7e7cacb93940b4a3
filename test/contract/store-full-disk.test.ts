import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** 512-byte blocks: a file may grow to 3 MB. Writing beyond fails as a full disk does; the signal that goes with it is ignored. */
const LIMITED = "trap '' XFSZ; ulimit -f 6000; exec \"$@\"";

test("a disk that is full fails the write and nothing else: what was kept stays, and there is room again after forgetting", () => {
  const script = join(import.meta.dirname, "../support/disk-filling-process.ts");
  const node = [process.execPath, "--import", "tsx", script, join(temporaryFolder(), "store")];
  const { stdout } = spawnSync("sh", ["-c", LIMITED, "sh", ...node], { encoding: "utf8" });
  expect(JSON.parse(stdout)).toEqual({
    appendFailed: "NotStored",
    failures: ["NotStored", "NotStored"],
    left: [false, false, false],
    allKept: true,
    wholeAgain: true,
    unhandled: [],
  });
});
