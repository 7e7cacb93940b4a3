/** Logs as a web server would serve them: the static files, `log.vkey` as a reader keeps it, and `held`, an older checkpoint, where the reader has one. */
import { sha256Hex } from "../../../src/evidence/hashes.ts";
import type { LogLeaf } from "../../../src/evidence/log/leaf.ts";
import type { Files, Made } from "./case.ts";
import { at, forked, foreign, leaves, log, secondEpoch, SIZE } from "./desk-log.ts";
import { envelopes, first, LOG, sealHashOf, stranger, third } from "./desk.ts";
import { testLog, type TestLog } from "./test-log.ts";

const ROOT = Buffer.from(log.root(SIZE)).toString("base64");
const BUSY = 300;
/** Of more than one tile. */
const busy = testLog(
  LOG,
  Array.from({ length: BUSY }, (_, n): LogLeaf => ({ kind: "seal", seal: sha256Hex(Buffer.from(`seal ${n}`)) })),
);
const empty = testLog(LOG, []);

const TILE = `tile/0/000.p/${SIZE}`;
const ENTRIES = `tile/entries/000.p/${SIZE}`;
type Change = (files: Record<string, string | Uint8Array>, named: (file: string) => string) => void;
const flip =
  (file: string, place: number): Change =>
  (files, named) => {
    const bytes = Buffer.from(files[named(file)] ?? "");
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    files[named(file)] = bytes;
  };
const put =
  (file: string, content: string): Change =>
  (files, named) =>
    void (files[named(file)] = content);
const cut =
  (file: string, bytes: number): Change =>
  (files, named) =>
    void (files[named(file)] = Buffer.from(files[named(file)] ?? "").subarray(0, -bytes));
const drop =
  (file: string): Change =>
  (files, named) =>
    void delete files[named(file)];
const nothing: Change = () => {};

type Case = readonly [name: string, log: TestLog, change: Change, ...codes: readonly LogCode[]];
type LogCode = "LOG_UNUSABLE" | "CHECKPOINT_INCONSISTENT" | "CHECKPOINT_UNUSABLE";
const upTo = (index: number): readonly LogLeaf[] => leaves.slice(0, index);
const bad = "LOG_UNUSABLE";

const cases: readonly Case[] = [
  ["empty", empty, nothing],
  ["desk", log, nothing],
  ["desk-held", log, put("held", log.checkpoint(SIZE - 1, third))],
  ["second-epoch", secondEpoch, nothing],
  ["busy", busy, put("held", busy.checkpoint(256, third))],
  ["tile-tampered_fail", log, flip(TILE, 40), bad],
  ["tile-cut_fail", log, cut(TILE, 32), bad],
  ["tile-missing_fail", log, drop(TILE), bad],
  ["full-tile-tampered_fail", busy, flip("tile/0/000", 8191), bad],
  ["upper-tile-tampered_fail", busy, flip("tile/1/000.p/1", 0), bad],
  ["entry-tampered_fail", log, flip(ENTRIES, 20), bad],
  ["entry-dropped_fail", log, cut(ENTRIES, 100), bad],
  [
    "entry-behind-the-last_fail",
    log,
    (files, named) => {
      files[named(ENTRIES)] = Buffer.concat([Buffer.from(files[named(ENTRIES)] ?? ""), Buffer.alloc(2)]);
    },
    bad,
  ],
  [
    "leaf-misspelt_fail",
    testLog(LOG, [...upTo(2), Buffer.from(`{"t":"seal","seal":"${sealHashOf(envelopes.commit)}","v":1}`)]),
    nothing,
    bad,
  ],
  ["leaf-unknown_fail", testLog(LOG, [...upTo(2), Buffer.from('{"t":"promise","v":1}')]), nothing, bad],
  ["leaf-twice_fail", testLog(LOG, [...upTo(3), ...leaves.slice(at.inbox, at.inbox + 1)]), nothing, bad],
  [
    "amendment-of-a-later-leaf_fail",
    testLog(LOG, [
      ...upTo(2),
      { kind: "amendment", seal: sealHashOf(envelopes.amendment1), of: 3 },
      { kind: "seal", seal: sealHashOf(envelopes.commit) },
    ]),
    nothing,
    bad,
  ],
  [
    "amendment-of-an-amendment_fail",
    testLog(LOG, [...upTo(3), { kind: "amendment", seal: sealHashOf(envelopes.amendment2), of: at.amendment1 }]),
    nothing,
    bad,
  ],
  ["epoch-in-the-first-log_fail", testLog(LOG, [{ kind: "epoch", epoch: 2, size: 0, root: ROOT }]), nothing, bad],
  ["epoch-without-its-leaf_fail", testLog(`${LOG}/2`, upTo(2)), nothing, bad],
  ["checkpoint-by-a-stranger_fail", log, put("checkpoint", log.checkpoint(SIZE, stranger)), bad],
  ["checkpoint-by-an-old-key_fail", log, put("checkpoint", log.checkpoint(SIZE, first)), bad],
  ["checkpoint-of-a-foreign-log_fail", log, put("checkpoint", foreign.checkpoint(SIZE, third)), bad],
  [
    "checkpoint-size_fail",
    log,
    put("checkpoint", log.checkpoint(SIZE, third).replace(`\n${SIZE}\n`, `\n0${SIZE}\n`)),
    bad,
  ],
  ["key-is-no-key_fail", log, put("log.vkey", "localhost/equity-desk/log\n"), bad],
  ["forked_fail", log, put("held", forked.checkpoint(5, third)), "CHECKPOINT_INCONSISTENT"],
  ["rolled-back_fail", testLog(LOG, upTo(6)), put("held", log.checkpoint(SIZE, third)), "CHECKPOINT_INCONSISTENT"],
  ["held-of-a-foreign-log_fail", log, put("held", foreign.checkpoint(5, third)), "CHECKPOINT_UNUSABLE"],
];

export const logs: Made = {
  files: Object.assign(
    {},
    ...cases.map(([name, made, change]): Files => {
      const files: Record<string, string | Uint8Array> = { ...made.files(`logs/${name}`, third) };
      change(files, (file) => `logs/${name}/${file}`);
      return files;
    }),
  ),
  expected: Object.fromEntries(cases.map(([name, , , ...codes]) => [`logs/${name}`, { codes }])),
};
