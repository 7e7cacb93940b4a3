import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { effectIdOf } from "../../../src/core/ids.ts";
import { signerOf } from "../../../src/evidence/keys.ts";
import { writeKeyLeaf } from "../../../src/evidence/log/key-leaf.ts";
import { leafBytes } from "../../../src/evidence/log/leaf.ts";
import { writeProof } from "../../../src/evidence/log/proof.ts";
import { unsealedRuns } from "../../../src/main-keys.ts";
import { aRun, runNumber, storeOf } from "../http/desk-with-runs.ts";
import { type World, cliWorld } from "./cli-world.ts";

let world: World;
beforeEach(() => {
  world = cliWorld();
});
afterEach(() => world.close());

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const signer = signerOf(String(privateKey.export({ type: "pkcs8", format: "pem" })));
  return { ...signer, pem: String(publicKey.export({ type: "spki", format: "pem" })) };
};
const [first, second] = [pair(), pair()];
const receipt = writeProof({
  index: 7,
  hashes: [],
  checkpoint: "a checkpoint\n",
  extra: leafBytes(writeKeyLeaf({ origin: "localhost/equity-desk", old: first, next: second })),
});
function twoKeys(): void {
  world.write(".qoc/keys/evidence.pub", second.pem);
  world.write(`.qoc/keys/retired/${first.keyid}.pub`, first.pem);
  world.write(`.qoc/keys/${second.keyid}.tlog-proof`, receipt);
}

describe("qoc keys list", () => {
  test("shows each key, and which one authorised it", async () => {
    twoKeys();
    expect((await world.qoc("keys list --json")).json()).toEqual({
      schema: "qoc.keys.list/1",
      items: [
        { keyid: first.keyid, state: "retired", leaf: null, authorised_by: null, receipt: null },
        {
          keyid: second.keyid,
          state: "current",
          leaf: 7,
          authorised_by: first.keyid,
          receipt: `.qoc/keys/${second.keyid}.tlog-proof`,
        },
      ],
    });
    const { stdout } = await world.qoc("keys list");
    expect(stdout.trimEnd().split("\n")).toEqual([
      expect.stringMatching(new RegExp(`^${first.keyid} +retired +authorised by no other$`)),
      expect.stringMatching(
        new RegExp(`^${second.keyid} +current +leaf 7, authorised by ${first.keyid.slice(0, 16)}$`),
      ),
    ]);
  });

  test("says where the first key comes from when there is none", async () => {
    const { exit, stderr } = await world.qoc("keys list");
    expect([exit, stderr]).toEqual([0, expect.stringContaining("the first `qoc up` makes it")]);
  });
});

describe("qoc keys rotate", () => {
  test("tells both keys, the leaf, and what a reader needs", async () => {
    const rotateKeys = () => Promise.resolve({ keyid: second.keyid, retired: first.keyid, index: 7 });
    const { exit, json } = await world.qoc("keys rotate --json", { parts: { rotateKeys } });
    expect([exit, json()]).toEqual([
      0,
      {
        schema: "qoc.keys.rotate/1",
        workspace: "equity-desk",
        keyid: second.keyid,
        retired: first.keyid,
        leaf: 7,
        receipt: `.qoc/keys/${second.keyid}.tlog-proof`,
      },
    ]);
  });

  test("is refused while the daemon runs", async () => {
    await world.daemon([]);
    const { exit, stderr } = await world.qoc("keys rotate");
    expect([exit, stderr]).toEqual([75, expect.stringContaining("DAEMON_RUNNING")]);
  });
});

describe("what keeps a key from being rotated", () => {
  const pending = (name: string) => {
    const run = aRun({ run: runNumber(4), state: "executing.performing" });
    const effect = {
      id: effectIdOf(run.record.address, 1, 0),
      name,
      lane: name,
      params: null,
      asked_at: 0,
      started: false,
    };
    return { ...run, record: { ...run.record, pending: [effect] } };
  };

  test.each(["sealing.signing", "sealing.backing-off", "amending.signing", "amending.backing-off", "erasing.removing"])(
    "is a run in %s, of any number at rest",
    (state) => {
      const runs = [
        aRun({ run: runNumber(1) }),
        aRun({ run: runNumber(2), state }),
        aRun({ run: runNumber(3), state: "waiting" }),
      ];
      expect(unsealedRuns(storeOf(runs))).toEqual([runNumber(2)]);
    },
  );

  test("is a seal that was asked for and not told", () => {
    expect(unsealedRuns(storeOf([pending("sealRun")]))).toEqual([runNumber(4)]);
    expect(unsealedRuns(storeOf([pending("writeInboxItem")]))).toEqual([]);
  });
});

describe("qoc doctor", () => {
  const checkOf = async (): Promise<unknown> => {
    const { items } = (await world.qoc("doctor --json")).json();
    return Array.isArray(items) ? items.find(({ name }) => name === "keys") : undefined;
  };

  test("says nothing of keys that are not there yet", async () => expect(await checkOf()).toBeUndefined());

  test("finds one chain of keys well", async () => {
    twoKeys();
    expect(await checkOf()).toMatchObject({ verdict: "ok", says: "1 retired key, each led on" });
  });

  test("finds a receipt that is gone", async () => {
    twoKeys();
    world.write(`.qoc/keys/${second.keyid}.tlog-proof`, "no receipt");
    expect(await checkOf()).toMatchObject({ verdict: "wrong", says: expect.stringContaining(second.keyid) });
  });

  test("finds a first key that is gone", async () => {
    twoKeys();
    world.write(`.qoc/keys/retired/${first.keyid}.pub`, "no key");
    expect(await checkOf()).toMatchObject({ verdict: "wrong" });
  });

  test("finds a rotation that was not ended", async () => {
    twoKeys();
    world.write(".qoc/keys/next.key", "secret", 0o600);
    expect(await checkOf()).toMatchObject({ verdict: "warning", says: "a rotation was begun and not ended" });
  });
});
