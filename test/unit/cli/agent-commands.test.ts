/** What an agent does from a shell: every command is one call with the run's token, over a real control socket. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import path from "node:path";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLI_FILE, runBinReads, writeRunBin } from "../../../src/agent/run-bin.ts";
import { listenPrivately } from "../../../src/http/control-address.ts";
import { type AgentsGiven, NO_TOKEN, TOKEN, aBox, apiWith } from "../http/agent-world.ts";
import { type Given, type World, cliWorld } from "./cli-world.ts";

let world: World;
let agents: AgentsGiven;
let app: FastifyInstance;
let env: Readonly<Record<string, string>>;
beforeEach(async () => {
  world = cliWorld();
  const box = aBox("a");
  agents = {
    box,
    other: aBox("b"),
    boxFor: (token) => (token === TOKEN ? { ...box, call: echoing(box) } : undefined),
    end: () => undefined,
  };
  app = apiWith(agents);
  const socket = path.join(world.dir, ".qoc", "a.sock");
  await listenPrivately(socket, (at) => app.listen({ path: at }));
  env = { QOC_RUN_TOKEN: TOKEN, QOC_SOCKET: socket };
});
afterEach(async () => {
  await app.close();
  await world.close();
});

/** Takes every tool but those that it refuses, and says so. */
const echoing = (box: ReturnType<typeof aBox>) => async (tool: string, args: unknown) => {
  const answer = await box.call(tool, args);
  return tool === "read_file" || answer.ok
    ? answer
    : ({ ok: true, text: `did ${tool}`, structured: { tool } } as const);
};
const inRun = (args: string, given: Given = {}) => world.qoc(args, { ...given, env: { ...env, ...given.env } });

const ORDER = "--connector paper --symbol NVDA --side buy --quantity 0.10 --type limit --limit-price 120.50";
const each: readonly (readonly [args: string, tool: string, expected: object, stdin?: string])[] = [
  ["status", "status", {}],
  ["snapshot --title 'As it is' --body text", "snapshot", { title: "As it is", text: "text" }],
  ["inbox write --title T --body B", "inbox_write", { kind: "note", title: "T", body: "B" }],
  ["inbox write --kind question --title T", "inbox_write", { kind: "question", title: "T", body: "ünd\n" }, "ünd\n"],
  ["research write nvda --body -", "research_write", { name: "nvda", content: "page" }, "page"],
  ["research write nvda --body 'from the flag'", "research_write", { name: "nvda", content: "from the flag" }, "stdin"],
  ["issue update --status blocked", "issue_update", { status: "blocked" }],
  ["issue update --summary -", "issue_update", { summary: "done so far" }, "done so far"],
  ["files list", "list_files", {}],
  ["files list research --depth 3", "list_files", { path: "research", depth: 3 }],
  ["requeue risk-review --reason 'look again'", "run", { task: "risk-review", reason: "look again" }],
  ["run risk-review --reason 'look again'", "run", { task: "risk-review", reason: "look again" }],
  [
    `orders propose ${ORDER} --summary why`,
    "orders_propose",
    {
      order: {
        connector: "paper",
        symbol: "NVDA",
        side: "buy",
        quantity: "0.10",
        type: "limit",
        limit_price: "120.50",
      },
      rationale: { summary: "why" },
    },
  ],
  ["orders propose --arguments -", "orders_propose", { draft: { kind: "x" } }, '{"draft":{"kind":"x"}}'],
];

describe("inside a run", () => {
  test.each(each.map(([args, ...call]) => ({ args, call })))("qoc $args is one call", async ({ args, call }) => {
    const [tool, expected, stdin] = call;
    const { exit, stderr } = await inRun(args, stdin === undefined ? {} : { stdin });
    expect([exit, stderr]).toEqual([0, ""]);
    expect(agents.box.calls).toEqual([{ tool, args: expected }]);
  });

  test("the answer is text, or JSON with its facts", async () => {
    expect((await inRun("status")).stdout).toBe("run of a\n");
    expect((await inRun("status --json")).json()).toEqual({
      schema: "qoc.agent.call/1",
      tool: "status",
      text: "run of a",
      structured: { run: "a" },
    });
  });

  test("a call that is refused is told with its reason, and exits with 1", async () => {
    const { exit, stdout, stderr } = await inRun("files read ../../etc/passwd --limit 10");
    expect([exit, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("why:  There is no command read_file.");
    expect(agents.box.calls).toEqual([{ tool: "read_file", args: { path: "../../etc/passwd", limit: 10 } }]);
  });

  test.each(["runs list", "runs cancel 00000001 --reason x", "runs watch 00000001", "why 00000001", "stop"])(
    "qoc %s is not the agent's: the daemon refuses the token",
    async (args) => {
      const target = await world.daemon([]);
      const { exit, stderr } = await inRun(args);
      expect([exit, target.posted]).toEqual([77, []]);
      expect(stderr).toContain("RUN_TOKEN");
    },
  );

  test.each([
    "snapshot --body text",
    "inbox write --body B",
    "requeue risk-review",
    "orders propose --symbol NVDA",
    "orders propose --arguments [1]",
    "orders propose --arguments {",
    "files read a --offset -1",
    "files list --depth x",
    "inbox write --kind run-failed --title T --body B",
  ])("qoc %s is wrong usage, and no call", async (args) => {
    expect((await inRun(args)).exit).toBe(64);
    expect(agents.box.calls).toEqual([]);
  });

  test("a text that is missing is asked for by its flag, and never of a terminal", async () => {
    const { exit, stderr } = await inRun("research write nvda", { terminal: true });
    expect([exit, stderr.includes("--body"), agents.box.calls]).toEqual([64, true, []]);
  });

  test("a text that is too large for a call is refused with that reason", async () => {
    const { exit, stderr } = await inRun("research write nvda", { stdin: "x".repeat(600_000) });
    expect([exit, stderr.includes("BODY_TOO_LARGE"), agents.box.calls]).toEqual([65, true, []]);
    expect((await inRun("research write nvda", { stdin: "x".repeat(1_100_000) })).exit).toBe(64);
  });

  test("a token that is dead is 77, and is shown nowhere", async () => {
    const { exit, stderr, stdout } = await inRun("status", { env: { QOC_RUN_TOKEN: NO_TOKEN } });
    expect([exit, stdout]).toEqual([77, ""]);
    expect(stderr).toContain("TOKEN_INVALID");
    expect(stderr).not.toContain(NO_TOKEN);
  });

  test("a socket where nobody is, is 69", async () => {
    expect((await inRun("snapshot --title T --body B", { env: { QOC_SOCKET: "/nowhere/c.sock" } })).exit).toBe(69);
  });
});

describe("outside of a run", () => {
  const own = [
    ...each.map(([args]) => args).filter((args) => !/^(status|run) ?/.test(args)),
    "files read a",
    "mcp",
    "snapshot",
  ];
  test.each(own)("qoc %s says that it works in a run only", async (args) => {
    for (const half of [{}, { QOC_RUN_TOKEN: TOKEN }, { QOC_RUN_TOKEN: "", QOC_SOCKET: env["QOC_SOCKET"] ?? "" }]) {
      const { exit, stdout, stderr } = await world.qoc(args, { env: half });
      expect([exit, stdout]).toEqual([77, ""]);
      expect(stderr).toContain("RUN_ONLY");
    }
    expect(agents.box.calls).toEqual([]);
  });

  test("a person's list of the inbox is as it was", async () => {
    world.write("inbox/a.md", "---\nkind: delivery\nstatus: new\n---\n");
    const { exit, stdout } = await world.qoc("inbox --status new");
    expect([exit, stdout.includes("inbox/a.md")]).toEqual([0, true]);
  });
});

describe("the qoc on the path of a run", () => {
  test("is this build, whatever stands in the name of the folder, and passes on its arguments", () => {
    const folder = mkdtempSync(path.join(tmpdir(), `qoc'$(touch x)" `));
    const bin = writeRunBin(folder);
    expect(writeRunBin(folder)).toBe(bin);
    expect([bin, statSync(path.join(bin, "qoc")).mode & 0o777]).toEqual([path.join(folder, "bin"), 0o755]);
    const script = readFileSync(path.join(bin, "qoc"), "utf8");
    expect(script).toBe(`#!/bin/sh\nexec '${process.execPath}' '${CLI_FILE}' "$@"\n`);
    const { status, stdout } = spawnSync("qoc", ["--version"], {
      env: { PATH: `${bin}:/usr/bin:/bin` },
      encoding: "utf8",
    });
    expect([status, stdout]).toEqual([0, "0.1.0\n"]);
    rmSync(folder, { recursive: true });
  });

  test("is made of files that are there, its own and its packages'", () => {
    const reads = runBinReads();
    for (const place of reads) expect(statSync(place).isFile() || statSync(place).isDirectory()).toBe(true);
    expect(reads.some((place) => CLI_FILE.startsWith(`${place}${path.sep}`))).toBe(true);
    expect(reads.some((place) => path.basename(place) === "node_modules")).toBe(true);
  });
});
