/** A real Chromium, Debian's, for tests of pages. Where there is none these tests say so in a line and are left out. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const EXECUTABLE = "/usr/bin/chromium";
export const hasBrowser = existsSync(EXECUTABLE);
if (!hasBrowser) process.stderr.write(`The tests of pages are left out: there is no ${EXECUTABLE}.\n`);

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox"] });

/** What a page must not do, as it happens: console errors, thrown errors, refused loads, requests that leave the origin. */
export function watchFaults(page: Page, origin: string): readonly string[] {
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`thrown: ${error.message}`));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) faults.push(`left: ${request.url()}`);
  });
  page.on("dialog", (dialog) => faults.push(`dialog: ${dialog.message()}`));
  return faults;
}

export async function pageWithToken(context: BrowserContext, token: string): Promise<Page> {
  await context.addInitScript(`sessionStorage.setItem("qoc.token", ${JSON.stringify(token)})`);
  return context.newPage();
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Serious and critical findings of axe, a line each. */
export async function seriousIssues(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const found: unknown = await page.evaluate(
    `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => id + ": " + node.html.slice(0, 160) + " " + node.failureSummary)))`,
  );
  return Array.isArray(found) ? found.map(String) : ["axe gave no list"];
}
