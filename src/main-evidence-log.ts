/** A desk's evidence log, opened with its own key, holding every envelope that was ever sealed. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { systemClock } from "./adapters/clock.ts";
import type { EvidenceKeys } from "./adapters/key-files.ts";
import { nodeLogDisk } from "./adapters/log-disk.ts";
import { logOriginOf, requireEpoch } from "./adapters/log-epoch.ts";
import { openLog, type EvidenceLog } from "./adapters/log-files.ts";
import type { NewLeaf } from "./adapters/log-plan.ts";
import { LogRefused } from "./adapters/log-refused.ts";
import { replaceWhole } from "./adapters/log-replace.ts";
import { reasonOf } from "./core/assert.ts";
import { knownKeyOf } from "./evidence/keys.ts";
import { envelopeNamed } from "./evidence/file-names.ts";
import { markOf } from "./evidence/log/mark.ts";
import { signerOf } from "./evidence/log/note.ts";

const CATCH_UP_BATCH = 256;
const CATCHING_UP = "catching-up";
const Sealed = z.object({
  evidence_id: z.string(),
  amends: z.object({ seal_hash: z.string(), ordinal: z.number() }).nullable(),
  integrity: z.object({ seal_hash: z.string(), disclosure_key: z.string() }),
});
type Sealed = z.infer<typeof Sealed>;

/**
 * The log of the current epoch. `next` is the keyid that a rotation hands it over to; `hold` is asked before anything is added to it.
 * @throws LogRefused when its files contradict each other, the key, or what was signed before; EpochNeeded when it must not go on
 */
export async function openEvidenceLog(
  runtime: string,
  workspace: string,
  keys: EvidenceKeys,
  next?: string,
  hold?: (log: EvidenceLog, epoch: number) => void,
): Promise<EvidenceLog> {
  const epoch = requireEpoch(path.join(runtime, "log-state"), nodeLogDisk);
  const log = await openLogOfEpoch({ runtime, workspace, keys, epoch, next });
  try {
    hold?.(log, epoch);
    await catchUpFirst(log, runtime);
    return log;
  } catch (thrown) {
    await log.close();
    throw thrown;
  }
}

/** A file says that it has begun, so that a start that was broken off is followed by one that goes on. */
async function catchUpFirst(log: EvidenceLog, runtime: string): Promise<void> {
  const [state, evidence] = [path.join(runtime, "log-state"), path.join(runtime, "evidence")];
  const begun = path.join(state, CATCHING_UP);
  if (!existsSync(begun)) {
    if (log.size() > 0 || !readdirSync(evidence).some((name) => envelopeNamed(name) !== undefined)) return;
    await replaceWhole(state, CATCHING_UP, new Uint8Array(), nodeLogDisk);
  }
  await catchUp(log, evidence);
  nodeLogDisk.remove(begun);
}

export type EpochPlace = {
  readonly runtime: string;
  readonly workspace: string;
  readonly keys: EvidenceKeys;
  readonly epoch: number;
  readonly next?: string | undefined;
};

/** @throws LogRefused */
export async function openLogOfEpoch({ runtime, workspace, keys, epoch, next }: EpochPlace): Promise<EvidenceLog> {
  const origin = logOriginOf(`localhost/${workspace}`, epoch);
  const signer = signerOf(origin, keys.privateKey);
  const evidence = path.join(runtime, "evidence");
  const former = (keys.retired ?? []).flatMap((pem) => knownKeyOf(pem)?.publicKey ?? []);
  const place = { dir: path.join(evidence, "log"), origin, signer, former, next };
  const log = await openLog({ ...place, clock: systemClock, disk: nodeLogDisk });
  await replaceWhole(path.join(runtime, "keys"), "log.vkey", Buffer.from(`${signer.vkey}\n`), nodeLogDisk);
  return log;
}

/**
 * Logs what was sealed before this desk had a log, or this epoch of it. Afterwards an envelope is logged by the effect that seals it, which is done again
 * until it is: a crash between the two leaves nothing to be looked for.
 */
export async function catchUp(log: Pick<EvidenceLog, "append">, folder: string): Promise<void> {
  const sealed = sealedIn(folder);
  for (const batch of batchesOf(sealed.filter(({ amends }) => amends === null))) {
    await log.append(batch.flatMap(sealedLeaves));
  }
  for (const batch of batchesOf(sealed.toSorted((a, b) => (a.amends?.ordinal ?? 0) - (b.amends?.ordinal ?? 0)))) {
    await log.append(
      batch.flatMap(({ amends, integrity }) =>
        amends === null ? [] : [{ kind: "amendment" as const, seal: integrity.seal_hash, of_seal: amends.seal_hash }],
      ),
    );
  }
}

/** @throws LogRefused for one that cannot be read */
export function sealedIn(folder: string): readonly Sealed[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => envelopeNamed(name) !== undefined) : [];
  return names.toSorted().map((name) => {
    try {
      return Sealed.parse(JSON.parse(readFileSync(path.join(folder, name), "utf8")));
    } catch (thrown) {
      throw new LogRefused(`${path.join(folder, name)} cannot be read: ${reasonOf(thrown)}`);
    }
  });
}

const sealedLeaves = ({ evidence_id, integrity }: Sealed): readonly NewLeaf[] => [
  { kind: "received", mark: markOf(Buffer.from(integrity.disclosure_key, "base64url"), evidence_id) },
  { kind: "seal", seal: integrity.seal_hash },
];

function* batchesOf(all: readonly Sealed[]): Iterable<readonly Sealed[]> {
  for (let at = 0; at < all.length; at += CATCH_UP_BATCH) yield all.slice(at, at + CATCH_UP_BATCH);
}
