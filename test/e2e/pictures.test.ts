/**
 * The pictures of the README, taken from a real daemon in a real browser. What they show is kept beside them as text, without what
 * differs each time, so that a page which has changed is seen to be another than its picture.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "../support/browser.ts";
import { lastingFolder, qoc, ROOT } from "../support/daemon.ts";
import { type PictureDesk, pictureDesk } from "../support/picture-desk.ts";
import { type Box, textSeen } from "../support/text-seen.ts";

const COMMITTED = path.join(ROOT, "src", "console", "pictures");
const TAKES = process.env["PICTURES"] === "1";
const AGAIN = "the page is not what its picture shows: npm run pictures, and look at it";
const AS_IT_WAS = "as it was";
const PICTURE_BYTES_MAX = 250 * 1024;
const WHOLE: Box = { x: 0, y: 0, width: 1180, height: 896 };

describe.runIf(hasBrowser)("the pictures of the README show what the console shows:", () => {
  let desk: PictureDesk;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
    desk = await pictureDesk();
    context = await browser.newContext({
      viewport: { width: WHOLE.width, height: WHOLE.height },
      deviceScaleFactor: 1.5,
      reducedMotion: "reduce",
      timezoneId: "UTC",
      locale: "en-GB",
    });
    page = await context.newPage();
    const { stdout } = await qoc({ cwd: desk.dir }, "console", "--print");
    await page.goto(stdout.trim());
    await page.getByText("live", { exact: true }).first().waitFor();
  }, 120_000);
  afterAll(() => browser.close());

  /** Takes it, and says how it stands to the one that was committed; or keeps both. */
  async function taken(name: string, box: Box): Promise<string> {
    const file = path.join(TAKES ? COMMITTED : lastingFolder(), `${name}.png`);
    const seen = await textSeen(page, box);
    await page.screenshot({ path: file, clip: box, animations: "disabled" });
    if (TAKES) writeFileSync(path.join(COMMITTED, `${name}.txt`), seen);
    const large = [file, path.join(COMMITTED, `${name}.png`)].filter((each) => statSync(each).size > PICTURE_BYTES_MAX);
    if (large.length > 0) return `${large.join(", ")}: larger than ${PICTURE_BYTES_MAX} bytes`;
    const kept = readFileSync(path.join(COMMITTED, `${name}.txt`), "utf8");
    return seen === kept ? AS_IT_WAS : `${AGAIN}\n${changed(kept, seen)}`;
  }
  const openRun = async (run: string): Promise<void> => {
    await page.goto(new URL(`/runs/${run}`, page.url()).href);
    await page.locator(".run-chart svg").first().waitFor();
    await whole();
  };
  /** What every view has above it, once it is all there. */
  const whole = async (): Promise<void> => {
    await page.getByText("live", { exact: true }).first().waitFor();
    await page.getByRole("link", { name: /Needs you\s*\d/ }).waitFor();
  };

  test("what needs a person", async () => {
    await page.getByText("Waiting for your decision").first().waitFor();
    await whole();
    expect(await taken("console", { ...WHOLE, height: 720 })).toBe(AS_IT_WAS);
  });

  test("a run that waits for an approval", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    await openRun(desk.waiting);
    expect(await taken("run", WHOLE)).toBe(AS_IT_WAS);
  });

  test("its chart: the path taken, where it is, what is possible now", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    await openRun(desk.waiting);
    const panel = page.locator("section", { has: page.locator(".run-chart") }).first();
    await panel.scrollIntoViewIfNeeded();
    const box = await panel.boundingBox();
    if (box === null) throw new Error("there is no chart to be seen");
    expect(await taken("chart", box)).toBe(AS_IT_WAS);
  });
});

/** Lines that are gone, and lines that are new. */
function changed(before: string, after: string): string {
  const [were, are] = [before.split("\n"), after.split("\n")];
  const gone = were.filter((line) => !are.includes(line)).map((line) => `- ${line}`);
  const come = are.filter((line) => !were.includes(line)).map((line) => `+ ${line}`);
  return [
    ...gone,
    ...come,
    ...(gone.length + come.length === 0 ? ["the same lines, in another order or number"] : []),
  ].join("\n");
}
