/** What goes wrong in a page of the console while a test uses it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

/** Errors of the console, uncaught ones, policy violations, and requests that leave the machine, as they come. */
export function watched(page: Page): readonly string[] {
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).hostname !== "127.0.0.1") faults.push(`left the machine: ${request.url()}`);
  });
  return faults;
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Findings of axe in the view that are serious or worse, with where they are. */
export async function noSeriousFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const found: unknown = await page.evaluate(`axe.run("main").then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + " " + target.join(" ") + " " + failureSummary)))`);
  return Array.isArray(found) ? found.map(String) : ["axe gave nothing"];
}
