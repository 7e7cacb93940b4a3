/** What `qoc doctor` says of the evidence keys: one chain from the first key to the current one, and no rotation left half-done. */
import { existsSync } from "node:fs";
import path from "node:path";
import { type Check, counted, good, warning, wrong } from "./check.ts";
import { keysFolder, readDeskKeys } from "./desk-keys.ts";

export function keyChecks(dir: string): readonly Check[] {
  const folder = keysFolder(dir);
  const keys = readDeskKeys(folder);
  const current = keys.at(-1);
  if (current?.state !== "current") return [];
  const unjoined = keys.find(({ prev }, at) => prev !== (keys[at - 1]?.keyid ?? null));
  if (unjoined !== undefined)
    return [
      wrong(
        "keys",
        `no receipt leads to ${unjoined.keyid}: who trusts an earlier key cannot verify what it sealed`,
        `restore ${path.join(folder, `${unjoined.keyid}.tlog-proof`)} and ${path.join(folder, "retired")} from a backup`,
      ),
    ];
  if (existsSync(path.join(folder, "next.key")))
    return [warning("keys", "a rotation was begun and not ended", "qoc up, which ends it")];
  return [
    good("keys", keys.length === 1 ? "the first one" : `${counted(keys.length - 1, "retired key")}, each led on`),
  ];
}
