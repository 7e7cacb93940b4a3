import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parse } from "smol-toml";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readDesk } from "../../../src/config/read-desk.ts";
import { deskName } from "../../../src/cli/commands/init.ts";
import { aRun, runNumber } from "../http/desk-with-runs.ts";
import { type World, cliWorld } from "./cli-world.ts";

let world: World;
beforeEach(() => {
  world = cliWorld();
});
afterEach(() => world.close());

describe("qoc init", () => {
  test("makes a desk whose configuration is valid as it stands", async () => {
    const { exit, stdout } = await world.qoc("init my-desk");
    expect([exit, readDesk({ dir: path.join(world.dir, "my-desk"), globalFile: null, env: {} })]).toMatchObject([
      0,
      { kind: "config", desk: { name: "my-desk", webhooks: [{ name: "price-alert" }] } },
    ]);
    expect(stdout).toContain("cd my-desk");
  });

  test("keeps its generated secrets to its user, and out of what it prints", async () => {
    const { stdout, stderr } = await world.qoc("init my-desk --json");
    const env = path.join(world.dir, "my-desk", ".env.qoc");
    const secret = /=([0-9a-f]{64})/.exec(readFileSync(env, "utf8"))?.[1] ?? "none";
    expect([statSync(env).mode & 0o777, (stdout + stderr).includes(secret)]).toEqual([0o600, false]);
  });

  test("--name names the workspace", async () => {
    await world.qoc("init d --name equity");
    expect(parse(readFileSync(path.join(world.dir, "d", "desk.toml"), "utf8"))["name"]).toBe("equity");
  });

  test("a name that is none is refused before anything is written", async () => {
    const { exit } = await world.qoc("init d --name 'Equity Desk'");
    expect([exit, statSync(path.join(world.dir, "d"), { throwIfNoEntry: false })]).toEqual([64, undefined]);
  });

  test.each([
    ["/x/My Desk!", "my-desk"],
    ["/x/équité", "quit"],
    ["/", "desk"],
    [`/${"a".repeat(80)}`, "a".repeat(63)],
  ])("a folder %s gives the name %s", (dir, name) => {
    expect(deskName(dir)).toBe(name);
  });
});

describe("which desk a command is about", () => {
  test("the nearest one upward", async () => {
    const cwd = path.join(world.dir, "inbox", "deeper");
    mkdirSync(cwd, { recursive: true });
    expect((await world.qoc("config check", { cwd })).stdout).toBe(`${path.join(world.dir, "desk.toml")}: valid\n`);
  });

  test("or the one named, from anywhere", async () => {
    const { stdout } = await world.qoc(`--desk ${world.dir} config check`, { cwd: "/" });
    expect(stdout).toContain("valid");
  });

  test("none is an error that says how to make one", async () => {
    const { exit, stderr } = await world.qoc("status", { cwd: "/" });
    expect([exit, stderr]).toEqual([66, expect.stringContaining("qoc init")]);
  });
});

describe("qoc config", () => {
  test("show has every key with its value, and with --origin where that is from", async () => {
    const { stdout } = await world.qoc("config show --origin");
    expect(stdout).toMatch(/^daemon\.ingress\s+default\s+127\.0\.0\.1:7430$/m);
    expect(stdout).toMatch(/^name\s+workspace\s+equity-desk$/m);
  });

  test("show never shows a secret", async () => {
    const { stdout } = await world.qoc("config show --json");
    expect(stdout).not.toContain("5ca1ab1e");
    expect(stdout).toContain("env:WEBHOOK_SECRET_PRICE_ALERT (set)");
  });

  test("schema is a JSON Schema of the whole file", async () => {
    const { json } = await world.qoc("config schema");
    expect(json()).toMatchObject({ title: "desk.toml", type: "object" });
  });

  test("check --json has each problem with its place", async () => {
    world.write("desk.toml", 'name = "d"\n[[webhook]]\nname = "w"\nactoin = "inbox"\n');
    const { exit, json } = await world.qoc("config check --json");
    expect([exit, json()]).toMatchObject([
      78,
      { ok: false, problems: expect.arrayContaining([expect.objectContaining({ line: 4 })]) },
    ]);
  });
});

describe("qoc endpoints list", () => {
  test("has each URL, the source of each secret, and no secret", async () => {
    const { stdout } = await world.qoc("endpoints list");
    expect(stdout).toContain("http://127.0.0.1:7430/webhook/equity-desk/price-alert");
    expect(stdout).toContain("env:WEBHOOK_SECRET_RISK (set)");
    expect(stdout).not.toContain("5ca1ab1e");
  });

  test("has the port that the running daemon has", async () => {
    await world.daemon([], {}, "http://127.0.0.1:9999");
    expect((await world.qoc("endpoints list")).stdout).toContain("http://127.0.0.1:9999/webhook/");
  });
});

const item = (status: string): string =>
  `---\nkind: webhook\nstatus: ${status}\nevent: price_alert\nrun: 00000001\n---\nText\n`;

describe("qoc inbox", () => {
  test("says in words what a page wants, also of one that an agent wrote", async () => {
    world.write(
      "inbox/2.md",
      '---\nkind: approval\nstatus: new\nevent: approval.requested\nsays: "To be decided: sell 10"\n---\n',
    );
    world.write("inbox/1.md", "---\nkind: question\nstatus: new\ntitle: May I?\n---\n");
    const { stdout } = await world.qoc("inbox");
    expect(stdout.split("\n").filter((line) => line !== "")).toEqual([
      expect.stringMatching(/^new +approval\.requested +- +inbox\/2\.md +To be decided: sell 10$/),
      expect.stringMatching(/^new +question +- +inbox\/1\.md +May I\?$/),
    ]);
  });

  test("lists items newest first, by status when asked", async () => {
    world.write("inbox/2026-07-05T14-22-00Z-price-alert.md", item("new"));
    world.write("inbox/2026-07-06T14-22-00Z-price-alert.md", item("done"));
    world.write("inbox/.hidden.tmp", "");
    const all = await world.qoc("inbox --json");
    const fresh = await world.qoc("inbox --status new --json");
    expect(all.json()).toMatchObject({ schema: "qoc.inbox.list/1", items: [{ status: "done" }, { status: "new" }] });
    expect(fresh.json()).toMatchObject({
      items: [{ file: "inbox/2026-07-05T14-22-00Z-price-alert.md", event: "price_alert" }],
    });
  });

  test("marks an item, by its path or its name, and changes nothing else of it", async () => {
    world.write("inbox/a.md", item("new"));
    const { exit, stdout } = await world.qoc("inbox mark inbox/a.md done");
    expect([exit, stdout]).toEqual([0, "inbox/a.md is done\n"]);
    expect((await world.qoc("inbox mark a.md snoozed --json")).json()).toEqual({
      schema: "qoc.inbox.status/1",
      file: "inbox/a.md",
      status: "snoozed",
    });
    expect(readFileSync(path.join(world.dir, "inbox", "a.md"), "utf8")).toBe(item("snoozed"));
  });

  test.each([
    ["a.md later", 64],
    ["../desk.toml done", 64],
    ["gone.md done", 66],
    ["broken.md done", 65],
  ])("does not mark %s", async (args, exit) => {
    world.write("inbox/a.md", item("new"));
    world.write("inbox/broken.md", "just text");
    expect((await world.qoc(`inbox mark ${args}`)).exit).toBe(exit);
    expect(readFileSync(path.join(world.dir, "inbox", "a.md"), "utf8")).toBe(item("new"));
  });

  test("a file that a person broke is listed, with nothing read from it", async () => {
    world.write("inbox/note.md", "---\n{[\n---\n");
    expect((await world.qoc("inbox --json")).json()).toMatchObject({
      items: [{ file: "inbox/note.md", status: null }],
    });
  });
});

const line = (n: number, run: string): string =>
  JSON.stringify({ level: 30, time: "2026-07-05T13:45:01.124Z", run, seq: n, event: "VERIFIED" });

describe("qoc logs", () => {
  test("prints the last lines, readable, or as they were written", async () => {
    world.write(".qoc/log/daemon.ndjson", `${[1, 2, 3].map((n) => line(n, "0aaa")).join("\n")}\n`);
    expect((await world.qoc("logs --tail 1")).stdout).toBe("13:45:01.124 INFO run=0aaa seq=3 event=VERIFIED\n");
    expect((await world.qoc("logs --tail 1 --output ndjson")).stdout).toBe(`${line(3, "0aaa")}\n`);
  });

  test("finds lines about one run however far back, and is not fooled by broken ones", async () => {
    const many = Array.from({ length: 3000 }, (_, n) => line(n, n === 7 ? "0bbb0000" : "0aaa0000"));
    world.write(".qoc/log/daemon.ndjson", `${many.join("\n")}\n{broken\n`);
    const { stdout } = await world.qoc("logs --run 0bbb --tail 5");
    expect(stdout).toBe("13:45:01.124 INFO run=0bbb0000 seq=7 event=VERIFIED\n");
  });

  test("finds the lines of the last run by that name", async () => {
    const run = runNumber(1);
    const runs = [aRun({ run })];
    world.write(".qoc/log/daemon.ndjson", `${line(1, "0aaa0000")}\n${line(2, run)}\n`);
    const { stdout } = await world.qoc("logs --run @last", { runs });
    expect(stdout).toBe(`13:45:01.124 INFO run=${run} seq=2 event=VERIFIED\n`);
  });

  test("follows until a signal", async () => {
    world.write(".qoc/log/daemon.ndjson", `${line(1, "0aaa")}\n`);
    const { exit, stdout } = await world.qoc("logs -f", { stopping: AbortSignal.abort(130) });
    expect([exit, stdout]).toEqual([130, expect.stringContaining("seq=1")]);
  });
});

describe("qoc completion", () => {
  test.each(["bash", "zsh", "fish"])("%s names the commands and their flags", async (shell) => {
    const { stdout } = await world.qoc(`completion ${shell}`);
    for (const word of ["runs", "watch", "needs-me", "envelope"]) expect(stdout).toContain(word);
  });

  test.each([
    ["runs re", ["release", "resume"]],
    ["ser", ["service"]],
    ["serve --in", ["--ingress"]],
    ["service ca", ["caddy"]],
    ["service systemd --us", ["--user"]],
    ["metr", ["metrics"]],
    ["runs show 0198 --js", ["--json"]],
    ["--desk runs runs sh", ["show"]],
    ["--output n", ["ndjson"]],
    ["runs list --output j", ["json"]],
    ["runs list --state s", []],
    ["runs list --state runs --web", ["--webhook"]],
    ["completion z", ["zsh"]],
    ["complete f", ["fish"]],
    ["logs -f --ta", ["--tail"]],
    ["no-such-thing --he", ["--help"]],
    ["$(touch%20x) --he", ["--help"]],
  ])("bash completes %j", async (typed, words) => {
    const { stdout } = await world.qoc("completion bash");
    const typedWords = ["qoc", ...typed.split(" ")].map((word) => `'${word}'`);
    const asked = `set -u\n${stdout}\nCOMP_WORDS=(${typedWords.join(" ")}); COMP_CWORD=${typedWords.length - 1}; _qoc; echo "\${COMPREPLY[*]-}"`;
    const { stdout: completed, stderr } = spawnSync("bash", ["-c", asked], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(
      completed
        .split(/\s/)
        .filter((word) => word !== "")
        .toSorted(),
    ).toEqual(words);
  });

  test("fish is told which flags want a value, and which values", async () => {
    const { stdout } = await world.qoc("completion fish");
    expect(stdout).toContain('-l output -x -a "human json ndjson"');
    expect(stdout).toContain("__fish_seen_subcommand_from up serve' -l ingress -r");
  });
});
