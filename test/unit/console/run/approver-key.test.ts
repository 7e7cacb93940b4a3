/** An approver's key in the browser: it opens what the command line writes, and signs what the daemon takes. */
import { execFileSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addApprover, readApprovers } from "../../../../src/adapters/approver-keys.ts";
import { encryptKey } from "../../../../src/adapters/pbes2.ts";
import { approverKeyOf } from "../../../../src/approval/approver-key.ts";
import { signDecision, verifyDecision } from "../../../../src/approval/decision.ts";
import { sha256Of } from "../../../../src/core/ids.ts";
import { openKey, signDecisionWith } from "../../../../src/console/run/approver-key.ts";
import { readEncryptedKey } from "../../../../src/console/run/encrypted-key.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 };
const PASSPHRASE = "zażółć gęślą jaźń 🗝";
const silent = (): void => {};
const dir = mkdtempSync(path.join(tmpdir(), "qoc-test-"));
const fileOf = (name: string): string => readFileSync(path.join(dir, ".qoc", "approvers", `${name}.key`), "utf8");
const said = {
  workspace: "desk",
  run: "0b5c1c84-51c5-8a3f-9d1e-0a4f6c2b7e10",
  draft: 1,
  digest: "ab".repeat(32),
  decision: "approve",
  reason: "looks right \u{1f642}",
  at: "2026-03-01T12:00:00.000Z",
} as const;

beforeAll(async () => {
  const given = { workspace: "desk", passphrase: PASSPHRASE, endorser: null, now: 1_700_000_000_000 };
  await addApprover(dir, { ...given, name: "alice" });
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

const known = () => readApprovers(dir, "desk", undefined).approvers;

describe("a key that qoc approver add made", () => {
  test("opens with its passphrase, at its full cost, and says how far it is", async () => {
    const parts: number[] = [];
    const opened = await openKey(fileOf("alice"), PASSPHRASE, (part) => parts.push(part));
    expect(opened).toMatchObject({ kind: "open", key: { type: "private", extractable: false } });
    expect(parts.length).toBeGreaterThan(10);
    expect(parts.at(-1)).toBe(1);
  });
  test("signs the bytes that qoc approve would sign, and the daemon's own reader verifies them", async () => {
    const opened = await openKey(fileOf("alice"), PASSPHRASE, silent);
    if (opened.kind === "refused") throw new Error(opened.says);
    const signed = await signDecisionWith(opened, known(), said);
    if (signed.kind === "refused") throw new Error(signed.says);
    const [alice] = known();
    const key = approverKeyOf(alice?.publicKey ?? "");
    if (alice === undefined || key === undefined) throw new Error("no key");
    expect(signed.approver).toBe("alice");
    expect(verifyDecision(signed.bytes, key)).toEqual({
      kind: "verified",
      decision: { schema: "qoc.decision/v1", ...said, approver: "alice" },
    });
    const sig = Buffer.from(JSON.parse(Buffer.from(signed.bytes).toString()).signatures[0].sig, "base64");
    const line = signDecision({ ...said, approver: "alice" }, { keyid: sha256Of(alice.fingerprint), sign: () => sig });
    expect(Buffer.from(signed.bytes)).toEqual(Buffer.from(line));
  });
  test("does not open with another passphrase, and says nothing of which of the two is wrong", async () => {
    const opened = await openKey(fileOf("alice"), `${PASSPHRASE} `, silent);
    expect(opened).toEqual({
      kind: "refused",
      says: "The passphrase is wrong, or the key file is damaged: it does not open.",
    });
  });
  test("of nobody who may approve signs nothing", async () => {
    const stranger = encryptKey(generateKeyPairSync("ed25519").privateKey, "p", CHEAP);
    const opened = await openKey(stranger, "p", silent);
    if (opened.kind === "refused") throw new Error(opened.says);
    expect(await signDecisionWith(opened, known(), said)).toMatchObject({ kind: "refused" });
  });
  test("counts under no name whose fingerprint is not of its public half", async () => {
    const opened = await openKey(fileOf("alice"), PASSPHRASE, silent);
    if (opened.kind === "refused") throw new Error(opened.says);
    const renamed = known().map((each) => ({ ...each, fingerprint: "00".repeat(32) }));
    expect(await signDecisionWith(opened, renamed, said)).toMatchObject({ kind: "refused" });
  });
});

describe("the file of a key", () => {
  const made = encryptKey(generateKeyPairSync("ed25519").privateKey, "p", CHEAP);
  const derOf = (pem: string): Buffer => Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64");
  const pemOf = (der: Uint8Array): string =>
    `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${Buffer.from(der).toString("base64")}\n-----END ENCRYPTED PRIVATE KEY-----\n`;

  test("that openssl wrote with scrypt opens too", async () => {
    const pair = generateKeyPairSync("ed25519");
    const plain = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const options = ["pkcs8", "-topk8", "-scrypt", "-scrypt_N", "1024", "-v2", "aes-256-cbc", "-passout", "pass:p"];
    const text = execFileSync("openssl", options, { input: plain }).toString();
    expect(createPrivateKey({ key: text, passphrase: "p" }).asymmetricKeyType).toBe("ed25519");
    expect(await openKey(text, "p", silent)).toMatchObject({ kind: "open" });
  });
  test("that names a cost no page can pay is refused before anything is computed", () => {
    const started = performance.now();
    for (const cost of [
      { cost: 2 ** 20, blockSize: 8, parallelization: 1 },
      { cost: 2 ** 14, blockSize: 8, parallelization: 64 },
      { cost: 2 ** 14, blockSize: 2 ** 20, parallelization: 1 },
    ])
      expect(readEncryptedKey(pemOf(withCost(derOf(made), cost)))).toMatchObject({
        kind: "refused",
        says: "Opening this key would cost more than a page may: sign with qoc approve instead.",
      });
    expect(performance.now() - started).toBeLessThan(200);
  });
  test.each([3, 0, 1, 1000])("with N = %i, which scrypt does not have, is refused", (cost) => {
    expect(readEncryptedKey(pemOf(withCost(derOf(made), { cost, blockSize: 1, parallelization: 1 })))).toMatchObject({
      kind: "refused",
      says: "The key names a cost that scrypt does not have.",
    });
  });
  test("under no passphrase, of PBKDF2, of another armour or cut off is refused", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const pbkdf2 = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "p" } as const;
    for (const text of [
      privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      privateKey.export(pbkdf2).toString(),
      made.replaceAll("ENCRYPTED PRIVATE", "RSA PRIVATE"),
      made.slice(0, -40),
      pemOf(derOf(made).subarray(0, -1)),
      pemOf(Buffer.concat([derOf(made), Buffer.from([0])])),
      "",
      "x".repeat(100_000),
    ])
      expect(readEncryptedKey(text).kind).toBe("refused");
  });
  test("with any byte of its form changed is refused or read as what it says, and never throws", () => {
    const der = derOf(made);
    expect(readEncryptedKey(pemOf(der)).kind).toBe("encrypted");
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const spoilt = Uint8Array.from(der, (byte, index) => (index === at ? byte ^ change : byte));
        const read = readEncryptedKey(pemOf(spoilt));
        const work = read.kind === "refused" ? 0 : read.cost * read.blockSize * read.parallelization;
        expect(work).toBeLessThanOrEqual(2 ** 22);
      }),
    );
  });
  test("of bytes without any form never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readEncryptedKey(pemOf(bytes)).kind).toBe("refused");
      }),
    );
  });
  test("whose lengths are not in their shortest form is refused", () => {
    const der = derOf(made);
    // The outer length as two bytes where one would do.
    expect(der[1]).toBe(0x81);
    const long = Buffer.concat([Buffer.from([0x30, 0x82, 0x00, der[2] ?? 0]), der.subarray(3)]);
    expect(readEncryptedKey(pemOf(long)).kind).toBe("refused");
  });
});

type Cost = { readonly cost: number; readonly blockSize: number; readonly parallelization: number };

/** The same key, naming another cost: made anew, because lengths change with it. */
function withCost(der: Buffer, { cost, blockSize, parallelization }: Cost): Buffer {
  const element = (tag: number, ...parts: readonly Buffer[]): Buffer => {
    const contents = Buffer.concat(parts);
    const size = contents.length < 0x80 ? [contents.length] : [0x81, contents.length];
    return Buffer.concat([Buffer.from([tag, ...size]), contents]);
  };
  const integer = (value: number): Buffer => {
    const text = value.toString(16);
    const even = text.length % 2 === 0 ? text : `0${text}`;
    const bytes = Buffer.from(even, "hex");
    return element(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
  };
  const read = readEncryptedKey(
    `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${der.toString("base64")}\n-----END ENCRYPTED PRIVATE KEY-----\n`,
  );
  if (read.kind === "refused") throw new Error(read.says);
  const oid = (hex: string): Buffer => element(0x06, Buffer.from(hex, "hex"));
  const scrypt = [element(0x04, Buffer.from(read.salt)), ...[cost, blockSize, parallelization, 32].map(integer)];
  const kdf = element(0x30, oid("2b06010401da47040b"), element(0x30, ...scrypt));
  const aes = element(0x30, oid("60864801650304012a"), element(0x04, Buffer.from(read.iv)));
  const algorithm = element(0x30, oid("2a864886f70d01050d"), element(0x30, kdf, aes));
  return element(0x30, algorithm, element(0x04, Buffer.from(read.sealed)));
}
