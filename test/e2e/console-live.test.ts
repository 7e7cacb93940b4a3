/** What a page of the console shows while the daemon's answers are late, refused or lost, and while nobody looks at it. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "../support/browser.ts";
import { ago, needsNothing, runId } from "../support/console-answers.ts";
import { CODE, type FakeConsole, fakeConsole, fakeDaemon, TOKEN } from "../support/fake-console.ts";

describe.runIf(hasBrowser)("a page of the console", () => {
  let browser: Browser;
  let made: FakeConsole;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    made = await fakeConsole(fakeDaemon());
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    await page.goto(`${made.url}/favicon.svg`);
    await keep(TOKEN);
  });
  afterEach(async () => {
    await context.close();
    await made.close();
  });

  const keep = (token: string): Promise<void> =>
    page.evaluate(`sessionStorage.setItem("qoc.token", ${JSON.stringify(token)})`);
  const open = async (path: string, shows: string): Promise<void> => {
    await page.goto(made.url + path);
    await page.getByText(shows).first().waitFor();
    await expect.poll(() => page.locator(".connection").textContent()).toBe("live");
  };
  const look = (isHidden: boolean): Promise<void> =>
    page.evaluate(`Object.defineProperty(document, "hidden", { configurable: true, value: ${isHidden} });
      document.dispatchEvent(new Event("visibilitychange"))`);
  const stateOf = (index: number) => page.locator(`.row-link[title="${runId(index)}"] .state-word`);
  const change = (index: number): void =>
    made.change({
      items: [{ run: runId(index), workspace: "trading", state: "executing", seq: 9, at: ago(0), born: false }],
      more: 0,
    });

  test("gives its stream back when nobody looks at it, and catches up when somebody does", async () => {
    await open("/runs", "acme/shop pull request 2");
    expect(made.streams()).toBe(1);
    await look(true);
    await look(false);
    await look(true);
    await expect.poll(() => made.streams(), { timeout: 15_000 }).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(made.streams()).toBe(0);
    made.daemon.needs = needsNothing();
    await look(false);
    await expect.poll(() => made.streams()).toBe(1);
    await expect.poll(() => page.locator(".connection").textContent()).toBe("live");
    await expect.poll(() => page.title()).toBe("Runs · qoc");
  }, 30_000);

  test("asks again for what could not be read, once its stream is back", async () => {
    await open("/inbox", "Inbox");
    await page.route("**/api/inbox/item*", (route) => route.abort());
    await page.locator(".card").first().click();
    await page.getByText("The daemon does not answer").waitFor();
    await page.unroute("**/api/inbox/item*");
    await page.waitForTimeout(1500);
    expect(await page.getByText("The daemon does not answer").count()).toBe(1);
    made.drop();
    await page.getByLabel("Text of the item").waitFor();
    expect(await page.getByText("The daemon does not answer").count()).toBe(0);
  });

  test("keeps a token that it came by while an older one was being refused", async () => {
    await keep("of a daemon that was stopped");
    let late = (): void => undefined;
    const isAsked = new Promise<void>((asked) => {
      const answered = new Promise<void>((resolve) => {
        late = resolve;
      });
      void page.route("**/api/status", async (route) => {
        asked();
        if (route.request().headers()["authorization"] !== `Bearer ${TOKEN}`) await answered;
        await route.continue();
      });
    });
    await page.goto(`${made.url}/health#code=${CODE}`);
    await isAsked;
    await expect.poll(() => page.evaluate(`sessionStorage.getItem("qoc.token")`)).toBe(TOKEN);
    const refused = page.waitForResponse((response) => response.status() === 401);
    late();
    await refused;
    await page.getByText("head verified").first().waitFor();
    expect(await page.evaluate(`sessionStorage.getItem("qoc.token")`)).toBe(TOKEN);
  });

  test("stays signed in when it is led to a login code that is no good any more", async () => {
    await open("/health", "head verified");
    const refused = page.waitForResponse((response) => response.url().endsWith("/api/login"));
    await page.evaluate(`location.hash = "#code=used-long-ago"`);
    expect((await refused).status()).toBe(401);
    await page.reload();
    await page.getByText("head verified").first().waitFor();
  });

  test("shows a run's last state when it changed again while it was being read", async () => {
    await open("/runs", "acme/shop pull request 2");
    await expect.poll(() => stateOf(2).textContent()).toBe("executing");
    await page.waitForTimeout(2500);
    const held: (() => void)[] = [];
    await page.route(`**/api/runs/${runId(2)}`, async (route) => {
      const answer = await route.fetch();
      if (held.length === 0) await new Promise<void>((resolve) => held.push(resolve));
      await route.fulfill({ response: answer });
    });
    made.daemon.changed.set(runId(2), { state: "dispatching" });
    change(2);
    await expect.poll(() => held.length).toBe(1);
    made.daemon.changed.set(runId(2), { state: "reporting" });
    change(2);
    await page.waitForTimeout(500);
    held[0]?.();
    await expect.poll(() => stateOf(2).textContent()).toBe("reporting");
    await page.waitForTimeout(500);
    expect(await stateOf(2).textContent()).toBe("reporting");
  });

  test("tells ages by the daemon's clock, wherever the browser's own is", async () => {
    await page.addInitScript(`{ const real = Date.now; Date.now = () => real() + 7_200_000 }`);
    await open("/runs", "acme/shop pull request 2");
    await expect.poll(() => page.locator(".runs-row.row .cell-age").first().textContent()).toMatch(/^\d+ s$/);
  });

  test("reads a row again when the answer about its change was lost", async () => {
    await open("/runs", "acme/shop pull request 2");
    await page.waitForTimeout(2500);
    let lost = 0;
    await page.route(`**/api/runs/${runId(2)}`, (route) => {
      lost += 1;
      return lost === 1 ? route.abort() : route.continue();
    });
    made.daemon.changed.set(runId(2), { state: "reporting" });
    change(2);
    await expect.poll(() => stateOf(2).textContent(), { timeout: 5000 }).toBe("reporting");
  });
});
