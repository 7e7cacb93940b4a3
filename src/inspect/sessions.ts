/** What actors are called in frames: by their addresses, so that a name is the same before and after a restart. */
import { createHash } from "node:crypto";
import type { Address } from "../core/ids.ts";

/** Enough of a hash to tell subjects apart. */
const HASH_CHARS = 16;

/**
 * The address itself, but for subjects: what a series of deliveries is about stands in the payload, so a subject is called by the
 * hash of its address.
 */
export function sessionOf(address: Address): string {
  if (!address.startsWith("subject/")) return address;
  return `subject/${createHash("sha256").update(address).digest("hex").slice(0, HASH_CHARS)}`;
}
