/**
 * The approvers' keys of a desk: `.qoc/approvers/<name>.key` under a passphrase, `<name>.pub`, and `<name>.endorsed.json`, how an earlier
 * approver vouched for this one. The folder proves nothing by itself: `approval/approvers.ts` says who of it counts.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdirSync, statSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ApproverKey, approverKeyOf, isApproverName } from "../approval/approver-key.ts";
import { type Approvers, type FoundApprover, settleApprovers } from "../approval/approvers.ts";
import { signEndorsement } from "../approval/endorsement.ts";
import type { ApproverSigner } from "../approval/signed-record.ts";
import { assert } from "../core/assert.ts";
import type { Instant, Sha256 } from "../core/ids.ts";
import { ClerkFailure } from "./clerk-failure.ts";
import { errnoOf, nodeDisk } from "./disk.ts";
import { draft, publish } from "./durable-file.ts";
import { decryptKey, encryptKey, isEncrypted, SCRYPT, type ScryptCost } from "./pbes2.ts";

/** The files of an approver cannot be used as they lie, or not with this passphrase. The message says which, why, and what to do. */
export class ApproverRefused extends Error {
  readonly code: "NAME" | "TAKEN" | "MISSING" | "OPEN_TO_OTHERS" | "NOT_A_KEY" | "PASSPHRASE";
  constructor(code: ApproverRefused["code"], says: string) {
    super(says);
    this.name = "ApproverRefused";
    this.code = code;
  }
}

/** Files of the folder that are looked at. An agent may fill it; nobody has so many approvers. */
const APPROVERS_MAX = 100;
const READABLE_BY_OTHERS = 0o077;
const SUFFIXES = { key: ".key", public: ".pub", endorsement: ".endorsed.json" } as const;

export const approversFolder = (dir: string): string => join(dir, ".qoc", "approvers");

/** What an endorsement of a new key is signed with; null for the first approver, who vouches for itself. */
export type Endorser = ApproverSigner | null;
export type NewApprover = {
  readonly name: string;
  readonly workspace: string;
  readonly passphrase: string;
  readonly endorser: Endorser;
  readonly now: Instant;
};

/**
 * Makes a key pair and gives its fingerprint. The private half has its name first; a crash on the way leaves a key that nobody endorsed, which
 * counts for nothing and is removed by name. @throws ApproverRefused, or ClerkFailure when the disk does not take them
 */
export async function addApprover(dir: string, given: NewApprover, scrypt: ScryptCost = SCRYPT): Promise<Sha256> {
  const { name, workspace, passphrase, endorser, now } = given;
  if (!isApproverName(name)) throw new ApproverRefused("NAME", nameForm(name));
  const folder = approversFolder(dir);
  if (Object.values(SUFFIXES).some((suffix) => nodeDisk.look(join(folder, name + suffix)) !== "none"))
    throw new ApproverRefused("TAKEN", `There are files of an approver called ${name} already, in ${folder}.`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await nodeDisk.syncFolder(dirname(folder));
  const pair = generateKeyPairSync("ed25519");
  const publicPem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
  const { fingerprint } = keyOf(publicPem);
  const signer = endorser ?? signerOf(pair.privateKey, fingerprint);
  const endorsement = signEndorsement({ workspace, name, fingerprint, at: new Date(now).toISOString() }, signer);
  const files = [
    { suffix: SUFFIXES.key, mode: 0o600, bytes: Buffer.from(encryptKey(pair.privateKey, passphrase, scrypt)) },
    { suffix: SUFFIXES.public, mode: 0o644, bytes: Buffer.from(publicPem) },
    { suffix: SUFFIXES.endorsement, mode: 0o644, bytes: endorsement },
  ];
  const drafts = files.map(({ suffix, mode, bytes }) => draft({ folder, names: [name + suffix], mode, bytes }));
  for (const placed of await publish(drafts)) if (placed instanceof ClerkFailure) throw placed;
  return fingerprint;
}

/** Takes the files of a name away; gives how many there were. */
export function removeApprover(dir: string, name: string): number {
  if (!isApproverName(name)) throw new ApproverRefused("NAME", nameForm(name));
  const folder = approversFolder(dir);
  const there = Object.values(SUFFIXES).filter((suffix) => nodeDisk.look(join(folder, name + suffix)) !== "none");
  // The endorsement first: what a crash leaves counts for nothing.
  for (const suffix of there.toReversed()) unlinkSync(join(folder, name + suffix));
  return there.length;
}

/** Opens a private half for signing. @throws ApproverRefused */
export function unlockApprover(dir: string, name: string, passphrase: string): ApproverSigner {
  if (!isApproverName(name)) throw new ApproverRefused("NAME", nameForm(name));
  const file = join(approversFolder(dir), name + SUFFIXES.key);
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new ApproverRefused("MISSING", `There is no key of an approver called ${name}: ${file} does not exist.`);
  if ((stats.mode & READABLE_BY_OTHERS) !== 0)
    throw new ApproverRefused("OPEN_TO_OTHERS", `${file} can be read by others. Close it: chmod 600 ${file}`);
  const text = textAt(file) ?? "";
  if (!isEncrypted(text)) throw new ApproverRefused("NOT_A_KEY", `${file} is not a key under a passphrase.`);
  const key = decryptKey(text, passphrase);
  if (key === undefined)
    throw new ApproverRefused("PASSPHRASE", `The passphrase is wrong, or ${file} is damaged: it does not open.`);
  const publicPem = textAt(join(approversFolder(dir), name + SUFFIXES.public)) ?? "";
  const known = approverKeyOf(publicPem);
  if (known === undefined || !createPublicKey(key).equals(createPublicKey(publicPem)))
    throw new ApproverRefused(
      "NOT_A_KEY",
      `${name}.pub is not the public half of ${file}. Restore the two from a backup.`,
    );
  return signerOf(key, known.fingerprint);
}

/** Everyone in the folder, judged. `pinnedRoot` is what the daemon remembers; undefined when it never saw one. */
export const readApprovers = (dir: string, workspace: string, pinnedRoot: string | undefined): Approvers =>
  settleApprovers(findApprovers(dir), workspace, pinnedRoot);

function findApprovers(dir: string): readonly FoundApprover[] {
  const folder = approversFolder(dir);
  return namesIn(folder)
    .filter((name) => name.endsWith(SUFFIXES.public))
    .toSorted()
    .slice(0, APPROVERS_MAX)
    .map((file): FoundApprover => {
      const name = file.slice(0, -SUFFIXES.public.length);
      const endorsement = nodeDisk.look(join(folder, name + SUFFIXES.endorsement));
      return {
        name,
        publicKey: textAt(join(folder, file)) ?? "",
        endorsement: typeof endorsement === "string" ? null : endorsement,
      };
    });
}

function namesIn(folder: string): readonly string[] {
  try {
    return nodeDisk.list(folder);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return [];
    throw thrown;
  }
}

function textAt(file: string): string | undefined {
  const bytes = nodeDisk.look(file);
  return typeof bytes === "string" ? undefined : Buffer.from(bytes).toString("utf8");
}

const signerOf = (key: KeyObject, fingerprint: Sha256): ApproverSigner => ({
  keyid: fingerprint,
  sign: (bytes) => sign(null, bytes, key),
});

function keyOf(publicPem: string): ApproverKey {
  const key = approverKeyOf(publicPem);
  assert(key !== undefined, "a public half that was just made is one");
  return key;
}

const nameForm = (name: string): string =>
  `${JSON.stringify(name.slice(0, 80))} is no approver's name: lower-case letters, digits and hyphens, at most 32, beginning with a letter or digit.`;
