import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { knownKeyOf, signerOf } from "../../../../src/evidence/keys.ts";
import { brokenStep, keyidOfVkey, maySign, nextKeyid } from "../../../../src/evidence/log/key-chain.ts";
import { checkKeyLeaf, type KeyLeaf, type NextSigner, writeKeyLeaf } from "../../../../src/evidence/log/key-leaf.ts";
import { leafBytes, readLeaf } from "../../../../src/evidence/log/leaf.ts";
import { vkeyOf } from "../../../../src/evidence/log/note.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

const ORIGIN = "localhost/equity-desk";
const fresh = (): NextSigner =>
  signerOf(String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })));
const known = ({ publicKey }: NextSigner) => {
  const key = knownKeyOf(publicKey);
  if (key === undefined) throw new Error("a signer has a key");
  return key;
};
const [first, second, third, stranger] = [fresh(), fresh(), fresh(), fresh()];
const handover = (old: NextSigner, next: NextSigner): KeyLeaf => writeKeyLeaf({ origin: ORIGIN, old, next });
const leaf = handover(first, second);
const check = (changed: KeyLeaf, origin = ORIGIN, trusted = [known(first)]) => checkKeyLeaf(changed, origin, trusted);

describe("a key leaf", () => {
  test("brings the key that the old one authorised", () => {
    const next = check(leaf);
    expect([next?.keyid, Buffer.from(next?.publicKey ?? []).equals(second.publicKey)]).toEqual([second.keyid, true]);
    const bytes = Buffer.from("what the new key signs");
    expect(next?.verifies(bytes, second.sign(bytes))).toBe(true);
  });

  test("is signed over the words of the format page by both", () => {
    const key = Buffer.from(second.publicKey).toString("base64");
    const message = Buffer.from(`qoc.key/v1\n{"key":"${key}","origin":"${ORIGIN}","prev":"${first.keyid}"}`);
    expect(leaf).toEqual({
      kind: "key",
      key,
      prev: first.keyid,
      auth: Buffer.from(first.sign(message)).toString("base64"),
      pop: Buffer.from(second.sign(message)).toString("base64"),
    });
  });

  test("is a leaf of the log, the same whenever it is written", () => {
    expect(readLeaf(leafBytes(leaf))).toEqual(leaf);
    expect(handover(first, second)).toEqual(leaf);
  });

  test("leads on from key to key", () => {
    const after = check(leaf);
    expect(check(handover(second, third), ORIGIN, after === undefined ? [] : [after])?.keyid).toBe(third.keyid);
  });

  test.each([
    ["for another desk", leaf, "localhost/other-desk", [known(first)]],
    ["to who trusts another key", leaf, ORIGIN, [known(stranger)]],
    ["to who trusts the new key alone", leaf, ORIGIN, [known(second)]],
    ["to who trusts none", leaf, ORIGIN, []],
    [
      "when a stranger authorised it in the old key's name",
      { ...handover(stranger, second), prev: first.keyid },
      ORIGIN,
      [known(first)],
    ],
    ["when the new key's holder did not sign", { ...leaf, pop: leaf.auth }, ORIGIN, [known(first)]],
    [
      "when another holder signed for the new key",
      { ...leaf, pop: handover(first, third).pop },
      ORIGIN,
      [known(first)],
    ],
    [
      "when the key was exchanged",
      { ...leaf, key: Buffer.from(third.publicKey).toString("base64") },
      ORIGIN,
      [known(first)],
    ],
    ["when it leads to itself", handover(first, first), ORIGIN, [known(first)]],
    [
      "when a signature is not in the one spelling of base64",
      { ...leaf, auth: leaf.auth.replace("==", "") },
      ORIGIN,
      [known(first)],
    ],
  ])("brings nothing %s", (_, forged, origin, trusted) => {
    expect(check(forged, origin, trusted)).toBeUndefined();
  });

  test("brings nothing when any bit of it is turned, and never throws", () => {
    const members = ["key", "prev", "auth", "pop"] as const;
    fc.assert(
      fc.property(fc.constantFrom(...members), fc.nat(), fc.integer({ min: 0, max: 7 }), (member, at, bit) => {
        const encoding = member === "prev" ? "hex" : "base64";
        const bytes = Buffer.from(leaf[member], encoding);
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
        expect(check({ ...leaf, [member]: bytes.toString(encoding) })).toBeUndefined();
      }),
    );
  });
});

describe("the keys of a log", () => {
  const steps = [
    { index: 4, leaf: handover(first, second) },
    { index: 9, leaf: handover(second, third) },
  ];

  test.each([
    ["the first", 0, "may", first.keyid],
    ["the first", 5, "may", first.keyid],
    ["the first", 6, "may not", first.keyid],
    ["the second", 4, "may not", second.keyid],
    ["the second", 5, "may", second.keyid],
    ["the second", 10, "may", second.keyid],
    ["the second", 11, "may not", second.keyid],
    ["the third", 9, "may not", third.keyid],
    ["the third", 10, "may", third.keyid],
    ["the third", 1_000_000, "may", third.keyid],
    ["a stranger", 5, "may not", stranger.keyid],
  ])("that change at leaves 4 and 9: %s, for %i leaves, %s sign", (_, size, may, keyid) => {
    expect(maySign(keyid, size, steps, third.keyid)).toBe(may === "may");
  });

  test("that has no key leaf are its current one", () => {
    expect([first, second].map(({ keyid }) => maySign(keyid, 3, [], second.keyid))).toEqual([false, true]);
  });

  test("go on one from the other", () => {
    expect(brokenStep(steps)).toBeUndefined();
    const broken = { index: 12, leaf: handover(first, third) };
    expect(brokenStep([...steps, broken])).toBe(broken);
  });

  test("are known by one id in a leaf and in a vkey", () => {
    expect(nextKeyid(leaf)).toBe(second.keyid);
    expect(keyidOfVkey(vkeyOf(`${ORIGIN}/log`, second.publicKey))).toBe(second.keyid);
  });
});
