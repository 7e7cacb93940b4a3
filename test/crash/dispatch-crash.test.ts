/**
 * Kills daemons while a command has an order in its hands, and an agent while it works. Whoever sends is asked by key before anything is
 * sent again, and where nobody can tell, a person says what became of it.
 */
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { attended, begin, crashDesk, findingsIn, leftOf, linesIn, stateOf, why } from "../support/agent-crash-site.ts";
import { filesIn, textIn } from "../support/agent-desk.ts";
import { lives } from "../support/agent-site.ts";
import { quiet } from "../support/control.ts";
import { type Daemon, kill, qoc, stop, up, within } from "../support/daemon.ts";

/** It writes down what it is asked, waits as long as `hold` is there, and answers as `answer` says. */
const BROKER = `
import { appendFileSync, existsSync, readFileSync } from "node:fs";
const { QOC_ORDER_KEY: order, QOC_ASKED_KEY: asked } = process.env;
const lines = (file) => (existsSync(file) ? readFileSync(file, "utf8").split("\\n") : []);
const held = async (file) => { while (existsSync(file)) await new Promise((again) => setTimeout(again, 10)); };
const fill = () => process.stdout.write('{"kind":"filled","fills":[{"quantity":"1","price":"10"}]}');
if (order !== undefined) {
  appendFileSync("calls.txt", "submit " + order + " " + process.pid + "\\n");
  await held("hold-before");
  appendFileSync("sent.txt", order + "\\n");
  await held("hold-after");
  fill();
} else {
  appendFileSync("calls.txt", "ask " + asked + "\\n");
  if (existsSync("silent")) process.exit(1);
  if (lines("sent.txt").includes(asked)) fill();
  else process.stdout.write('{"kind":"not_seen"}');
}
`;
// Each of them starts a daemon again.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const command = JSON.stringify([process.execPath, "broker.mjs"]);

let dir: string;
let daemon: Daemon;

beforeAll(async () => {
  dir = crashDesk({
    connector: "broker",
    toml: `[[connector]]\nname = "broker"\ntype = "command"\ncommand = ${command}\nask = ${command}\n`,
  });
  writeFileSync(path.join(dir, "broker.mjs"), BROKER);
  writeFileSync(path.join(dir, "book", "book.toml"), 'cash = "100000"\n\n[positions]\nNVDA = "50"\n');
  daemon = await up([dir]);
});

const put = (file: string): void => writeFileSync(path.join(dir, file), "");
const take = (file: string): void => rmSync(path.join(dir, file), { force: true });
const calls = (): readonly string[] => linesIn(dir, "calls.txt");
const sent = (): readonly string[] => linesIn(dir, "sent.txt");

async function until(holds: () => boolean, words: string): Promise<void> {
  const look = async (): Promise<void> => {
    while (!holds()) await pause(10);
  };
  await within(look(), () => words);
}

/** A run whose first order the broker has in its hands, and whose daemon is dead. The broker lives on. */
async function cutOff(name: string, hold: string): Promise<{ readonly run: string; readonly broker: number }> {
  put(hold);
  const before = calls().length;
  const sentBefore = sent().length;
  const run = await begin(daemon.ingress, name);
  attended(dir, run, ["sealed"]).catch(() => undefined);
  // Its daemon dies over it, and nobody is answered any more.
  await until(
    () => calls().length > before && (hold === "hold-before" || sent().length > sentBefore),
    "handed no order to the broker",
  );
  await kill(daemon);
  daemon = await up([dir]);
  await attended(dir, run, ["stuck"]);
  return { run, broker: Number(calls()[before]?.split(" ")[2]) };
}

async function end(broker: number): Promise<void> {
  process.kill(broker, "SIGKILL");
  await until(() => !lives(broker), "outlived SIGKILL");
}

const resumed = async (run: string, ...more: readonly string[]): Promise<string> => {
  const said = await qoc({ cwd: dir }, "runs", "resume", run, "--reason", "looked at the broker", ...more);
  expect([said.code, said.stderr]).toEqual([0, expect.any(String)]);
  return said.stdout;
};
/** No order is in the broker's book twice. */
function expectEachOnce(): void {
  expect(new Set(sent()).size).toBe(sent().length);
}

describe("a daemon killed while a command has an order", () => {
  test("that was sent: the command is left alone, then asked, and nothing is sent again", async () => {
    const { run, broker } = await cutOff("sent", "hold-after");
    const said = await qoc({ cwd: dir }, "why", run);
    expect(said.stdout).toContain("an approved order may have been sent");
    expect(await resumed(run, "--dry-run")).toContain("only if the connector says that it never saw it");
    expect(calls().filter((call) => call.startsWith("ask"))).toEqual([]);

    await resumed(run);
    await attended(dir, run, ["stuck"]);
    expect(await why(dir, run)).toContain(`an earlier attempt still runs, as process ${broker}`);
    take("hold-after");
    await until(() => !lives(broker), "went on though nothing held it");

    const [first] = sent();
    await resumed(run);
    await attended(dir, run, ["sealed"]);
    await quiet(dir);
    expect(calls().map((call) => call.split(" ").slice(0, 2).join(" "))).toEqual([
      `submit ${first}`,
      `ask ${first}`,
      `submit ${sent()[1]}`,
    ]);
    expect(sent()).toHaveLength(2);
    expectEachOnce();
    expect(await leftOf(dir, run)).toMatchObject({ drafts: ["executed", "executed"], executed: 2, fill_pages: 2 });
  });

  test("that was not sent: it is asked for first, and then sent under the same key, once", async () => {
    const { run, broker } = await cutOff("not sent", "hold-before");
    await end(broker);
    take("hold-before");
    const before = calls().length;
    const [, key] = calls().at(-1)?.split(" ") ?? [];
    await resumed(run);
    await attended(dir, run, ["sealed"]);
    await quiet(dir);
    expect(calls()[before]).toBe(`ask ${key}`);
    expect(calls()[before + 1]).toContain(`submit ${key} `);
    expect(sent()).toHaveLength(4);
    expectEachOnce();
    expect((await leftOf(dir, run)).drafts).toEqual(["executed", "executed"]);
  });

  test.each([
    ["executed", ["executed", "executed"]],
    ["failed", ["failed", "executed"]],
  ])("that nobody can tell of: a person says that it %s, and it is not sent again", async (outcome, drafts) => {
    const { run, broker } = await cutOff(`nobody knows ${outcome}`, "hold-after");
    await end(broker);
    take("hold-after");
    put("silent");
    await resumed(run);
    await attended(dir, run, ["stuck"]);
    expect(await why(dir, run)).toContain("whether it was sent cannot be told");
    const before = sent().length;
    expect(await resumed(run, "--order", outcome, "--dry-run")).toContain(`counts as ${outcome}, on your word`);
    expect(await stateOf(dir, run)).toBe("stuck");
    await resumed(run, "--order", outcome);
    await attended(dir, run, ["sealed"]);
    await quiet(dir);
    take("silent");
    expect(sent()).toHaveLength(before + 1);
    expectEachOnce();
    expect((await leftOf(dir, run)).drafts).toEqual(drafts);
  });
});

test("an agent that is killed fails its run: what it drafted is withdrawn, and a person is told", async () => {
  const script = textIn(dir, "agent.mjs");
  writeFileSync(
    path.join(dir, "agent.mjs"),
    script.replace("} catch {", '  process.kill(process.pid, "SIGKILL");\n} catch {'),
  );
  const before = sent().length;
  const run = await begin(daemon.ingress, "killed agent");
  await attended(dir, run, ["sealed"]);
  await quiet(dir);
  const left = await leftOf(dir, run);
  expect(left).toMatchObject({ drafts: ["withdrawn", "withdrawn"], executed: 0, rejected: 2, reports: 1, alive: [] });
  const pages = filesIn(dir, "inbox").map((file) => textIn(dir, `inbox/${file}`));
  const told = pages.filter((page) => page.includes(run));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain("the agent was ended by SIGKILL");
  const [report] = filesIn(dir, "snapshots")
    .map((file) => textIn(dir, `snapshots/${file}`))
    .filter((text) => text.includes(run));
  expect(report).toContain("the agent was ended by SIGKILL");
  expect(await why(dir, run)).toContain("failed");
  expect(sent()).toHaveLength(before);
});

test("in the end everything is sealed and verifies, and nothing is left behind", async () => {
  expect((await stop(daemon)).code).toBe(0);
  expect(await findingsIn(dir, 5)).toEqual([]);
});
