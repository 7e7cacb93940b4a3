/** The console's shell and its lists in a real Chromium, under the policy that they are served with. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser, pageWithToken, seriousIssues, watchFaults } from "../support/browser.ts";
import * as answers from "../support/console-answers.ts";
import { CODE, type FakeConsole, fakeConsole, fakeDaemon, TOKEN } from "../support/fake-console.ts";

const VIEWS = [
  { path: "/", title: "(9) Needs you · qoc", shows: "Waiting for your decision" },
  { path: "/runs", title: "(9) Runs · qoc", shows: "acme/shop pull request 1" },
  { path: "/inbox?of=trading&file=inbox%2Fnote.md", title: "(9) Inbox · qoc", shows: "[a link](https://example.com)" },
  { path: "/endpoints", title: "(9) Endpoints · qoc", shows: "Send a signed test" },
  { path: "/envelopes", title: "(9) Envelopes · qoc", shows: "qoc envelope verify" },
  { path: "/health", title: "(9) Health · qoc", shows: "head verified" },
] as const;

describe.runIf(hasBrowser)("the console", () => {
  let browser: Browser;
  let made: FakeConsole;
  let context: BrowserContext;
  let page: Page;
  let faults: readonly string[];
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    made = await fakeConsole(fakeDaemon());
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await pageWithToken(context, TOKEN);
    faults = watchFaults(page, made.url);
  });
  afterEach(async () => {
    await context.close();
    await made.close();
  });
  const open = async (path: string, shows: string): Promise<void> => {
    await page.goto(made.url + path);
    await page.getByText(shows).first().waitFor();
  };
  const rowsInSight = (): Promise<number> => page.locator(".runs-row.row").count();

  test.each(VIEWS)(
    "$path shows what it is for, with a title of its own, and again after a reload",
    async ({ path, title, shows }) => {
      await open(path, shows);
      await expect.poll(() => page.title()).toBe(title);
      await page.reload();
      await page.getByText(shows).first().waitFor();
      await expect.poll(() => page.title()).toBe(title);
      expect(faults).toEqual([]);
    },
  );

  test.each(["light", "dark"] as const)(
    "axe finds nothing serious in any view, %s, nor in the login and the keys",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      for (const { path, shows } of VIEWS) {
        await open(path, shows);
        expect([path, await seriousIssues(page)]).toEqual([path, []]);
      }
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
      expect(await seriousIssues(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "log out" }).click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      expect(await seriousIssues(page)).toEqual([]);
      expect(faults).toEqual([]);
    },
  );

  test.each([360, 2500])(
    "no view scrolls sideways at %d pixels, whatever texts it shows",
    async (width) => {
      await page.setViewportSize({ width, height: 844 });
      for (const text of answers.hostile) {
        made.daemon.subject = text;
        made.daemon.needs = answers.needsMuch(text);
        made.daemon.inbox = answers.inbox(text);
        made.daemon.inboxFile = { ...answers.inboxFile(text), title: text, fields: [[text, text]] };
        made.daemon.endpoints = answers.endpoints(text);
        made.daemon.envelopes = answers.envelopes(text);
        for (const { path } of VIEWS) {
          await page.goto(made.url + path);
          await page.locator(".card, .runs-row.row, .envelope-row.row, .panel").first().waitFor();
          const over = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
          expect([path, text.slice(0, 20), over]).toEqual([path, text.slice(0, 20), 0]);
          // Neither run nor made into elements, and no row taller than a row.
          expect(await page.locator("main img, main script").count()).toBe(0);
          const heights: unknown = await page.evaluate(
            "[...new Set([...document.querySelectorAll('.runs-row.row')].map((row) => row.offsetHeight))].length",
          );
          expect(heights).toBeLessThanOrEqual(1);
        }
      }
      expect(faults).toEqual([]);
    },
    90_000,
  );

  test("a code in the address is gone at once and traded for a token, and the view that was asked for is shown", async () => {
    const fresh = await browser.newContext();
    const tab = await fresh.newPage();
    const seen = watchFaults(tab, made.url);
    await tab.goto(`${made.url}/endpoints#code=${CODE}`);
    await tab.getByText("Send a signed test").first().waitFor();
    expect(tab.url()).toBe(`${made.url}/endpoints`);
    expect(await tab.evaluate("sessionStorage.getItem('qoc.token')")).toBe(TOKEN);
    expect(made.asked.filter((line) => line.includes(CODE))).toEqual([]);
    expect(seen).toEqual([]);
    await fresh.close();
  });

  test("a code that is wrong is said to be, and the page says how to get one", async () => {
    const fresh = await browser.newContext();
    const tab = await fresh.newPage();
    await tab.goto(`${made.url}/runs#code=used-before`);
    await tab.getByText("CODE_INVALID").waitFor();
    expect(tab.url()).toBe(`${made.url}/runs`);
    await tab.getByText("qoc console", { exact: true }).waitFor();
    await tab.getByLabel("Or paste the link or its code").fill(`${made.url}/#code=${CODE}`);
    await tab.keyboard.press("Enter");
    await tab.getByText("acme/shop pull request 1").first().waitFor();
    await fresh.close();
  });

  test("a token that is not good any more leads to the login, and the path stays", async () => {
    await page.goto(`${made.url}/runs?state=stuck`);
    await page.locator(".runs-row.row").first().waitFor();
    made.daemon.tokens.clear();
    made.reset();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(page.url()).toBe(`${made.url}/runs?state=stuck`);
    expect(await page.evaluate("sessionStorage.getItem('qoc.token')")).toBeNull();
    await expect.poll(() => made.streams()).toBe(0);
  });

  test("of 100,000 runs only those in sight stand in the document, however far somebody scrolls, and few pages are held", async () => {
    made.daemon.runs = 100_000;
    await open("/runs", "acme/shop pull request 1");
    for (let cursor = 100; cursor <= 2500; cursor += 100) {
      const isAsked = async (): Promise<boolean> => {
        await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)");
        return made.asked.some((line) => line.endsWith(`cursor=${cursor}`));
      };
      await expect.poll(isAsked, { timeout: 5000 }).toBe(true);
    }
    await expect.poll(() => page.locator(".runs-row.row").last().textContent()).toMatch(/pull request 2[4-6]\d\d/);
    expect(await rowsInSight()).toBeLessThan(60);
    // Back at the top the first page was dropped, and is read again.
    const firstPages = (): number => made.asked.filter((line) => line.endsWith("/api/runs?limit=100")).length;
    const before = firstPages();
    await page.evaluate("scrollTo(0, 0)");
    await page.getByText("acme/shop pull request 1", { exact: true }).waitFor();
    expect(firstPages()).toBe(before + 1);
    expect(await rowsInSight()).toBeLessThan(60);
    expect(faults).toEqual([]);
  });

  test("a new run waits behind a button, and one that changes changes where it is", async () => {
    await open("/runs", "acme/shop pull request 1");
    await expect.poll(() => made.streams()).toBe(1);
    const third = page.locator(".runs-row.row").nth(2);
    await expect.poll(() => third.textContent()).toContain("executing");
    made.daemon.changed.set(answers.runId(2), { state: "sealed", outcome: "completed", waiting_for: null });
    made.change({
      items: [
        { workspace: "trading", run: answers.runId(2), state: "sealed", seq: 9, at: answers.ago(0), born: false },
        ...[900, 901, 902].map((index) => ({
          workspace: "trading",
          run: answers.runId(index),
          state: "received",
          seq: 0,
          at: answers.ago(0),
          born: true,
        })),
      ],
      more: 0,
    });
    await expect.poll(() => third.textContent()).toContain("sealed");
    await page.getByRole("button", { name: "3 new" }).click();
    await expect.poll(() => page.getByRole("button", { name: "3 new" }).count()).toBe(0);
    expect(faults).toEqual([]);
  });

  test("while more changes than the stream tells of, rows stay true and the daemon is asked little", async () => {
    await open("/runs", "acme/shop pull request 1");
    await expect.poll(() => made.streams()).toBe(1);
    made.daemon.changed.set(answers.runId(2), { state: "sealed", outcome: "completed", waiting_for: null });
    const before = made.asked.length;
    for (let flush = 0; flush < 12; flush += 1) {
      made.change({ items: [], more: 800 });
      await page.waitForTimeout(100);
    }
    await expect.poll(() => page.locator(".runs-row.row").nth(2).textContent(), { timeout: 5000 }).toContain("sealed");
    expect(made.asked.length - before).toBeLessThan(16);
    expect(faults).toEqual([]);
  });

  test("a daemon that is gone makes the page stale, and one that comes back makes it live and true again", async () => {
    await open("/runs", "acme/shop pull request 1");
    await page.getByText("live", { exact: true }).waitFor();
    const { daemon, port } = made;
    await made.close();
    await page.getByText(/stale since \d\d:\d\d:\d\d/).waitFor();
    daemon.changed.set(answers.runId(0), { state: "stuck", outcome: null, waiting_for: "operator" });
    made = await fakeConsole(daemon, port);
    await page.getByText("live", { exact: true }).waitFor({ timeout: 15_000 });
    await expect.poll(() => page.locator(".runs-row.row").first().textContent(), { timeout: 5000 }).toContain("stuck");
  });

  test("filters stand in the address and say what they hide", async () => {
    await open("/runs", "acme/shop pull request 1");
    await page.getByLabel("State").selectOption("stuck");
    await page.getByText(/the filter hides 180 of 200 looked at|hides \d+ of \d+ looked at/).waitFor();
    expect(page.url()).toBe(`${made.url}/runs?state=stuck`);
    await page.reload();
    await page.getByText(/hides \d+ of \d+ looked at/).waitFor();
    expect(await page.getByLabel("State").inputValue()).toBe("stuck");
    await page.keyboard.press("Escape");
    await expect.poll(() => page.url()).toBe(`${made.url}/runs`);
  });

  test("keys alone lead from what needs somebody to its run, and through the rows of every list", async () => {
    await open("/", "Review and decide");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    expect(await page.evaluate("document.activeElement.textContent")).toContain("Sell 120 AAPL");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.url()).toBe(`${made.url}/runs/${answers.runId(1)}`);
    await page.goBack();
    await page.getByText("Review and decide").first().waitFor();
    for (const { path, shows } of VIEWS.slice(1, 5)) {
      await open(path, shows);
      await page.keyboard.press("j");
      expect([path, await page.evaluate("document.activeElement.matches('[data-row]')")]).toEqual([path, true]);
    }
    await open("/runs", "acme/shop pull request 1");
    await page.keyboard.press("/");
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe("State");
    // In a field a key is the person's own, and with a modifier it is the browser's.
    await page.keyboard.press("?");
    expect(await page.getByRole("dialog").count()).toBe(0);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+j");
    expect(await page.evaluate("document.activeElement.tagName")).toBe("BODY");
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
  });

  test("Tab begins with the link that skips to the view, and what has the focus can be seen", async () => {
    await open("/runs", "acme/shop pull request 1");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className")).toBe("skip");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.closest('main') !== null")).toBe(true);
    const unseen: string[] = [];
    for (let step = 0; step < 12; step += 1) {
      await page.keyboard.press("Tab");
      const outline: unknown = await page.evaluate(
        "(() => { const at = document.activeElement; const styles = [getComputedStyle(at), getComputedStyle(at, '::after')]; return styles.some((s) => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) ? '' : at.outerHTML.slice(0, 120); })()",
      );
      if (outline !== "") unseen.push(String(outline));
    }
    expect(unseen).toEqual([]);
  });

  test("an inbox item is marked, and an endpoint is sent a signed test", async () => {
    await open("/inbox?of=trading&file=inbox%2Fnote.md", "[a link]");
    expect(await page.locator("main article a[href^='http']").count()).toBe(0);
    await page.getByRole("button", { name: "done" }).click();
    await page.getByText("It is done; mark it").waitFor();
    await open("/endpoints", "Send a signed test");
    await page.getByRole("button", { name: "Send a signed test" }).first().click();
    await page.getByText("it starts an agent").waitFor();
    await page.getByRole("button", { name: "Send it" }).click();
    await page.getByText("Accepted, which is not done.").waitFor();
    expect(faults).toEqual([]);
  });

  test("empty views say what is absent and name the one command that fills them", async () => {
    made.daemon.runs = 0;
    made.daemon.needs = answers.needsNothing();
    made.daemon.inbox = { items: [], next: null, looked: 0 };
    made.daemon.endpoints = { items: [] };
    made.daemon.envelopes = { items: [], next: null, looked: 0 };
    for (const path of ["/", "/runs", "/inbox", "/endpoints", "/envelopes"]) {
      await page.goto(made.url + path);
      await page.locator(".empty code").first().waitFor();
      expect([path, await seriousIssues(page)]).toEqual([path, []]);
    }
    await open("/runs/no.such.name", "There is no such page");
    expect(faults).toEqual([]);
  });

  test("colours are the system's, until somebody chooses, and the choice is kept", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    await open("/health", "head verified");
    const ground = (): Promise<unknown> => page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
    const dark = await ground();
    await page.getByRole("button", { name: /colours/ }).click();
    expect(await page.evaluate("document.documentElement.className")).toBe("light");
    expect(await ground()).not.toBe(dark);
    await page.reload();
    await page.getByText("head verified").waitFor();
    expect(await ground()).not.toBe(dark);
  });

  test("the policy is at work: a style in markup would not apply, and the page's own lists need none", async () => {
    await open("/runs", "acme/shop pull request 1");
    expect(await page.locator("[style]").evaluateAll((all) => all.map((one) => one.getAttribute("style")))).toEqual(
      expect.arrayContaining([expect.stringMatching(/^height: \d+px;$/)]),
    );
    await page.evaluate(
      `document.querySelector("h1").insertAdjacentHTML("beforeend", "<i id='styled' style='position: fixed'>x</i>")`,
    );
    expect(await page.evaluate("getComputedStyle(document.getElementById('styled')).position")).toBe("static");
    expect(faults.some((fault) => fault.includes("Content Security Policy"))).toBe(true);
  });
});
