import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Api } from "../../../src/cli/client.ts";
import { buildApiApp } from "../../../src/http/api-app.ts";
import { createLoginCodes } from "../../../src/http/console/login-codes.ts";
import { listenPrivately, writeDaemonFile } from "../../../src/http/control-address.ts";
import { entropy, tokensOver } from "../http/console/console-world.ts";
import { aRun, AT, aTarget, runNumber, storeOf } from "../http/desk-with-runs.ts";
import { type InspectDoor, inspectDoor } from "../inspect/inspect-door.ts";
import { type World, cliWorld } from "./cli-world.ts";

const run = aRun({ run: runNumber(1), state: "sealed" });
let world: World;
const closers: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  world = cliWorld();
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await world.close();
});

async function console(stately = false): Promise<InspectDoor> {
  const door = await inspectDoor({ store: storeOf([run]), stately: () => stately });
  closers.push(door.close);
  return door;
}

/** The control socket of a daemon whose console is there, or off. */
async function daemon(consoleUrl: string | null): Promise<void> {
  const clock = { now: () => AT };
  const app = buildApiApp({
    target: aTarget([run]),
    clock,
    entropy,
    login: {
      codes: createLoginCodes(clock, entropy),
      tokens: tokensOver({ at: AT }).tokens,
      consoleUrl: () => consoleUrl,
    },
    complain: (_says, reason) => {
      throw reason;
    },
  });
  const socket = path.join(world.dir, ".qoc", "c.sock");
  await listenPrivately(socket, (at) => app.listen({ path: at }));
  const started_at = new Date(AT).toISOString();
  writeDaemonFile(world.dir, { pid: process.pid, socket, ingress: null, console: consoleUrl, started_at });
  closers.push(() => app.close());
}

describe("qoc inspect", () => {
  test("prints the page's address for the whole id of a run, with a code that no request carries", async () => {
    const { url } = await console();
    await daemon(url);
    const { exit, stdout, stderr } = await world.qoc(`inspect ${runNumber(1).slice(0, 8)} --include-context`);
    expect(exit).toBe(0);
    const shown = new URL(stdout.trim());
    expect([shown.origin, shown.pathname, shown.search]).toEqual([url, "/inspect", `?run=${runNumber(1)}&context=1`]);
    expect(shown.hash).toMatch(/^#code=[\w-]{20,}$/);
    expect(stderr).toContain("good once, for 60 seconds");
  });

  test("without a run it is about all of them", async () => {
    const { url } = await console();
    await daemon(url);
    expect((await world.qoc("inspect")).stdout).toMatch(new RegExp(`^${url}/inspect#code=`));
  });

  test("--stately is refused with the key that allows it, until it does", async () => {
    const refused = await console();
    await daemon(refused.url);
    const { exit, stderr } = await world.qoc("inspect @last --stately");
    expect([exit, stderr]).toEqual([77, expect.stringContaining("stately = true below [inspect]")]);
  });

  test("--stately gives the bridge's address where it is allowed", async () => {
    const { url } = await console(true);
    await daemon(url);
    expect((await world.qoc("inspect @last --stately")).stdout).toMatch(
      new RegExp(`^${url}/inspect/stately\\?run=${runNumber(1)}#code=`),
    );
  });

  test("says what needs no page when the console is off", async () => {
    await daemon(null);
    const { exit, stderr } = await world.qoc("inspect @last");
    expect([exit, stderr]).toEqual([69, expect.stringContaining("--save FILE")]);
  });

  test("an unknown run opens nothing", async () => {
    const { url } = await console();
    await daemon(url);
    const { exit, stdout } = await world.qoc("inspect deadbeef");
    expect([exit, stdout]).toEqual([66, ""]);
  });
});

describe("qoc inspect --save", () => {
  const asked: string[] = [];
  /** A stopped desk, whose API answers as the routes do. */
  async function save(args: string): ReturnType<World["qoc"]> {
    const { text } = await (await console()).inspection(runNumber(1));
    const api: Api = {
      live: false,
      ask: () => Promise.reject(new Error("nothing else is asked")),
      text: (at) => {
        asked.push(at);
        return Promise.resolve(text);
      },
      events: () => {
        throw new Error("nothing is followed");
      },
      close: () => Promise.resolve(),
    };
    mkdirSync(path.join(world.dir, ".qoc"), { recursive: true });
    return world.qoc(args, { parts: { stoppedApi: () => Promise.resolve(api) } });
  }

  test("writes a frame a line, from a stopped desk too, and counts them", async () => {
    const { exit, stdout } = await save("inspect @last --save frames.ndjson");
    const lines = readFileSync(path.join(world.dir, "frames.ndjson"), "utf8").trim().split("\n");
    expect([exit, lines.length]).toEqual([0, 3]);
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(["@xstate.actor", "@xstate.event", "@xstate.snapshot"]);
    expect(stdout).toContain("holds 3 frames");
    expect(asked.at(-1)).toBe("/api/runs/@last/inspection?context=0");
  });

  test("- is stdout, and nothing else is on it", async () => {
    const { stdout } = await save("inspect @last --save - --include-context");
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).type),
    ).toContain("@xstate.actor");
    expect(asked.at(-1)).toBe("/api/runs/@last/inspection?context=1");
  });

  test("never replaces a file", async () => {
    writeFileSync(path.join(world.dir, "there"), "mine");
    const { exit, stderr } = await save("inspect @last --save there");
    expect([exit, stderr]).toEqual([73, expect.stringContaining("never replaced")]);
    expect(readFileSync(path.join(world.dir, "there"), "utf8")).toBe("mine");
  });

  test("wants to know of which run", async () => {
    expect((await save("inspect --save x")).exit).toBe(64);
  });
});
