import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { elementsIn, readXml } from "../chart/xml-reader.ts";
import { aRun, runNumber } from "../http/desk-with-runs.ts";
import { chartFor } from "../../../src/chart/book.ts";
import type { Parts } from "../../../src/cli/parts.ts";
import { stoppedApi as stopped } from "../../../src/cli/stopped-api.ts";
import { runDetail } from "../../../src/http/views.ts";
import { type Given, type World, cliWorld } from "./cli-world.ts";

let world: World;
beforeEach(() => {
  world = cliWorld();
});
afterEach(() => world.close());

const runs = [
  aRun({
    run: runNumber(1),
    state: "stuck",
    rows: [
      { event: "VERIFIED", to: "verified" },
      { event: "NORMALIZED", to: "normalized" },
    ],
  }),
];
const lineOf = (stdout: string, state: string): string =>
  stdout.split("\n").find((line) => line.slice(3).trimStart().startsWith(`${state} `)) ?? "";

describe("qoc chart", () => {
  test("names the machines", async () => {
    const { exit, stdout } = await world.qoc("chart");
    expect(exit).toBe(0);
    expect(stdout.split("\n").map((line) => line.split(" ")[0])).toEqual([
      "delivery",
      "notice",
      "notification",
      "order",
      "subject",
      "",
    ]);
    expect((await world.qoc("chart --json")).json()).toMatchObject({ schema: "qoc.charts.list/1" });
  });

  test("shows a machine as a table, outside of any desk and without a daemon", async () => {
    const { exit, stdout, stderr } = await world.qoc("chart notice", { cwd: "/" });
    expect([exit, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("the machine notice, version 1");
    expect(lineOf(stdout, "waiting")).toMatch(/waiting +initial +NOTICE +writing$/);
    expect(lineOf(stdout, "backing-off")).toMatch(/after backoff +writing$/);
    expect(lineOf(stdout, "written")).toMatch(/resting$/);
  });

  test.each([false, true])("shows a run: its path, where it is, what is possible (daemon: %s)", async (live) => {
    if (live) await world.daemon(runs);
    const { exit, stdout } = await world.qoc("chart 00000001", { runs });
    expect(exit).toBe(0);
    expect(stdout).toContain(`run ${runNumber(1)}, which is in stuck (delivery 1)`);
    expect(lineOf(stdout, "stuck")).toMatch(/^> +stuck +here now +RESUME \[moreToSend\] +dispatching +possible now$/);
    expect(lineOf(stdout, "received")).toMatch(/^ +received +initial, passed +VERIFIED +verified +taken$/);
    expect(lineOf(stdout, "sealed")).not.toMatch(/here now|passed|possible now/);
  });

  test("tells where it is without colour", async () => {
    const bare = (await world.qoc("chart @last", { runs })).stdout;
    const coloured = (await world.qoc("chart @last", { runs, env: { FORCE_COLOR: "1" } })).stdout;
    // oxlint-disable-next-line no-control-regex
    expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(bare);
    expect(coloured).not.toBe(bare);
  });

  test("--json has the rows of the table", async () => {
    const { json } = await world.qoc("chart @last --json", { runs });
    expect(json()).toMatchObject({
      schema: "qoc.chart/1",
      machine: "delivery",
      run: runNumber(1),
      state: "stuck",
      svg: null,
    });
    expect(json()["rows"]).toContainEqual(expect.objectContaining({ state: "stuck", here: true }));
  });
});

describe("a run whose page is there", () => {
  const answering = (changes: object): Given => {
    const [run] = runs;
    if (run === undefined) throw new Error("no run");
    const waiting = { ...runDetail(run.record, run.journal), state: "awaiting-approval.asked" };
    const chart = {
      machine: "delivery",
      version: "1",
      definition: chartFor("delivery")?.definition,
      state: waiting.state,
      timers: [{ event: "after approvalTimeout", at: "2026-07-05T14:45:01.000Z" }],
      pending: [],
      ...changes,
    };
    const ask = (_method: string, url: string) =>
      Promise.resolve({ status: 200, body: url.endsWith("/page") ? { schema: "qoc.runs.page/1", chart } : waiting });
    const stoppedApi: Parts["stoppedApi"] = async (desk, io) => {
      const api = await stopped(desk, undefined, io);
      return { ...api, ask };
    };
    return { parts: { stoppedApi } };
  };

  test("shows when a timer takes its way", async () => {
    const { exit, stdout, stderr } = await world.qoc("chart 00000001", answering({}));
    expect(exit).toBe(0);
    expect(stdout).toMatch(/after approvalTimeout +reporting +possible now, until 2026-07-05T14:45:01\.000Z\n/);
    expect(stderr).not.toContain("another definition");
  });

  test("says when it was stepped by another definition", async () => {
    const { exit, stderr } = await world.qoc("chart 00000001", answering({ definition: "0".repeat(64) }));
    expect([exit, stderr.includes("another definition")]).toEqual([0, true]);
  });

  test("of a machine that this build does not have is not shown as another", async () => {
    const { exit, stdout, stderr } = await world.qoc("chart 00000001", answering({ version: "9" }));
    expect([exit, stdout]).toEqual([66, ""]);
    expect(stderr).toContain("CHART_UNKNOWN");
  });
});

describe("qoc chart --svg", () => {
  test("writes a picture that stands alone", async () => {
    const { exit, stdout } = await world.qoc("chart @last --svg run.svg", { runs });
    const file = path.join(world.dir, "run.svg");
    expect([exit, stdout]).toEqual([0, `${file} shows run ${runNumber(1)}, which is in stuck (delivery 1)\n`]);
    const all = elementsIn(readXml(readFileSync(file, "utf8")));
    const active = all.filter(
      ({ attributes }) => attributes["class"]?.startsWith("chart-state") && attributes["class"].includes("is-active"),
    );
    expect(active.map(({ attributes }) => attributes["data-state"])).toEqual(["stuck"]);
    expect(all.some(({ attributes }) => attributes["fill"] === "#ffffff")).toBe(true);
  });

  test("replaces nothing", async () => {
    const file = world.write("there.svg", "mine");
    const { exit, stderr } = await world.qoc("chart order --svg there.svg");
    expect([exit, readFileSync(file, "utf8")]).toEqual([73, "mine"]);
    expect(stderr).toContain("FILE_EXISTS");
  });

  test("writes nothing when the run is not found", async () => {
    const { exit } = await world.qoc("chart 00000009 --svg none.svg", { runs });
    expect([exit, existsSync(path.join(world.dir, "none.svg"))]).toEqual([66, false]);
  });
});

test.each([
  ["chart nothing", 64],
  ["chart abc", 64],
  ["chart --svg x.svg", 64],
  ["chart delivery order", 64],
  ["chart constructor", 64],
  ["chart delivery --svg /nowhere/at/all.svg", 66],
])("qoc %s exits with %i", async (args, exit) => {
  expect((await world.qoc(args, { runs })).exit).toBe(exit);
});
