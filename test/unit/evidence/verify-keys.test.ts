import { describe, expect, test } from "vitest";
import { leafBytes, type LogLeaf } from "../../../src/evidence/log/leaf.ts";
import { exportPack } from "../../../src/evidence/pack/export.ts";
import { verifyPack } from "../../../src/evidence/pack/verify-pack.ts";
import { seal } from "../../../src/evidence/seal.ts";
import { verify, type VerifyPolicy } from "../../../src/evidence/verify.ts";
import { deskKey, filler, handedOver, LOG, logOf } from "./log-desk.ts";
import { job } from "./support.ts";

const [first, second, third, stranger] = [deskKey(7), deskKey(11), deskKey(12), deskKey(13)];
const byFirst = seal(job(), first.signer);
const bySecond = seal(job(), second.signer);
const byThird = seal(job(), third.signer);
const sealOf = ({ seal_hash }: { readonly seal_hash: string }): LogLeaf => ({ kind: "seal", seal: seal_hash });

// One document, so one seal hash: only the signature tells whose it is, and only the log where that key sealed.
const leaves = [
  filler(0),
  sealOf(byFirst),
  handedOver(first, second),
  sealOf(bySecond),
  handedOver(second, third),
  sealOf(byThird),
];
const TO_SECOND = 2;
const TO_THIRD = 4;
const log = logOf(leaves, [third]);
const toSecond = log.receipt(TO_SECOND, { size: 3, by: [first], extra: true });
const toThird = log.receipt(TO_THIRD, { size: 5, by: [second], extra: true });
const keys = [first.key];
const keyReceipts = [toSecond, toThird];

const judge = (bytes: Uint8Array, policy: VerifyPolicy = {}) => verify(bytes, { keys, keyReceipts, ...policy });
const unauthorised = (level: string) => ({ ok: false, level, codes: expect.arrayContaining(["KEY_UNAUTHORISED"]) });

describe("key receipts", () => {
  test("make known whom the given key authorised, and whom that one did", () => {
    for (const { bytes } of [byFirst, bySecond, byThird]) expect(judge(bytes)).toMatchObject({ ok: true, level: "E2" });
    expect(judge(bySecond.bytes, { keyReceipts: [toSecond] })).toMatchObject({ ok: true, level: "E2" });
    expect(judge(bySecond.bytes, { keyReceipts: [] })).toMatchObject({ level: "E1", codes: ["KEY_UNKNOWN"] });
    expect(judge(byThird.bytes, { keyReceipts: [toSecond] })).toMatchObject({ level: "E1", codes: ["KEY_UNKNOWN"] });
  });

  test("may lead on to keys that the reader knows already", () => {
    expect(judge(bySecond.bytes, { keys: [first.key, second.key, third.key] })).toMatchObject({ ok: true, codes: [] });
  });

  test("hold under a checkpoint of the old key that ends with the leaf, and under any later one of the new key", () => {
    for (const size of [3, 4]) {
      const receipt = log.receipt(TO_SECOND, { size, by: [second], extra: true });
      expect(judge(bySecond.bytes, { keyReceipts: [receipt] })).toMatchObject({ ok: true });
    }
    const late = log.receipt(TO_SECOND, { size: 4, by: [first], extra: true });
    expect(judge(bySecond.bytes, { keyReceipts: [late] })).toMatchObject(unauthorised("E1"));
  });

  const leafFrom = (leaf: LogLeaf, by = first): string =>
    logOf([filler(0), filler(1), leaf], [by]).receipt(2, { extra: true });
  const forged = (change: Partial<ReturnType<typeof handedOver>>): string =>
    leafFrom({ ...handedOver(first, second), ...change });

  test.each([
    ["that is none", "c2sp.org/tlog-proof@v1\n"],
    ["without its leaf", log.receipt(TO_SECOND, { size: 3, by: [first] })],
    ["with another leaf's bytes", log.receipt(TO_SECOND, { size: 3, by: [first], extra: leafBytes(filler(1)) })],
    [
      "of a leaf that is not there",
      log.receipt(1, { size: 3, by: [first], extra: leafBytes(handedOver(first, second)) }),
    ],
    ["signed by a stranger", log.receipt(TO_SECOND, { size: 3, by: [stranger], extra: true })],
    ["by a key that nobody authorised", leafFrom(handedOver(stranger, second), stranger)],
    ["by a stranger in the old key's name", forged({ auth: handedOver(stranger, second).auth })],
    ["without the new key's consent", forged({ pop: handedOver(first, third).pop })],
    ["of another origin", leafFrom(handedOver(first, second, "localhost/other"))],
    ["in another desk's log", logOf(leaves, [first], "localhost/other/log").receipt(TO_SECOND, { extra: true })],
    ["of a key that follows itself", leafFrom(handedOver(first, first))],
  ])("make nobody known %s", (_name, receipt) => {
    const { codes, level } = judge(bySecond.bytes, { keyReceipts: [receipt] });
    expect([level, codes]).toEqual(["E1", ["KEY_UNKNOWN", "KEY_UNAUTHORISED"]]);
    expect(judge(byFirst.bytes, { keyReceipts: [receipt] })).toMatchObject(unauthorised("E2"));
  });

  test("count oldest first, and each key ends once", () => {
    expect(judge(byThird.bytes, { keyReceipts: [toThird, toSecond] })).toMatchObject(unauthorised("E1"));
    expect(judge(byFirst.bytes, { keyReceipts: [toSecond, toSecond] })).toMatchObject(unauthorised("E2"));
    const fork = logOf([...leaves.slice(0, 5), handedOver(first, stranger)], [third]);
    const rogue = fork.receipt(5, { extra: true, by: [stranger] });
    expect(judge(byFirst.bytes, { keyReceipts: [toSecond, rogue] })).toMatchObject(unauthorised("E2"));
  });

  test("bring no key back that ended", () => {
    const back = logOf([...leaves.slice(0, 3), handedOver(second, first)], [first]);
    const receipt = back.receipt(3, { extra: true, by: [second] });
    expect(judge(byFirst.bytes, { keyReceipts: [toSecond, receipt] })).toMatchObject(unauthorised("E2"));
  });

  test("stand in the order of their keys", () => {
    const early = logOf([handedOver(second, third), filler(1), handedOver(first, second)], [second]);
    const receipts = [early.receipt(2, { extra: true }), early.receipt(0, { extra: true, size: 1 })];
    expect(judge(byThird.bytes, { keyReceipts: receipts })).toMatchObject(unauthorised("E1"));
  });
});

describe("a key in the log", () => {
  const at = (index: number, envelope = byFirst, policy: VerifyPolicy = {}) => {
    const moved = [...leaves];
    moved[index] = sealOf(byFirst);
    const receipts = {
      keyReceipts: [
        logOf(moved, [third]).receipt(TO_SECOND, { size: 3, by: [first], extra: true }),
        logOf(moved, [third]).receipt(TO_THIRD, { size: 5, by: [second], extra: true }),
      ],
    };
    return judge(envelope.bytes, { ...receipts, receipt: logOf(moved, [third]).receipt(index), ...policy });
  };

  test("seals before the leaf that ended it and behind the one that began it", () => {
    expect(at(1, byFirst)).toMatchObject({ ok: true, level: "E3" });
    expect(at(3, bySecond)).toMatchObject({ ok: true, level: "E3" });
    expect(at(5, byThird)).toMatchObject({ ok: true, level: "E3" });
  });

  test.each([
    ["the first key behind its end", 3, byFirst],
    ["the first key long behind its end", 5, byFirst],
    ["the second key before its beginning", 1, bySecond],
    ["the second key behind its end", 5, bySecond],
    ["the third key before its beginning", 3, byThird],
  ])("does not seal elsewhere: %s", (_name, index, envelope) => {
    expect(at(index, envelope)).toMatchObject({ ok: false, level: "E1", codes: ["KEY_OUT_OF_RANGE"] });
  });

  test("that nothing says began or ended seals anywhere", () => {
    expect(
      judge(byFirst.bytes, { keys: [third.key, first.key], keyReceipts: [], receipt: log.receipt(5) }),
    ).toMatchObject({ ok: true, level: "E3" });
  });

  test.each([
    ["the first key", first, 4],
    ["the second key", second, 6],
    ["the third key", third, 4],
  ])("signs checkpoints of its time alone: %s at another", (_name, key, size) => {
    const receipt = log.receipt(1, { size, by: [key] });
    expect(judge(byFirst.bytes, { receipt })).toMatchObject({ level: "E2", codes: ["LOG_PROOF_INVALID"] });
  });

  test.each([
    ["the first key", first, 3],
    ["the second key", second, 3],
    ["the second key", second, 5],
    ["the third key", third, 5],
    ["the third key", third, 6],
  ])("signs the tree that ends with its leaf, as the other does: %s at size %i", (_name, key, size) => {
    expect(judge(byFirst.bytes, { receipt: log.receipt(1, { size, by: [key] }) })).toMatchObject({ level: "E3" });
  });

  test("may sign beside another", () => {
    expect(judge(byFirst.bytes, { receipt: log.receipt(1, { by: [first, third] }) })).toMatchObject({ level: "E3" });
  });

  test("held a checkpoint for the reader before it ended", () => {
    const held = log.held(2, { by: [first] });
    const policy = { receipt: log.receipt(1), held };
    expect(judge(byFirst.bytes, policy)).toMatchObject({ ok: true, level: "E4" });
    expect(judge(byFirst.bytes, { ...policy, held: log.held(5, { by: [first] }) })).toMatchObject({
      level: "E3",
      codes: ["CHECKPOINT_UNUSABLE"],
    });
  });

  test("in a pack is held to its place as in an envelope", () => {
    const pack = exportPack(
      byFirst.bytes,
      { pointers: [], artifact_kinds: [], allow: [] },
      { signer: third.signer, keys, at: 1_783_259_200_000, tlog_proof: log.receipt(5) },
    );
    if (pack.kind !== "pack") throw new Error(pack.because);
    expect(verifyPack(pack.bytes, { keys, keyReceipts })).toMatchObject({ level: "E1", codes: ["KEY_OUT_OF_RANGE"] });
    expect(verifyPack(pack.bytes, { keys })).toMatchObject({
      level: "E1",
      codes: ["EXPORT_KEY_UNKNOWN", "LOG_PROOF_INVALID"],
    });
  });
});

describe("a key and the epochs of the log", () => {
  const epoch: LogLeaf = { kind: "epoch", epoch: 2, root: Buffer.alloc(32).toString("base64"), size: 6 };
  const later = logOf([epoch, sealOf(byFirst)], [third], `${LOG}/2`);

  test("an ended key's seals are logged again in a later epoch, which the newest key signs", () => {
    expect(judge(byFirst.bytes, { receipt: later.receipt(1) })).toMatchObject({ ok: true, level: "E3" });
    expect(judge(byThird.bytes, { receipt: later.receipt(1) })).toMatchObject({ ok: true, level: "E3" });
    const byOld = later.receipt(1, { by: [first] });
    expect(judge(byFirst.bytes, { receipt: byOld })).toMatchObject({ level: "E2", codes: ["LOG_PROOF_INVALID"] });
  });

  test("a key that began in a later epoch sealed nothing in an earlier one", () => {
    const turned = logOf([epoch, sealOf(byFirst), handedOver(first, second)], [first], `${LOG}/2`);
    const receipts = { keyReceipts: [turned.receipt(2, { extra: true })] };
    const receipt = logOf(leaves.slice(0, 2), [first]).receipt(1);
    expect(judge(byFirst.bytes, { ...receipts, receipt })).toMatchObject({ ok: true, level: "E3" });
    expect(judge(bySecond.bytes, { ...receipts, receipt })).toMatchObject({ level: "E1", codes: ["KEY_OUT_OF_RANGE"] });
  });
});
