import { sha256Hex } from "./platform.ts";

export { sha256Base64url, sha256Hex } from "./platform.ts";

/** What a hash is of. The label keeps the hash of one kind of thing from standing for another's. */
export type Label =
  | "qoc.evidence/v1/genesis"
  | "qoc.evidence/v1/link"
  | "qoc.evidence/v1/seal"
  | "qoc.evidence/v1/amendment";

/** `H(label, x)` of the format, for an x that is canonical already: lower-case hex. */
export const labelledHash = (label: Label, canonicalText: string): string => sha256Hex(`${label}\n${canonicalText}`);
