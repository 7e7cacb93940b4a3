import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aRun, runNumber } from "../http/desk-with-runs.ts";
import { type World, cliWorld } from "./cli-world.ts";

let world: World;
beforeEach(() => {
  world = cliWorld();
});
afterEach(() => world.close());

const runs = [aRun({ run: runNumber(1), state: "stuck" }), aRun({ run: runNumber(2) })];
const COLOUR = "\u001b[";

describe("results and everything else", () => {
  test("a result is on stdout alone, a remark on stderr alone", async () => {
    const { stdout, stderr } = await world.qoc("runs list", { runs });
    expect(stdout).toContain("00000001");
    expect(stderr).toBe("The daemon is not running: this is read from the desk's store.\n");
  });

  test("an error leaves stdout empty", async () => {
    const { exit, stdout, stderr } = await world.qoc("runs show 00000009", { runs });
    expect([exit, stdout]).toEqual([66, ""]);
    expect(stderr).toContain("RUN_UNKNOWN");
  });

  test("an error says what, why, what to try, and a code", async () => {
    const { exit, stderr } = await world.qoc("stop");
    expect(exit).toBe(69);
    expect(stderr.split("\n").slice(0, 4)).toEqual([
      "error: No daemon runs for this desk.",
      `  why:  ${world.dir}/.qoc/daemon.json does not exist.`,
      "  try:  qoc up",
      "  code: DAEMON_UNREACHABLE",
    ]);
  });

  test("with --json an error is JSON too, on stderr", async () => {
    const { stdout, stderr } = await world.qoc("stop --json");
    expect(stdout).toBe("");
    expect(JSON.parse(stderr)).toMatchObject({ schema: "qoc.error/1", code: "DAEMON_UNREACHABLE", exit: 69 });
  });
});

describe("forms of output", () => {
  test.each(["--json", "--output json", "--output=json"])("%s gives one document, schema first", async (flag) => {
    const { stdout } = await world.qoc(`runs list ${flag}`, { runs });
    expect(Object.keys(JSON.parse(stdout))).toEqual(["schema", "items", "next"]);
  });

  test("ndjson gives one item a line, each with its schema first", async () => {
    const { stdout } = await world.qoc("runs list --output ndjson", { runs });
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => Object.keys(line)[0])).toEqual(["schema", "schema"]);
    expect(lines.map((line) => line.run)).toEqual([runNumber(2), runNumber(1)]);
  });

  test("a global flag is taken before and after the command", async () => {
    const before = await world.qoc("--json runs list", { runs });
    const after = await world.qoc("runs list --json", { runs });
    expect(before.stdout).toBe(after.stdout);
  });

  test("an unknown form is wrong usage", async () => {
    expect((await world.qoc("runs list --output xml")).exit).toBe(64);
  });
});

describe("colour", () => {
  test.each([
    ["a pipe has none", {}, false, false],
    ["a terminal has it", {}, true, true],
    ["NO_COLOR takes it away", { NO_COLOR: "1" }, true, false],
    ["NO_COLOR set to nothing does not count", { NO_COLOR: "" }, true, true],
    ["FORCE_COLOR gives it to a pipe", { FORCE_COLOR: "1" }, false, true],
    ["FORCE_COLOR=0 takes it away", { FORCE_COLOR: "0" }, true, false],
    ["NO_COLOR wins over FORCE_COLOR", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    ["a dumb terminal has none", { TERM: "dumb" }, true, false],
  ])("%s", async (_says, env, terminal, coloured) => {
    const { stdout } = await world.qoc("runs list", { runs, env, terminal });
    expect(stdout.includes(COLOUR)).toBe(coloured);
  });

  test("JSON has none, whatever is forced", async () => {
    const { stdout } = await world.qoc("runs list --json", { runs, env: { FORCE_COLOR: "1" }, terminal: true });
    expect(stdout).not.toContain(COLOUR);
  });

  test("takes away no word: without it the same text remains", async () => {
    const coloured = await world.qoc("runs list", { runs, env: { FORCE_COLOR: "1" } });
    const bare = await world.qoc("runs list", { runs });
    // oxlint-disable-next-line no-control-regex
    expect(coloured.stdout.replaceAll(/\u001b\[\d+m/g, "")).toBe(bare.stdout);
  });

  test("what a sender wrote cannot steer the terminal", async () => {
    const facts = { delivery_id: `d\u001b[2J\u202e`, event_type: null, subject_key: null, ref: null, commit_sha: null };
    const hostile = aRun({
      rows: [{ event: "NORMALIZED", to: "normalized", data: { facts }, observed: [["payload_parsed", "\u001b[31m"]] }],
    });
    const { stdout } = await world.qoc("runs show @last", { runs: [hostile] });
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toContain("d\\u001b[2J\\u202e");
  });
});

describe("how it ends", () => {
  test("the reader going away ends it quietly with 0", async () => {
    const { exit, stderr } = await world.qoc("runs list", { runs, brokenAfter: 0 });
    expect([exit, stderr.includes("error")]).toEqual([0, false]);
  });

  test.each([
    ["--help", 0],
    ["--version", 0],
    ["runs list --help", 0],
    ["", 64],
    ["runs", 64],
    ["nonsense", 64],
    ["runs list --nonsense", 64],
    ["runs show", 64],
    ["runs list extra", 64],
    ["runs show abc", 64],
    ["runs show 'no such'", 64],
    ["runs list -n 0", 64],
    ["runs list --since yesterday", 64],
    ["ready --wait soon", 64],
    ["artifact cat abc", 64],
    ["completion tcsh", 64],
    ["send nobody", 66],
    ["--desk /nowhere runs list", 66],
    ["logs", 66],
    ["envelope verify missing.json", 66],
    ["runs resume 00000001 --reason x", 69],
    ["ready", 69],
  ])("qoc %s exits with %i", async (args, exit) => {
    expect((await world.qoc(args, { runs })).exit).toBe(exit);
  });

  test("a thing that cannot be created is 73, a desk that is there already", async () => {
    expect((await world.qoc("init .")).exit).toBe(73);
  });

  test("what may work later is 75", async () => {
    await world.daemon(runs);
    expect((await world.qoc("runs resume 00000002 --reason x")).exit).toBe(75);
  });

  test("a broken configuration is 78 with every problem", async () => {
    world.write("desk.toml", 'name = "Equity Desk"\ncolour = 1\n');
    const { exit, stdout } = await world.qoc("config check");
    expect(exit).toBe(78);
    expect(stdout).toContain("desk.toml:1:");
    expect(stdout).toContain("desk.toml:2:");
  });

  test("a bug of ours is 70 and shows its trace only when asked", async () => {
    const parts = { openStore: () => Promise.reject(new TypeError("undefined is not a function")) };
    const { exit, stderr } = await world.qoc("store stats", { parts });
    expect([exit, stderr.includes("    at ")]).toEqual([70, false]);
    expect((await world.qoc("store stats", { parts, env: { QOC_DEBUG: "1" } })).stderr).toContain("    at ");
  });

  test("a file that may not be read is 77", async () => {
    const parts = { openStore: () => Promise.reject(Object.assign(new Error("EACCES: denied"), { code: "EACCES" })) };
    expect((await world.qoc("store stats", { parts })).exit).toBe(77);
  });

  test("a disk that fails is 74", async () => {
    const parts = { openStore: () => Promise.reject(Object.assign(new Error("EIO"), { code: "EIO" })) };
    expect((await world.qoc("store stats", { parts })).exit).toBe(74);
  });

  test.each([
    [130, 130],
    [143, 143],
  ])("a signal with the code %i ends a waiting command with it", async (reason, exit) => {
    await world.daemon(runs);
    const stopping = AbortSignal.abort(reason);
    expect((await world.qoc("runs watch 00000001", { stopping })).exit).toBe(exit);
  });

  test("help names every command of the manual", async () => {
    const { stdout } = await world.qoc("--help");
    for (const name of [
      "init",
      "up|serve",
      "ready",
      "stop",
      "status",
      "send",
      "runs",
      "why",
      "inbox",
      "envelope",
      "config",
      "endpoints",
      "logs",
      "metrics",
      "doctor",
      "service",
      "store",
    ]) {
      expect(stdout).toContain(`  ${name} `);
    }
  });
});

describe("asking a person", () => {
  test("without a terminal nothing is asked: the flag is named", async () => {
    await world.daemon(runs);
    const { exit, stderr } = await world.qoc("runs resume 00000001");
    expect(exit).toBe(64);
    expect(stderr).toContain("--reason is missing");
  });

  test("on a terminal the question names the flag that answers it", async () => {
    const target = await world.daemon(runs);
    const { exit, stderr } = await world.qoc("runs resume 00000001", { terminal: true, stdin: "looked at it\n" });
    expect(stderr).toContain("(--reason)");
    expect([exit, target.posted[0]?.events[0]]).toEqual([0, { type: "RESUME", reason: "looked at it" }]);
  });

  test("Enter alone answers nothing", async () => {
    const target = await world.daemon(runs);
    const { exit } = await world.qoc("runs cancel 00000001", { terminal: true, stdin: "\n" });
    expect([exit, target.posted]).toEqual([64, []]);
  });
});
