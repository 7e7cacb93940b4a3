import { createPublicKey, verify } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holdsEd25519, isLowOrder, privateKeyOf, publicKeyOf, signEd25519 } from "../../../src/providers/ed25519.ts";
import { flipped } from "../../support/signed-request.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

/** RFC 8032, section 7.1: seed, public key, message, signature. */
const published = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
] as const;
const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");
const holds = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const publicKey = publicKeyOf(key);
  return publicKey !== undefined && holdsEd25519(publicKey, message, signature);
};

describe.each(published)("RFC 8032, seed %.8s", (seed, key, message, signature) => {
  test("signs as published", () => {
    const privateKey = privateKeyOf(bytes(seed));
    expect(privateKey && signEd25519(privateKey, bytes(message)).toString("hex")).toBe(signature);
  });

  test("verifies, and with any bit of the signature turned over does not", () => {
    expect(holds(bytes(key), bytes(message), bytes(signature))).toBe(true);
    const taken = Array.from({ length: 512 }, (_, bit) => bit).filter((bit) =>
      holds(bytes(key), bytes(message), flipped(bytes(signature), bit)),
    );
    expect(taken).toEqual([]);
  });
});

/** The points of order 1, 2, 4 and 8, each with either sign of x, and the encodings of them that are not canonical. */
const lowOrder = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].flatMap((y) => [bytes(y), flipped(bytes(y), 255)]);

describe("a key under which anybody can sign", () => {
  /** The identity for R and nothing for S: it holds for every message wherever the key has order 1, and for one in eight elsewhere. */
  const everybodys = Buffer.concat([Buffer.of(1), Buffer.alloc(63)]);

  test.each(lowOrder.map((key) => [key.toString("hex"), key] as const))("%s is no key", (_hex, key) => {
    expect(isLowOrder(key)).toBe(true);
    expect(publicKeyOf(key)).toBeUndefined();
    expect(holds(key, Buffer.from("{}"), everybodys)).toBe(false);
  });

  test("is a danger: `node:crypto` alone takes a signature that nobody made, for any message", () => {
    const identity = createPublicKey({
      key: { kty: "OKP", crv: "Ed25519", x: Buffer.concat([Buffer.of(1), Buffer.alloc(31)]).toString("base64url") },
      format: "jwk",
    });
    expect(["{}", "[]", "anything"].map((body) => verify(null, Buffer.from(body), identity, everybodys))).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("is told from a real one, of either sign", () => {
    expect(published.flatMap(([, key]) => [isLowOrder(bytes(key)), isLowOrder(flipped(bytes(key), 255))])).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

test("whatever the key and the signature, there is an answer, and it is no", () => {
  const key = fc.oneof(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.uint8Array({ maxLength: 70 }),
    fc.constantFrom(...lowOrder),
  );
  const signature = fc.oneof(
    fc.uint8Array({ minLength: 64, maxLength: 64 }),
    fc.uint8Array({ maxLength: 70 }),
    fc.constant(Buffer.alloc(64)),
  );
  fc.assert(
    fc.property(key, fc.uint8Array(), signature, (anyKey, message, anySignature) => {
      expect(holds(anyKey, message, anySignature)).toBe(false);
    }),
  );
});

test("a private key is 32 or 64 bytes", () => {
  const lengths = [0, 31, 32, 33, 63, 64, 65].filter((length) => privateKeyOf(Buffer.alloc(length, 9)) !== undefined);
  expect(lengths).toEqual([32, 64]);
});
