import { createHash, generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { cosignerOf, readVkey, signerOf, vkeyOf } from "../../../../src/evidence/log/note.ts";
import { arche, enoch, keyOf, page, peter, sumdb } from "./note-vectors.ts";

const raw = Buffer.from(peter.vkey.slice(-44), "base64").subarray(1);

describe("readVkey", () => {
  test.each([peter.vkey, enoch.vkey, page.vkey, sumdb.vkey, arche.vkey, arche.witness])("knows %s", (vkey) => {
    const [name, keyId] = vkey.split("+");
    expect(readVkey(vkey)).toMatchObject({ name, keyId, vkey });
  });

  test("knows a key whose base64 has a plus", () => {
    expect(readVkey("TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6")?.keyId).toBe("7997405c");
  });

  test.each([
    ["nothing", ""],
    ["two parts", "PeterNeumann+c74f20a3"],
    ["another name", peter.vkey.replace("Neumann", "Neuman")],
    ["another key ID", peter.vkey.replace("c74f20a3", "c74f20a4")],
    ["a key ID in upper case", peter.vkey.replace("c74f20a3", "C74F20A3")],
    ["a key ID of seven digits", peter.vkey.replace("c74f20a3", "c74f20a")],
    ["a type that the key ID is not for", peter.vkey.replace("+ARp", "+BRp")],
    ["a line feed behind it", `${peter.vkey}\n`],
    ["a blank before it", ` ${peter.vkey}`],
    ["padding", `${peter.vkey}==`],
    ["base64url", peter.vkey.replace("/", "_")],
    ["a key of 31 bytes", `PeterNeumann+c74f20a3+${Buffer.alloc(32, 1).toString("base64")}`],
    ["a name of a blank", vkeyOf("a", raw).replace("a+", "a b+")],
    ["no name", vkeyOf("a", raw).replace("a+", "+")],
    ["a type of signature that is not known", "rekor.sigstore.dev+12345678+AwEB"],
  ])("does not take %s", (_name, vkey) => {
    expect(readVkey(vkey)).toBeUndefined();
  });

  test.each([0, 2, 3, 5, 6, 255])("does not take a well-formed key of type %d", (type) => {
    const material = Buffer.concat([Buffer.of(type), raw]);
    const id = createHash("sha256").update("a\n").update(material).digest("hex").slice(0, 8);
    expect(readVkey(`a+${id}+${material.toString("base64")}`)).toBeUndefined();
  });

  test("tells the two types of one key apart", () => {
    const log = signerOf("example.com/a", keyOf(1)).vkey;
    const witness = cosignerOf("example.com/a", keyOf(1), 0).vkey;
    expect(log.slice(-42)).toBe(witness.slice(-42));
    expect(readVkey(log)?.keyId).not.toBe(readVkey(witness)?.keyId);
  });
});

describe("a signer", () => {
  test("has the published vkey of its key", () => {
    expect(signerOf("PeterNeumann", peter.key).vkey).toBe(peter.vkey);
    expect(signerOf("EnochRoot", enoch.key).vkey).toBe(enoch.vkey);
    expect(vkeyOf("PeterNeumann", raw)).toBe(peter.vkey);
  });

  test.each([
    ["no name", ""],
    ["a blank", "a b"],
    ["a plus", "a+b"],
    ["a no-break space", "a\u00a0b"],
    ["a next-line character", "a\u0085b"],
    ["a line feed", "a\nb"],
    ["a control character", "a\u0001b"],
    ["half a surrogate pair", "a\ud800"],
  ])("is not made of %s", (_name, name) => {
    expect(() => signerOf(name, peter.key)).toThrow("a key's name");
    expect(() => cosignerOf(name, peter.key, 0)).toThrow("a key's name");
    expect(() => vkeyOf(name, raw)).toThrow("a key's name");
  });

  test("is not made of another kind of key", () => {
    expect(() => signerOf("a", generateKeyPairSync("x25519").privateKey)).toThrow("not an Ed25519");
    expect(() => vkeyOf("a", raw.subarray(1))).toThrow("32 bytes");
  });
});
