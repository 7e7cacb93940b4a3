/**
 * The processes of one run, found again and again in /proc: the leader, its process group and session, their children and those children's,
 * and whoever carries the run's mark in the environment that it was started with. Linux alone; elsewhere a run is its process group.
 *
 * Not promised without a sandbox: a process that leaves group and session, starts anew without the mark, and loses its parent, all of it
 * between two looks, is not found. In the sandbox nothing is left when its first process ends: the kernel sees to that.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { Clock } from "../engine/ports.ts";
import { pause } from "./brake.ts";

type Seen = {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** When it began, in the kernel's ticks: with the pid, which is used again, it names one process. */
  readonly born: string;
};
export type Signal = "SIGTERM" | "SIGKILL";

export type Band = {
  /** How many there are, as of a tenth of a second ago at most. */
  readonly count: () => number;
  /** To every one of them, but for those spared. */
  readonly signal: (signal: Signal, spared?: readonly number[]) => void;
  /** Ends them, and who carries the mark. Resolves when a look finds none. */
  readonly end: (clock: Clock) => Promise<Ended>;
};
/** `ended`: processes that had to be killed. `left`: those that were there after all looks, which only a broken kernel or disk explains. */
export type Ended = { readonly ended: number; readonly left: number };

const LOOKS_MAX = 200;
const LOOK_AGAIN_MS = 20;
const LOOK_SHARED_MS = 100;

/**
 * @param leader of the process group, which was begun with it; null for the mark alone, as after a crash of the daemon
 * @param mark of `markOf`
 */
export function bandOf(leader: number | null, mark: readonly string[]): Band {
  /** Those that were seen before, by pid: one whose parent has gone since belongs to the run all the same. */
  let known: ReadonlyMap<number, string> = new Map();
  const look = (marks: boolean, all = seenNow()): readonly Seen[] => {
    const members = membersAmong(all, leader, known, marks ? mark : []);
    known = new Map(members.map(({ pid, born }) => [pid, born]));
    return members;
  };
  return {
    count: () => look(false, seenLately()).length,
    signal: (signal, spared = []) => {
      if (leader !== null && !spared.includes(leader)) sendTo(-leader, signal);
      for (const { pid } of look(false)) if (!spared.includes(pid)) sendTo(pid, signal);
    },
    end: async (clock) => {
      const killed = new Set<string>();
      for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
        const members = look(true);
        // Once, and at once: later the number may be another group's.
        if (looks === 0 && leader !== null) sendTo(-leader, "SIGKILL");
        if (members.length === 0) return { ended: killed.size, left: 0 };
        const before = killed.size;
        for (const { pid, born } of members) {
          killed.add(`${pid} ${born}`);
          sendTo(pid, "SIGKILL");
        }
        // oxlint-disable-next-line no-await-in-loop -- looks again when the kernel had time to end them, at once while there are new ones
        await pause(clock, killed.size > before ? 1 : LOOK_AGAIN_MS);
      }
      return { ended: killed.size, left: look(true).length };
    },
  };
}

/** Ends what a run left behind when the daemon died before it: nothing, where there was a sandbox. */
export const endLeftovers = async (mark: readonly string[], clock: Clock): Promise<Ended> =>
  await bandOf(null, mark).end(clock);

function membersAmong(
  all: readonly Seen[],
  leader: number | null,
  known: ReadonlyMap<number, string>,
  mark: readonly string[],
): readonly Seen[] {
  const children = byParent(all);
  const isOurs = ({ pid, group, session, born }: Seen): boolean =>
    (leader !== null && (pid === leader || group === leader || session === leader)) ||
    known.get(pid) === born ||
    (mark.length > 0 && carriesMark(pid, mark));
  const ours = new Map<number, Seen>();
  const waiting = all.filter(isOurs);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (ours.has(next.pid)) continue;
    ours.set(next.pid, next);
    waiting.push(...(children.get(next.pid) ?? []));
  }
  return [...ours.values()];
}

function byParent(all: readonly Seen[]): ReadonlyMap<number, readonly Seen[]> {
  const children = new Map<number, Seen[]>();
  for (const each of all) {
    const siblings = children.get(each.parent);
    if (siblings === undefined) children.set(each.parent, [each]);
    else siblings.push(each);
  }
  return children;
}

let lately: { readonly at: number; readonly seen: readonly Seen[] } = { at: Number.NEGATIVE_INFINITY, seen: [] };

/** Many runs that count themselves share one look. */
function seenLately(): readonly Seen[] {
  const now = performance.now();
  if (now - lately.at > LOOK_SHARED_MS) lately = { at: now, seen: seenNow() };
  return lately.seen;
}

/** All that live now but for the daemon itself and the first process: whatever is found, neither is ever ended. */
function seenNow(): readonly Seen[] {
  const seen: Seen[] = [];
  for (const name of listed("/proc")) {
    if (!/^[1-9][0-9]*$/.test(name)) continue;
    const pid = Number(name);
    if (pid === 1 || pid === process.pid) continue;
    const stat = textOf(`/proc/${name}/stat`);
    // The name of a process stands in parentheses and may hold anything, parentheses too.
    const [state, parent, group, session, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const born = rest[15];
    if (state === undefined || state === "Z" || state === "X" || born === undefined) continue;
    seen.push({ pid, parent: Number(parent), group: Number(group), session: Number(session), born });
  }
  return seen;
}

function carriesMark(pid: number, mark: readonly string[]): boolean {
  const set = new Set(textOf(`/proc/${pid}/environ`).split("\0"));
  return mark.every((each) => set.has(each));
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty for a process that has gone, or is not ours to read. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

/** To a group when it is negative. One that has gone needs nothing; one that is not ours to end is told as left. */
function sendTo(pid: number, signal: Signal): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended on its own.
  }
}
