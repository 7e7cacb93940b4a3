/**
 * The moments of an agent run at which a crash could send an order twice, lose one, or leave half of what a person is told, each with a
 * name; see `crash-points.ts`. They count from the birth of the run that this process takes in: what earlier runs still have to do is
 * their recovery, and kills nobody.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import { machineOf, nameOf } from "../../src/core/ids.ts";
import type { Change, Entry, Store } from "../../src/engine/ports.ts";

const commitPoints = [
  "run-born",
  "launch-noted",
  "tool-called",
  "agent-ended",
  "question-told",
  "decided",
  "sending-noted",
  "order-settled",
  "order-filed",
  "report-told",
  "seal-told",
] as const;
type CommitPoint = (typeof commitPoints)[number];

const filePoints = [
  "agent-file-named",
  "question-named",
  "ledger-half-written",
  "ledger-written-before-sync",
  "order-file-named",
  "order-file-moved",
  "order-file-removed",
  "report-named",
  "envelope-named",
] as const;
type FilePoint = (typeof filePoints)[number];

export type AgentPoint = `${CommitPoint}-${"before-commit" | "committed"}` | FilePoint;
type Reach = (point: AgentPoint) => void;

export type AgentPoints = {
  readonly store: (store: Store) => Store;
  /** Wraps the calls of `node:fs` themselves. To be called before anything is imported that keeps them. */
  readonly watchFiles: () => void;
};

export function agentPoints(reach: Reach): AgentPoints {
  /** The run that this process took in first. */
  let run: string | undefined;
  const reachFile = (point: FilePoint): void => {
    if (run !== undefined) reach(point);
  };
  return {
    store: (store) => ({
      ...store,
      commit: async (changes) => {
        run ??= changes.flatMap(bornIn)[0];
        const reached = changes.flatMap((change) => (isOf(change, run) ? pointsIn(change) : []));
        for (const point of reached) reach(`${point}-before-commit`);
        await store.commit(changes);
        for (const point of reached) reach(`${point}-committed`);
      },
    }),
    watchFiles: () => watchFiles(reachFile),
  };
}

const bornIn = ({ before, record: { address } }: Change): readonly string[] =>
  before === null && machineOf(address) === "delivery" ? [nameOf(address)] : [];

const isOf = ({ record: { address } }: Change, run: string | undefined): boolean =>
  run !== undefined && (nameOf(address) === run || nameOf(address).startsWith(`${run}/`));

function pointsIn({ before, record, entries }: Change): readonly CommitPoint[] {
  const noted = record.pending.filter(
    ({ id, started }) => started && before?.pending.find((each) => each.id === id)?.started === false,
  );
  return [
    ...(before === null && machineOf(record.address) === "delivery" ? ["run-born" as const] : []),
    ...(noted.some(({ name }) => name === "runAgent") ? ["launch-noted" as const] : []),
    ...(noted.some(({ name }) => name === "dispatchOrder") ? ["sending-noted" as const] : []),
    ...entries.flatMap((entry) => pointOf(machineOf(record.address), entry) ?? []),
  ];
}

function pointOf(machine: string, { event, from }: Entry): CommitPoint | undefined {
  if (machine === "order") return event === "EFFECT_DONE" ? "order-filed" : undefined;
  switch (event) {
    case "TOOL_CALLED":
      return "tool-called";
    case "EFFECT_DONE":
      return from?.startsWith("executing") === true ? "agent-ended" : "question-told";
    case "DECIDED":
      return "decided";
    case "ORDER_SETTLED":
      return "order-settled";
    case "REPORTED":
      return "report-told";
    case "SEALED":
      return "seal-told";
    default:
      return undefined;
  }
}

/** The folder that a path leads into, also where it goes through an open one. */
const folderOf = (file: fs.PathLike): string => {
  const folder = fs.realpathSync(path.dirname(String(file)));
  return path.basename(folder) === "executed" ? "orders/executed" : path.basename(folder);
};

const namedIn: Readonly<Record<string, FilePoint>> = {
  research: "agent-file-named",
  inbox: "question-named",
  "orders/executed": "order-file-named",
  snapshots: "report-named",
  evidence: "envelope-named",
};

function watchFiles(reach: (point: FilePoint) => void): void {
  const { linkSync, renameSync, unlinkSync, openSync, writeFileSync } = fs;
  const ledgers = new Set<unknown>();
  const named = (to: fs.PathLike): void => {
    const point = path.basename(String(to)).startsWith(".") ? undefined : namedIn[folderOf(to)];
    if (point !== undefined) reach(point);
  };
  Object.assign(fs, {
    linkSync: (from: fs.PathLike, to: fs.PathLike) => {
      linkSync(from, to);
      named(to);
    },
    renameSync: (from: fs.PathLike, to: fs.PathLike) => {
      renameSync(from, to);
      if (String(to).endsWith(".edited.toml")) reach("order-file-moved");
    },
    unlinkSync: (file: fs.PathLike) => {
      unlinkSync(file);
      if (String(file).endsWith(".edited.toml")) reach("order-file-removed");
    },
    openSync: (...given: Parameters<typeof openSync>) => {
      const file = openSync(...given);
      const [name, flags] = given;
      if (String(name).endsWith("ledger.ndjson") && flags === "a+") ledgers.add(file);
      else ledgers.delete(file);
      return file;
    },
    writeFileSync: (...given: Parameters<typeof writeFileSync>) => {
      const [file, bytes] = given;
      if (!ledgers.has(file) || !(bytes instanceof Uint8Array)) return writeFileSync(...given);
      const half = bytes.length >> 1;
      writeFileSync(file, bytes.subarray(0, half));
      reach("ledger-half-written");
      writeFileSync(file, bytes.subarray(half));
      reach("ledger-written-before-sync");
    },
  });
  syncBuiltinESMExports();
}
