import { hash } from "node:crypto";

/** What a hash is of. The label keeps the hash of one kind of thing from standing for another's. */
export type Label =
  | "qoc.evidence/v1/genesis"
  | "qoc.evidence/v1/link"
  | "qoc.evidence/v1/seal"
  | "qoc.evidence/v1/amendment";

/** `H(label, x)` of the format, for an x that is canonical already: lower-case hex. */
export const labelledHash = (label: Label, canonicalText: string): string =>
  hash("sha256", `${label}\n${canonicalText}`, "hex");

/** The identity of an artifact: lower-case hex of the bytes as received. */
export const sha256Hex = (bytes: Uint8Array): string => hash("sha256", bytes, "hex");

/** Unpadded base64url of the SHA-256 of a text. */
export const sha256Base64url = (text: string): string => hash("sha256", text, "base64url");
