/** One code for each check that can fail. The names are API: scripts and other verifiers compare them. */
export const verifyCodes = {
  SIZE_EXCEEDED: "The file is larger than an envelope may be.",
  JSON_MALFORMED: "The file is not I-JSON, or is too deep or has too many values.",
  BYTES_NOT_CANONICAL: "The file is not the RFC 8785 bytes of what it says.",
  SHAPE_INVALID: "A member is missing, unknown or not of its form.",
  BASE64_NOT_EXACT: "A base64 text does not re-encode to itself.",
  AMENDMENT_MISMATCH: "The kind, the id and what is amended do not belong together.",
  ID_UNEXPECTED: "The ids of artifacts, observations or steps are not numbered in their order.",
  LINK_OUT_OF_ORDER: "A link's number is not its place in the chain.",
  LINK_BROKEN: "A link does not name the hash of the one before it.",
  HEAD_MISMATCH: "The head is not the hash of the last link.",
  CHAIN_LENGTH_MISMATCH: "The seal counts another number of links.",
  FIELD_COUNT_MISMATCH: "The seal counts another number of commitments.",
  POINTER_REPEATED: "A pointer stands twice in the chain.",
  POINTER_DANGLING: "A link names a leaf that the document does not have.",
  LEAF_UNCOVERED: "The document has a leaf that stands in no link.",
  LEAF_MISCLASSED: "A leaf stands in clear that must be committed, or the other way round.",
  OPEN_MISMATCH: "A leaf in clear differs from the document.",
  COMMITMENT_MISMATCH: "A commitment is not to the document's value.",
  OBSERVATION_MISPLACED: "An observation's state or time is not that of its link.",
  TIME_MISMATCH: "The times of the document, the seal and the last link differ.",
  SEAL_MISMATCH: "The seal is of another document.",
  SEAL_HASH_MISMATCH: "The seal hash is not the hash of the seal.",
  STATEMENT_MISMATCH: "The signed statement is not about this seal and this chain.",
  ORIGIN_UNEXPECTED: "The envelope is from another origin than expected.",
  SIGNATURE_COUNT: "There is not exactly one signature.",
  SIGNATURE_INVALID: "The signature does not verify with the key that it names.",
  KEY_UNKNOWN: "The signature is by a key that is not among the given ones.",
  KEY_NOT_GIVEN: "No public key was given to check the signature with.",
  KEY_UNUSABLE: "A given key is no Ed25519 public key, or a witness's is no vkey of one.",
  URI_MISMATCH: "An artifact's content_uri does not name its SHA-256.",
  BASIS_UNKNOWN: "An observation or a step rests on an artifact that the document does not have.",
  ARTIFACT_MISMATCH: "The bytes at hand are not those of the artifact.",
  LEAVES_MISSHAPEN: "The leaves that the chain names are not those of an envelope.",
  DISCLOSURE_MALFORMED: "A disclosure is not the one spelling of a salt, a pointer and a leaf.",
  DISCLOSURE_MISMATCH: "A disclosure is not to the commitment of its leaf.",
  DISCLOSURE_RELABELLED: "A disclosure was made for a leaf of another name.",
  DISCLOSURE_FOREIGN: "A disclosure belongs to no leaf that is left to open.",
  RECEIPT_MISMATCH: "A receipt is of no commitment of the chain.",
  LEAF_TWICE: "A leaf is both opened and receipted.",
  LEAF_UNACCOUNTED: "A committed leaf is neither opened nor receipted.",
  GENESIS_CLOSED: "A leaf that the genesis is a hash of is closed.",
  PACK_UNSORTED: "Disclosures or receipts do not stand in ascending order, each once.",
  SHOWN_MISMATCH: "The envelope that is shown is not the one that the opened leaves rebuild.",
  EXPORT_MISMATCH: "The exporter's statement is not about this seal and these receipts.",
  EXPORT_SIGNATURE_INVALID: "The exporter's signature does not verify with the key that it names.",
  EXPORT_KEY_UNKNOWN: "The exporter's signature is by a key that is not among the given ones.",
  LOG_PROOF_INVALID: "The log's receipt does not show this seal under a checkpoint of this origin by a known key.",
  LOG_PROOF_UNCHECKED: "The log's receipt could not be checked: no key was given.",
  KEY_UNAUTHORISED: "A key receipt does not show that a key known so far authorised another.",
  KEY_OUT_OF_RANGE: "The log has this seal where its key did not seal.",
  CHECKPOINT_UNUSABLE: "The checkpoint that was held is none of the receipt's log by a known key.",
  CHECKPOINT_INCONSISTENT: "The log is not shown to go on from the checkpoint that was held.",
  WITNESSES_MISSING: "Fewer of the named witnesses than asked for signed the receipt's checkpoint.",
} as const satisfies Record<string, string>;

export type VerifyCode = keyof typeof verifyCodes;

/** A failed check, and where: a JSON Pointer, or a reason where there is no place. */
export type Finding = { readonly code: VerifyCode; readonly at: string };

/** The first finding of each code. A hostile file can make one of every leaf, so no more than these are kept. */
export function firstOf(...checks: readonly Iterable<Finding>[]): readonly Finding[] {
  const first = new Map<VerifyCode, Finding>();
  for (const check of checks)
    for (const finding of check) if (!first.has(finding.code)) first.set(finding.code, finding);
  return [...first.values()];
}

/** What the log showed, as far as it changes what is left unproven. */
type Shown = {
  readonly logged?: object | null;
  readonly continues?: boolean;
  readonly witnesses?: readonly string[];
};

/** What no envelope shows, however well it verifies, and what this verdict leaves open of its log. */
export const notProven = (shown: Shown): readonly string[] => [
  "that what the sender said is true",
  "that the work was done correctly",
  "that the times are those of any other clock",
  "that the sender's HMAC would verify: that needs the secret",
  ...notProvenOfLog(shown),
];

function notProvenOfLog({ logged = null, continues = false, witnesses = [] }: Shown): readonly string[] {
  if (logged === null)
    return [
      "that no later amendment exists, or that this envelope was ever logged",
      "that its key still sealed for the desk: only a place in the log shows that",
    ];
  const later = "that no later amendment exists beyond the size of the log that signed the receipt";
  if (witnesses.length > 0) return [later, "that the witnesses are others than the desk"];
  const sameForAll = continues
    ? "that the log shows everybody else the same tree: no named witness signed it"
    : "that the log shows everybody the same tree: neither a checkpoint from before nor a named witness says so";
  return [later, sameForAll];
}

/** What no public pack shows. */
export const notProvenOfPack = (shown: Shown): readonly string[] => [
  ...notProven(shown),
  "anything of a closed value, but that it is the one that was sealed",
  "that what is opened holds no secret: a scan finds known forms only",
  "that the export was made when it says: no log holds it, and a key that ended still signs for one",
];
