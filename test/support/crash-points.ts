/**
 * The moments of a delivery's way through the daemon at which a crash could lose, double or halve something, each with a name. The
 * decorators here call `reach` at each of them, and do nothing else that the store and the disk below them would not do.
 */
import { basename, dirname } from "node:path";
import type { Disk } from "../../src/adapters/disk.ts";
import type { Change, Store } from "../../src/engine/ports.ts";
import type { AgentPoint } from "./agent-points.ts";
import type { ErasurePoint } from "./erasure-points.ts";
import type { Fault } from "./faulty-store.ts";

const mailPoints = [
  "mail-before-append",
  "mail-append-under-way",
  "mail-flushed-before-202",
  "mail-taken-in-before-forget",
  "mail-forgotten-before-next-append",
] as const;

/** What a commit takes an actor through, and the event that shows it. */
const milestones = {
  "effect-done": "EFFECT_DONE",
  sealed: "SEALED",
  redelivered: "REDELIVERED",
  amended: "AMENDED",
} as const;
type Milestone = "recorded" | keyof typeof milestones;
const milestoneNames: readonly Milestone[] = ["recorded", "effect-done", "sealed", "redelivered", "amended"];

type FileKind = "inbox-item" | "envelope";
const fileKinds: readonly FileKind[] = ["inbox-item", "envelope"];
const filePoints = [
  "created",
  "half-written",
  "written-before-sync",
  "synced-before-link",
  "linked-before-unlink",
  "named-before-folder-sync",
  "folder-synced",
] as const;

export type CrashPoint =
  | (typeof mailPoints)[number]
  | `${Milestone}-${"before-commit" | "commit-under-way" | "committed"}`
  | `${FileKind}-${(typeof filePoints)[number]}`;

export const crashPoints: readonly CrashPoint[] = [
  ...mailPoints,
  ...milestoneNames.flatMap((name): CrashPoint[] => [
    `${name}-before-commit`,
    `${name}-commit-under-way`,
    `${name}-committed`,
  ]),
  ...fileKinds.flatMap((kind) => filePoints.map((point): CrashPoint => `${kind}-${point}`)),
];

export type AnyPoint = CrashPoint | ErasurePoint | AgentPoint;

/** What a faulty daemon is told: to die at the n-th time that a point is reached, or to fail the n-th write of its store. */
export type Plan =
  | { readonly kind: "die"; readonly at: AnyPoint; readonly nth: number }
  | { readonly kind: "fail"; readonly write: number; readonly fault: Fault };

/** What stderr holds when the process died where it was told. */
export const lastWords = (point: AnyPoint): string => `killed at ${point}\n`;

export type Reach = (point: AnyPoint) => void;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function crashingStore(store: Store, reach: Reach): Store {
  const reachAll = (names: readonly Milestone[], when: "before-commit" | "commit-under-way" | "committed"): void => {
    for (const name of names) reach(`${name}-${when}`);
  };
  return {
    ...store,
    append: async (batch) => {
      reach("mail-before-append");
      const flushed = store.append(batch);
      await nextTurn();
      reach("mail-append-under-way");
      const number = await flushed;
      reach("mail-flushed-before-202");
      return number;
    },
    forget: (batch) => {
      reach("mail-taken-in-before-forget");
      store.forget(batch);
      reach("mail-forgotten-before-next-append");
    },
    commit: async (changes) => {
      const names = milestonesOf(changes);
      reachAll(names, "before-commit");
      const flushed = store.commit(changes);
      await nextTurn();
      reachAll(names, "commit-under-way");
      await flushed;
      reachAll(names, "committed");
    },
  };
}

function milestonesOf(changes: readonly Change[]): readonly Milestone[] {
  const events = new Set(changes.flatMap(({ entries }) => entries.map(({ event }) => event)));
  return milestoneNames.filter((name) =>
    name === "recorded" ? changes.some(({ before }) => before === null) : events.has(milestones[name]),
  );
}

export function crashingDisk(disk: Disk, reach: Reach): Disk {
  const kinds = new Map<number, FileKind>();
  const reachIn = (kind: FileKind | undefined, point: (typeof filePoints)[number]): void => {
    if (kind !== undefined) reach(`${kind}-${point}`);
  };
  return {
    ...disk,
    create: (path, mode) => {
      const file = disk.create(path, mode);
      const kind = kindIn(dirname(path));
      if (kind !== undefined) kinds.set(file, kind);
      reachIn(kind, "created");
      return file;
    },
    write: (file, bytes) => {
      const half = bytes.length >> 1;
      disk.write(file, bytes.subarray(0, half));
      reachIn(kinds.get(file), "half-written");
      disk.write(file, bytes.subarray(half));
      reachIn(kinds.get(file), "written-before-sync");
    },
    sync: async (file) => {
      await disk.sync(file);
      reachIn(kinds.get(file), "synced-before-link");
    },
    close: (file) => {
      kinds.delete(file);
      disk.close(file);
    },
    link: (from, to) => {
      disk.link(from, to);
      reachIn(kindIn(dirname(to)), "linked-before-unlink");
    },
    syncFolder: async (folder) => {
      reachIn(kindIn(folder), "named-before-folder-sync");
      await disk.syncFolder(folder);
      reachIn(kindIn(folder), "folder-synced");
    },
  };
}

function kindIn(folder: string): FileKind | undefined {
  switch (basename(folder)) {
    case "inbox":
      return "inbox-item";
    case "evidence":
      return "envelope";
    default:
      return undefined;
  }
}
