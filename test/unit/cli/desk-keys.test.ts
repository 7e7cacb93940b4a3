import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { readDeskKeys, trustIn } from "../../../src/cli/desk-keys.ts";
import { signerOf } from "../../../src/evidence/keys.ts";
import { writeKeyLeaf } from "../../../src/evidence/log/key-leaf.ts";
import { leafBytes } from "../../../src/evidence/log/leaf.ts";
import { writeProof } from "../../../src/evidence/log/proof.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

type Pair = ReturnType<typeof pair>;
const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const signer = signerOf(String(privateKey.export({ type: "pkcs8", format: "pem" })));
  return { ...signer, pem: String(publicKey.export({ type: "spki", format: "pem" })) };
};
/** Only read here: who checks it is `verify`. */
const receiptOf = (old: Pair, next: Pair, index: number): string =>
  writeProof({
    index,
    hashes: [],
    checkpoint: "a checkpoint\n",
    extra: leafBytes(writeKeyLeaf({ origin: "localhost/desk", old, next })),
  });

const [first, second, third] = [pair(), pair(), pair()];
const receipts = [receiptOf(first, second, 4), receiptOf(second, third, 9)];
let folder: string;
const put = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);
const drop = (name: string): void => rmSync(path.join(folder, name));

beforeEach(() => {
  folder = path.join(temporaryFolder(), "keys");
  mkdirSync(path.join(folder, "retired"), { recursive: true });
  put("evidence.pub", third.pem);
  for (const { keyid, pem } of [first, second]) put(`retired/${keyid}.pub`, pem);
  put(`${second.keyid}.tlog-proof`, receipts[0] ?? "");
  put(`${third.keyid}.tlog-proof`, receipts[1] ?? "");
});

describe("the keys of a desk", () => {
  test("stand in the order in which each authorised the next", () => {
    expect(readDeskKeys(folder).map(({ keyid, state, since, prev }) => [keyid, state, since, prev])).toEqual([
      [first.keyid, "retired", null, null],
      [second.keyid, "retired", 4, first.keyid],
      [third.keyid, "current", 9, second.keyid],
    ]);
  });

  test("are none where there is no folder, and none where a file is no key", () => {
    expect(readDeskKeys(path.join(folder, "nowhere"))).toEqual([]);
    for (const name of ["evidence.pub", `retired/${first.keyid}.pub`, `retired/${second.keyid}.pub`])
      put(name, "no key");
    expect(readDeskKeys(folder)).toEqual([]);
  });

  test("are trusted by the first one and its receipts", () => {
    expect(trustIn(readDeskKeys(folder))).toEqual({ keys: [first.pem], keyReceipts: receipts });
    expect(trustIn([])).toEqual({ keys: [], keyReceipts: [] });
  });

  test("before a key that a reader names are not trusted", () => {
    expect(trustIn(readDeskKeys(folder), second.pem)).toEqual({ keys: [second.pem], keyReceipts: receipts.slice(1) });
    expect(trustIn(readDeskKeys(folder), third.pem)).toEqual({ keys: [third.pem], keyReceipts: [] });
  });

  test("are not trusted by who names a key of somebody else", () => {
    const stranger = pair().pem;
    expect(trustIn(readDeskKeys(folder), stranger)).toEqual({ keys: [stranger], keyReceipts: [] });
    expect(trustIn(readDeskKeys(folder), "no key")).toEqual({ keys: ["no key"], keyReceipts: [] });
  });

  test.each([
    ["the current key's", () => drop(`${third.keyid}.tlog-proof`), receipts.slice(0, 1)],
    ["the middle key's", () => drop(`${second.keyid}.tlog-proof`), []],
    [
      "another key's, in place of the current key's,",
      () => put(`${third.keyid}.tlog-proof`, receipts[0] ?? ""),
      receipts.slice(0, 1),
    ],
  ])("are trusted as far as receipts lead: %s is missing", (_, damage, left) => {
    damage();
    expect(trustIn(readDeskKeys(folder))).toEqual({ keys: [first.pem], keyReceipts: left });
  });

  test("end in no circle when receipts lead in one", () => {
    put(`${first.keyid}.tlog-proof`, receiptOf(third, first, 12));
    expect(readDeskKeys(folder)).toHaveLength(3);
  });

  test("are counted once when a crash left one under both names", () => {
    put(`retired/${third.keyid}.pub`, third.pem);
    expect(readDeskKeys(folder).map(({ state }) => state)).toEqual(["retired", "retired", "current"]);
  });
});
