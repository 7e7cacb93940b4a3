import { createHmac, hash, timingSafeEqual, type KeyObject } from "node:crypto";
import { holdsEd25519 } from "./ed25519.ts";
import type { Key, MacAlgorithm } from "./secret-keys.ts";
import type { Content } from "./signed-content.ts";

/** What was sent, and every reading of what it may be over: one, except where a sender is known to write its content in several ways. */
export type Compared = { readonly signatures: readonly Uint8Array[]; readonly contents: readonly Content[] };

/**
 * The place of the first secret that made one of the signatures; -1 for none. Every secret is tried, so that the time taken does not
 * say which of them matched.
 */
export function matchingSecret(keys: readonly Key[], compared: Compared): number {
  let found = -1;
  for (const key of keys) {
    const matches = isMadeWith(key, compared);
    if (matches && found === -1) found = key.index;
  }
  return found;
}

function isMadeWith(key: Key, { signatures, contents }: Compared): boolean {
  switch (key.kind) {
    case "mac":
      return contents.some((content) => isOneOf(signatures, macOf(key.algorithm, key.key, content)));
    case "public": {
      const messages = contents.map((content) => Buffer.concat(content));
      return messages.some((message) => signatures.some((signature) => holdsEd25519(key.key, message, signature)));
    }
    case "token":
      return isOneOf(
        signatures.map((token) => hash("sha256", token, "buffer")),
        key.sha256,
      );
  }
}

export function macOf(algorithm: MacAlgorithm, key: KeyObject, content: Content): Buffer {
  const mac = createHmac(algorithm, key);
  for (const piece of content) mac.update(piece);
  return mac.digest();
}

/** `sent` is the sender's word: a wrong length is a mismatch, not an exception. */
const isOneOf = (sent: readonly Uint8Array[], ours: Uint8Array): boolean =>
  sent.some((signature) => signature.length === ours.length && timingSafeEqual(signature, ours));
