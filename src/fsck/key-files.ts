/** The desk's keys as far as they lie there. None is made, and none is asked to be whole. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nodeDisk } from "../adapters/disk.ts";
import { retiredKeysIn, type EvidenceKeys } from "../adapters/key-files.ts";
import { knownKeyOf } from "../evidence/keys.ts";

/** PEMs, the present key first. @throws when one cannot be read */
export const publicKeysIn = (folder: string): readonly string[] => [
  readFileSync(join(folder, "evidence.pub"), "utf8"),
  ...retiredKeysIn(folder, nodeDisk),
];

/** Undefined where it cannot be read, which a copy of a desk may do without. */
export function signingKeyIn(folder: string): EvidenceKeys | undefined {
  try {
    const privateKey = createPrivateKey(readFileSync(join(folder, "evidence.key")));
    const own = knownKeyOf(String(createPublicKey(privateKey).export({ type: "spki", format: "pem" })));
    return own && { keyid: own.keyid, privateKey };
  } catch {
    return undefined;
  }
}
