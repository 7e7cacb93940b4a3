/** The few things that only a process of its own shows: its pipes, and the demo with a real daemon. */
import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemParts } from "../../../src/cli/system-parts.ts";
import { type World, cliWorld } from "./cli-world.ts";

let world: World;
beforeEach(() => {
  world = cliWorld();
});
afterEach(() => world.close());

const QOC = `"${process.execPath}" --import tsx src/cli/main.ts`;

/** Runs a line of bash; `$QOC` is the command. */
const bash = (line: string) => spawnSync("bash", ["-c", line.replaceAll("$QOC", QOC)], { encoding: "utf8" });

test("a reader that goes away ends it quietly with 0", () => {
  const { stdout, stderr } = bash("$QOC config schema | true; echo ${PIPESTATUS[0]}");
  expect([stdout, stderr]).toEqual(["0\n", ""]);
});

test("results and errors come out of their own streams, with the exit code", () => {
  const { status, stdout, stderr } = bash("$QOC --desk /nowhere runs list");
  expect([status, stdout]).toEqual([66, ""]);
  expect(stderr).toContain("code: DESK_UNKNOWN");
});

test("the demo takes a delivery to its envelope, and what it prints works", async () => {
  const stopping = new AbortController();
  const heard = (stdout: string): void => {
    if (stdout.includes("The daemon keeps running")) stopping.abort(130);
  };
  const parts = { start: systemParts.start };
  const { exit, stdout } = await world.qoc("demo", { parts, heard, stopping: stopping.signal });
  expect(exit).toBe(0);
  expect(stdout).toContain("Accepted is not done");
  expect(stdout).toContain("    trigger_price: 420.00");
  const [, command = ""] = /^ {2}npx qoc (envelope verify .*)$/m.exec(stdout) ?? [];
  expect((await world.qoc(command, { parts: { openStore: systemParts.openStore } })).exit).toBe(0);
});
