import { sign, verify, createPublicKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { cosignerOf, openNote, readVkey, signerOf, signNote } from "../../../../src/evidence/log/note.ts";
import { arche, keyOf } from "./note-vectors.ts";

const NAME = "witness.example/w1";
const SECONDS = 1_679_315_147;
const CHECKPOINT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
const key = keyOf(11);
const cosigner = cosignerOf(NAME, key, SECONDS);
const log = signerOf("example.com/behind-the-sofa", keyOf(12));
const trusted = [cosigner.vkey, log.vkey].map(readVkey).filter((verifier) => verifier !== undefined);
const blobOf = (note: string): Buffer => Buffer.from(note.trimEnd().split(" ").at(-1) ?? "", "base64");

/** A cosignature line by hand, for any time, over any message. */
function cosigned(time: bigint, message: string): string {
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(time);
  const id = Buffer.from(cosigner.vkey.split("+")[1] ?? "", "hex");
  const blob = Buffer.concat([id, head, sign(null, Buffer.from(message), key)]);
  return `${CHECKPOINT}\n— ${NAME} ${blob.toString("base64")}\n`;
}

describe("a cosignature", () => {
  test("is a key ID, the time in eight bytes, and a signature over the two lines and the text", () => {
    const blob = blobOf(signNote(CHECKPOINT, [cosigner]));
    const message = Buffer.from(`cosignature/v1\ntime ${SECONDS}\n${CHECKPOINT}`);
    expect(blob).toHaveLength(4 + 8 + 64);
    expect(blob.readBigUInt64BE(4)).toBe(BigInt(SECONDS));
    expect(verify(null, message, createPublicKey(key), blob.subarray(12))).toBe(true);
  });

  test("of a witness in use says its time", () => {
    const line = arche.note.split("\n").find((text) => text.includes("remora")) ?? "";
    expect(blobOf(line).readBigUInt64BE(4)).toBe(1_779_573_024n);
  });

  test("opens beside the log's own signature", () => {
    const note = signNote(CHECKPOINT, [log, cosigner]);
    expect(openNote(note, trusted)).toEqual({ kind: "note", text: CHECKPOINT, by: [log.name, NAME] });
    expect(openNote(note, trusted.slice(0, 1))).toMatchObject({ by: [NAME] });
  });

  test("made by hand opens, at the first second and at the last", () => {
    for (const time of [0n, 1n, 2n ** 63n - 1n]) {
      expect(openNote(cosigned(time, `cosignature/v1\ntime ${time}\n${CHECKPOINT}`), trusted)).toMatchObject({
        by: [NAME],
      });
    }
  });

  test("of the same cosigner at two times counts once", () => {
    const later = signNote(CHECKPOINT, [cosignerOf(NAME, key, SECONDS + 60)]).slice(CHECKPOINT.length + 1);
    expect(openNote(`${signNote(CHECKPOINT, [cosigner])}${later}`, trusted)).toMatchObject({ by: [NAME] });
  });

  test.each([
    ["of a time beyond 2^63 - 1", cosigned(2n ** 63n, `cosignature/v1\ntime ${2n ** 63n}\n${CHECKPOINT}`)],
    ["of another time than was signed", cosigned(1n, `cosignature/v1\ntime 2\n${CHECKPOINT}`)],
    ["of a time with a leading zero", cosigned(1n, `cosignature/v1\ntime 01\n${CHECKPOINT}`)],
    ["over the text alone", cosigned(1n, CHECKPOINT)],
    ["of another version", cosigned(1n, `cosignature/v2\ntime 1\n${CHECKPOINT}`)],
    ["over another checkpoint", cosigned(1n, `cosignature/v1\ntime 1\n${CHECKPOINT}extension\n`)],
  ])("is refused: %s", (_name, note) => {
    expect(openNote(note, trusted)).toMatchObject({ reason: `a signature of the known key ${NAME} does not verify` });
  });

  test("covers extension lines", () => {
    const note = signNote(`${CHECKPOINT}extension\n`, [cosigner]);
    expect(openNote(note, trusted).kind).toBe("note");
    expect(openNote(note.replace("extension", "Extension"), trusted).kind).toBe("refused");
  });

  test("is no signature of the log, nor the other way round, though name and key are one", () => {
    const asLog = signerOf(NAME, key);
    const logOnly = [asLog.vkey].map(readVkey).filter((verifier) => verifier !== undefined);
    expect(openNote(signNote(CHECKPOINT, [cosigner]), logOnly)).toMatchObject({
      reason: "no known key signed the note",
    });
    expect(openNote(signNote(CHECKPOINT, [asLog]), trusted)).toMatchObject({ reason: "no known key signed the note" });
    expect(openNote(signNote(CHECKPOINT, [cosigner, asLog]), logOnly)).toMatchObject({ by: [NAME] });
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])("is not made for a time of %d", (seconds) => {
    expect(() => cosignerOf(NAME, key, seconds)).toThrow("whole seconds");
  });
});
