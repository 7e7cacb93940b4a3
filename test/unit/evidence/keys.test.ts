import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { keyidOf, knownKeyOf, signerOf } from "../../../src/evidence/keys.ts";
import { privatePem, publicPem, signer } from "./support.ts";

const MESSAGE = Buffer.from("message");

describe("knownKeyOf", () => {
  test("knows a key by its PEM and by its raw bytes as the same", () => {
    expect(knownKeyOf(publicPem)?.keyid).toBe(signer.keyid);
    expect(knownKeyOf(signer.publicKey)?.keyid).toBe(signer.keyid);
  });

  test("tells the key's signatures from others", () => {
    const known = knownKeyOf(publicPem);
    expect(known?.verifies(MESSAGE, signer.sign(MESSAGE))).toBe(true);
    expect(known?.verifies(Buffer.from("other"), signer.sign(MESSAGE))).toBe(false);
    expect(known?.verifies(MESSAGE, new Uint8Array(3))).toBe(false);
  });

  test.each([
    ["a private key", privatePem],
    [
      "an RSA key",
      generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "pem", type: "spki" }),
    ],
    ["an X25519 key", generateKeyPairSync("x25519").publicKey.export({ format: "pem", type: "spki" })],
    ["a PEM of nothing", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"],
    ["no PEM", "hello"],
    ["31 bytes", new Uint8Array(31)],
  ])("does not take %s", (_name, key) => {
    expect(knownKeyOf(typeof key === "string" || key instanceof Uint8Array ? key : "")).toBeUndefined();
  });
});

describe("signerOf", () => {
  test("gives the same signature for the same bytes, under the id of its public half", () => {
    expect(Buffer.from(signer.sign(MESSAGE)).equals(signerOf(privatePem).sign(MESSAGE))).toBe(true);
    expect(signer.keyid).toBe(keyidOf(signer.publicKey));
  });

  test("throws on a key of another kind", () => {
    const { privateKey } = generateKeyPairSync("x25519");
    expect(() => signerOf(String(privateKey.export({ format: "pem", type: "pkcs8" })))).toThrow("not an Ed25519");
  });
});
