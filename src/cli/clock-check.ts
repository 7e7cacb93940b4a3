/** Whether the clock can be right, without asking anybody: signatures and timers are judged by it. */
import { statSync } from "node:fs";
import path from "node:path";
import { type Check, good, warning, wrong } from "./check.ts";

/** Before this program was written. */
const EARLIEST = Date.UTC(2026, 0, 1);
const SLACK_MS = 60_000;
/** What the daemon writes all the time. */
const WRITTEN = [".qoc/daemon.json", ".qoc/log/daemon.ndjson", ".qoc/store"];

export function clockCheck(dir: string, now: number): Check {
  const shown = new Date(now).toISOString();
  if (now < EARLIEST) return wrong("clock", `it says ${shown}, which cannot be`, "set the clock: timedatectl");
  const ahead = WRITTEN.map((name) => ({ name, at: writtenAt(path.join(dir, name)) })).find(
    ({ at }) => at > now + SLACK_MS,
  );
  if (ahead === undefined) return good("clock", `${shown}, and nothing here was written later`);
  return warning(
    "clock",
    `it says ${shown}, and ${ahead.name} was written at ${new Date(ahead.at).toISOString()}: one of the two is wrong`,
    "set the clock: timedatectl",
  );
}

/** The latest time that ECMA-262, 21.4.1.1 has: some file systems keep later ones. */
const LATEST = 8.64e15;
const writtenAt = (file: string): number => Math.min(LATEST, statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
