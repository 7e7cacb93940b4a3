/** What a verdict is made with, and how far one can go. */
import type { AtHand } from "./check-artifacts.ts";
import type { PublicKey } from "./keys.ts";

/** What the reader trusts and has. */
export type VerifyPolicy = {
  /** Ed25519 public keys: 32 raw bytes, or SPKI PEM. Without any no signature is checked, and no verdict is ok. */
  readonly keys?: readonly PublicKey[];
  /** `<host>/<workspace>`, where the envelope must be from. */
  readonly origin?: string;
  /** The bytes of artifacts at hand, to be held against their hashes. Asked once for each. */
  readonly artifact?: AtHand;
  /** The log's receipt, a c2sp.org/tlog-proof@v1. Beside a pack it goes before the one that the pack holds. */
  readonly receipt?: string;
  /** Receipts of key leaves, the oldest first: each makes one more key known, which a key known so far authorised. */
  readonly keyReceipts?: readonly string[];
  readonly held?: HeldCheckpoint;
  /** The vkeys of witnesses whose cosignatures count (c2sp.org/tlog-cosignature, 0x04). */
  readonly witnesses?: readonly string[];
  /** How many of them must have signed the receipt's checkpoint: 1 when any is named and nothing is said here. */
  readonly witnessesMin?: number;
};

/**
 * A signed checkpoint that the reader kept from before, and the RFC 6962 consistency proof from it to the receipt's checkpoint. The
 * proof may come from anybody.
 */
export type HeldCheckpoint = { readonly checkpoint: string; readonly consistency: readonly Uint8Array[] };

/** E0 well formed, E1 the chain holds, E2 signed by a known key, E3 logged, E4 in a log that goes on from what the reader held. */
export const LEVELS = ["none", "E0", "E1", "E2", "E3", "E4"] as const;
export type Level = (typeof LEVELS)[number];

/** Each level after the one before it. */
export const levelWords: Readonly<Record<Level, string>> = {
  none: "not well formed",
  E0: "well formed; the chain does not hold",
  E1: "the chain holds; not signed by a key you trust",
  E2: "the chain holds and is signed by a key you trust",
  E3: "signed by a key you trust, and the log has it",
  E4: "the log has it, and goes on from the checkpoint that you kept",
};

export const reaches = (level: Level, wanted: Level): boolean => LEVELS.indexOf(level) >= LEVELS.indexOf(wanted);

/** Where the log has a leaf: its index, and the size of the tree that the receipt is of. */
export type Logged = { readonly index: number; readonly size: number };
