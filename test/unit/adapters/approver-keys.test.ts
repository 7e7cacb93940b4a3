import { spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  addApprover,
  approversFolder,
  readApprovers,
  removeApprover,
  unlockApprover,
} from "../../../src/adapters/approver-keys.ts";
import { decryptKey, encryptKey, SCRYPT } from "../../../src/adapters/pbes2.ts";
import { openApproverPin, pinnedRoot, takePinAway } from "../../../src/adapters/approver-pin.ts";
import { trustApprovers } from "../../../src/adapters/trusted-approvers.ts";
import { verifyDecision, signDecision } from "../../../src/approval/decision.ts";
import { approverKeyOf } from "../../../src/approval/approver-key.ts";
import type { ApproverSigner } from "../../../src/approval/signed-record.ts";
import { decisionOf, DESK, person, SIGNED_AT } from "../../support/approval-words.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const PASSPHRASE = "correct horse „battery“";
/** So that a test takes no second over each key; the real cost is tested once. */
const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 };

let dir: string;
beforeEach(() => {
  dir = temporaryFolder();
  mkdirSync(join(dir, ".qoc"));
});

const add = (name: string, endorser: ApproverSigner | null = null, workspace = DESK) =>
  addApprover(dir, { name, workspace, passphrase: PASSPHRASE, endorser, now: SIGNED_AT }, CHEAP);
const file = (name: string): string => join(approversFolder(dir), name);
const openssl = (args: readonly string[]) =>
  spawnSync("openssl", args, { encoding: "utf8", env: { ...process.env, PASS: PASSPHRASE } });

describe("a key under a passphrase", () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const plain = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

  test("is opened by openssl, at the cost that is used", () => {
    writeFileSync(join(dir, "k.pem"), encryptKey(privateKey, PASSPHRASE));
    const opened = openssl(["pkcs8", "-in", join(dir, "k.pem"), "-passin", "env:PASS"]);
    expect([opened.status, opened.stdout]).toEqual([0, plain]);
    const shown = openssl(["asn1parse", "-in", join(dir, "k.pem")]).stdout;
    for (const part of [":PBES2", ":scrypt", ":aes-256-cbc", `:${SCRYPT.cost.toString(16)}`])
      expect(shown).toContain(part);
  });

  test("that openssl made is opened here", () => {
    writeFileSync(join(dir, "plain.pem"), plain);
    const made = openssl(["pkcs8", "-topk8", "-scrypt", "-in", join(dir, "plain.pem"), "-passout", "env:PASS"]);
    expect(made.status).toBe(0);
    expect(decryptKey(made.stdout, PASSPHRASE)?.equals(privateKey)).toBe(true);
  });

  test("is opened by Node alone, and by no other passphrase", () => {
    const key = encryptKey(privateKey, PASSPHRASE, CHEAP);
    expect(createPrivateKey({ key, passphrase: PASSPHRASE }).equals(privateKey)).toBe(true);
    for (const wrong of ["", " ", PASSPHRASE.toUpperCase(), `${PASSPHRASE} `])
      expect(decryptKey(key, wrong)).toBeUndefined();
  });

  test("is another file each time, and never opens when damaged or bare", () => {
    expect(encryptKey(privateKey, PASSPHRASE, CHEAP)).not.toBe(encryptKey(privateKey, PASSPHRASE, CHEAP));
    expect(decryptKey(encryptKey(privateKey, PASSPHRASE, CHEAP).slice(0, 120), PASSPHRASE)).toBeUndefined();
    expect(decryptKey(plain, PASSPHRASE)).toBeUndefined();
  });

  test.each([
    { cost: 2, blockSize: 1, parallelization: 1 },
    { cost: 128, blockSize: 8, parallelization: 127 },
    { cost: 256, blockSize: 8, parallelization: 128 },
    { cost: 32_768, blockSize: 2, parallelization: 1 },
  ])("writes numbers that are read back whatever their first bit: %o", (scrypt) => {
    expect(decryptKey(encryptKey(privateKey, PASSPHRASE, scrypt), PASSPHRASE)?.equals(privateKey)).toBe(true);
  });
});

describe("the folder of approvers", () => {
  test("holds three files for each, the private one closed to others", async () => {
    const fingerprint = await add("alice");
    expect(readdirSync(approversFolder(dir)).toSorted()).toEqual(["alice.endorsed.json", "alice.key", "alice.pub"]);
    expect(statSync(approversFolder(dir)).mode & 0o777).toBe(0o700);
    expect(statSync(file("alice.key")).mode & 0o777).toBe(0o600);
    expect(readFileSync(file("alice.key"), "utf8")).toContain("BEGIN ENCRYPTED PRIVATE KEY");
    expect(approverKeyOf(readFileSync(file("alice.pub"), "utf8"))?.fingerprint).toBe(fingerprint);
  });

  test("gives a key that signs what its public half verifies", async () => {
    await add("alice");
    const signer = unlockApprover(dir, "alice", PASSPHRASE);
    const key = approverKeyOf(readFileSync(file("alice.pub"), "utf8"));
    const signed = signDecision(decisionOf(person("alice")), signer);
    expect(key && verifyDecision(signed, key).kind).toBe("verified");
  });

  test("gives approvers endorsed one by the other, and refuses what was only put there", async () => {
    const alice = await add("alice");
    const bob = await add("bob", unlockApprover(dir, "alice", PASSPHRASE));
    const carol = await add("carol", unlockApprover(dir, "bob", PASSPHRASE));
    writeFileSync(file("mallory.pub"), person("mallory").pem);
    mkdirSync(file("eve.pub"));
    const read = readApprovers(dir, DESK, alice);
    expect(read.approvers.map(({ fingerprint }) => fingerprint)).toEqual([alice, bob, carol]);
    expect(read.refused.map(({ name }) => name)).toEqual(["eve", "mallory"]);
  });

  test("refuses a wrong passphrase with one clear sentence, which does not hold it", async () => {
    await add("alice");
    expect(() => unlockApprover(dir, "alice", "wrong horse battery")).toThrow(
      `The passphrase is wrong, or ${file("alice.key")} is damaged: it does not open.`,
    );
  });

  test.each([
    ["a name that is a path", () => unlockApprover(dir, "../alice", PASSPHRASE), "no approver's name"],
    ["nobody", () => unlockApprover(dir, "bob", PASSPHRASE), "does not exist"],
    ["a name that is a path, to be removed", () => removeApprover(dir, "../keys/evidence"), "no approver's name"],
  ])("refuses %s", (_says, act, reason) => {
    expect(act).toThrow(reason);
  });

  test("refuses a key that others can read, a bare one, and one of another pair", async () => {
    await add("alice");
    chmodSync(file("alice.key"), 0o644);
    expect(() => unlockApprover(dir, "alice", PASSPHRASE)).toThrow("chmod 600");
    chmodSync(file("alice.key"), 0o600);
    const kept = readFileSync(file("alice.key"));
    const other = generateKeyPairSync("ed25519").privateKey;
    writeFileSync(file("alice.key"), other.export({ type: "pkcs8", format: "pem" }));
    expect(() => unlockApprover(dir, "alice", PASSPHRASE)).toThrow("not a key under a passphrase");
    writeFileSync(file("alice.key"), encryptKey(other, PASSPHRASE, CHEAP));
    expect(() => unlockApprover(dir, "alice", PASSPHRASE)).toThrow("not the public half");
    writeFileSync(file("alice.key"), kept);
    expect(unlockApprover(dir, "alice", PASSPHRASE).keyid).toHaveLength(64);
  });

  test("never takes a name twice", async () => {
    await add("alice");
    const before = readFileSync(file("alice.key"));
    await expect(add("alice")).rejects.toThrow("already");
    expect(readFileSync(file("alice.key"))).toEqual(before);
    expect(removeApprover(dir, "alice")).toBe(3);
    expect(removeApprover(dir, "alice")).toBe(0);
    await add("alice");
  });

  test("does not have to be there", () => {
    expect(readApprovers(join(dir, "nowhere"), DESK, undefined).approvers).toEqual([]);
  });
});

describe("the daemon's memory of the first approver", () => {
  const remembered = () => {
    const met: (readonly [string, string | undefined])[] = [];
    const start = () => trustApprovers(dir, DESK, openApproverPin(dir), (to, before) => met.push([to, before]));
    return { met, start, trust: start() };
  };

  test("begins with the first one that it meets, and says so once", async () => {
    const { trust, met } = remembered();
    expect(trust.approvers().approvers).toEqual([]);
    const alice = await add("alice");
    trust.approvers();
    trust.approvers();
    expect(met).toEqual([[alice, undefined]]);
  });

  test("outlives a swap of all the files: nothing is approved until a reset and a new start", async () => {
    const { trust, met, start } = remembered();
    const alice = await add("alice");
    trust.approvers();
    rmSync(approversFolder(dir), { recursive: true });
    const planted = await add("alice");
    expect(trust.approvers()).toMatchObject({ approvers: [], unsettled: expect.stringContaining(alice) });
    expect(start().approvers().approvers).toEqual([]);
    expect(takePinAway(dir)).toBe(alice);
    expect(takePinAway(dir)).toBeUndefined();
    // Who takes the file away below a running daemon changes nothing for it.
    expect(trust.approvers()).toMatchObject({ approvers: [], unsettled: expect.stringContaining(alice) });
    expect(met).toHaveLength(1);
    const after = start().approvers();
    expect(after.approvers.map(({ fingerprint }) => fingerprint)).toEqual([planted]);
    expect(met).toEqual([
      [alice, undefined],
      [planted, alice],
    ]);
    expect(pinnedRoot(dir)).toBe(planted);
  });

  test("pins nothing while two claim to be the first", async () => {
    const { trust, met } = remembered();
    await add("alice");
    await add("mallory");
    expect(trust.approvers().approvers).toEqual([]);
    expect(met).toEqual([]);
  });

  test("knows a copy of an approver's files under another name for what it is", async () => {
    const alice = await add("alice");
    for (const suffix of [".pub", ".endorsed.json"]) copyFileSync(file(`alice${suffix}`), file(`second${suffix}`));
    const read = readApprovers(dir, DESK, alice);
    expect(read.approvers.map(({ name }) => name)).toEqual(["alice"]);
    expect(createPublicKey(readFileSync(file("second.pub"))).asymmetricKeyType).toBe("ed25519");
  });
});
