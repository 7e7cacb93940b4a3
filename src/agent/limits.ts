/** What one agent run may use of the machine, and how each bound is held. A bound is told of only when something holds it. */
import { existsSync, readFileSync } from "node:fs";

export type Limits = {
  /** Of the whole run. Threads count where the kernel counts. */
  readonly processes: number;
  /** Of one file that is written. */
  readonly file_bytes: number;
  /** Of one process. */
  readonly open_files: number;
  /** Private writable memory of one process: what is reserved and never used, as V8 does, does not count. */
  readonly memory_bytes: number;
};

export const AGENT_LIMITS: Limits = {
  processes: 512,
  file_bytes: 1024 * 1024 * 1024,
  open_files: 4096,
  memory_bytes: 8 * 1024 * 1024 * 1024,
};

/**
 * `rlimit`: the kernel refuses what goes beyond. `watch`: the daemon counts, and ends a run that goes beyond; a short burst may be larger
 * than the bound.
 */
export type AppliedLimit = {
  readonly name: keyof Limits;
  readonly max: number;
  readonly by: "rlimit" | "watch";
};

/** What stands in front of a command to bound it, and what that does. Nothing when there is no `prlimit` (util-linux). */
export type Bounded = { readonly argv: readonly string[]; readonly applied: readonly AppliedLimit[] };

const PRLIMIT = "/usr/bin/prlimit";
const OWN_LIMITS = "/proc/self/limits";

/**
 * RLIMIT_NPROC counts the processes of a user: of all that the user has, unless in a user namespace, so it is set in the sandbox alone;
 * and the kernel does not hold root to it, not even in a user namespace with another number inside. The watch counts in every case.
 */
export function boundBy(limits: Limits, place: { readonly sandboxed: boolean; readonly root: boolean }): Bounded {
  const watched: readonly AppliedLimit[] = existsSync(OWN_LIMITS)
    ? [{ name: "processes", max: limits.processes, by: "watch" }]
    : [];
  if (!existsSync(PRLIMIT) || watched.length === 0) return { argv: [], applied: watched };
  const own = readFileSync(OWN_LIMITS, "utf8");
  const held = (name: keyof Limits): AppliedLimit => ({
    name,
    max: Math.min(limits[name], hardLimit(own, name)),
    by: "rlimit",
  });
  const [file, open, memory, processes] = [
    held("file_bytes"),
    held("open_files"),
    held("memory_bytes"),
    held("processes"),
  ];
  const counted = place.sandboxed && !place.root;
  return {
    argv: [
      PRLIMIT,
      `--fsize=${file.max}`,
      `--nofile=${open.max}`,
      `--data=${memory.max}`,
      "--core=0",
      ...(counted ? [`--nproc=${processes.max}`] : []),
      "--",
    ],
    applied: [...(counted ? [processes] : watched), file, open, memory],
  };
}

const ROWS: Readonly<Record<keyof Limits, string>> = {
  processes: "Max processes",
  file_bytes: "Max file size",
  open_files: "Max open files",
  memory_bytes: "Max data size",
};

/** What the daemon itself may not go beyond, and so no child of it: to ask for more is an error. */
function hardLimit(own: string, name: keyof Limits): number {
  const row = own.split("\n").find((line) => line.startsWith(ROWS[name]));
  const [, hard] = row?.slice(ROWS[name].length).trim().split(/\s+/) ?? [];
  const bound = Number(hard);
  return Number.isSafeInteger(bound) ? bound : Number.POSITIVE_INFINITY;
}
