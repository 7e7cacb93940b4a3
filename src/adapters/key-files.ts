/**
 * The desk's evidence key pair on the disk, made on first use. Only a rotation (key-rotation.ts) puts another in its place, and keeps the
 * public half: an envelope sealed last year must verify with what lies here today.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { reasonOf } from "../core/assert.ts";
import type { Signer } from "../evidence/dsse.ts";
import { knownKeyOf } from "../evidence/keys.ts";
import { ClerkFailure } from "./clerk-failure.ts";
import { type Disk, nodeDisk } from "./disk.ts";
import { draft, publish, sweepTemporaries } from "./durable-file.ts";

/** Can be posted to a worker: a key object is cloned without its bytes being shown. */
export type EvidenceKeys = {
  /** Hex SHA-256 of the 32 bytes of the public key. */
  readonly keyid: string;
  readonly privateKey: KeyObject;
  /** PEMs of the public halves that rotations left behind. */
  readonly retired?: readonly string[];
};

/** The key files cannot be used as they lie. The message says which, why, and what to type. */
export class KeyFilesRefused extends Error {
  constructor(says: string) {
    super(says);
    this.name = "KeyFilesRefused";
  }
}

const READABLE_BY_OTHERS = 0o077;
/** The folder of the public halves of earlier keys, each under its keyid. */
export const RETIRED = "retired";
const RETIRED_KEY = /^(?<keyid>[0-9a-f]{64})\.pub$/;

/**
 * Opens `.qoc/keys` of a desk, and makes the pair when neither half is there. The private half has its name first: a crash between the
 * two leaves it alone, and the next start derives the other.
 * @throws KeyFilesRefused, or ClerkFailure when the disk does not take them
 */
export async function openEvidenceKeys(dir: string): Promise<EvidenceKeys> {
  const folder = join(dir, ".qoc", "keys");
  sweepTemporaries(folder);
  const files = { private: join(folder, "evidence.key"), public: join(folder, "evidence.pub") };
  const found = { private: statOf(files.private), public: statOf(files.public) };
  if (found.private === undefined && found.public === undefined) await generate(folder);
  else if (found.public === undefined) await derivePublicHalf(folder, files.private);
  else if (found.private === undefined) throw new KeyFilesRefused(privateHalfMissing(files.private, files.public));
  return { ...read(files), retired: retiredKeysIn(folder, nodeDisk) };
}

/** PEMs, in the order of their keyids. @throws KeyFilesRefused for a file that is not the key that its name says */
export function retiredKeysIn(folder: string, disk: Disk): readonly string[] {
  const retired = join(folder, RETIRED);
  if (!disk.list(folder).includes(RETIRED)) return [];
  return disk
    .list(retired)
    .toSorted()
    .flatMap((name) => {
      const keyid = RETIRED_KEY.exec(name)?.groups?.["keyid"];
      if (keyid === undefined) return [];
      const bytes = disk.look(join(retired, name));
      const pem = typeof bytes === "string" ? "" : Buffer.from(bytes).toString("utf8");
      if (knownKeyOf(pem)?.keyid === keyid) return [pem];
      throw new KeyFilesRefused(`${join(retired, name)} is not the public key of its name. Restore it from a backup.`);
    });
}

export const signerOf = ({ keyid, privateKey }: EvidenceKeys): Signer => ({
  keyid,
  sign: (bytes) => sign(null, bytes, privateKey),
});

async function generate(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await nodeDisk.syncFolder(dirname(folder));
  const pair = generateKeyPairSync("ed25519");
  const drafts = [
    draft({ folder, names: ["evidence.key"], mode: 0o600, bytes: pem(pair.privateKey, "pkcs8") }),
    draft({ folder, names: ["evidence.pub"], mode: 0o644, bytes: pem(pair.publicKey, "spki") }),
  ];
  for (const placed of await publish(drafts)) if (placed instanceof ClerkFailure) throw placed;
}

async function derivePublicHalf(folder: string, privateFile: string): Promise<void> {
  const publicKey = createPublicKey(attempt(privateFile, () => createPrivateKey(readFileSync(privateFile))));
  const [placed] = await publish([
    draft({ folder, names: ["evidence.pub"], mode: 0o644, bytes: pem(publicKey, "spki") }),
  ]);
  if (placed instanceof ClerkFailure) throw placed;
}

const pem = (key: KeyObject, type: "pkcs8" | "spki"): Uint8Array => Buffer.from(key.export({ type, format: "pem" }));

function read(files: { readonly private: string; readonly public: string }): EvidenceKeys {
  // Asked again: the file that is read is the file that was checked, also when it was made a moment ago.
  if (((statOf(files.private)?.mode ?? 0) & READABLE_BY_OTHERS) !== 0)
    throw new KeyFilesRefused(`${files.private} can be read by others. Close it: chmod 600 ${files.private}`);
  const privateKey = attempt(files.private, () => createPrivateKey(readFileSync(files.private)));
  const publicPem = attempt(files.public, () => readFileSync(files.public, "utf8"));
  const known = knownKeyOf(publicPem);
  if (known === undefined) throw new KeyFilesRefused(`${files.public} does not hold the PEM of an Ed25519 public key.`);
  if (!createPublicKey(privateKey).equals(createPublicKey(publicPem)))
    throw new KeyFilesRefused(
      `${files.public} is not the public half of ${files.private}. Restore the pair from a backup.`,
    );
  return { keyid: known.keyid, privateKey };
}

function attempt<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    throw new KeyFilesRefused(`${file} cannot be read as a key: ${reasonOf(thrown)}`);
  }
}

const statOf = (file: string): Stats | undefined => attempt(file, () => statSync(file, { throwIfNoEntry: false }));

const privateHalfMissing = (privateFile: string, publicFile: string): string =>
  `${privateFile} is missing while ${publicFile} is there. Restore it from a backup. If it is lost, keep ${publicFile} under ` +
  `another name, because earlier envelopes verify with it, and start again: a new pair is made.`;
