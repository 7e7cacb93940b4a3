/** The desk's log, and the others that its receipts are held against. */
import type { LogLeaf } from "../../../src/evidence/log/leaf.ts";
import { writeKeyLeaf } from "../../../src/evidence/log/key-leaf.ts";
import { envelopes, first, LOG, markOf, ORIGIN, sealHashOf, second, stranger, third } from "./desk.ts";
import { testLog } from "./test-log.ts";

const seal = (envelope: Uint8Array): LogLeaf => ({ kind: "seal", seal: sealHashOf(envelope) });
const received = (envelope: Uint8Array): LogLeaf => ({ kind: "received", mark: markOf(envelope) });
const amendment = (envelope: Uint8Array, of: number): LogLeaf => ({
  kind: "amendment",
  seal: sealHashOf(envelope),
  of,
});

/** Where each of them stands in `log`. */
export const at = {
  inbox: 1,
  amendment1: 2,
  amendment2: 3,
  commit: 4,
  firstKeyLeaf: 6,
  bySecond: 8,
  erasure: 9,
  redelivered: 10,
  secondKeyLeaf: 11,
  byThird: 13,
} as const;
export const SIZE = 14;

export const leaves: readonly LogLeaf[] = [
  received(envelopes.inbox),
  seal(envelopes.inbox),
  amendment(envelopes.amendment1, at.inbox),
  amendment(envelopes.amendment2, at.inbox),
  seal(envelopes.commit),
  seal(envelopes.refused),
  writeKeyLeaf({ origin: ORIGIN, old: first, next: second }),
  received(envelopes.bySecond),
  seal(envelopes.bySecond),
  { kind: "erasure", of: at.commit },
  // Sealed by the first key, which the log no longer takes for the desk's here.
  seal(envelopes.redelivered),
  writeKeyLeaf({ origin: ORIGIN, old: second, next: third }),
  received(envelopes.byThird),
  seal(envelopes.byThird),
];
export const log = testLog(LOG, leaves);

/** Begins like `log`, and goes on otherwise: no honest desk signs both. */
const FORKED_AFTER = 4;
export const forked = testLog(LOG, [...leaves.slice(0, FORKED_AFTER), seal(envelopes.refused), seal(envelopes.commit)]);

/** The same leaves under the name of another desk. */
export const foreign = testLog("localhost/other-desk/log", leaves);

/** The log that a person began anew after a restore. */
export const secondEpoch = testLog(`${LOG}/2`, [
  { kind: "epoch", epoch: 2, size: SIZE, root: Buffer.from(log.root(SIZE)).toString("base64") },
  received(envelopes.inbox),
  seal(envelopes.inbox),
  amendment(envelopes.amendment1, 2),
]);
export const inSecondEpoch = { inbox: 2, amendment1: 3 } as const;
export const SECOND_EPOCH_SIZE = 4;

/** Leaves that the first key did not authorise, or whose new key nobody showed to hold. */
const genuine = writeKeyLeaf({ origin: ORIGIN, old: first, next: second });
const keyLeaves = {
  "by-a-stranger": { ...writeKeyLeaf({ origin: ORIGIN, old: stranger, next: second }), prev: first.keyid },
  "for-another-desk": writeKeyLeaf({ origin: "localhost/other-desk", old: first, next: second }),
  "without-possession": { ...genuine, pop: genuine.auth },
} satisfies Readonly<Record<string, LogLeaf>>;
export const unauthorised = Object.entries(keyLeaves).map(([name, leaf]) => ({
  name,
  log: testLog(LOG, [...leaves.slice(0, at.firstKeyLeaf), leaf, ...leaves.slice(at.firstKeyLeaf + 1)]),
}));
