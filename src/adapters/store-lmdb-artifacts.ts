import type { Sha256 } from "../core/ids.ts";
import { ARTIFACT_INLINE_BYTES_MAX } from "../core/limits.ts";
import type { Artifact } from "../engine/ports.ts";
import type { ArtifactFiles } from "./artifact-files.ts";
import { nextNumber, type Tables } from "./store-lmdb-env.ts";
import { number8, numberOf8 } from "./store-lmdb-keys.ts";
import type { Unit } from "./store-lmdb-unit.ts";

/** Bytes by their hash: small ones in the store, large ones in files. */
export type Artifacts = {
  readonly read: (sha256: Sha256, bytesMax?: number) => Uint8Array | undefined;
  /** Writes and flushes the files that a commit of these artifacts will name; undefined when there are none. */
  readonly writeFiles: (artifacts: readonly Artifact[]) => Promise<void> | undefined;
  readonly stage: (unit: Unit, artifact: Artifact) => void;
};

const IN_A_FILE = 0;
const keyOf = (sha256: Sha256): Buffer => Buffer.from(sha256, "hex");
const isLarge = ({ bytes }: Artifact): boolean => bytes.length > ARTIFACT_INLINE_BYTES_MAX;

export function createArtifacts({ artifacts, bytes }: Tables, files: ArtifactFiles): Artifacts {
  let nextSerial = nextNumber(bytes);
  const isNew = ({ ref }: Artifact): boolean => !artifacts.doesExist(keyOf(ref.sha256));

  return {
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
      return Promise.all(large.map(({ ref, bytes: content }) => files.write(ref.sha256, content))).then(
        () => undefined,
      );
    },
    stage: (unit, artifact) => {
      // The same bytes in two commits under way at once are stored twice and found once: rare, and never wrong.
      if (!isNew(artifact)) return;
      const serial = isLarge(artifact) ? IN_A_FILE : nextSerial++;
      unit.put(artifacts, keyOf(artifact.ref.sha256), number8(serial));
      if (serial !== IN_A_FILE) unit.put(bytes, number8(serial), Buffer.from(artifact.bytes));
    },
  };
}
