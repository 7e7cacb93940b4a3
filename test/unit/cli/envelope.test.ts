import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { explainedCodes } from "../../../src/cli/verdict-text.ts";
import { seal } from "../../../src/evidence/seal.ts";
import { verifyCodes } from "../../../src/evidence/verify.ts";
import { birth, job, publicPem, signer } from "../evidence/support.ts";
import { aRun } from "../http/desk-with-runs.ts";
import { type World, cliWorld } from "./cli-world.ts";

let world: World;
let file = "";
const { bytes } = seal(job(), signer);
const text = Buffer.from(bytes).toString("utf8");

beforeEach(() => {
  world = cliWorld();
  file = world.write(`.qoc/evidence/${birth.evidence_id}.json`, text);
  world.write(".qoc/keys/evidence.pub", publicPem);
});
afterEach(() => world.close());

const sealed = aRun({ birth: { evidence_id: birth.evidence_id } });

describe("qoc envelope verify", () => {
  test("finds the key beside the file, and says what that is worth", async () => {
    const { exit, stdout, stderr } = await world.qoc(`envelope verify ${file}`);
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/^✓ holds {2}level E2/)]);
    expect(stderr).toContain("Name a key you trust with --key");
  });

  test("with --json has exactly the fixed form", async () => {
    const { json } = await world.qoc(`envelope verify ${file} --json`);
    expect(Object.keys(json())).toEqual([
      "schema",
      "ok",
      "level",
      "key",
      "codes",
      "logged",
      "witnesses",
      "closed",
      "erased",
      "observations",
      "not_proven",
    ]);
    expect(json()).toMatchObject({ schema: "qoc.verify/1", ok: true, level: "E2", key: "beside", codes: [] });
    const named = await world.qoc(`envelope verify ${file} --key .qoc/keys/evidence.pub --json`);
    expect(named.json()).toMatchObject({ key: "named" });
    expect((await world.qoc(`envelope verify ${world.write("alone/e.json", text)} --json`)).json()).toMatchObject({
      key: "none",
    });
  });

  test("a name cannot steer the terminal", async () => {
    const named = world.write(".qoc/evidence/e\u001b[2K✓.json", text.replace("risk_breach", "risk_breacH"));
    const { exit, stdout } = await world.qoc(`envelope verify ${named}`);
    expect([exit, stdout]).toEqual([1, expect.stringContaining("e\\u001b[2K✓.json")]);
    expect(stdout).not.toContain("\u001b[2K");
  });

  test.skipIf(process.platform === "win32")(
    "what lies beside it and is no file is as if it were not there",
    async () => {
      for (const name of [`evidence/${birth.evidence_id}.tlog-proof`, "evidence/log/checkpoint", "keys/evidence.pub"]) {
        const pipe = path.join(world.dir, "gift", name);
        mkdirSync(path.dirname(pipe), { recursive: true });
        execFileSync("mkfifo", [pipe]);
      }
      const { sha256 } = birth.request;
      mkdirSync(path.join(world.dir, "gift/artifacts", sha256.slice(0, 2), sha256), { recursive: true });
      const given = world.write(`gift/evidence/${birth.evidence_id}.json`, text);
      const { exit, json } = await world.qoc(`envelope verify ${given} --json`);
      expect([exit, json()]).toMatchObject([1, { level: "E1", key: "none", codes: ["KEY_NOT_GIVEN"] }]);
    },
  );

  test("needs no desk, no daemon and no configuration", async () => {
    const bare = path.join(world.dir, "..", path.basename(world.dir) + "-bare");
    mkdirSync(bare);
    writeFileSync(path.join(bare, "e.json"), text);
    writeFileSync(path.join(bare, "k.pub"), publicPem);
    const { exit, stderr } = await world.qoc("envelope verify e.json --key k.pub", { cwd: bare });
    expect([exit, stderr]).toEqual([0, ""]);
  });

  test("one byte changed is a no with its code", async () => {
    const forged = world.write("forged.json", text.replace("risk_breach", "risk_breacH"));
    const { exit, json } = await world.qoc(`envelope verify ${forged} --key .qoc/keys/evidence.pub --json`);
    expect([exit, json()["ok"]]).toEqual([1, false]);
    expect(json()["codes"]).not.toEqual([]);
  });

  test("without any key it is a no: the chain holds, nobody signed", async () => {
    const alone = world.write("alone/e.json", text);
    const { exit, json } = await world.qoc(`envelope verify ${alone} --json`);
    expect([exit, json()]).toMatchObject([1, { level: "E1", codes: ["KEY_NOT_GIVEN"] }]);
  });

  test("another origin than the one asked for is a no", async () => {
    const { exit, stdout } = await world.qoc(`envelope verify ${file} --origin localhost/other`);
    expect([exit, stdout]).toEqual([1, expect.stringContaining("ORIGIN_UNEXPECTED")]);
  });

  test("artifact files beside it are held against their hashes", async () => {
    const { sha256 } = birth.request;
    world.write(`.qoc/artifacts/${sha256.slice(0, 2)}/${sha256}`, "other bytes");
    const { stdout } = await world.qoc(`envelope verify ${file}`);
    expect(stdout).toContain("ARTIFACT_MISMATCH");
  });

  test("--explain shows each check, the level, and what is not proven", async () => {
    const { stdout, stderr } = await world.qoc(`envelope verify ${file} --explain`);
    expect(stderr).toContain("Name a key you trust with --key");
    expect(stdout).toContain("✓ each link names the one before it");
    expect(stdout).toContain("Level E2: the chain holds and is signed by a key you trust");
    expect(stdout).toMatch(/Not proven:\n {2}that what the sender said is true/);
  });

  test("--explain of what cannot be read claims no check that was not made", async () => {
    const hostile = world.write("hostile.json", "[".repeat(10_000));
    const { exit, stdout } = await world.qoc(`envelope verify ${hostile} --explain`);
    expect([exit, stdout.includes("✓")]).toEqual([1, false]);
    expect(stdout).toContain("(not checked)");
  });

  test("every code of the verifier has its place in the explanation, once", () => {
    expect([...explainedCodes].toSorted()).toEqual(Object.keys(verifyCodes).toSorted());
  });

  test("takes a run in place of a file", async () => {
    expect((await world.qoc("envelope verify @last", { runs: [sealed] })).exit).toBe(0);
  });
});

describe("qoc envelope show and list", () => {
  test.each(["", " --json", " --output ndjson"])("show%s prints the exact bytes", async (flag) => {
    const { stdout } = await world.qoc(`envelope show @last${flag}`, { runs: [sealed] });
    expect(stdout).toBe(text);
  });

  test("a run that is not sealed has none yet", async () => {
    const { exit, stderr } = await world.qoc("envelope show @last", {
      runs: [aRun({ state: "executing.performing" })],
    });
    expect([exit, stderr]).toEqual([75, expect.stringContaining("NOT_SEALED")]);
  });

  test.each(["envelope show --list", "envelope export --public", "log proof"])(
    "qoc %s says of an erased run that it is one",
    async (asked) => {
      const left = world.write(`.qoc/evidence/01990000-0000-7000-8000-000000000002.erased.json`, "{}");
      const { exit, stderr } = await world.qoc(`${asked} ${left}`);
      expect([exit, stderr]).toEqual([66, expect.stringContaining("This run was erased.")]);
      expect(stderr).toContain(`qoc envelope verify ${left}`);
    },
  );

  test("list names the envelopes and passes over what is none", async () => {
    world.write(".qoc/evidence/01990000-0000-7000-8000-000000000001.json", "{}");
    const { json } = await world.qoc("envelope list --json");
    expect(json()).toMatchObject({
      schema: "qoc.envelope.list/1",
      items: [{ evidence_id: birth.evidence_id, kind: "envelope", webhook: "risk-breach", outcome: "completed" }],
    });
  });
});
