/** The last that a desk knows of its own log, from whatever of it is at hand: signed checkpoints, the store's tip, logs that ended. */
import { createPublicKey } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import type { EvidenceKeys } from "./adapters/key-files.ts";
import type { LogDisk } from "./adapters/log-disk.ts";
import { epochIn, readEpoch } from "./adapters/log-epoch.ts";
import type { LogTip } from "./engine/ports.ts";
import { knownKeyOf } from "./evidence/keys.ts";
import { exactDecimal, readCheckpoint } from "./evidence/log/checkpoint.ts";
import { openNote, readVkey, vkeyOf } from "./evidence/log/note.ts";
import { rootOf } from "./evidence/log/tree.ts";

export type KnownLog = {
  readonly runtime: string;
  readonly workspace: string;
  readonly keys: EvidenceKeys;
  readonly tip: LogTip | undefined;
  readonly disk: LogDisk;
};
/** `root` in padded base64. */
export type LastKnown = { readonly ended: number; readonly size: number; readonly root: string };

type Known = { readonly epoch: number; readonly size: number; readonly root: Uint8Array };

/** The highest epoch that anything speaks of, and the largest tree that is known of it: none known counts as an empty one. */
export function lastKnownOf(log: KnownLog): LastKnown {
  const { runtime, tip, disk } = log;
  const state = path.join(runtime, "log-state");
  const known: Known[] = [
    { epoch: readEpoch(state, disk), size: 0, root: EMPTY },
    ...endedIn(path.join(runtime, "evidence", "logs")).map((epoch) => ({ epoch: epoch + 1, size: 0, root: EMPTY })),
    ...[path.join(state, "signed"), path.join(runtime, "evidence", "log", "checkpoint")].flatMap(
      (file) => checkpointIn(file, log) ?? [],
    ),
    ...(tip === undefined ? [] : [{ epoch: tip.epoch, size: tip.size, root: Buffer.from(tip.root, "hex") }]),
  ];
  const last = known.reduce((most, one) =>
    one.epoch > most.epoch || (one.epoch === most.epoch && one.size > most.size) ? one : most,
  );
  return { ended: last.epoch, size: last.size, root: Buffer.from(last.root).toString("base64") };
}

const EMPTY = rootOf(0, () => new Uint8Array());

/** One that this desk signed, with its present key or an earlier one, for any epoch; undefined for everything else. */
function checkpointIn(file: string, { workspace, keys, disk }: KnownLog): Known | undefined {
  const note = disk.look(file);
  if (typeof note === "string") return undefined;
  const [logOrigin = ""] = Buffer.from(note).toString("utf8").split("\n", 1);
  const epoch = epochIn(logOrigin, `localhost/${workspace}`);
  if (epoch === undefined) return undefined;
  const own = String(createPublicKey(keys.privateKey).export({ type: "spki", format: "pem" }));
  const verifiers = [own, ...(keys.retired ?? [])].flatMap((pem) => {
    const raw = knownKeyOf(pem)?.publicKey;
    return raw === undefined ? [] : (readVkey(vkeyOf(logOrigin, raw)) ?? []);
  });
  const opened = openNote(note, verifiers);
  const read = opened.kind === "note" ? readCheckpoint(opened.text) : undefined;
  return read === undefined ? undefined : { epoch, size: read.size, root: read.root };
}

function endedIn(folder: string): readonly number[] {
  try {
    return readdirSync(folder).flatMap((name) => exactDecimal(name) ?? []);
  } catch {
    return [];
  }
}
