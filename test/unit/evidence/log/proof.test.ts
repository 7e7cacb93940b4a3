import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCheckpoint } from "../../../../src/evidence/log/checkpoint.ts";
import { NOTE_BYTES_MAX, openNote, readVkey } from "../../../../src/evidence/log/note.ts";
import { PROOF_CHARS_MAX, readProof, writeProof } from "../../../../src/evidence/log/proof.ts";
import { anyString, arche, sumdb } from "./note-vectors.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

const HEADER = "c2sp.org/tlog-proof@v1";
const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
const one = sha256("hash1");
const two = sha256("hash2");
const [HASH, HASH2] = [one.toString("base64"), two.toString("base64")];
const extra = Buffer.from("extra information");

describe("a proof", () => {
  test.each([
    [
      "of two hashes",
      { index: 5, hashes: [one, two], checkpoint: "test checkpoint\n" },
      `${HEADER}\nindex 5\n${HASH}\n${HASH2}\n\ntest checkpoint\n`,
    ],
    [
      "with extra data",
      { index: 10, hashes: [one], checkpoint: "checkpoint data\n", extra },
      `${HEADER}\nextra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 10\n${HASH}\n\ncheckpoint data\n`,
    ],
    [
      "of a log of one entry",
      { index: 0, hashes: [], checkpoint: "checkpoint\n" },
      `${HEADER}\nindex 0\n\ncheckpoint\n`,
    ],
    [
      "with a note in it",
      { index: 1, hashes: [one], checkpoint: arche.note },
      `${HEADER}\nindex 1\n${HASH}\n\n${arche.note}`,
    ],
  ])("is written as other implementations do, and read again: %s", (_name, proof, text) => {
    expect(writeProof(proof)).toBe(text);
    expect(readProof(text)).toEqual(proof);
  });

  test("leads to a checkpoint that opens", () => {
    const proof = readProof(`${HEADER}\nindex 60295460\n${HASH}\n\n${sumdb.note}`);
    const known = [sumdb.vkey].map(readVkey).filter((verifier) => verifier !== undefined);
    const opened = openNote(proof?.checkpoint ?? "", known);
    expect(opened).toMatchObject({ kind: "note", by: ["sum.golang.org"] });
    expect(opened.kind === "note" && readCheckpoint(opened.text)?.size).toBe(63_096_908);
  });

  test("with empty extra data is written without", () => {
    expect(writeProof({ index: 0, hashes: [], checkpoint: "c\n", extra: new Uint8Array() })).toBe(
      `${HEADER}\nindex 0\n\nc\n`,
    );
  });

  test("may have 63 hashes, not 64", () => {
    const text = (count: number): string => `${HEADER}\nindex 0\n${`${HASH}\n`.repeat(count)}\nc\n`;
    expect(readProof(text(63))?.hashes).toHaveLength(63);
    expect(readProof(text(64))).toBeUndefined();
  });
});

describe("readProof", () => {
  test.each([
    ["nothing", ""],
    ["the header alone", `${HEADER}\n`],
    ["another header", `wrong-header\nindex 0\n\nc\n`],
    ["another version", `c2sp.org/tlog-proof@v2\nindex 0\n\nc\n`],
    ["a blank before the header", ` ${HEADER}\nindex 0\n\nc\n`],
    ["a line before the header", `\n${HEADER}\nindex 0\n\nc\n`],
    ["no index", `${HEADER}\n\nc\n`],
    ["no index among hashes", `${HEADER}\n${HASH}\n\nc\n`],
    ["two indexes", `${HEADER}\nindex 0\nindex 1\n\nc\n`],
    ["an index that is no number", `${HEADER}\nindex notanumber\n\nc\n`],
    ["a negative index", `${HEADER}\nindex -5\n\nc\n`],
    ["a signed index", `${HEADER}\nindex +5\n\nc\n`],
    ["an index with leading zeros", `${HEADER}\nindex 007\n\nc\n`],
    ["an index that doubles do not count", `${HEADER}\nindex 9007199254740992\n\nc\n`],
    ["an index of uint64's last", `${HEADER}\nindex 18446744073709551615\n\nc\n`],
    ["two blanks before the index", `${HEADER}\nindex  1\n\nc\n`],
    ["extra without data", `${HEADER}\nextra\nindex 0\n\nc\n`],
    ["extra with empty data", `${HEADER}\nextra \nindex 0\n\nc\n`],
    ["extra that is no base64", `${HEADER}\nextra !!notbase64!!\nindex 0\n\nc\n`],
    ["extra with bits in its padding", `${HEADER}\nextra YR==\nindex 0\n\nc\n`],
    ["extra twice", `${HEADER}\nextra YQ==\nextra YQ==\nindex 0\n\nc\n`],
    ["extra behind the index", `${HEADER}\nindex 0\nextra YQ==\n\nc\n`],
    ["a hash that is no base64", `${HEADER}\nindex 0\n!!notbase64!!\n\nc\n`],
    ["a hash of 31 bytes", `${HEADER}\nindex 0\n${Buffer.alloc(31).toString("base64")}\n\nc\n`],
    ["a hash of 33 bytes", `${HEADER}\nindex 0\n${Buffer.alloc(33).toString("base64")}\n\nc\n`],
    ["a hash of 64 bytes", `${HEADER}\nindex 0\n${Buffer.alloc(64).toString("base64")}\n\nc\n`],
    [
      "a hash with bits in its padding",
      `${HEADER}\nindex 0\n${Buffer.alloc(32).toString("base64").replace("A=", "B=")}\n\nc\n`,
    ],
    [
      "a hash in base64url",
      `${HEADER}\nindex 0\n${Buffer.alloc(32, 255).toString("base64").replaceAll("/", "_")}\n\nc\n`,
    ],
    ["a hash with a carriage return in it", `${HEADER}\nindex 0\n${HASH.slice(0, 20)}\r${HASH.slice(21)}\n\nc\n`],
    ["CRLF", `${HEADER}\r\nindex 0\r\n\r\nc\r\n`],
    ["no empty line", `${HEADER}\nindex 0\nc\n`],
    ["no checkpoint", `${HEADER}\nindex 0\n\n`],
    ["a checkpoint of an empty line", `${HEADER}\nindex 0\n\n\n`],
    ["no line feed at its end", `${HEADER}\nindex 0\n\nc`],
    ["more than a proof may hold", `${HEADER}\nindex 0\n\n${"c".repeat(PROOF_CHARS_MAX)}\n`],
    ["extra data without end", `${HEADER}\nextra ${"A".repeat(PROOF_CHARS_MAX - 100)}`],
  ])("does not take %s", (_name, text) => {
    expect(readProof(text)).toBeUndefined();
  });

  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
  const checkpoint = fc.string({ minLength: 1 }).map((text) => `${text}\n`);
  const proofs = fc.record(
    {
      index: fc.maxSafeNat(),
      hashes: fc.array(hash, { maxLength: 63 }),
      checkpoint,
      extra: fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes)),
    },
    { requiredKeys: ["index", "hashes", "checkpoint"] },
  );

  test("gives back what was written", () => {
    fc.assert(
      fc.property(proofs, (proof) => {
        expect(readProof(writeProof(proof))).toEqual(proof);
      }),
    );
  });

  test("takes no two texts for one proof: what it takes with one byte changed is written again as it was changed", () => {
    fc.assert(
      fc.property(proofs, fc.nat(), fc.integer({ min: 1, max: 127 }), (proof, at, mask) => {
        const bytes = Buffer.from(writeProof(proof));
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ mask;
        const text = bytes.toString();
        const read = readProof(text);
        expect(read === undefined ? text : writeProof(read)).toBe(text);
        expect(read).not.toEqual(proof);
      }),
    );
  });

  test("takes any text without throwing", () => {
    const part = fc.constantFrom(HEADER, "\n", "\n\n", "index ", "0", "extra ", "YQ==", HASH, sumdb.note);
    const texts = fc.array(part).map((parts) => `${HEADER}\n${parts.join("")}\n`);
    fc.assert(
      fc.property(fc.oneof(anyString(), texts), (text) => {
        const read = readProof(text);
        expect(read === undefined ? text : writeProof(read)).toBe(text);
      }),
    );
  });
});

describe("writeProof throws on", () => {
  test.each([
    ["a negative index", { index: -1, hashes: [], checkpoint: "c\n" }, "a count"],
    ["a fraction", { index: 0.5, hashes: [], checkpoint: "c\n" }, "a count"],
    ["a short hash", { index: 0, hashes: [one.subarray(1)], checkpoint: "c\n" }, "of hashes"],
    ["64 hashes", { index: 0, hashes: Array.from({ length: 64 }, () => one), checkpoint: "c\n" }, "of hashes"],
    ["no checkpoint", { index: 0, hashes: [], checkpoint: "" }, "a note"],
    ["a checkpoint without its line feed", { index: 0, hashes: [], checkpoint: "c" }, "a note"],
    ["too much", { index: 0, hashes: [], checkpoint: `${"c".repeat(2 * NOTE_BYTES_MAX)}\n` }, "at most 524288"],
  ])("%s", (_name, proof, reason) => {
    expect(() => writeProof(proof)).toThrow(reason);
  });
});
