/** A person's tab of the console: it logs in by the printed address, and what it must not do is written down as it happens. */
import path from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { PASSPHRASE } from "./agent-desk.ts";
import { watchFaults } from "./browser.ts";

const SHOTS = process.env["QOC_SHOTS"];
const PATIENCE_MS = 15_000;

export type Tab = {
  readonly page: Page;
  /** The policy's reports among them: the browser says them on its console. */
  readonly faults: readonly string[];
  /** Documents that were loaded: a page that is live loads one. */
  readonly loads: () => number;
};

/** A tab at this address, logged in once the address has a code. */
export async function tabAt(context: BrowserContext, url: string): Promise<Tab> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults = watchFaults(page, new URL(url).origin);
  let loads = 0;
  page.on("request", (request) => {
    if (request.isNavigationRequest()) loads += 1;
  });
  await page.goto(url);
  return { page, faults, loads: () => loads };
}

/** Goes through the page's own links, so that no document is loaded. */
export const openView = (page: Page, name: string): Promise<void> =>
  page.getByRole("navigation").getByRole("link", { name }).click();

/** A second tab of the same session: what a browser copies when a tab is duplicated. */
export async function twinOf(context: BrowserContext, { page }: Tab): Promise<Tab> {
  const token = await page.evaluate<string>(`sessionStorage.getItem("qoc.token")`);
  const twin = await tabAt(context, `${new URL(page.url()).origin}/health`);
  await twin.page.evaluate(`sessionStorage.setItem("qoc.token", ${JSON.stringify(token)})`);
  await twin.page.goto(page.url());
  return twin;
}

/** Opens a decision's form, and types what it wants but the last press. */
export async function fillDecision(
  page: Page,
  word: "Approve" | "Reject",
  { key, reason = "" }: { readonly key?: string; readonly reason?: string } = {},
): Promise<void> {
  const digest = (await page.locator(".run-digest code").first().textContent()) ?? "";
  await page.getByRole("button", { name: `${word}…` }).click();
  await page.getByLabel(/type the first 4/).fill(digest.slice(0, 4));
  if (reason !== "") await page.getByLabel(/^Why/).fill(reason);
  if (key === undefined) return;
  await page.getByLabel(/^Key file/).setInputFiles(key);
  await page.getByLabel("Its passphrase").fill(PASSPHRASE);
}

export const press = (page: Page, word: "Approve" | "Reject"): Promise<void> =>
  page.getByRole("button", { name: `${word} draft 1` }).click();

/** What stands beyond the page's edge, or is cut by a box that cannot be scrolled: a line for each. */
export async function beyondEdges(page: Page): Promise<readonly string[]> {
  const found: unknown = await page.evaluate(`(() => {
    const wide = document.documentElement.scrollWidth - innerWidth;
    const scrolls = (box) => /auto|scroll|hidden|clip/.test(getComputedStyle(box).overflowX);
    const outside = [...document.body.querySelectorAll("*")].filter((each) => {
      const { left, right, width } = each.getBoundingClientRect();
      if (width === 0 || each.closest(".skip, .unseen, svg svg") !== null || (left >= -1 && right <= innerWidth + 1)) return false;
      for (let box = each.parentElement; box !== null && box !== document.body; box = box.parentElement) if (scrolls(box)) return false;
      return true;
    });
    return [...(wide > 0 ? ["the page is " + wide + " px too wide"] : []),
      ...outside.slice(0, 5).map((each) => each.outerHTML.slice(0, 160))];
  })()`);
  return Array.isArray(found) ? found.map(String) : ["the page gave no list"];
}

/** Kept where somebody asks for pictures. */
export async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS !== undefined) await page.screenshot({ path: path.join(SHOTS, `${name}.png`) });
}
