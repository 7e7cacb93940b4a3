import { readdirSync, readFileSync } from "node:fs";

/**
 * Processes of this user that were started with this entry in their environment and still run. A daemon that was killed leaves the command
 * that it had started behind, which may act later than anyone looks. Only Linux can be asked; elsewhere none is found.
 */
export function processesWith(entry: string): readonly number[] {
  return processIds().filter((pid) => pid !== process.pid && environmentOf(pid).includes(entry));
}

function processIds(): readonly number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^[1-9][0-9]*$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Empty for a process that is gone, has ended and waits to be fetched, or belongs to another user. */
function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
  } catch {
    return [];
  }
}
