/**
 * Which approver is the root of all others, as the daemon met it first. Read once: whoever changes the file under a running daemon changes
 * nothing before it starts again. A reset moves the file aside while no daemon runs, and the next start pins the root that it meets. A file that cannot be understood pins a root that no key has, so that nobody approves anything.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ApproverPins } from "../approval/approvers.ts";
import { sha256Of, type Sha256 } from "../core/ids.ts";
import { errnoOf } from "./disk.ts";

const PIN_FILE = "approver-root";
const BEFORE_FILE = "approver-root.before";
const NOBODY = sha256Of("0".repeat(64));

/** @param runtime the desk's `.qoc`. @throws the disk's error when the file is there and cannot be read */
export function openApproverPin(runtime: string): ApproverPins {
  const file = path.join(runtime, PIN_FILE);
  let pinned = pinnedIn(file);
  const before = pinnedIn(path.join(runtime, BEFORE_FILE));
  return {
    root: () => pinned,
    before: () => before,
    pin: (root) => {
      if (root === pinned) return;
      replaceDurably(file, `${root}\n`);
      pinned = root;
    },
  };
}

/** For a desk whose lock the caller holds: no root is known any more. Gives the one that was. */
export function takePinAway(runtime: string): Sha256 | undefined {
  const file = path.join(runtime, PIN_FILE);
  const pinned = pinnedIn(file);
  if (pinned === undefined) return undefined;
  renameSync(file, path.join(runtime, BEFORE_FILE));
  syncFolder(runtime);
  return pinned;
}

/** The root that a daemon would remember if it started now. @throws the disk's error when the file is there and cannot be read */
export const pinnedRoot = (runtime: string): Sha256 | undefined => pinnedIn(path.join(runtime, PIN_FILE));

function pinnedIn(file: string): Sha256 | undefined {
  try {
    const text = readFileSync(file, "utf8").trim();
    return /^[0-9a-f]{64}$/.test(text) ? sha256Of(text) : NOBODY;
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}

/** A crash leaves the old pin or the new one. */
function replaceDurably(file: string, text: string): void {
  const temporary = `${file}.new`;
  const opened = openSync(temporary, "w", 0o600);
  try {
    writeFileSync(opened, text);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
  renameSync(temporary, file);
  syncFolder(path.dirname(file));
}

function syncFolder(folder: string): void {
  const opened = openSync(folder, "r");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
