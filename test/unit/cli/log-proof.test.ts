/** The proof that the offline page takes for E4, printed by the command that prints receipts. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { leafBytes, type LogLeaf } from "../../../src/evidence/log/leaf.ts";
import { signerOf } from "../../../src/evidence/log/note.ts";
import { encodeEntries, entriesPath, tilePath } from "../../../src/evidence/log/tiles.ts";
import { leafHash } from "../../../src/evidence/log/tree.ts";
import { seal } from "../../../src/evidence/seal.ts";
import { judge } from "../../../src/evidence/verify-page/judged.ts";
import { policyOf, sortInput } from "../../../src/evidence/verify-page/inputs.ts";
import { deskKey, filler, LOG, logOf } from "../evidence/log-desk.ts";
import { birth, job, publicPem } from "../evidence/support.ts";
import { type World, cliWorld } from "./cli-world.ts";

const desk = deskKey(7);
const sealed = seal(job(), desk.signer);
const leaves: readonly LogLeaf[] = [
  filler(0),
  filler(1),
  { kind: "seal", seal: sealed.seal_hash },
  filler(3),
  filler(4),
  filler(5),
  filler(6),
];
const log = logOf(leaves, [desk]);
const evidence = ".qoc/evidence";

let world: World;
let file = "";
let receipt = "";

beforeEach(() => {
  world = cliWorld();
  file = world.write(`${evidence}/${birth.evidence_id}.json`, Buffer.from(sealed.bytes).toString());
  world.write(".qoc/keys/evidence.pub", publicPem);
  world.write(".qoc/keys/log.vkey", `${signerOf(LOG, desk.privateKey).vkey}\n`);
  world.write(`${evidence}/log/checkpoint`, log.checkpoint());
  const bytes = leaves.map(leafBytes);
  const tile = world.write(`${evidence}/log/${tilePath(0, 0, leaves.length)}`, "");
  writeFileSync(tile, Buffer.concat(bytes.map(leafHash)));
  const entries = world.write(`${evidence}/log/${entriesPath(0, leaves.length)}`, "");
  writeFileSync(entries, encodeEntries(bytes));
  receipt = world.write(`${evidence}/${birth.evidence_id}.tlog-proof`, log.receipt(2));
});
afterEach(() => world.close());

const kept = (size: number): string => world.write(`kept/${size}`, log.checkpoint({ size }));
const proof = (flags: string) => world.qoc(`log proof ${file} ${flags}`);
/** What the page makes of the files as they lie there, and of what was printed. */
function onPage(since: string, printed: string) {
  const files = [file, receipt, since, path.join(world.dir, ".qoc/keys/evidence.pub")].map((name) => ({
    name,
    bytes: readFileSync(name),
  }));
  const sorted = [...files, { name: "printed", bytes: Buffer.from(printed) }].map(sortInput);
  const { ok, level } = judge(sealed.bytes, policyOf(sorted, { origin: "", witnessesMin: "" }));
  return { ok, level };
}

describe("qoc log proof --since", () => {
  test.each([1, 3, 4, 6])("prints from a checkpoint of %i leaves what the page takes", async (size) => {
    const { exit, stdout, stderr } = await proof(`--since ${kept(size)}`);
    expect([exit, stderr]).toEqual([0, ""]);
    expect(onPage(kept(size), stdout)).toEqual({ ok: true, level: "E4" });
    expect(onPage(kept(size), "")).toEqual({ ok: false, level: "E3" });
    const { json } = await proof(`--since ${kept(size)} --json`);
    expect(json()).toMatchObject({ file: null, consistency: stdout.trimEnd().split("\n") });
  });

  test("says of the receipt's own checkpoint that nothing has to be shown", async () => {
    const { exit, stdout, stderr } = await proof(`--since ${kept(7)}`);
    expect([exit, stdout, stderr]).toEqual([0, "", expect.stringContaining("The proof is empty")]);
    expect(onPage(kept(7), stdout)).toEqual({ ok: true, level: "E4" });
  });

  test("leads to the receipt that lies there, or saves the one that it leads to", async () => {
    world.write(`${evidence}/${birth.evidence_id}.tlog-proof`, log.receipt(2, { size: 4 }));
    expect(onPage(kept(3), (await proof(`--since ${kept(3)}`)).stdout)).toEqual({ ok: true, level: "E4" });
    const refused = await proof(`--since ${kept(6)}`);
    expect([refused.exit, refused.stderr]).toEqual([66, expect.stringMatching(/is newer than the receipt[^]*--save/)]);
    rmSync(receipt);
    expect((await proof(`--since ${kept(6)}`)).stderr).toContain("No receipt lies beside");
    expect(existsSync(receipt)).toBe(false);
    expect(onPage(kept(6), (await proof(`--since ${kept(6)} --save`)).stdout)).toEqual({ ok: true, level: "E4" });
  });

  test("prints nothing from a fork, a stranger's checkpoint or what is none", async () => {
    const fork = logOf([filler(9), ...leaves.slice(1)], [desk]).checkpoint({ size: 5 });
    const foreign = log.checkpoint({ size: 5, by: [deskKey(9)] });
    for (const [text, code] of [
      [fork, "CHECKPOINT_INCONSISTENT"],
      [foreign, "CHECKPOINT_UNUSABLE"],
      ["none", "CHECKPOINT_UNUSABLE"],
    ] as const) {
      const { exit, stdout, stderr } = await proof(`--since ${world.write("kept/other", text)} --save`);
      expect([exit, stdout, stderr]).toEqual([1, "", expect.stringContaining(code)]);
    }
    expect(readFileSync(receipt, "utf8")).toBe(log.receipt(2));
  });
});
