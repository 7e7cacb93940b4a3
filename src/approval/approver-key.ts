/** The public half of an approver's key, and the name that stands for it. */
import { createHash } from "node:crypto";
import { type Sha256, sha256Of } from "../core/ids.ts";
import { knownKeyOf } from "../evidence/keys.ts";
import type { Verifies } from "../evidence/platform.ts";

/** `fingerprint`: SHA-256 of the DER of the SubjectPublicKeyInfo, as `openssl pkey -pubin -outform DER | sha256sum` gives it. */
export type ApproverKey = { readonly fingerprint: Sha256; readonly verifies: Verifies };

/** The form of an approver's name: it is a file's name too, also where case does not count. */
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
export const isApproverName = (text: string): boolean => NAME.test(text);

const ARMOUR = /-----[A-Z ]+-----|\s|\ufeff/g;

/** Undefined for a text that is not the SPKI PEM of an Ed25519 key. */
export function approverKeyOf(pem: string): ApproverKey | undefined {
  const known = knownKeyOf(pem);
  if (known === undefined) return undefined;
  const der = Buffer.from(pem.replaceAll(ARMOUR, ""), "base64");
  return { fingerprint: sha256Of(createHash("sha256").update(der).digest("hex")), verifies: known.verifies };
}
