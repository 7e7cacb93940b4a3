import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { KeyFilesRefused, openEvidenceKeys, signerOf } from "../../../src/adapters/key-files.ts";

let desk: string;
beforeEach(() => {
  desk = mkdtempSync(join(tmpdir(), "qoc-keys-"));
});
afterEach(() => rmSync(desk, { recursive: true }));

const fileOf = (name: string): string => join(desk, ".qoc", "keys", name);
const modeOf = (name: string): number => statSync(fileOf(name)).mode & 0o777;

describe("on first use", () => {
  test("a pair is made: PKCS#8 readable by its owner alone, and SPKI", async () => {
    await openEvidenceKeys(desk);
    expect(readFileSync(fileOf("evidence.key"), "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(readFileSync(fileOf("evidence.pub"), "utf8")).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
    expect(modeOf("evidence.key")).toBe(0o600);
  });

  test("nothing but the pair is left in the folder", async () => {
    await openEvidenceKeys(desk);
    expect(readdirSync(join(desk, ".qoc", "keys")).toSorted()).toEqual(["evidence.key", "evidence.pub"]);
  });

  test("the key id is the SHA-256 of the raw public key", async () => {
    const { keyid } = await openEvidenceKeys(desk);
    const { x } = createPublicKey(readFileSync(fileOf("evidence.pub"))).export({ format: "jwk" });
    const raw = Buffer.from(x ?? "", "base64url");
    expect(raw).toHaveLength(32);
    expect(keyid).toBe(createHash("sha256").update(raw).digest("hex"));
  });

  test("what the signer signs verifies with the public file", async () => {
    const signer = signerOf(await openEvidenceKeys(desk));
    const bytes = Buffer.from("a statement");
    const key = createPublicKey(readFileSync(fileOf("evidence.pub")));
    expect(verify(null, bytes, key, signer.sign(bytes))).toBe(true);
  });
});

test("a temporary that a crash left behind is taken away, as it may hold the private key", async () => {
  await openEvidenceKeys(desk);
  writeFileSync(fileOf(".tmp-00000000-0000-4000-8000-000000000000"), "half a key");
  await openEvidenceKeys(desk);
  expect(readdirSync(join(desk, ".qoc", "keys")).toSorted()).toEqual(["evidence.key", "evidence.pub"]);
});

test("a second opening reads the same pair and writes nothing", async () => {
  const first = await openEvidenceKeys(desk);
  const before = [readFileSync(fileOf("evidence.key")), readFileSync(fileOf("evidence.pub"))];
  const second = await openEvidenceKeys(desk);
  expect(second.keyid).toBe(first.keyid);
  expect([readFileSync(fileOf("evidence.key")), readFileSync(fileOf("evidence.pub"))]).toEqual(before);
});

/** What the refusal says; nothing may have been written. */
async function refusal(): Promise<string> {
  const names = readdirSync(join(desk, ".qoc", "keys"));
  const thrown: unknown = await openEvidenceKeys(desk).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(KeyFilesRefused);
  expect(readdirSync(join(desk, ".qoc", "keys"))).toEqual(names);
  return String(thrown);
}

test("a private half alone, as a crash between the two leaves it, gets its public half again", async () => {
  const { keyid } = await openEvidenceKeys(desk);
  const [privateHalf, publicHalf] = [readFileSync(fileOf("evidence.key")), readFileSync(fileOf("evidence.pub"))];
  rmSync(fileOf("evidence.pub"));
  expect((await openEvidenceKeys(desk)).keyid).toBe(keyid);
  expect(readFileSync(fileOf("evidence.pub"))).toEqual(publicHalf);
  expect(readFileSync(fileOf("evidence.key"))).toEqual(privateHalf);
});

describe("a pair that cannot be trusted is refused and left as it is", () => {
  test.each(["640", "604", "620", "666"])("a private key of mode %s, with the command that closes it", async (mode) => {
    await openEvidenceKeys(desk);
    chmodSync(fileOf("evidence.key"), Number.parseInt(mode, 8));
    expect(await refusal()).toContain(`chmod 600 ${fileOf("evidence.key")}`);
  });

  test("a public half alone, because a new private key would not match earlier envelopes", async () => {
    await openEvidenceKeys(desk);
    rmSync(fileOf("evidence.key"));
    expect(await refusal()).toContain("earlier envelopes verify with it");
  });

  test("two halves of different pairs", async () => {
    await openEvidenceKeys(desk);
    const other = generateKeyPairSync("ed25519").publicKey;
    writeFileSync(fileOf("evidence.pub"), other.export({ type: "spki", format: "pem" }));
    expect(await refusal()).toContain("is not the public half");
  });

  test("a key of another kind", async () => {
    await openEvidenceKeys(desk);
    const other = generateKeyPairSync("x25519").publicKey;
    writeFileSync(fileOf("evidence.pub"), other.export({ type: "spki", format: "pem" }));
    expect(await refusal()).toContain("does not hold the PEM of an Ed25519 public key");
  });

  test("a private key where the public one belongs", async () => {
    await openEvidenceKeys(desk);
    writeFileSync(fileOf("evidence.pub"), readFileSync(fileOf("evidence.key")));
    expect(await refusal()).toContain("does not hold the PEM of an Ed25519 public key");
  });

  test("a file that is no key, of which nothing is quoted", async () => {
    await openEvidenceKeys(desk);
    writeFileSync(fileOf("evidence.key"), "hunter2");
    const says = await refusal();
    expect(says).toContain("cannot be read as a key");
    expect(says).not.toContain("hunter2");
  });
});
