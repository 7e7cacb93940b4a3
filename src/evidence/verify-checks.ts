/** The checks of a verifier in words, in the order in which a person follows them: what each says, and the codes that it fails with. */
import type { VerifyCode } from "./verify-codes.ts";

export type Check = { readonly says: string; readonly codes: readonly VerifyCode[] };

const CHECKS: readonly Check[] = [
  {
    says: "canonical bytes of the known form",
    codes: ["SIZE_EXCEEDED", "JSON_MALFORMED", "BYTES_NOT_CANONICAL", "SHAPE_INVALID", "BASE64_NOT_EXACT"],
  },
  { says: "kind, ids and what is amended belong together", codes: ["AMENDMENT_MISMATCH", "ID_UNEXPECTED"] },
  {
    says: "each link names the one before it",
    codes: ["LINK_OUT_OF_ORDER", "LINK_BROKEN", "HEAD_MISMATCH", "CHAIN_LENGTH_MISMATCH"],
  },
  {
    says: "every leaf stands in one link, with its value",
    codes: [
      "FIELD_COUNT_MISMATCH",
      "POINTER_REPEATED",
      "POINTER_DANGLING",
      "LEAF_UNCOVERED",
      "LEAF_MISCLASSED",
      "OPEN_MISMATCH",
      "COMMITMENT_MISMATCH",
    ],
  },
  { says: "states and times are those of the links", codes: ["OBSERVATION_MISPLACED", "TIME_MISMATCH"] },
  {
    says: "the seal is of this document",
    codes: ["SEAL_MISMATCH", "SEAL_HASH_MISMATCH", "STATEMENT_MISMATCH", "ORIGIN_UNEXPECTED"],
  },
  {
    says: "one signature, by a key you trust",
    codes: [
      "SIGNATURE_COUNT",
      "SIGNATURE_INVALID",
      "KEY_UNKNOWN",
      "KEY_NOT_GIVEN",
      "KEY_UNUSABLE",
      "KEY_UNAUTHORISED",
      "KEY_OUT_OF_RANGE",
    ],
  },
  {
    says: "artifacts are named, and those at hand match",
    codes: ["URI_MISMATCH", "BASIS_UNKNOWN", "ARTIFACT_MISMATCH"],
  },
  {
    says: "what is at hand of the log holds: receipt, earlier checkpoint, witnesses",
    codes: [
      "LOG_PROOF_INVALID",
      "LOG_PROOF_UNCHECKED",
      "CHECKPOINT_UNUSABLE",
      "CHECKPOINT_INCONSISTENT",
      "WITNESSES_MISSING",
    ],
  },
];

/** What a pack is held to besides. */
const PACK_CHECKS: readonly Check[] = [
  {
    says: "every leaf is opened or receipted, as it was committed",
    codes: [
      "LEAVES_MISSHAPEN",
      "DISCLOSURE_MALFORMED",
      "DISCLOSURE_MISMATCH",
      "DISCLOSURE_RELABELLED",
      "DISCLOSURE_FOREIGN",
      "RECEIPT_MISMATCH",
      "LEAF_TWICE",
      "LEAF_UNACCOUNTED",
      "GENESIS_CLOSED",
      "PACK_UNSORTED",
    ],
  },
  { says: "what is shown is what the opened leaves say", codes: ["SHOWN_MISMATCH"] },
  {
    says: "the receipts are signed, by a key you trust",
    codes: ["EXPORT_MISMATCH", "EXPORT_SIGNATURE_INVALID", "EXPORT_KEY_UNKNOWN"],
  },
];
/** Those that a document of this kind is held to; every code belongs to one. */
export const checksOf = (kind: "envelope" | "pack"): readonly Check[] =>
  kind === "pack" ? [...CHECKS, ...PACK_CHECKS] : CHECKS;
