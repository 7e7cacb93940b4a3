/**
 * A desk goes on with another evidence key: the old one authorises it in the log, then takes its place at the desk.
 *
 * The steps, each durable before the next: the new private half as `next.key`; the key's leaf under a checkpoint by the old key, from
 * where on there is no way back; the leaf's receipt, `<keyid>.tlog-proof`; the old public half, `retired/<keyid>.pub`; the new private
 * half as `evidence.key`, in place of the old one, which no name leads to any more; `evidence.pub`; `log.vkey`, and the same tree signed
 * with the new key; `next.key` is removed. What a crash leaves is told by `next.key`: without it there is nothing to do, with it the log
 * says whether the new key was authorised. Then the remaining steps are done, all of them again where it is not known which were.
 * Otherwise the new key is thrown away. One process at a time: the lock of the desk sees to that.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { reasonOf } from "../core/assert.ts";
import { type KeyLeaf, type NextSigner, writeKeyLeaf } from "../evidence/log/key-leaf.ts";
import { leafBytes, leafKey, readLeaf } from "../evidence/log/leaf.ts";
import { readProof, writeProof } from "../evidence/log/proof.ts";
import { signerOf } from "../evidence/keys.ts";
import { placeWhole, sweepTemporaries } from "./durable-file.ts";
import { type EvidenceKeys, KeyFilesRefused, RETIRED, retiredKeysIn } from "./key-files.ts";
import type { LogDisk } from "./log-disk.ts";
import type { EvidenceLog } from "./log-files.ts";
import { LogRefused } from "./log-refused.ts";
import { ensureFolder, replaceWhole } from "./log-replace.ts";

export type RotationPlace = {
  /** `.qoc/keys`. */
  readonly folder: string;
  /** Of the desk's seals, `<host>/<workspace>`. */
  readonly origin: string;
  readonly disk: LogDisk;
  /** Opens the desk's log, every seal of it logged. `next` is the keyid that this log may be handed over to. */
  readonly openLog: (keys: EvidenceKeys, next?: string) => Promise<EvidenceLog>;
};

/** `index` is the number of the key's leaf. */
export type Rotated = { readonly keyid: string; readonly retired: string; readonly index: number };
/** What came of a rotation that a crash left. */
export type Ended =
  | { readonly kind: "none" }
  | { readonly kind: "withdrawn" }
  | ({ readonly kind: "finished" } & Rotated);

const NEXT = "next.key";
const OWN = "evidence.key";

/**
 * Nothing may wait to be sealed: it would be sealed again with the other key. A rotation that a crash left behind the leaf is finished,
 * and is the one that was asked for.
 * @throws LogRefused, KeyFilesRefused, or what the disk throws; the next start then goes on from where it stopped
 */
export async function rotateKeys(place: RotationPlace): Promise<Rotated> {
  const before = await finishRotation(place);
  if (before.kind === "finished") return before;
  const { folder, disk } = place;
  sweepTemporaries(folder, disk);
  const own = halfIn(place, OWN);
  if (own === undefined)
    throw new KeyFilesRefused(
      `${join(folder, OWN)} is missing: there is no key to go on from. The first \`qoc up\` makes one.`,
    );
  const bytes = Buffer.from(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
  await placeWhole({ folder, names: [NEXT], bytes, mode: 0o600 }, disk);
  const next = halfOf(bytes, NEXT);
  const leaf = writeKeyLeaf({ origin: place.origin, old: own.signer, next: next.signer });
  await withLog(place, own, next.signer.keyid, async (log) => {
    await log.append([leaf]);
    await handOver(place, { own, next, leaf }, log);
  });
  return moveIn(place, next);
}

/**
 * Ends what a crash left of a rotation, one way or the other. For every start, before the keys are read.
 * @throws as `rotateKeys` does
 */
export async function finishRotation(place: RotationPlace): Promise<Ended> {
  const next = halfIn(place, NEXT);
  if (next === undefined) return { kind: "none" };
  const own = halfIn(place, OWN);
  if (own === undefined)
    throw new KeyFilesRefused(
      `${join(place.folder, OWN)} is missing while a rotation is under way. Restore it from a backup.`,
    );
  if (own.signer.keyid !== next.signer.keyid) {
    const leaf = writeKeyLeaf({ origin: place.origin, old: own.signer, next: next.signer });
    const isLogged = await withLog(place, own, next.signer.keyid, async (log) => {
      if (log.indexOf(leafKey(leaf)) === undefined) return false;
      await handOver(place, { own, next, leaf }, log);
      return true;
    });
    if (!isLogged) {
      await removeNext(place);
      return { kind: "withdrawn" };
    }
  }
  return { kind: "finished", ...(await moveIn(place, next)) };
}

/** What the old key leaves behind, while it is still the desk's: the checkpoint in the receipt is by it. */
async function handOver(place: RotationPlace, { own, next, leaf }: Handover, log: EvidenceLog): Promise<void> {
  const { folder, disk } = place;
  const proof = readProof(log.proofOf(leafKey(leaf)) ?? "");
  if (proof === undefined) throw new LogRefused("the leaf of the new key has no receipt");
  const receipt = writeProof({ ...proof, extra: leafBytes(leaf) });
  await replaceWhole(folder, `${next.signer.keyid}.tlog-proof`, Buffer.from(receipt), disk);
  const retired = join(folder, RETIRED);
  await ensureFolder(retired, new Set([folder]), disk);
  sweepTemporaries(retired, disk);
  await replaceWhole(retired, `${own.signer.keyid}.pub`, publicPem(own.key), disk);
}

/** Each time from its beginning: what was done before is done again, with the same bytes. */
async function moveIn(place: RotationPlace, next: PrivateHalf): Promise<Rotated> {
  const { folder, disk } = place;
  sweepTemporaries(folder, disk);
  await replaceWhole(folder, OWN, next.bytes, disk, 0o600);
  await replaceWhole(folder, "evidence.pub", publicPem(next.key), disk);
  await withLog(place, next, undefined, () => Promise.resolve());
  const { keyid } = next.signer;
  const rotated = { keyid, ...receiptIn(place, keyid) };
  // All is done. One that cannot be removed now is the desk's own key, and goes at the next start.
  await removeNext(place).catch(() => undefined);
  return rotated;
}

function receiptIn({ folder, disk }: RotationPlace, keyid: string): Pick<Rotated, "retired" | "index"> {
  const bytes = disk.look(join(folder, `${keyid}.tlog-proof`));
  const proof = typeof bytes === "string" ? undefined : readProof(Buffer.from(bytes).toString("utf8"));
  const leaf = readLeaf(proof?.extra ?? new Uint8Array());
  if (proof === undefined || leaf?.kind !== "key")
    throw new KeyFilesRefused(`${keyid}.tlog-proof in ${folder} is missing or changed. Restore it from a backup.`);
  return { retired: leaf.prev, index: proof.index };
}

async function removeNext({ folder, disk }: RotationPlace): Promise<void> {
  disk.remove(join(folder, NEXT));
  await disk.syncFolder(folder);
}

type PrivateHalf = { readonly bytes: Uint8Array; readonly key: KeyObject; readonly signer: NextSigner };
type Handover = { readonly own: PrivateHalf; readonly next: PrivateHalf; readonly leaf: KeyLeaf };

async function withLog<T>(
  { folder, disk, openLog }: RotationPlace,
  { key, signer }: PrivateHalf,
  next: string | undefined,
  use: (log: EvidenceLog) => Promise<T>,
): Promise<T> {
  const keys = { keyid: signer.keyid, privateKey: key, retired: retiredKeysIn(folder, disk) };
  const log = await openLog(keys, next);
  try {
    return await use(log);
  } finally {
    await log.close();
  }
}

/** Undefined when there is no such file. */
function halfIn({ folder, disk }: RotationPlace, name: string): PrivateHalf | undefined {
  const path = join(folder, name);
  const bytes = disk.look(path);
  if (bytes === "none") return undefined;
  if (bytes === "other") throw new KeyFilesRefused(`${path} is no file that can be read.`);
  return halfOf(bytes, path);
}

/** @throws KeyFilesRefused, which holds nothing of the bytes */
function halfOf(bytes: Uint8Array, path: string): PrivateHalf {
  try {
    const pem = Buffer.from(bytes).toString("utf8");
    return { bytes, key: createPrivateKey(pem), signer: signerOf(pem) };
  } catch (thrown) {
    throw new KeyFilesRefused(`${path} cannot be read as a key: ${reasonOf(thrown)}`);
  }
}

const publicPem = (key: KeyObject): Uint8Array =>
  Buffer.from(createPublicKey(key).export({ type: "spki", format: "pem" }));
