/**
 * An approver's key in the browser. The file never leaves the page: it is opened with the passphrase, becomes a key of WebCrypto that nobody
 * can read again, signs one decision, and is dropped. Bytes that were secret are overwritten; a text cannot be, and is let go of.
 */
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { bytesToSign, decisionSigned, type DecisionText } from "../../approval/decision-text.ts";
import { knownKeyOf } from "../../evidence/keys.ts";
import { concat, sha256Hex, utf8 } from "../../evidence/platform.ts";
import { readEncryptedKey, type NoKey } from "./encrypted-key.ts";

/** One who may approve, as `/api/approvers` has them. `fingerprint`: SHA-256 of the key's SubjectPublicKeyInfo. */
export type ApproverKnown = { readonly name: string; readonly fingerprint: string; readonly publicKey: string };
/** As WebCrypto holds it. */
type HeldKey = Parameters<typeof crypto.subtle.sign>[1];
export type OpenKey = { readonly kind: "open"; readonly key: HeldKey };
export type SignedHere = { readonly kind: "signed"; readonly approver: string; readonly bytes: Uint8Array };

const KEY_BYTES = 32;
const PROBE_BYTES = 32;
const TICK_MS = 12;
/** The DER of SubjectPublicKeyInfo of Ed25519 up to the key: RFC 8410, section 4. */
const SPKI_HEAD = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);

const refused = (says: string): NoKey => ({ kind: "refused", says });

/** `progress` is told parts of one, for the second that scrypt takes. */
export async function openKey(
  file: string,
  passphrase: string,
  progress: (part: number) => void,
): Promise<OpenKey | NoKey> {
  const read = readEncryptedKey(file);
  if (read.kind === "refused") return read;
  const { cost, blockSize, parallelization } = read;
  const typed = utf8(passphrase);
  const secret = await scryptAsync(typed, read.salt, {
    N: cost,
    r: blockSize,
    p: parallelization,
    dkLen: KEY_BYTES,
    asyncTick: TICK_MS,
    onProgress: progress,
  });
  typed.fill(0);
  try {
    const aes = await crypto.subtle.importKey("raw", ownBytes(secret), "AES-CBC", false, ["decrypt"]);
    const iv = ownBytes(read.iv);
    const opened = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, aes, ownBytes(read.sealed)));
    try {
      return { kind: "open", key: await crypto.subtle.importKey("pkcs8", opened, "Ed25519", false, ["sign"]) };
    } finally {
      opened.fill(0);
    }
  } catch {
    // The cipher cannot tell the two apart.
    return refused("The passphrase is wrong, or the key file is damaged: it does not open.");
  } finally {
    secret.fill(0);
  }
}

/** Signs as the approver whose key this is: `qoc approve` makes the same bytes. */
export async function signDecisionWith(
  { key }: OpenKey,
  approvers: readonly ApproverKnown[],
  decision: Omit<DecisionText, "approver">,
): Promise<SignedHere | NoKey> {
  const owner = await ownerOf(key, approvers);
  if (owner === undefined) return refused("This key is of nobody who may approve on this desk.");
  const said = { ...decision, approver: owner.name };
  const sig = await crypto.subtle.sign("Ed25519", key, ownBytes(bytesToSign(said)));
  return { kind: "signed", approver: owner.name, bytes: decisionSigned(said, owner.fingerprint, new Uint8Array(sig)) };
}

/** Whose public half verifies what this key signs. What is signed for that is random and stands for nothing. */
async function ownerOf(key: HeldKey, approvers: readonly ApproverKnown[]): Promise<ApproverKnown | undefined> {
  const probe = ownBytes(concat(utf8("qoc: whose key is this? "), crypto.getRandomValues(new Uint8Array(PROBE_BYTES))));
  const sig = await crypto.subtle.sign("Ed25519", key, probe);
  for (const approver of approvers) {
    const raw = knownKeyOf(approver.publicKey)?.publicKey;
    if (raw === undefined || sha256Hex(concat(SPKI_HEAD, raw)) !== approver.fingerprint) continue;
    const known = await crypto.subtle.importKey("raw", ownBytes(raw), "Ed25519", false, ["verify"]);
    if (await crypto.subtle.verify("Ed25519", known, sig, probe)) return approver;
  }
  return undefined;
}

/** In a buffer of its own, as WebCrypto's types ask. */
const ownBytes = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
