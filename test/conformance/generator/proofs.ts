/** Receipts and checkpoints, good and bad, that the policies name. */
import { cosignerOf, signerOf, type NoteSigner } from "../../../src/evidence/log/note.ts";
import {
  at,
  foreign,
  forked,
  inSecondEpoch,
  log,
  SECOND_EPOCH_SIZE,
  secondEpoch,
  SIZE,
  unauthorised,
} from "./desk-log.ts";
import { deskKey, first, LOG, second, stranger, third, type DeskKey } from "./desk.ts";

const TIME = 1_783_259_101;
const cosigner = (name: string, byte: number): NoteSigner => cosignerOf(name, deskKey(byte).private, TIME);
export const witness = cosigner("witness.example/one", 21);
export const otherWitness = cosigner("witness.example/two", 22);
export const LOG_VKEY = signerOf(LOG, first.private).vkey;
const impostor = cosigner(witness.name, 23);

const keyReceipt = { size: at.firstKeyLeaf + 1, by: first, extra: true } as const;
const later = (by: DeskKey) => ({ size: SIZE, by });
export const proofs: Readonly<Record<string, string>> = {
  inbox: log.receipt(at.inbox, { size: 6, by: first }),
  "inbox-by-third": log.receipt(at.inbox, later(third)),
  "inbox-late-by-first": log.receipt(at.inbox, later(first)),
  "inbox-early-by-second": log.receipt(at.inbox, { size: 6, by: second }),
  "inbox-with-extra": log.receipt(at.inbox, { size: 6, by: first, extra: true }),
  "inbox-witnessed": log.receipt(at.inbox, { size: 6, by: first, also: [witness] }),
  "inbox-witnessed-twice": log.receipt(at.inbox, { size: 6, by: first, also: [witness, otherWitness] }),
  "inbox-by-an-impostor": log.receipt(at.inbox, { size: 6, by: first, also: [impostor] }),
  "inbox-second-epoch": secondEpoch.receipt(inSecondEpoch.inbox, { size: SECOND_EPOCH_SIZE, by: first }),
  "inbox-foreign": foreign.receipt(at.inbox, { size: 6, by: first }),
  "inbox-forked": forked.receipt(at.inbox, { size: 6, by: first }),
  commit: log.receipt(at.commit, { size: 6, by: first }),
  "amendment-1": log.receipt(at.amendment1, { size: 6, by: first, extra: true }),
  "amendment-1-without-extra": log.receipt(at.amendment1, { size: 6, by: first }),
  "amendment-1-second-epoch": secondEpoch.receipt(inSecondEpoch.amendment1, {
    size: SECOND_EPOCH_SIZE,
    by: first,
    extra: true,
  }),
  "amendment-2": log.receipt(at.amendment2, { size: 6, by: first, extra: true }),
  "by-second": log.receipt(at.bySecond, { size: 10, by: second }),
  "by-third": log.receipt(at.byThird, later(third)),
  "redelivered-late": log.receipt(at.redelivered, { size: 11, by: second }),
  "key-second": log.receipt(at.firstKeyLeaf, keyReceipt),
  "key-third": log.receipt(at.secondKeyLeaf, { size: at.secondKeyLeaf + 1, by: second, extra: true }),
  "key-second-by-itself": log.receipt(at.firstKeyLeaf, { ...keyReceipt, by: second }),
  // A tree that ends before the leaf that authorises it.
  "key-second-early-by-itself": log
    .receipt(at.firstKeyLeaf, { ...keyReceipt, by: second })
    .replace(/\n\n[^]*$/, `\n\n${log.checkpoint(at.firstKeyLeaf, second)}`),
  "key-second-without-extra": log.receipt(at.firstKeyLeaf, { ...keyReceipt, extra: false }),
  "key-second-late-by-first": log.receipt(at.firstKeyLeaf, { ...later(first), extra: true }),
  ...Object.fromEntries(
    unauthorised.map(({ name, log: bad }) => [`key-${name}`, bad.receipt(at.firstKeyLeaf, keyReceipt)]),
  ),
};

export const checkpoints: Readonly<Record<string, string>> = {
  "size-4": log.checkpoint(4, first),
  "size-6": log.checkpoint(6, first),
  "size-14": log.checkpoint(SIZE, third),
  "size-4-by-a-stranger": log.checkpoint(4, stranger),
  "fork-size-5": forked.checkpoint(5, first),
  "fork-size-6": forked.checkpoint(6, first),
  foreign: foreign.checkpoint(4, first),
};
