/** How it stands with the witnesses that a desk asks, from the files that its daemon writes. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { EvidenceConfig } from "../config/desk-config.ts";
import { readStandings } from "../desk/witness-standing.ts";
import { readCheckpoint } from "../evidence/log/checkpoint.ts";
import { openNote, readVkey, type Verifier } from "../evidence/log/note.ts";
import { originOfLog } from "./log-epochs.ts";
import { type Check, good, warning, wrong } from "./check.ts";
import { plain } from "./output.ts";

const WENT_BACK =
  "qoc log verify --since a checkpoint that you kept; then the newest backup, or a new epoch after a restore";

export function witnessChecks(dir: string, witnesses: EvidenceConfig["witness"]): readonly Check[] {
  const runtime = path.join(dir, ".qoc");
  const origin = originOfLog(dir);
  // What was said of a log that ended is over with it.
  const standings = readStandings(runtime).filter((each) => origin === null || each.origin === origin);
  return witnesses.flatMap(({ key }) => {
    const verifier = readVkey(key);
    if (verifier === undefined) return [];
    const name = `witness ${verifier.name}`;
    const standing = standings.find((each) => each.key === key);
    const size = sizeCosigned(path.join(runtime, "evidence", "log", "witnessed"), verifier);
    const since = standing === undefined ? "" : ` (since ${plain(standing.at)})`;
    switch (standing?.fault) {
      case "contradicts":
        return [wrong(name, `CONTRADICTS THIS LOG: ${plain(standing.says)}${since}`, WENT_BACK)];
      case "unreachable":
        return [warning(name, `does not cosign: ${plain(standing.says)}${since}`, "qoc witness serve, on its machine")];
      case "none":
      case undefined:
        return [size === undefined ? warning(name, "has cosigned nothing yet", "qoc up") : good(name, cosigned(size))];
    }
  });
}

/** For `qoc status`: what must not be overlooked. */
export const contradictionLines = (dir: string, witnesses: EvidenceConfig["witness"]): readonly string[] =>
  witnessChecks(dir, witnesses)
    .filter(({ verdict }) => verdict === "wrong")
    .map(({ name, says }) => `${name} ${says}`);

const cosigned = (size: number): string => `has cosigned the first ${size} leaves`;

/** Of the newest checkpoint that any witness cosigned; undefined when this one did not. */
function sizeCosigned(file: string, verifier: Verifier): number | undefined {
  if (!existsSync(file)) return undefined;
  const opened = openNote(readFileSync(file), [verifier]);
  return opened.kind === "note" ? readCheckpoint(opened.text)?.size : undefined;
}
