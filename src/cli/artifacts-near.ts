/** Bytes of the artifacts that lie in the same desk as an envelope: files by hash, and what the store holds. */
import { existsSync } from "node:fs";
import path from "node:path";
import { sha256Of } from "../core/ids.ts";
import type { Parts } from "./parts.ts";
import { readBeside } from "./read-beside.ts";

export type ArtifactsNear = {
  readonly find: (sha256: string) => Uint8Array | undefined;
  readonly close: () => Promise<void>;
};

const SHA256 = /^[0-9a-f]{64}$/;

/** An envelope anywhere else than in a desk's `.qoc/evidence` has none: it is then checked without them. */
export async function artifactsNear(file: string, parts: Pick<Parts, "openStore">): Promise<ArtifactsNear> {
  const runtime = path.join(path.dirname(file), "..");
  const store = existsSync(path.join(runtime, "store"))
    ? await parts.openStore(path.dirname(runtime)).catch(() => undefined)
    : undefined;
  return {
    // The hash is the envelope's word: only what has the form of one becomes part of a path.
    find: (sha256) => {
      if (!SHA256.test(sha256)) return undefined;
      const candidate = path.join(runtime, "artifacts", sha256.slice(0, 2), sha256);
      return readBeside(candidate) ?? store?.artifact(sha256Of(sha256));
    },
    close: async () => {
      await store?.close();
    },
  };
}
