import { describe, expect, test, vi } from "vitest";
import { writeCheckpoint } from "../../../../src/evidence/log/checkpoint.ts";
import { signerOf as noteSignerOf, signNote } from "../../../../src/evidence/log/note.ts";
import { writeProof } from "../../../../src/evidence/log/proof.ts";
import { verifyPack } from "../../../../src/evidence/pack/verify-pack.ts";
import { privateKey } from "../support.ts";
import { keys, packOf } from "./pack-support.ts";
import { acceptedAt, accepts, beside, checkpoint, closed, name, pack, root, sealed } from "./small-pack.ts";

vi.mock("../../../../src/evidence/platform.ts", async (original) =>
  (await import("./signatures-once.ts")).signaturesOnce(await original()),
);

describe("a logged pack of a few kilobytes", () => {
  test("is accepted as it is, with a receipt of the log", () => {
    expect(verifyPack(pack, { keys })).toMatchObject({
      ok: true,
      level: "E3",
      codes: [],
      closed: closed.size,
      logged: { index: 1, size: 2 },
    });
    expect(pack.length).toBeGreaterThan(8000);
  });

  test("is accepted nowhere with one byte deleted", { timeout: 120_000 }, () => {
    expect(acceptedAt((place) => Buffer.concat([pack.subarray(0, place), pack.subarray(place + 1)]))).toEqual([]);
  });

  test("is accepted nowhere with one byte doubled", { timeout: 120_000 }, () => {
    expect(acceptedAt((place) => Buffer.concat([pack.subarray(0, place + 1), pack.subarray(place)]))).toEqual([]);
  });

  test("is accepted at no shorter length, and with nothing before or behind it", () => {
    const lengths = Array.from({ length: 200 }, (_, i) => Math.floor((i * pack.length) / 200));
    expect(lengths.filter((length) => accepts(pack.subarray(0, length)))).toEqual([]);
    for (const byte of [0x00, 0x0a, 0x20, 0x7d, 0xef]) {
      expect(accepts(Buffer.concat([pack, Buffer.of(byte)]))).toBe(false);
      expect(accepts(Buffer.concat([Buffer.of(byte), pack]))).toBe(false);
    }
  });
});

describe("the receipt of the log in a pack", () => {
  const codesWith = (proof: string): readonly string[] =>
    verifyPack(packOf(sealed.bytes, {}, { tlog_proof: proof }).bytes, { keys }).codes;
  const under = (origin: string, signedAs: string, treeRoot = root): string =>
    writeProof({
      index: 1,
      hashes: [beside],
      checkpoint: signNote(writeCheckpoint({ origin, size: 2, root: treeRoot }), [noteSignerOf(signedAs, privateKey)]),
    });

  test.each([
    ["of another log", under("localhost/other/log", name)],
    ["under another key's name", under(name, "localhost/other/log")],
    ["of another tree", under(name, name, beside)],
    ["at another index", writeProof({ index: 0, hashes: [beside], checkpoint })],
    ["without its hashes", writeProof({ index: 1, hashes: [], checkpoint })],
    ["with words that nobody signed", writeProof({ index: 1, hashes: [beside], checkpoint, extra: Buffer.of(1) })],
    ["that is none", "c2sp.org/tlog-proof@v1\n"],
  ])("is refused %s", (_name, proof) => expect(codesWith(proof)).toEqual(["LOG_PROOF_INVALID"]));

  test("is not taken on trust where no key is given", () => {
    expect(verifyPack(pack, {}).codes).toEqual(["KEY_NOT_GIVEN", "LOG_PROOF_UNCHECKED"]);
  });
});
