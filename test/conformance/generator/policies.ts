/** Cases of more than one file: what a reader trusts and has besides the envelope or the pack. Paths are below `test/conformance`. */
import type { Level, VerifyCode } from "../../../src/evidence/verify.ts";
import { BODY, HEADERS } from "../../unit/evidence/support.ts";
import { sha256Hex } from "../../../src/evidence/hashes.ts";
import { merge, pretty, type Files, type Made } from "./case.ts";
import { log, SIZE } from "./desk-log.ts";
import { envelopes, second } from "./desk.ts";
import { checkpoints, LOG_VKEY, otherWitness, proofs, witness } from "./proofs.ts";

/** Members that are not there are of no concern to the reader. */
export type Policy = {
  readonly file: string;
  readonly keys: readonly string[];
  readonly origin?: string;
  /** A folder of artifacts by their SHA-256. */
  readonly artifacts?: string;
  readonly receipt?: string;
  readonly key_receipts?: readonly string[];
  readonly held?: { readonly checkpoint: string; readonly consistency: readonly string[] };
  readonly witnesses?: readonly string[];
  readonly witnesses_min?: number;
};

const FIRST = "evidence.pub";
const inbox = "envelopes/inbox.json";
const bySecond = "sealed-by-later-keys/second.json";
const byThird = "sealed-by-later-keys/third.json";
const proof = (name: string): string => {
  if (!(name in proofs)) throw new Error(`no receipt ${name}`);
  return `receipts/${name}.tlog-proof`;
};
const keyReceipts = (...names: readonly string[]) => ({ key_receipts: names.map((name) => proof(`key-${name}`)) });

const held = (name: string, consistency: readonly string[] = []) => ({
  held: { checkpoint: `checkpoints/${name}`, consistency },
});

type Case = readonly [name: string, policy: Policy, level: Level, ...codes: readonly VerifyCode[]];
const one = (receipt: string, more: Partial<Policy> = {}): Policy => ({
  file: inbox,
  keys: [FIRST],
  receipt: proof(receipt),
  ...more,
});
const two = (receipt: string, more: Partial<Policy> = {}): Policy => ({
  file: bySecond,
  keys: [FIRST],
  receipt: proof(receipt),
  ...keyReceipts("second"),
  ...more,
});
const amended = (receipt: string): Policy => ({
  file: "envelopes/amendment-1.json",
  keys: [FIRST],
  receipt: proof(receipt),
});
const from = (size: number, to = 6): readonly string[] => log.consistency(size, to);

const accepted: readonly Case[] = [
  ["receipt", one("inbox"), "E3"],
  ["receipt-of-an-amendment", amended("amendment-1"), "E3"],
  ["receipt-of-the-second-epoch", one("inbox-second-epoch"), "E3"],
  ["receipt-of-an-amendment-of-the-second-epoch", amended("amendment-1-second-epoch"), "E3"],
  ["receipt-beside-a-pack", { file: "packs/some-opened.json", keys: [FIRST], receipt: proof("inbox") }, "E3"],
  ["held", one("inbox", held("size-4", from(4))), "E4"],
  ["held-the-same", one("inbox", held("size-6")), "E4"],
  ["held-of-an-amendment", { ...amended("amendment-1"), ...held("size-4", from(4)) }, "E4"],
  ["second-key-given", { file: bySecond, keys: ["keys/second.pub"] }, "E2"],
  ["second-key-authorised", two("by-second"), "E3"],
  ["second-key-authorised-under-its-own-checkpoint", two("by-second", keyReceipts("second-by-itself")), "E3"],
  ["second-key-authorised-unlogged", { file: bySecond, keys: [FIRST], ...keyReceipts("second") }, "E2"],
  [
    "third-key-authorised",
    { file: byThird, keys: [FIRST], receipt: proof("by-third"), ...keyReceipts("second", "third") },
    "E3",
  ],
  ["old-envelope-under-a-newer-key", one("inbox-by-third", keyReceipts("second", "third")), "E3"],
  [
    "old-envelope-held-across-keys",
    one("inbox-by-third", { ...keyReceipts("second", "third"), ...held("size-4", from(4, SIZE)) }),
    "E4",
  ],
  ["witnessed", one("inbox-witnessed", { witnesses: [witness.vkey] }), "E3"],
  [
    "witnessed-by-two",
    one("inbox-witnessed-twice", { witnesses: [otherWitness.vkey, witness.vkey], witnesses_min: 2 }),
    "E3",
  ],
  [
    "witnessed-by-one-of-two",
    one("inbox-witnessed", { witnesses: [otherWitness.vkey, witness.vkey], witnesses_min: 1 }),
    "E3",
  ],
  [
    "witnessed-and-held",
    one("inbox-witnessed", { witnesses: [witness.vkey], witnesses_min: 1, ...held("size-4", from(4)) }),
    "E4",
  ],
  ["artifacts", { file: inbox, keys: [FIRST], artifacts: "artifacts" }, "E2"],
  ["origin", { file: inbox, keys: [FIRST], origin: "localhost/equity-desk" }, "E2"],
];

const refusedReceipts: readonly Case[] = [
  ["receipt-of-another", one("commit"), "E2", "LOG_PROOF_INVALID"],
  ["receipt-of-a-foreign-log", one("inbox-foreign"), "E2", "LOG_PROOF_INVALID"],
  ["receipt-with-extra", one("inbox-with-extra"), "E2", "LOG_PROOF_INVALID"],
  ["receipt-of-an-amendment-without-extra", amended("amendment-1-without-extra"), "E2", "LOG_PROOF_INVALID"],
  ["receipt-of-another-amendment", amended("amendment-2"), "E2", "LOG_PROOF_INVALID"],
  ["receipt-without-a-key", { ...one("inbox"), keys: [] }, "E1", "KEY_NOT_GIVEN", "LOG_PROOF_UNCHECKED"],
  ["receipt-by-an-unknown-key", one("inbox-by-third"), "E2", "LOG_PROOF_INVALID"],
  ["checkpoint-by-a-key-that-was-gone", one("inbox-late-by-first", keyReceipts("second")), "E2", "LOG_PROOF_INVALID"],
  [
    "checkpoint-by-a-key-that-was-not-yet",
    one("inbox-early-by-second", keyReceipts("second")),
    "E2",
    "LOG_PROOF_INVALID",
  ],
  [
    "seal-by-a-key-that-was-gone",
    { file: "envelopes/redelivered.json", keys: [FIRST], receipt: proof("redelivered-late"), ...keyReceipts("second") },
    "E1",
    "KEY_OUT_OF_RANGE",
  ],
];
const refusedKeys: readonly Case[] = [
  [
    "second-key-unauthorised",
    { file: bySecond, keys: [FIRST], receipt: proof("by-second") },
    "E1",
    "KEY_UNKNOWN",
    "LOG_PROOF_INVALID",
  ],
  [
    "key-by-a-stranger",
    two("by-second", keyReceipts("by-a-stranger")),
    "E1",
    "KEY_UNAUTHORISED",
    "KEY_UNKNOWN",
    "LOG_PROOF_INVALID",
  ],
  [
    "key-for-another-desk",
    two("by-second", keyReceipts("for-another-desk")),
    "E1",
    "KEY_UNAUTHORISED",
    "KEY_UNKNOWN",
    "LOG_PROOF_INVALID",
  ],
  [
    "key-without-possession",
    two("by-second", keyReceipts("without-possession")),
    "E1",
    "KEY_UNAUTHORISED",
    "KEY_UNKNOWN",
    "LOG_PROOF_INVALID",
  ],
  [
    "key-without-extra",
    two("by-second", keyReceipts("second-without-extra")),
    "E1",
    "KEY_UNAUTHORISED",
    "KEY_UNKNOWN",
    "LOG_PROOF_INVALID",
  ],
  [
    "key-receipt-before-its-time",
    two("by-second", keyReceipts("second-early-by-itself")),
    "E1",
    "KEY_UNAUTHORISED",
    "KEY_UNKNOWN",
    "LOG_PROOF_INVALID",
  ],
  [
    "key-receipt-by-a-key-that-was-gone",
    two("by-second", keyReceipts("second-late-by-first")),
    "E1",
    "KEY_UNAUTHORISED",
    "KEY_UNKNOWN",
    "LOG_PROOF_INVALID",
  ],
  ["key-receipt-twice", two("by-second", keyReceipts("second", "second")), "E3", "KEY_UNAUTHORISED"],
  ["witness-is-no-witness", one("inbox-witnessed", { witnesses: [witness.vkey, LOG_VKEY] }), "E3", "KEY_UNUSABLE"],
  ["witness-asked-for-and-missing", one("inbox", { witnesses: [witness.vkey] }), "E3", "WITNESSES_MISSING"],
  [
    "key-receipts-out-of-order",
    { file: byThird, keys: [FIRST], receipt: proof("by-third"), ...keyReceipts("third", "second") },
    "E1",
    "KEY_UNAUTHORISED",
    "KEY_UNKNOWN",
    "LOG_PROOF_INVALID",
  ],
];
const refusedHeld: readonly Case[] = [
  ["held-of-a-fork", one("inbox", held("fork-size-5", from(5))), "E3", "CHECKPOINT_INCONSISTENT"],
  ["held-another-root-of-the-size", one("inbox", held("fork-size-6")), "E3", "CHECKPOINT_INCONSISTENT"],
  ["held-without-proof", one("inbox", held("size-4")), "E3", "CHECKPOINT_INCONSISTENT"],
  ["held-with-a-proof-of-another-size", one("inbox", held("size-4", from(5))), "E3", "CHECKPOINT_INCONSISTENT"],
  [
    "held-newer-than-the-receipt",
    one("inbox", { ...keyReceipts("second", "third"), ...held("size-14", from(6, SIZE)) }),
    "E3",
    "CHECKPOINT_INCONSISTENT",
  ],
  ["receipt-of-a-fork", one("inbox-forked", held("size-6")), "E3", "CHECKPOINT_INCONSISTENT"],
  ["held-of-a-foreign-log", one("inbox", held("foreign", from(4))), "E3", "CHECKPOINT_UNUSABLE"],
  ["held-by-a-stranger", one("inbox", held("size-4-by-a-stranger", from(4))), "E3", "CHECKPOINT_UNUSABLE"],
  ["held-of-the-epoch-before", one("inbox-second-epoch", held("size-4")), "E3", "CHECKPOINT_UNUSABLE"],
  [
    "held-without-a-receipt",
    { file: inbox, keys: [FIRST], ...held("size-4", from(4)) },
    "E2",
    "CHECKPOINT_INCONSISTENT",
  ],
];
const refusedElse: readonly Case[] = [
  ["witness-missing", one("inbox", { witnesses: [witness.vkey], witnesses_min: 1 }), "E3", "WITNESSES_MISSING"],
  [
    "witness-other",
    one("inbox-witnessed", { witnesses: [otherWitness.vkey], witnesses_min: 1 }),
    "E3",
    "WITNESSES_MISSING",
  ],
  [
    "witness-impostor",
    one("inbox-by-an-impostor", { witnesses: [witness.vkey], witnesses_min: 1 }),
    "E3",
    "WITNESSES_MISSING",
  ],
  [
    "witness-counted-twice",
    one("inbox-witnessed", { witnesses: [witness.vkey, witness.vkey], witnesses_min: 2 }),
    "E3",
    "WITNESSES_MISSING",
  ],
  ["artifact-swapped", { file: inbox, keys: [FIRST], artifacts: "artifacts-swapped" }, "E2", "ARTIFACT_MISMATCH"],
  [
    "artifact-swapped-of-a-pack",
    { file: "packs/artifacts-opened.json", keys: [FIRST], artifacts: "artifacts-swapped" },
    "E2",
    "ARTIFACT_MISMATCH",
  ],
  ["envelope-moved", { file: inbox, keys: [FIRST], origin: "localhost/other-desk" }, "E2", "ORIGIN_UNEXPECTED"],
  [
    "pack-moved",
    { file: "packs/closed.json", keys: [FIRST], origin: "localhost/other-desk" },
    "E2",
    "ORIGIN_UNEXPECTED",
  ],
];
const refused = [...refusedReceipts, ...refusedKeys, ...refusedHeld, ...refusedElse];
const all: readonly Case[] = [...accepted, ...refused.map(([name, ...rest]): Case => [`${name}_fail`, ...rest])];

const artifactsIn = (folder: string, bytesOf: (bytes: Uint8Array) => Uint8Array): Files =>
  Object.fromEntries([BODY, HEADERS].map((bytes) => [`${folder}/${sha256Hex(bytes)}`, bytesOf(bytes)]));
const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, n) => (n === 0 ? byte ^ 1 : byte));

const shared: Made = {
  files: {
    [bySecond]: envelopes.bySecond,
    [byThird]: envelopes.byThird,
    "keys/second.pub": second.pem,
    ...Object.fromEntries(Object.entries(proofs).map(([name, text]) => [`receipts/${name}.tlog-proof`, text])),
    ...Object.fromEntries(Object.entries(checkpoints).map(([name, text]) => [`checkpoints/${name}`, text])),
    ...artifactsIn("artifacts", (bytes) => bytes),
    ...artifactsIn("artifacts-swapped", flipped),
  },
  expected: {},
};

export const policies: Made = merge([
  shared,
  {
    files: Object.fromEntries(all.map(([name, policy]) => [`policies/${name}.json`, pretty(policy)])),
    expected: Object.fromEntries(all.map(([name, , level, ...codes]) => [`policies/${name}`, { level, codes }])),
  },
]);
