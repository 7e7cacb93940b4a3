/**
 * The list of runs in a real Chromium over a store that holds very many, while more come in. By default with few enough for every run of the
 * tests; `QOC_LOAD=1` takes 100,000 and 1,000 transitions a second for a minute, and prints what it measured.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { hasBrowser, launchBrowser, pageWithToken, watchFaults } from "../support/browser.ts";
import { latencyOf, type LoadedConsole, loadedConsole, ROWS_OF_A_RUN } from "../support/console-load.ts";
import { quiet } from "../support/control.ts";
import { heapOf, smoothnessOf, wheelFor } from "../support/page-load.ts";
import type { RunItem } from "../../src/http/shapes/runs.ts";

const isLong = process.env["QOC_LOAD"] !== undefined;
const RUNS = isLong ? 100_000 : 5_000;
const RATE = isLong ? 1_000 : 200;
const SECONDS = isLong ? 60 : 8;
/** A machine that does other things too takes long to scroll through 100,000. */
const MS_MAX = isLong ? 20 * 60_000 : 5 * 60_000;

/** A window of rows, the shell around it, and room: nothing that grows with the list. */
const ELEMENTS_MAX = 2_500;
/** What scripts hold may become, however long the page is open and however far somebody scrolled. */
const HEAP_BYTES_MAX = 24 * 2 ** 20;

/** Rows that stand in the document, as they are read: the run, and whether it is shown as sealed. */
const ROWS = `[...document.querySelectorAll(".runs-row.row")].map((row) => [
  Number(row.getAttribute("aria-rowindex")) - 2,
  row.querySelector(".row-link")?.title ?? "",
  row.querySelector(".cell-envelope code")?.title ?? null,
])`;
/** A screen a picture, and at the lower end until there is more below it or it is said that this is all. */
const TO_THE_END = `(async () => {
  const isThere = () => document.querySelector("p.list-end.quiet") !== null && scrollY + innerHeight >= document.body.scrollHeight - 1;
  for (let still = 0; still < 10; still = isThere() ? still + 1 : 0) {
    scrollBy(0, innerHeight);
    await new Promise(requestAnimationFrame);
  }
})()`;
const Rows = z.array(z.tuple([z.number(), z.string(), z.string().nullable()]));
const rowOf = (item: RunItem, at: number) => [at, item.run, item.sealed_at === null ? null : item.evidence_id];

const say = (line: string): void => void (isLong && process.stderr.write(`  ${line}\n`));
const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const rounded = (figures: object): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${Number(value).toFixed(1)}`)
    .join(", ");

describe.runIf(hasBrowser)(`a console over ${RUNS} runs`, () => {
  let browser: Browser;
  let made: LoadedConsole;
  let page: Page;
  let faults: readonly string[];
  beforeAll(async () => {
    [browser, made] = await Promise.all([launchBrowser(), loadedConsole(RUNS)]);
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await pageWithToken(context, made.token);
    faults = watchFaults(page, made.url);
    await page.goto(`${made.url}/runs`);
    await page.locator(".runs-row.row").first().waitFor();
  }, MS_MAX);
  afterAll(() => browser.close());
  const shown = async () => Rows.parse(await page.evaluate(ROWS));

  test(
    `${RATE} transitions a second leave it smooth and bounded; rows stay where they are, and what is new is shown when it is asked for`,
    async () => {
      const session = await page.context().newCDPSession(page);
      await made.drive(RATE, 2, "warm-up");
      const [heapBefore, memoryBefore, first] = [await heapOf(session), made.memory(), await shown()];
      const driven = made.drive(RATE, SECONDS, "load");
      const asked = Promise.all(
        ["/api/runs?limit=100", "/api/needs-you", "/api/status"].map(
          async (target) => [target, await latencyOf(made, target, 50, driven)] as const,
        ),
      );
      // Half of the time at the top, where new runs come in, and half of it on the way down.
      const resting = await smoothnessOf(page, () => page.waitForTimeout(SECONDS * 500));
      expect((await shown()).map(([, run]) => run)).toEqual(first.map(([, run]) => run));
      const scrolling = await smoothnessOf(page, () => wheelFor(page, SECONDS * 500));
      await driven;
      await quiet(made.dir);
      const heapAfter = await heapOf(session);
      say(`at rest: ${rounded(resting)}`);
      say(`scrolling: ${rounded(scrolling)}`);
      say(`heap of the page: ${mebibytes(heapBefore)}, then ${mebibytes(heapAfter)}`);
      say(`memory of the daemon: ${mebibytes(memoryBefore)}, then ${mebibytes(made.memory())}`);
      for (const [target, latency] of await asked) say(`${target}: ${rounded(latency)}`);
      expect(Math.max(resting.elements, scrolling.elements)).toBeLessThan(ELEMENTS_MAX);
      expect(heapAfter).toBeLessThan(HEAP_BYTES_MAX);
      const added = Math.round((RATE / ROWS_OF_A_RUN) * 2) + Math.round((RATE / ROWS_OF_A_RUN) * SECONDS);
      const items = await made.list();
      expect(items.length).toBe(RUNS + added);
      await page.evaluate("scrollTo(0, 0)");
      await page.getByRole("button", { name: /new · show/ }).click();
      await expect.poll(async () => (await shown())[0]?.[1]).toBe(items[0]?.run);
      expect(await shown()).toEqual(items.slice(0, (await shown()).length).map(rowOf));
      expect(faults).toEqual([]);
    },
    MS_MAX,
  );

  test(
    "whoever scrolls to the end has seen every run, in the order of the API, and the page holds no more than before",
    async () => {
      const session = await page.context().newCDPSession(page);
      await page.reload();
      await page.locator(".runs-row.row").first().waitFor();
      const items = await made.list();
      const heapBefore = await heapOf(session);
      await page.evaluate(`(() => {
        globalThis.seen = new Map();
        const look = () => {
          for (const [at, run, envelope] of ${ROWS}) if (run !== "") seen.set(at, [at, run, envelope].join(" "));
        };
        look();
        new MutationObserver(look).observe(document.querySelector("main"), { subtree: true, childList: true, characterData: true });
      })()`);
      const scrolled = await smoothnessOf(page, () => page.evaluate(TO_THE_END));
      const heapAfter = await heapOf(session);
      say(`to the end: ${rounded(scrolled)}; heap ${mebibytes(heapBefore)}, then ${mebibytes(heapAfter)}`);
      const seen: unknown = await page.evaluate("[...seen].toSorted(([a], [b]) => a - b).map(([, row]) => row)");
      expect(seen).toEqual(items.map((item, at) => rowOf(item, at).join(" ")));
      expect(scrolled.elements).toBeLessThan(ELEMENTS_MAX);
      expect(faults).toEqual([]);
    },
    MS_MAX,
  );
});
