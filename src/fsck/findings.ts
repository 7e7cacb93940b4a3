/** What `qoc fsck` can say, each under a code that stays. A note is nothing wrong: it is there to be known. */
export const fsckCodes = {
  RECORD_UNREADABLE: ["error", "The record or journal of an actor cannot be read.", "restore a backup"],
  RECORD_CHANGED: ["error", "A record is not the one that was committed.", "restore a backup"],
  RECORD_DIFFERS: ["error", "The journal leads to another record.", "restore a backup"],
  JOURNAL_GAP: ["error", "Entries are missing from a journal, or stand out of their order.", "restore a backup"],
  JOURNAL_DIFFERS: ["error", "The machine tells an entry of the journal otherwise.", "restore a backup"],
  MACHINE_UNKNOWN: ["error", "This build has no such machine.", "use the build that wrote the desk, or a newer one"],
  MACHINE_CHANGED: ["note", "The chart has changed since: what differs from the journal may be its doing.", null],
  NAME_ROW_WRONG: ["error", "An actor is not found under its address.", "restore a backup"],
  INDEX_ROW_MISSING: ["error", "A row that finds a run again is missing.", "restore a backup"],
  INDEX_ROW_STRAY: ["error", "A row of the index finds what it should not.", "restore a backup"],
  TIMER_ROW_MISSING: ["error", "A timer of a record will not fire: its row is missing.", "restore a backup"],
  TIMER_ROW_STRAY: ["error", "A timer is set that no record has.", "restore a backup"],
  EFFECT_ROW_MISSING: ["error", "An effect of a record will not be performed: its row is missing.", "restore a backup"],
  EFFECT_ROW_STRAY: ["error", "An effect is waiting that no record asked for.", "restore a backup"],
  UNFINISHED_ROW_MISSING: ["error", "An unfinished actor is not listed as one.", "restore a backup"],
  UNFINISHED_ROW_STRAY: ["error", "An actor at rest, or none at all, is listed as unfinished.", "restore a backup"],
  ARTIFACT_MISSING: ["error", "Bytes that a journal names are not there.", "put them back from a backup"],
  ARTIFACT_CHANGED: [
    "error",
    "Bytes do not have the hash or the length that they are kept under.",
    "put them back from a backup",
  ],
  ARTIFACT_UNNAMED: ["note", "Bytes are kept that nothing names: a crash left them.", null],
  ENVELOPE_MISSING: ["error", "The envelope of a sealed run is not there.", "put it back from a backup"],
  ENVELOPE_CHANGED: ["error", "An envelope is not what its run's journal gives.", "put it back from a backup"],
  ENVELOPE_SIGNATURE_INVALID: [
    "error",
    "An envelope's signature is by none of this desk's keys.",
    "put it back from a backup",
  ],
  ENVELOPE_STRAY: ["error", "An envelope is of no run of this desk.", "find out who put it there"],
  SEAL_DIFFERS: ["error", "A journal was told of another seal than the one that it gives.", "restore a backup"],
  ERASED_PACK_INVALID: [
    "error",
    "What is left of an erased envelope is missing or does not verify.",
    "put it back from a backup",
  ],
  RECEIPT_MISSING: ["note", "A receipt is not there. It can be made at any time.", "qoc log proof RUN --save"],
  RECEIPT_INVALID: ["error", "A receipt does not hold.", "qoc log proof RUN --save"],
  FILE_UNKNOWN: ["note", "A file lies among the evidence that is none of ours.", null],
  EPOCH_NEEDED: [
    "error",
    "The daemon does not start: a backup was restored, or an epoch was begun and not finished.",
    "qoc log epoch --new --reason TEXT",
  ],
  LOG_MISSING: [
    "error",
    "There is no log, or not all of it.",
    "put .qoc/evidence and .qoc/log-state back from a backup",
  ],
  LOG_LEAVES_DAMAGED: ["error", "The log's file of leaves is not whole.", "put .qoc/log-state back from a backup"],
  LOG_LEAF_INVALID: [
    "error",
    "A leaf of the log is none, or stands in it twice.",
    "put .qoc/log-state back from a backup",
  ],
  LOG_CHECKPOINT_INVALID: [
    "error",
    "The published checkpoint is not this desk's word.",
    "put .qoc/evidence/log back from a backup",
  ],
  LOG_SIGNED_INVALID: [
    "error",
    "The signed checkpoint is not this desk's word.",
    "put .qoc/log-state back from a backup",
  ],
  LOG_ROOT_DIFFERS: [
    "error",
    "The leaves do not have the root that was signed.",
    "put .qoc/evidence and .qoc/log-state back from a backup",
  ],
  LOG_TILE_MISSING: ["error", "A file of the tree is not there.", "qoc up, which writes it again from the leaves"],
  LOG_TILE_CHANGED: [
    "error",
    "A file of the tree does not hold what the leaves give.",
    "remove the file, and qoc up writes it again",
  ],
  LOG_TILE_STRAY: [
    "error",
    "A file of the tree is beyond what was signed.",
    "put .qoc/evidence/log back from a backup",
  ],
  LOG_UNPUBLISHED: ["note", "The newest checkpoint is signed and not published yet.", "qoc up"],
  LOG_KEY_INVALID: [
    "error",
    "A key leaf does not go on from the key before it.",
    "put .qoc/log-state back from a backup",
  ],
  LOG_TIP_DIFFERS: ["error", "The store knows the log otherwise.", "qoc up says what to do"],
  LOG_ENDED_DAMAGED: ["error", "A log of an earlier epoch does not hold.", "put .qoc/evidence/logs back from a backup"],
  SEAL_NOT_LOGGED: ["error", "A seal is no leaf of the log.", "qoc up"],
  LEAF_UNACCOUNTED: ["error", "A leaf of the log is of no run of this desk.", "qoc log audit says more"],
  STRAYS_UNJUDGED: [
    "note",
    "What belongs to actors that cannot be read cannot be told from what belongs to nobody.",
    null,
  ],
  ORDER_FILE_DIFFERS: [
    "error",
    "The file of an executed order is of another order than the one that was sent.",
    "look at what was sent: qoc runs show RUN",
  ],
  INBOX_ITEM_GONE: ["note", "The inbox item of a run is not in the inbox any more.", null],
  INBOX_ITEM_EDITED: ["note", "The inbox item of a run was edited.", null],
} as const satisfies Record<string, readonly [weight: "error" | "note", says: string, hint: string | null]>;

export type FsckCode = keyof typeof fsckCodes;

/** `at` is a file below the desk, or the address of an actor. */
export type Finding = { readonly code: FsckCode; readonly at: string; readonly detail: string };

export const isError = ({ code }: Pick<Finding, "code">): boolean => fsckCodes[code][0] === "error";
