/** A logged pack of the smallest run there is, so that its bytes can be tried one by one. */
import { writeCheckpoint } from "../../../../src/evidence/log/checkpoint.ts";
import { leafBytes } from "../../../../src/evidence/log/leaf.ts";
import { signerOf as noteSignerOf, signNote } from "../../../../src/evidence/log/note.ts";
import { writeProof } from "../../../../src/evidence/log/proof.ts";
import { leafHash, nodeHash } from "../../../../src/evidence/log/tree.ts";
import { verifyPack } from "../../../../src/evidence/pack/verify-pack.ts";
import { seal } from "../../../../src/evidence/seal.ts";
import { placesOf } from "../../../support/places.ts";
import { birth, job, looseOf, observed, privateKey, signer, transition, type Loose } from "../support.ts";
import { keys, packOf } from "./pack-support.ts";

const entries = [transition(0, "REFUSED", "sealing", [observed("outcome_decided", "refused", birth.request)])];
export const sealed = seal(job(entries), signer);
export const beside = leafHash(Buffer.from("another leaf"));
export const root = nodeHash(beside, leafHash(leafBytes({ kind: "seal", seal: sealed.seal_hash })));
export const name = "localhost/equity-desk/log";
export const checkpoint = signNote(writeCheckpoint({ origin: name, size: 2, root }), [noteSignerOf(name, privateKey)]);
const tlog_proof = writeProof({ index: 1, hashes: [beside], checkpoint });
// A closed leaf is written three times and an opened one once, so there are a few of them alone: a text, a number and a hash.
export const closed: ReadonlySet<string> = new Set(["/subject/id", "/artifacts/0/bytes", "/artifacts/0/sha256"]);
const pointers: readonly string[] = looseOf(sealed.bytes)
  .integrity.hash_chain.flatMap(({ fields }: Loose) => Object.keys(fields))
  .filter((pointer: string) => !closed.has(pointer));
export const pack = packOf(sealed.bytes, { pointers, allow: pointers }, { tlog_proof }).bytes;

export const accepts = (bytes: Uint8Array): boolean => verifyPack(bytes, { keys }).ok;

/** The places at which the pack is still accepted when it is changed there. */
export const acceptedAt = (change: (place: number) => Uint8Array): readonly number[] =>
  placesOf(pack).filter((place) => accepts(change(place)));
