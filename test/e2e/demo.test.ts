/** What `npm start` shows: a desk of its own, one delivery to its sealed run, and commands that work as printed. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { QOC, ROOT, qoc, startProcess, stop, lastingFolder } from "../support/daemon.ts";

const START: string = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")).scripts.start;

test("the demonstration reaches a sealed run and prints the command that verifies it", async () => {
  // Built already; building here would pull the program away from under the other tests.
  expect(START.replace("npm run --silent build && ", "")).toBe(`node ${path.relative(ROOT, QOC)} demo`);
  const cwd = lastingFolder();
  const demo = startProcess(process.execPath, [QOC, "demo"], { cwd });
  await demo.says("The daemon keeps running");

  expect(demo.stdout()).toContain("→ sealed");
  expect(demo.stdout()).toContain("trigger_price: 420.00");
  const [, verify] = /^ +npx qoc (envelope verify .*)$/m.exec(demo.stdout()) ?? [];
  const verified = await qoc({ cwd }, ...(verify ?? "no such line").split(" "));
  expect(verified.code).toBe(0);
  expect(verified.stdout).toMatch(/level E[23]/);
  const [, console] = /^ +npx qoc (--desk \.demo console) /m.exec(demo.stdout()) ?? [];
  const opened = await qoc({ cwd }, ...(console ?? "no such line").split(" "));
  expect([opened.code, opened.stdout]).toEqual([0, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/#code=/)]);
  expect((await stop(demo)).code).toBe(0);
});
