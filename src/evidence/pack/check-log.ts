/** The receipt of the log in a pack: that the leaf rebuilt from the seal is included under a checkpoint signed by a known key. */
import { createPublicKey } from "node:crypto";
import type { Envelope } from "../envelope.ts";
import { knownKeyOf, type PublicKey } from "../keys.ts";
import { readCheckpoint } from "../log/checkpoint.ts";
import { leafBytes } from "../log/leaf.ts";
import { openNote, readVkey, vkeyOf, type Verifier } from "../log/note.ts";
import { readProof } from "../log/proof.ts";
import { leafHash, verifyInclusion } from "../log/tree.ts";
import type { Finding } from "../verify-codes.ts";

/** Where the log says that the seal stands. */
export type Logged = { readonly index: number; readonly size: number };
export type LogCheck =
  | { readonly kind: "none" }
  | { readonly kind: "logged"; readonly logged: Logged }
  | { readonly kind: "failed"; readonly finding: Finding };

const failed = (code: Finding["code"]): LogCheck => ({ kind: "failed", finding: { code, at: "/tlog_proof" } });
/** An origin that can be the name of a note's key; others are of no log. */
const KEY_NAME = /^[!-*,-~]{1,256}$/;

/** An amendment's leaf names the index of its base, which no pack tells: its receipt is not checked here. */
export function checkLog(
  proofText: string | null,
  { kind, integrity }: Envelope,
  keys: readonly PublicKey[],
): LogCheck {
  if (proofText === null) return { kind: "none" };
  if (keys.length === 0 || kind === "amendment") return failed("LOG_PROOF_UNCHECKED");
  const origin = `${integrity.seal.origin}/log`;
  const proof = readProof(proofText);
  // Nobody signs what stands in `extra`, so a pack has none.
  if (proof === undefined || proof.extra !== undefined || !KEY_NAME.test(origin)) return failed("LOG_PROOF_INVALID");
  const note = openNote(proof.checkpoint, verifiersOf(origin, keys));
  const checkpoint = note.kind === "note" ? readCheckpoint(note.text) : undefined;
  if (checkpoint?.origin !== origin) return failed("LOG_PROOF_INVALID");
  const leaf = leafHash(leafBytes({ kind: "seal", seal: integrity.seal_hash }));
  const { size, root } = checkpoint;
  return verifyInclusion(leaf, proof.index, size, proof.hashes, root)
    ? { kind: "logged", logged: { index: proof.index, size } }
    : failed("LOG_PROOF_INVALID");
}

/** The desk's evidence key signs its log's checkpoints too, under the log's name. */
const verifiersOf = (name: string, keys: readonly PublicKey[]): readonly Verifier[] =>
  keys.flatMap((key) => {
    const raw = rawOf(key);
    return raw === undefined ? [] : (readVkey(vkeyOf(name, raw)) ?? []);
  });

function rawOf(key: PublicKey): Uint8Array | undefined {
  if (knownKeyOf(key) === undefined) return undefined;
  if (typeof key !== "string") return key;
  return Buffer.from(createPublicKey(key).export({ format: "jwk" }).x ?? "", "base64url");
}
