import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seal } from "../../../src/evidence/seal.ts";
import { birth, job, journal, looseOf, privatePem, publicPem, signer } from "../evidence/support.ts";
import { aRun } from "../http/desk-with-runs.ts";
import { type World, cliWorld } from "./cli-world.ts";

let world: World;
let file = "";
const { bytes } = seal(job(), signer);
const text = Buffer.from(bytes).toString("utf8");
const PACK = `${birth.evidence_id}.public.json`;
const sealed = aRun({ birth: { evidence_id: birth.evidence_id } });
const DESK = `name = "equity-desk"

[evidence]
public_allowlist = ["/intent/statement", "/subject/meta/*/value"]

[[webhook]]
name = "price-alert"
secret = "env:WEBHOOK_SECRET_PRICE_ALERT"
action = "inbox"
`;

beforeEach(() => {
  world = cliWorld();
  world.write("desk.toml", DESK);
  file = world.write(`.qoc/evidence/${birth.evidence_id}.json`, text);
  world.write(".qoc/keys/evidence.pub", publicPem);
  world.write(".qoc/keys/evidence.key", privatePem, 0o600);
});
afterEach(() => world.close());

const packIn = (folder: string): Buffer => readFileSync(path.join(folder, PACK));

describe("qoc envelope export --public", () => {
  test("writes a pack that opens what the desk allows, and that verifies", async () => {
    const { exit, stdout } = await world.qoc(`envelope export --public ${file}`);
    expect([exit, stdout]).toEqual([0, expect.stringContaining(`${PACK} shows:`)]);
    const pack = looseOf(packIn(world.dir));
    expect(pack.envelope.intent.statement).toBe("Write an inbox item because of risk_breach");
    expect(pack.envelope.subject.id).toBeUndefined();
    const verified = await world.qoc(`envelope verify ${PACK} --key .qoc/keys/evidence.pub`);
    expect([verified.exit, verified.stdout]).toEqual([0, expect.stringMatching(/^✓ holds {2}level E2.*public pack/)]);
  });

  test("takes a run in place of a file, and another place to write to", async () => {
    const { exit, json } = await world.qoc("envelope export --public @last --out shown.json --json", {
      runs: [sealed],
    });
    expect([exit, json()["file"]]).toEqual([0, path.join(world.dir, "shown.json")]);
    expect(existsSync(path.join(world.dir, "shown.json"))).toBe(true);
  });

  test("never replaces a file, and leaves none beside it", async () => {
    const there = world.write(PACK, "mine");
    const { exit, stderr } = await world.qoc(`envelope export --public ${file}`);
    expect([exit, stderr]).toEqual([73, expect.stringMatching(/never replaced[^]*FILE_EXISTS/)]);
    expect(readFileSync(there, "utf8")).toBe("mine");
    expect((await world.qoc(`envelope export --public ${file} --out other.json`)).exit).toBe(0);
    expect(readdirSync(world.dir).filter((name) => name.startsWith(".tmp"))).toEqual([]);
  });

  test("with --json says what is opened, how much is closed, and what was accepted", async () => {
    const { json } = await world.qoc(`envelope export --public ${file} --json`);
    expect(Object.keys(json())).toEqual([
      "schema",
      "evidence_id",
      "file",
      "dry_run",
      "opened",
      "closed",
      "allowed",
      "logged",
    ]);
    expect(json()).toMatchObject({ dry_run: false, allowed: [], logged: null });
    expect(json()["opened"]).toContain("/intent/statement");
  });

  test("with --dry-run shows the same document and writes nothing", async () => {
    const dry = await world.qoc(`envelope export --public --dry-run ${file}`);
    expect([dry.exit, existsSync(path.join(world.dir, PACK))]).toEqual([0, false]);
    const wet = await world.qoc(`envelope export --public ${file}`);
    expect(dry.stdout.split("\n").slice(1)).toEqual(wet.stdout.split("\n").slice(1));
  });

  test("never replaces a file", async () => {
    world.write(PACK, "mine");
    expect((await world.qoc(`envelope export --public ${file}`)).exit).toBe(73);
    expect(packIn(world.dir).toString()).toBe("mine");
  });

  test("is not done by mistake: --public has to be said", async () => {
    expect((await world.qoc(`envelope export ${file}`)).exit).toBe(64);
    expect(existsSync(path.join(world.dir, PACK))).toBe(false);
  });

  test("is stopped by what looks like a secret, which is named by its place alone, and made when that is accepted", async () => {
    const secret = `ghp_${"a1B2c3D4".repeat(5)}`;
    world.write(
      `.qoc/evidence/${birth.evidence_id}.json`,
      Buffer.from(seal(job(journal({ actor: secret })), signer).bytes).toString(),
    );
    const stopped = await world.qoc(`envelope export --public ${file}`);
    expect([stopped.exit, stopped.stdout]).toEqual([1, ""]);
    expect(stopped.stderr).toContain("SECRET_FOUND");
    expect(stopped.stderr).not.toContain(secret.slice(4));
    const pointer = /\/subject\/meta\/\d+\/value/.exec(stopped.stderr)?.[0] ?? "";
    expect(existsSync(path.join(world.dir, PACK))).toBe(false);
    const made = await world.qoc(`envelope export --public ${file} --allow ${pointer} --allow /intent/task --json`);
    expect([made.exit, made.json()["allowed"]]).toEqual([0, [pointer]]);
    expect(made.stderr).toContain("--allow /intent/task was not needed");
  });

  test("is made of nothing that this desk's key did not sign", async () => {
    const forged = world.write("forged.json", text.replace("risk_breach", "risk_breacH"));
    const { exit, stderr } = await world.qoc(`envelope export --public ${forged}`);
    expect([exit, stderr]).toEqual([65, expect.stringContaining("ENVELOPE_INVALID")]);
  });

  test("needs the desk's key, and writes nothing with a receipt of the log that does not hold", async () => {
    world.write(`.qoc/evidence/${birth.evidence_id}.tlog-proof`, "c2sp.org/tlog-proof@v1\n");
    const bad = await world.qoc(`envelope export --public ${file}`);
    expect([bad.exit, bad.stderr]).toEqual([65, expect.stringContaining("LOG_PROOF_INVALID")]);
    const bare = world.write("bare/desk.toml", 'name = "bare"\n');
    const keyless = await world.qoc(`envelope export --public ${file}`, { cwd: path.dirname(bare) });
    expect([keyless.exit, keyless.stderr]).toEqual([66, expect.stringContaining("KEY_UNREADABLE")]);
  });
});

describe("qoc envelope verify of a public pack", () => {
  test("explains the checks that only a pack has", async () => {
    await world.qoc(`envelope export --public ${file}`);
    const { stdout } = await world.qoc(`envelope verify ${PACK} --key .qoc/keys/evidence.pub --explain`);
    expect(stdout).toContain("✓ every leaf is opened or receipted, as it was committed");
    expect(stdout).toContain("anything of a closed value, but that it is the one that was sealed");
    const envelope = await world.qoc(`envelope verify ${file} --explain`);
    expect(envelope.stdout).not.toContain("receipted");
  });

  test("names what is wrong with one", async () => {
    await world.qoc(`envelope export --public ${file}`);
    const forged = world.write("forged.json", packIn(world.dir).toString().replace("because of", "in spite of"));
    const { exit, stdout } = await world.qoc(`envelope verify ${forged} --key .qoc/keys/evidence.pub`);
    expect([exit, stdout]).toEqual([1, expect.stringContaining("SHOWN_MISMATCH")]);
  });
});
