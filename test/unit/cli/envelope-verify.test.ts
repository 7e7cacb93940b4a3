import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { leafBytes } from "../../../src/evidence/log/leaf.ts";
import { tilePath } from "../../../src/evidence/log/tiles.ts";
import { leafHash } from "../../../src/evidence/log/tree.ts";
import { seal } from "../../../src/evidence/seal.ts";
import { deskKey, filler, handedOver, LOG, logOf, witnessOf } from "../evidence/log-desk.ts";
import { reexported, packOf } from "../evidence/pack/pack-support.ts";
import { birth, job, publicPem, type Loose } from "../evidence/support.ts";
import { type World, cliWorld } from "./cli-world.ts";

const [first, second] = [deskKey(7), deskKey(11)];
const sealed = seal(job(), first.signer);
const bySecond = seal(job(), second.signer);
const leaves = [
  filler(0),
  filler(1),
  { kind: "seal", seal: sealed.seal_hash } as const,
  filler(3),
  filler(4),
  filler(5),
  filler(6),
];
const log = logOf(leaves, [first]);
const pem = (raw: Uint8Array): string =>
  `-----BEGIN PUBLIC KEY-----\n${Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]).toString("base64")}\n-----END PUBLIC KEY-----\n`;

let world: World;
let file = "";
const evidence = ".qoc/evidence";
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

beforeEach(() => {
  world = cliWorld();
  file = world.write(`${evidence}/${birth.evidence_id}.json`, text(sealed.bytes));
  world.write(".qoc/keys/evidence.pub", publicPem);
});
afterEach(() => world.close());

const keep = (name: string, said: string): string => world.write(`kept/${name}`, said);
const receiptBeside = (size?: number): string =>
  world.write(`${evidence}/${birth.evidence_id}.tlog-proof`, log.receipt(2, size === undefined ? {} : { size }));
/** The static files of a log of fewer than 256 leaves. */
function publish(folder: string, of = log, within = leaves): void {
  world.write(`${folder}/checkpoint`, of.checkpoint());
  const tile = Buffer.concat(within.map((leaf) => leafHash(leafBytes(leaf))));
  world.write(`${folder}/${tilePath(0, 0, within.length)}`, "");
  writeFileSync(path.join(world.dir, folder, tilePath(0, 0, within.length)), tile);
}
const verify = async (flags: string) => {
  const { exit, json, stderr } = await world.qoc(`envelope verify ${file} ${flags} --json`);
  if (exit > 1) return { exit, stderr };
  const { ok, level, codes, logged, witnesses } = json();
  return { exit, ok, level, codes, logged, witnesses };
};

describe("qoc envelope verify and the log", () => {
  test("takes the receipt that lies beside the file: E3", async () => {
    receiptBeside();
    expect(await verify("")).toMatchObject({ exit: 0, level: "E3", logged: { index: 2, size: 7 } });
    const { stdout } = await world.qoc(`envelope verify ${file}`);
    expect(stdout).toMatch(/✓ holds {2}level E3[^\n]*\n {2}logged: leaf 2 of 7/);
  });

  test("takes the receipt that is named, wherever it lies, and refuses one of another leaf", async () => {
    const named = keep("r", log.receipt(2));
    expect(await verify(`--receipt ${named}`)).toMatchObject({ exit: 0, level: "E3" });
    expect(await verify(`--receipt ${keep("r", log.receipt(3))}`)).toMatchObject({
      exit: 1,
      level: "E2",
      codes: ["LOG_PROOF_INVALID"],
    });
    expect(await verify("--receipt kept/none")).toMatchObject({ exit: 66 });
  });

  test.each([
    ["older than the receipt's", 3, undefined],
    ["of the receipt's size", 7, undefined],
    ["newer than the receipt's", 6, 4],
  ])("goes on from a kept checkpoint %s, by the log beside the file: E4", async (_name, since, size) => {
    publish(`${evidence}/log`);
    receiptBeside(size);
    const kept = keep("c", log.checkpoint({ size: since }));
    expect(await verify(`--since ${kept}`)).toMatchObject({ exit: 0, level: "E4", codes: [] });
  });

  test("goes on by the files of a log that is named, and by those of an epoch that ended", async () => {
    receiptBeside();
    const kept = keep("c", log.checkpoint({ size: 5 }));
    publish("mirror");
    expect(await verify(`--since ${kept} --log mirror`)).toMatchObject({ exit: 0, level: "E4" });
    publish(`${evidence}/logs/1`);
    publish(`${evidence}/log`, logOf(leaves, [first], `${LOG}/2`));
    expect(await verify(`--since ${kept}`)).toMatchObject({ exit: 0, level: "E4" });
  });

  test("does not go on from a fork, nor without the log's files, nor with files that lie", async () => {
    receiptBeside();
    const kept = keep("c", log.checkpoint({ size: 5 }));
    const failed = { exit: 1, level: "E3", codes: ["CHECKPOINT_INCONSISTENT"] };
    expect(await verify(`--since ${kept}`)).toMatchObject(failed);
    publish(`${evidence}/log`, log, [...leaves.slice(0, 6), filler(9)]);
    expect(await verify(`--since ${kept}`)).toMatchObject(failed);
    publish(`${evidence}/log`);
    const fork = logOf([filler(9), ...leaves.slice(1)], [first]).checkpoint({ size: 5 });
    expect(await verify(`--since ${keep("f", fork)}`)).toMatchObject(failed);
    expect(await verify(`--since ${keep("n", "no note")}`)).toMatchObject({ exit: 1, codes: ["CHECKPOINT_UNUSABLE"] });
  });

  test("counts the witnesses that are named", async () => {
    const [one, other] = [witnessOf(21), witnessOf(22)];
    world.write(`${evidence}/${birth.evidence_id}.tlog-proof`, log.receipt(2, { witnesses: [one] }));
    expect(await verify(`--witness ${one.vkey}`)).toMatchObject({ exit: 0, witnesses: [one.name] });
    const both = `--witness ${one.vkey} --witness ${other.vkey}`;
    expect(await verify(both)).toMatchObject({ exit: 0 });
    expect(await verify(`${both} --witnesses-min 2`)).toMatchObject({ exit: 1, codes: ["WITNESSES_MISSING"] });
    expect(await verify("--witnesses-min many")).toMatchObject({ exit: 64 });
    const { stdout } = await world.qoc(`envelope verify ${file} ${both} --explain`);
    expect(stdout).toContain(`witnesses: ${one.name}`);
    expect(stdout).toContain("that the witnesses are others than the desk");
  });
});

describe("qoc envelope verify --require", () => {
  test.each([
    ["E3", "", 1],
    ["E2", "", 0],
    ["E4", "--receipt kept/r", 1],
    ["E3", "--receipt kept/r", 0],
  ])("%s of an envelope with %s exits %i", async (level, flags, exit) => {
    keep("r", log.receipt(2));
    expect(await verify(`${flags} --require ${level}`)).toMatchObject({ exit });
  });

  test("E1 asks for no key, but for nothing that fails", async () => {
    file = world.write("alone/e.json", text(sealed.bytes));
    expect(await verify("")).toMatchObject({ exit: 1, level: "E1" });
    expect(await verify("--require E1")).toMatchObject({ exit: 0, level: "E1" });
    expect(await verify("--require E1 --origin x/y")).toMatchObject({ exit: 1, level: "E1" });
    file = world.write("alone/f.json", text(sealed.bytes).replace('"completed"', '"denied"'));
    expect(await verify("--require E1")).toMatchObject({ exit: 1, level: "E0" });
    expect(await verify("--require E0")).toMatchObject({ exit: 0, level: "E0" });
    file = world.write("alone/g.json", "{}");
    expect(await verify("--require E0")).toMatchObject({ exit: 1, level: "none" });
  });

  test.each(["E5", "none", "e3", ""])("'%s' is wrong usage", async (level) => {
    expect(await verify(`--require '${level}'`)).toMatchObject({ exit: 64 });
  });
});

describe("qoc envelope verify away from any desk", () => {
  test("follows keys by their receipts from the one that is trusted", async () => {
    file = world.write("alone/e.json", text(bySecond.bytes));
    const turned = logOf([filler(0), handedOver(first, second)], [first]);
    const [key, by] = [keep("first.pub", publicPem), keep("k", turned.receipt(1, { extra: true }))];
    expect(await verify(`--key ${key} --key-receipt ${by}`)).toMatchObject({ exit: 0, level: "E2" });
    expect(await verify(`--key ${key}`)).toMatchObject({ exit: 1, codes: ["KEY_UNKNOWN"] });
  });

  test("trusts every key that is named", async () => {
    file = world.write("alone/e.json", text(bySecond.bytes));
    const keys = [keep("a.pub", publicPem), keep("b.pub", pem(second.key))];
    expect(await verify(`--key ${keys[0]} --key ${keys[1]}`)).toMatchObject({ exit: 0, level: "E2" });
  });

  test("says of an erased pack how much is gone", async () => {
    const erased = reexported(packOf(sealed.bytes).bytes, (d: Loose) => {
      for (const receipt of d.redactions) receipt.rule_id = "erasure";
    });
    file = world.write(`alone/${birth.evidence_id}.erased.json`, text(erased));
    world.write(`alone/${birth.evidence_id}.tlog-proof`, log.receipt(2));
    const key = keep("a.pub", publicPem);
    const { exit, json } = await world.qoc(`envelope verify ${file} --key ${key} --json`);
    expect([exit, json()]).toMatchObject([0, { level: "E3", logged: { index: 2 } }]);
    expect(json()["erased"]).toBe(json()["closed"]);
    const { stdout } = await world.qoc(`envelope verify ${file} --key ${key}`);
    expect(stdout).toMatch(/erased: what a pack keeps of it\)[\s\S]*closed: (\d+) leaves, \1 of them by erasure/);
  });

  test("needs a file", async () => {
    const { exit, stderr } = await world.qoc("envelope verify");
    expect([exit, stderr]).toEqual([64, expect.stringContaining("nothing to verify")]);
  });

  test("knows where the offline page lies, or how it is made", async () => {
    // Beside the sources there is none: the build puts it beside what it compiles.
    const { exit, stderr } = await world.qoc("envelope verify --page");
    expect([exit, stderr]).toEqual([66, expect.stringContaining("PAGE_MISSING")]);
    expect(stderr).toContain(path.join("evidence", "verify.html"));
  });
});
