/** The receipt beside an envelope: whether it shows this seal in a log of this desk. That the log has that checkpoint is checked once for all. */
import { join } from "node:path";
import { openCheckpoint, type Trusted, type TrustedCheckpoint } from "../evidence/check-checkpoint.ts";
import { receiptNameOf } from "../evidence/file-names.ts";
import { leafBytes, readLeaf } from "../evidence/log/leaf.ts";
import { readProof, type LogProof } from "../evidence/log/proof.ts";
import { leafHash, verifyInclusion } from "../evidence/log/tree.ts";
import type { KnownKey } from "../evidence/keys.ts";
import type { Finding } from "./findings.ts";
import { textOf } from "./small-file.ts";

export type ReceiptWorld = {
  readonly evidence: string;
  /** `<host>/<workspace>` */
  readonly origin: string;
  readonly keys: readonly KnownKey[];
  /** Notes that were opened before: many receipts lead to one. */
  readonly notes: Map<string, TrustedCheckpoint | undefined>;
};

/** `root` in hex. `at` is a receipt that leads there. */
export type ReceiptCheckpoint = {
  readonly epoch: number;
  readonly size: number;
  readonly root: string;
  readonly at: string;
};

type Sealed = { readonly evidence_id: string; readonly seal_hash: string; readonly isAmendment: boolean };

const NOTES_MAX = 256;

export function checkReceipt(
  sealed: Sealed,
  world: ReceiptWorld,
  found: (finding: Finding) => void,
): ReceiptCheckpoint | undefined {
  const name = receiptNameOf(sealed.evidence_id);
  const at = `.qoc/evidence/${name}`;
  const text = textOf(join(world.evidence, name));
  // A power cut may leave its name with no byte behind it: the next start writes it again.
  if (text === undefined || text === "") {
    found({ code: "RECEIPT_MISSING", at, detail: "" });
    return undefined;
  }
  const checkpoint = heldBy(text, sealed, world);
  if (typeof checkpoint === "string") {
    found({ code: "RECEIPT_INVALID", at, detail: checkpoint });
    return undefined;
  }
  const { epoch, size, root } = checkpoint;
  return { epoch, size, root: Buffer.from(root).toString("hex"), at };
}

/** Why it does not hold, or the checkpoint that it leads to. */
function heldBy(text: string, sealed: Sealed, world: ReceiptWorld): TrustedCheckpoint | string {
  const proof = readProof(text);
  if (proof === undefined) return "it is no receipt";
  const leaf = leafOf(proof, sealed);
  if (leaf === undefined) return "it is of another leaf";
  const checkpoint = openedIn(proof.checkpoint, world);
  if (checkpoint === undefined) return "its checkpoint is not this desk's word";
  const { size, root } = checkpoint;
  if (!verifyInclusion(leafHash(leaf), proof.index, size, proof.hashes, root))
    return "its proof does not lead to its checkpoint";
  return checkpoint;
}

function leafOf({ extra }: LogProof, { seal_hash, isAmendment }: Sealed): Uint8Array | undefined {
  if (!isAmendment) return extra === undefined ? leafBytes({ kind: "seal", seal: seal_hash }) : undefined;
  const leaf = extra === undefined ? undefined : readLeaf(extra);
  return leaf?.kind === "amendment" && leaf.seal === seal_hash ? extra : undefined;
}

function openedIn(note: string, { keys, notes, origin }: ReceiptWorld): TrustedCheckpoint | undefined {
  const known = notes.get(note);
  if (known !== undefined) return known;
  // Any key of the desk will do: which one signs when is checked where the log is.
  const trusted = keys.map((key): Trusted => ({ key, from: undefined, until: undefined }));
  const opened = openCheckpoint(note, origin, () => trusted);
  if (notes.size >= NOTES_MAX) notes.clear();
  notes.set(note, opened);
  return opened;
}
