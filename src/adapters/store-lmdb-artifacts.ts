import { hash } from "node:crypto";
import type { Sha256 } from "../core/ids.ts";
import { ARTIFACT_INLINE_BYTES_MAX } from "../core/limits.ts";
import type { Artifact } from "../engine/ports.ts";
import type { ArtifactFiles } from "./artifact-files.ts";
import { nextNumber, type Tables } from "./store-lmdb-env.ts";
import { eachRow } from "./store-lmdb-pieces.ts";
import { number8, numberOf8 } from "./store-lmdb-keys.ts";
import type { Unit } from "./store-lmdb-unit.ts";
import { createArtifactUses, type ArtifactUses } from "./store-lmdb-uses.ts";

/** Bytes by their hash: small ones in the store, large ones in files. */
export type Artifacts = {
  readonly read: (sha256: Sha256, bytesMax?: number) => Uint8Array | undefined;
  /** Writes and flushes the files that a commit of these artifacts will name; undefined when there are none. */
  readonly writeFiles: (artifacts: readonly Artifact[]) => Promise<void> | undefined;
  readonly stage: (unit: Unit, artifact: Artifact) => void;
  readonly uses: ArtifactUses;
  /** Where the bytes of these lie, besides where they are found: see `stage`. Reads all small artifacts. */
  readonly copiesOf: (hashes: readonly Sha256[]) => Promise<readonly Buffer[]>;
  /**
   * Takes these away with the unit, and commits it; then their files. Who brings the same bytes meanwhile writes them anew, behind this.
   * A crash in between leaves a file, which the next call for it takes.
   */
  readonly remove: (unit: Unit, hashes: readonly Sha256[], copies: readonly Buffer[]) => Promise<void>;
};

const IN_A_FILE = 0;
const NONE = Buffer.alloc(0);
const keyOf = (sha256: Sha256): Buffer => Buffer.from(sha256, "hex");
const isLarge = ({ bytes }: Artifact): boolean => bytes.length > ARTIFACT_INLINE_BYTES_MAX;

export function createArtifacts({ artifacts, bytes }: Tables, files: ArtifactFiles): Artifacts {
  let nextSerial = nextNumber(bytes);
  const uses = createArtifactUses();
  /** Being taken away, and when that is over. */
  const leaving = new Map<Sha256, Promise<void>>();
  const isNew = ({ ref }: Artifact): boolean => leaving.has(ref.sha256) || !artifacts.doesExist(keyOf(ref.sha256));

  async function write({ ref, bytes: content }: Artifact): Promise<void> {
    await leaving.get(ref.sha256)?.catch(() => undefined);
    await files.write(ref.sha256, content);
  }

  async function take(unit: Unit, hashes: readonly Sha256[], copies: readonly Buffer[]): Promise<void> {
    for (const sha256 of hashes) unit.remove(artifacts, keyOf(sha256));
    for (const serial of copies) unit.remove(bytes, serial);
    await unit.commit();
    for (const sha256 of hashes) await files.remove(sha256);
  }

  return {
    uses,
    read: (sha256, bytesMax) => {
      const found = artifacts.get(keyOf(sha256));
      if (found === undefined) return undefined;
      const serial = numberOf8(found);
      if (serial === IN_A_FILE) return files.read(sha256, bytesMax);
      const whole: Uint8Array | undefined = bytes.get(number8(serial));
      return whole?.subarray(0, bytesMax);
    },
    writeFiles: (given) => {
      const large = given.filter((artifact) => isLarge(artifact) && isNew(artifact));
      if (large.length === 0) return undefined;
      return Promise.all(large.map(write)).then(() => undefined);
    },
    stage: (unit, artifact) => {
      // The same bytes in two commits under way at once are stored twice and found once: rare, and never wrong.
      if (!isNew(artifact)) return;
      const serial = isLarge(artifact) ? IN_A_FILE : nextSerial++;
      unit.put(artifacts, keyOf(artifact.ref.sha256), number8(serial));
      if (serial !== IN_A_FILE) unit.put(bytes, number8(serial), Buffer.from(artifact.bytes));
    },
    copiesOf: async (hashes) => {
      const wanted = new Set<string>(hashes);
      const found: Buffer[] = [];
      await eachRow(bytes, (serial, content) => {
        if (wanted.has(hash("sha256", content, "hex"))) found.push(Buffer.from(serial));
      });
      return found;
    },
    remove: async (unit, hashes, copies) => {
      const gone = new Set<string>(hashes);
      const taken = take(
        unit,
        hashes,
        copies.filter((serial) => gone.has(hash("sha256", bytes.get(serial) ?? NONE, "hex"))),
      );
      for (const sha256 of hashes) leaving.set(sha256, taken);
      try {
        await taken;
      } finally {
        for (const sha256 of hashes) leaving.delete(sha256);
      }
    },
  };
}
