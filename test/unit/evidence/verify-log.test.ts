import { describe, expect, test } from "vitest";
import { exportPack } from "../../../src/evidence/pack/export.ts";
import { verifyPack } from "../../../src/evidence/pack/verify-pack.ts";
import { seal } from "../../../src/evidence/seal.ts";
import { signerOf as noteSignerOf, signNote } from "../../../src/evidence/log/note.ts";
import { writeCheckpoint } from "../../../src/evidence/log/checkpoint.ts";
import { leafBytes } from "../../../src/evidence/log/leaf.ts";
import { verify, type VerifyPolicy } from "../../../src/evidence/verify.ts";
import { deskKey, filler, LOG, logOf, ORIGIN, witnessOf } from "./log-desk.ts";
import { job, redelivered } from "./support.ts";

const desk = deskKey(7);
const stranger = deskKey(8);
const sealed = seal(job(), desk.signer);
const amends = {
  evidence_id: sealed.evidence_id,
  seal_hash: sealed.seal_hash,
  ordinal: 1,
  prev_seal_hash: sealed.seal_hash,
};
const amendment = seal(job([redelivered(900, "sealed", Buffer.from("other"))], amends), desk.signer);
const SEAL = 3;
const AMENDMENT = 5;
const leaves = [
  ...[0, 1, 2].map(filler),
  { kind: "seal", seal: sealed.seal_hash } as const,
  filler(4),
  { kind: "amendment", seal: amendment.seal_hash, of: SEAL } as const,
  filler(6),
];
const log = logOf(leaves, [desk]);
const keys = [desk.key];

const judge = (policy: VerifyPolicy, bytes = sealed.bytes) => {
  const { ok, level, codes, logged, witnesses } = verify(bytes, { keys, ...policy });
  return { ok, level, codes, logged, witnesses };
};
const failed = (code: string, level: string) => ({ ok: false, level, codes: [code] });

describe("a receipt of the log", () => {
  test("makes E3 of E2, and says where the seal stands", () => {
    expect(judge({ receipt: log.receipt(SEAL) })).toEqual({
      ok: true,
      level: "E3",
      codes: [],
      logged: { index: SEAL, size: 7 },
      witnesses: [],
    });
    expect(judge({})).toMatchObject({ ok: true, level: "E2", logged: null });
  });

  test("holds for an amendment with its leaf's bytes alone", () => {
    const receipt = log.receipt(AMENDMENT, { extra: true });
    expect(judge({ receipt }, amendment.bytes)).toMatchObject({ level: "E3", logged: { index: AMENDMENT, size: 7 } });
  });

  test.each([
    ["that is none", "c2sp.org/tlog-proof@v1\n"],
    ["that is empty", ""],
    ["of another leaf", log.receipt(2)],
    ["with words that nobody signed", log.receipt(SEAL, { extra: Buffer.of(1) })],
    ["with its own leaf's bytes", log.receipt(SEAL, { extra: true })],
    ["by a stranger", log.receipt(SEAL, { by: [stranger] })],
    ["of another desk's log", logOf(leaves, [desk], "localhost/other/log").receipt(SEAL)],
    ["of a log of no desk", logOf(leaves, [desk], ORIGIN).receipt(SEAL)],
    ["of an epoch nought", logOf(leaves, [desk], `${LOG}/0`).receipt(SEAL)],
    ["of a first epoch by number", logOf(leaves, [desk], `${LOG}/1`).receipt(SEAL)],
    ["of an epoch with a leading nought", logOf(leaves, [desk], `${LOG}/02`).receipt(SEAL)],
    ["of something below the log", logOf(leaves, [desk], `${LOG}/2/3`).receipt(SEAL)],
    ["of a log whose name goes on", logOf(leaves, [desk], `${LOG}2`).receipt(SEAL)],
    [
      "of another tree",
      logOf([...leaves.slice(0, 6), filler(9)], [desk])
        .receipt(SEAL)
        .replace(/\n[^\n]{44}\n/, `\n${"A".repeat(43)}=\n`),
    ],
    ["at another index", log.receipt(SEAL).replace("index 3", "index 2")],
    ["under another key's name", log.receipt(SEAL).replaceAll(`\u2014 ${LOG}`, `\u2014 ${LOG}/2`)],
  ])("is refused %s", (_name, receipt) => {
    expect(judge({ receipt })).toMatchObject({ ...failed("LOG_PROOF_INVALID", "E2"), logged: null });
  });

  test.each([
    ["without its leaf's bytes", log.receipt(AMENDMENT)],
    ["with the seal's leaf", log.receipt(SEAL, { extra: leafBytes({ kind: "seal", seal: amendment.seal_hash }) })],
    [
      "with another base",
      log.receipt(AMENDMENT, { extra: leafBytes({ kind: "amendment", seal: amendment.seal_hash, of: 2 }) }),
    ],
    [
      "with another amendment's leaf",
      log.receipt(AMENDMENT, { extra: leafBytes({ kind: "amendment", seal: sealed.seal_hash, of: SEAL }) }),
    ],
    [
      "with the leaf spelt otherwise",
      log.receipt(AMENDMENT, {
        extra: Buffer.concat([leafBytes({ kind: "amendment", seal: amendment.seal_hash, of: SEAL }), Buffer.from(" ")]),
      }),
    ],
  ])("is refused for an amendment %s", (_name, receipt) => {
    expect(judge({ receipt }, amendment.bytes)).toMatchObject(failed("LOG_PROOF_INVALID", "E2"));
  });

  test("of a later epoch holds as well", () => {
    const later = logOf(leaves, [desk], `${LOG}/2`);
    expect(judge({ receipt: later.receipt(SEAL) })).toMatchObject({ ok: true, level: "E3" });
    expect(judge({ receipt: logOf(leaves, [desk], `${LOG}/10`).receipt(SEAL) })).toMatchObject({ level: "E3" });
  });

  test("says nothing where no key is given", () => {
    expect(verify(sealed.bytes, { receipt: log.receipt(SEAL) })).toMatchObject({
      level: "E1",
      codes: ["KEY_NOT_GIVEN", "LOG_PROOF_UNCHECKED"],
      logged: null,
    });
  });

  test("lifts no envelope whose chain or signature fails", () => {
    const policy = { receipt: log.receipt(SEAL) };
    const broken = Buffer.from(Buffer.from(sealed.bytes).toString().replace('"completed"', '"denied"'));
    expect(verify(broken, { keys, ...policy }).level).toBe("E0");
    expect(verify(sealed.bytes, { ...policy, keys: [stranger.key] })).toMatchObject({
      level: "E1",
      codes: ["KEY_UNKNOWN", "LOG_PROOF_INVALID"],
    });
  });
});

describe("a checkpoint that the reader held", () => {
  const receipt = log.receipt(SEAL);

  test.each([0, 1, 3, 6, 7])("of %i leaves makes E4 of E3", (size) => {
    expect(judge({ receipt, held: log.held(size) })).toMatchObject({ ok: true, level: "E4", codes: [] });
  });

  test.each([
    ["of a log that went on otherwise", { ...logOf([...[9, 8, 7].map(filler), ...leaves.slice(3)], [desk]).held(4) }],
    ["with another proof", { ...log.held(3), consistency: log.held(5).consistency }],
    ["with no proof", { ...log.held(3), consistency: [] }],
    ["with a proof of hashes that are none", { ...log.held(3), consistency: [Buffer.of(1)] }],
    ["that is larger than the receipt's", { ...logOf([...leaves, filler(7)], [desk]).held(8) }],
  ])("is refused %s", (_name, held) => {
    expect(judge({ receipt, held })).toMatchObject(failed("CHECKPOINT_INCONSISTENT", "E3"));
  });

  test.each([
    ["by a stranger", log.held(3, { by: [stranger] })],
    ["of another epoch", logOf(leaves, [desk], `${LOG}/2`).held(3)],
    ["of another desk", logOf(leaves, [desk], "localhost/other/log").held(3)],
    ["that is no note", { ...log.held(3), checkpoint: "no note" }],
    ["that is empty", { ...log.held(3), checkpoint: "" }],
    [
      "that is a note of something else",
      { ...log.held(3), checkpoint: signNote(`${LOG}\nhello\n`, [noteSignerOf(LOG, desk.privateKey)]) },
    ],
  ])("is none %s", (_name, held) => {
    expect(judge({ receipt, held })).toMatchObject(failed("CHECKPOINT_UNUSABLE", "E3"));
  });

  test("is not met by an envelope without a receipt that holds", () => {
    expect(judge({ held: log.held(3) })).toMatchObject(failed("CHECKPOINT_INCONSISTENT", "E2"));
    expect(judge({ held: log.held(3), receipt: log.receipt(2) }).codes).toEqual([
      "LOG_PROOF_INVALID",
      "CHECKPOINT_INCONSISTENT",
    ]);
  });
});

describe("witnesses", () => {
  const [first, second, third] = [witnessOf(21), witnessOf(22), witnessOf(23)];
  const vkeys = [first.vkey, second.vkey, third.vkey];
  const receipt = log.receipt(SEAL, { witnesses: [first, second] });

  test("that signed the receipt's checkpoint are named and counted", () => {
    expect(judge({ receipt, witnesses: vkeys, witnessesMin: 2 })).toMatchObject({
      ok: true,
      level: "E3",
      witnesses: [first.name, second.name],
    });
  });

  test("are missing when fewer signed than asked for: one when nothing is said", () => {
    expect(judge({ receipt, witnesses: vkeys, witnessesMin: 3 })).toMatchObject(failed("WITNESSES_MISSING", "E3"));
    expect(judge({ receipt, witnesses: [third.vkey] })).toMatchObject(failed("WITNESSES_MISSING", "E3"));
    expect(judge({ receipt, witnesses: [third.vkey], witnessesMin: 0 })).toMatchObject({ ok: true, witnesses: [] });
    expect(judge({ receipt, witnesses: vkeys })).toMatchObject({ ok: true });
    expect(judge({ receipt, witnessesMin: 1 })).toMatchObject(failed("WITNESSES_MISSING", "E3"));
  });

  test("that nobody named count for nothing", () => {
    expect(judge({ receipt })).toMatchObject({ ok: true, witnesses: [] });
  });

  test("of one key are one witness, whatever their names", () => {
    const twice = [witnessOf(21, "a.example"), witnessOf(21, "b.example")];
    const both = log.receipt(SEAL, { witnesses: twice });
    const policy = { receipt: both, witnesses: twice.map(({ vkey }) => vkey), witnessesMin: 2 };
    expect(judge(policy)).toMatchObject({ ...failed("WITNESSES_MISSING", "E3"), witnesses: ["a.example"] });
  });

  test("that signed another tree count for nothing, and spoil nothing", () => {
    const other = logOf([...leaves.slice(0, 6), filler(9)], [desk]).checkpoint({ witnesses: [first] });
    const line = other.split("\n").find((text) => text.includes(first.name)) ?? "";
    const forged = `${log.receipt(SEAL, { witnesses: [second] })}${line}\n`;
    expect(judge({ receipt: forged, witnesses: vkeys })).toMatchObject({ ok: true, witnesses: [second.name] });
  });

  test("are missing without a receipt that holds", () => {
    expect(judge({ witnesses: vkeys })).toMatchObject(failed("WITNESSES_MISSING", "E2"));
    const bad = log.receipt(2, { witnesses: [first] });
    expect(judge({ receipt: bad, witnesses: vkeys }).codes).toEqual(["LOG_PROOF_INVALID", "WITNESSES_MISSING"]);
  });

  test.each([
    ["a text that is no vkey", "witness"],
    ["the vkey of a log", noteSignerOf("log.example", stranger.privateKey).vkey],
  ])("are not made of %s", (_name, vkey) => {
    expect(judge({ receipt, witnesses: [first.vkey, vkey] })).toMatchObject(failed("KEY_UNUSABLE", "E3"));
  });
});

describe("a pack and the log", () => {
  const packed = (tlog_proof: string | null, envelope = sealed.bytes): Uint8Array => {
    const policy = { pointers: [], artifact_kinds: [], allow: [] };
    const exported = exportPack(envelope, policy, { signer: desk.signer, keys, at: 1_783_259_200_000, tlog_proof });
    if (exported.kind !== "pack") throw new Error(exported.because);
    return exported.bytes;
  };
  const judgePack = (pack: Uint8Array, policy: VerifyPolicy = {}) => verifyPack(pack, { keys, ...policy });

  test("is E3 by the receipt in it, an amendment's too", () => {
    expect(judgePack(packed(log.receipt(SEAL)))).toMatchObject({ ok: true, level: "E3", logged: { index: SEAL } });
    const ofAmendment = packed(log.receipt(AMENDMENT, { extra: true }), amendment.bytes);
    expect(judgePack(ofAmendment)).toMatchObject({ ok: true, level: "E3", logged: { index: AMENDMENT } });
  });

  test("is E4 with a held checkpoint, and counts witnesses", () => {
    const witness = witnessOf(21);
    const pack = packed(log.receipt(SEAL, { witnesses: [witness] }));
    expect(judgePack(pack, { held: log.held(2), witnesses: [witness.vkey] })).toMatchObject({
      ok: true,
      level: "E4",
      witnesses: [witness.name],
    });
  });

  test("is judged by the newer receipt that the reader has, but its own must hold too", () => {
    const receipt = log.receipt(SEAL);
    expect(judgePack(packed(null), { receipt })).toMatchObject({ ok: true, level: "E3", logged: { size: 7 } });
    expect(judgePack(packed(log.receipt(SEAL, { size: 4 })), { receipt })).toMatchObject({ logged: { size: 7 } });
    const spoilt = judgePack(packed(log.receipt(2)), { receipt });
    expect(spoilt).toMatchObject({ ...failed("LOG_PROOF_INVALID", "E3"), logged: { size: 7 } });
    expect(spoilt.findings[0]?.at).toBe("/tlog_proof");
  });

  test("says what is left open of the log at each level", () => {
    const sentences = (policy: VerifyPolicy): string => verify(sealed.bytes, { keys, ...policy }).not_proven.join("\n");
    const receipt = log.receipt(SEAL, { witnesses: [witnessOf(21)] });
    expect(sentences({})).toContain("was ever logged");
    expect(sentences({ receipt })).not.toContain("was ever logged");
    expect(sentences({ receipt })).toContain("neither a checkpoint from before nor a named witness");
    expect(sentences({ receipt, held: log.held(2) })).toContain("everybody else the same tree");
    expect(sentences({ receipt, witnesses: [witnessOf(21).vkey] })).toContain("others than the desk");
  });

  test("reads no checkpoint whose size or root is another's", () => {
    const moved = signNote(writeCheckpoint({ origin: LOG, size: 9, root: Buffer.alloc(32) }), [
      noteSignerOf(LOG, desk.privateKey),
    ]);
    const receipt = log.receipt(SEAL).replace(/\n\n[\s\S]*$/, `\n\n${moved}`);
    expect(judge({ receipt })).toMatchObject(failed("LOG_PROOF_INVALID", "E2"));
  });
});
