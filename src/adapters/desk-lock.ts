/**
 * One daemon a desk. Node has no `flock`, so the lock is files, `daemon.lock.<n>` with `n` growing: the highest one says who
 * holds the desk, and it is never deleted, only followed by a higher one.
 *
 * - Taking: when the highest is released or its holder is gone, `link` a complete file as the next number. `link` refuses a
 *   name that exists, so of several starters one gets it. A starter that looked long ago may get a number that lies below the
 *   highest by now: it looks once more and withdraws. A single file name would not do: between finding it stale and removing
 *   it, another starter may have put a fresh lock in its place.
 * - Holder gone: no process has its pid, or the process that has it began at another time. A pid alone is not enough, a
 *   restarted container hands out the same ones. After `kill -9` the next start therefore just takes the lock.
 * - Releasing: the file is replaced by one that names nobody.
 *
 * Two containers that share a desk but not their processes cannot see each other this way; nor can two machines.
 */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Another daemon works on this desk. */
export class DeskBusy extends Error {
  readonly pid: number;
  constructor(pid: number) {
    super(`a daemon with pid ${pid} works on this desk`);
    this.name = "DeskBusy";
    this.pid = pid;
  }
}

export type DeskLock = { readonly release: () => void };

const Holder = z.object({ pid: z.int().positive(), began: z.string() });
type Holder = z.infer<typeof Holder>;
type Highest = { readonly number: number; readonly holder: Holder | undefined };

const PREFIX = "daemon.lock.";
const LOCK = /^daemon\.lock\.([1-9][0-9]*)$/;
/** A lock that a starter is still writing, with the starter's pid. */
const PART = /^lock\.([1-9][0-9]*)\.[0-9a-f-]+\.part$/;
const ATTEMPTS_MAX = 100;

/** Takes the lock of the desk with this runtime folder (`<desk>/.qoc`). @throws DeskBusy */
export function lockDesk(runtime: string): DeskLock {
  mkdirSync(runtime, { recursive: true });
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const highest = highestIn(runtime);
    if (highest.holder !== undefined && isAlive(highest.holder)) throw new DeskBusy(highest.holder.pid);
    const number = highest.number + 1;
    if (tryLink(runtime, number) && highestIn(runtime).number === number) return held(runtime, number);
  }
  throw new Error(`the lock in ${runtime} changed hands ${ATTEMPTS_MAX} times while it was asked for`);
}

/** Who works on a desk, if anybody. */
export function deskHolder(runtime: string): number | undefined {
  const { holder } = highestIn(runtime);
  return holder !== undefined && isAlive(holder) ? holder.pid : undefined;
}

function held(runtime: string, number: number): DeskLock {
  for (const old of numbersIn(runtime)) if (old < number) rmSync(join(runtime, `${PREFIX}${old}`), { force: true });
  sweepParts(runtime);
  let released = false;
  return {
    release: () => {
      if (released) return;
      released = true;
      const empty = partIn(runtime);
      writeFileSync(empty, "released\n");
      renameSync(empty, join(runtime, `${PREFIX}${number}`));
    },
  };
}

/** A lock file appears with its content or not at all. Withdraws when the number turns out to lie below the highest. */
function tryLink(runtime: string, number: number): boolean {
  const mine: Holder = { pid: process.pid, began: beganAt(process.pid) ?? "" };
  const part = partIn(runtime);
  const path = join(runtime, `${PREFIX}${number}`);
  writeFileSync(part, `${JSON.stringify(mine)}\n`);
  try {
    linkSync(part, path);
    if (highestIn(runtime).number > number) rmSync(path, { force: true });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(part);
  }
}

const partIn = (runtime: string): string => join(runtime, `lock.${process.pid}.${randomUUID()}.part`);

/** Takes away what starters that are gone left half-written. */
function sweepParts(runtime: string): void {
  for (const name of readdirSync(runtime)) {
    const pid = Number(PART.exec(name)?.[1] ?? process.pid);
    if (pid !== process.pid && !isRunning(pid)) rmSync(join(runtime, name), { force: true });
  }
}

function numbersIn(runtime: string): readonly number[] {
  return readdirSync(runtime)
    .flatMap((name) => LOCK.exec(name)?.[1] ?? [])
    .map(Number);
}

function highestIn(runtime: string): Highest {
  const number = Math.max(0, ...numbersIn(runtime));
  if (number === 0) return { number, holder: undefined };
  try {
    const text = readFileSync(join(runtime, `${PREFIX}${number}`), "utf8");
    return { number, holder: text.startsWith("{") ? Holder.parse(JSON.parse(text)) : undefined };
  } catch (error) {
    // Withdrawn or followed by a higher one since the folder was read.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return highestIn(runtime);
    throw error;
  }
}

function isAlive({ pid, began }: Holder): boolean {
  if (!isRunning(pid)) return false;
  const now = beganAt(pid);
  return now === undefined || began === "" || now === began;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** When a process began, in whatever words the system has for it; undefined where it has none. */
function beganAt(pid: number): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may hold anything; the state and, 19 fields on, the start in clock ticks since boot follow it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return DEAD_STATES.has(fields[0] ?? "") ? "dead" : `${boot} ${fields[19]}`;
  } catch {
    return beganByPs(pid);
  }
}

/** Killed, and not yet fetched by its parent: it has a pid and does nothing. */
const DEAD_STATES: ReadonlySet<string> = new Set(["Z", "X", "x"]);

function beganByPs(pid: number): string | undefined {
  try {
    const asked = ["-o", "lstart=", "-p", String(pid)];
    const words = execFileSync("ps", asked, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return words === "" ? undefined : words;
  } catch {
    return undefined;
  }
}
