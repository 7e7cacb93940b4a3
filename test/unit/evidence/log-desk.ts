/** A log to test with: leaves in the order given, checkpoints, receipts and proofs of any size, signed by whoever is asked to. */
import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import { writeCheckpoint } from "../../../src/evidence/log/checkpoint.ts";
import { writeKeyLeaf, type KeyLeaf } from "../../../src/evidence/log/key-leaf.ts";
import { leafBytes, type LogLeaf } from "../../../src/evidence/log/leaf.ts";
import { cosignerOf, signerOf as noteSignerOf, signNote, type NoteSigner } from "../../../src/evidence/log/note.ts";
import { writeProof } from "../../../src/evidence/log/proof.ts";
import { consistencyProof, inclusionProof, leafHash, nodeHash, rootOf } from "../../../src/evidence/log/tree.ts";
import { signerOf } from "../../../src/evidence/keys.ts";
import { birth } from "./support.ts";

export type Desk = ReturnType<typeof deskKey>;

/** A key of a desk from a seed that is plainly for tests. `signer` seals, `privateKey` signs notes. */
export function deskKey(seed: number) {
  const privateKey: KeyObject = createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, seed)]),
    format: "der",
    type: "pkcs8",
  });
  const signer = signerOf(String(privateKey.export({ format: "pem", type: "pkcs8" })));
  return { privateKey, signer, key: signer.publicKey };
}

export const ORIGIN = birth.origin;
export const LOG = `${ORIGIN}/log`;
export const filler = (n: number): LogLeaf => ({
  kind: "received",
  mark: createHash("sha256").update(`mark ${n}`).digest("hex"),
});
export const handedOver = (from: Desk, to: Desk, origin = ORIGIN): KeyLeaf =>
  writeKeyLeaf({ origin, old: from.signer, next: to.signer });

export type Given = {
  readonly size?: number;
  readonly by?: readonly Desk[];
  readonly witnesses?: readonly NoteSigner[];
  /** The bytes that the receipt brings; `true` for those of its leaf. */
  readonly extra?: Uint8Array | true;
};

export function logOf(leaves: readonly LogLeaf[], keys: readonly Desk[], name = LOG) {
  const bytes = leaves.map(leafBytes);
  const hashOf = (level: number, index: number): Uint8Array =>
    level === 0
      ? leafHash(bytes[index] ?? new Uint8Array())
      : nodeHash(hashOf(level - 1, 2 * index), hashOf(level - 1, 2 * index + 1));
  const checkpoint = ({ size = leaves.length, by = keys, witnesses = [] }: Given = {}): string =>
    signNote(writeCheckpoint({ origin: name, size, root: rootOf(size, hashOf) }), [
      ...by.map(({ privateKey }) => noteSignerOf(name, privateKey)),
      ...witnesses,
    ]);
  const receipt = (index: number, given: Given = {}): string => {
    const size = given.size ?? leaves.length;
    const extra = given.extra === true ? bytes[index] : given.extra;
    return writeProof({
      index,
      hashes: inclusionProof(index, size, hashOf),
      checkpoint: checkpoint(given),
      ...(extra === undefined ? {} : { extra }),
    });
  };
  const held = (from: number, given: Given = {}) => ({
    checkpoint: checkpoint({ ...given, size: from }),
    consistency: consistencyProof(from, leaves.length, hashOf),
  });
  return { checkpoint, receipt, held };
}

export const witnessOf = (seed: number, name = `witness-${seed}.example`): NoteSigner =>
  cosignerOf(name, deskKey(seed).privateKey, 1_783_259_101);
