/** A page that stays open while its daemon is stopped, started again, and killed over an agent: it says what it knows and since when, and catches up by itself. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reached } from "../support/agent-desk.ts";
import { hasBrowser, launchBrowser } from "../support/browser.ts";
import { kill, stop } from "../support/daemon.ts";
import { type Journey, journey, loginUrl, SIGNED, withConsole } from "../support/journey-desk.ts";
import { openView, shot, type Tab, tabAt } from "../support/journey-page.ts";
import { post } from "../support/sender.ts";

/** What the browser says itself while nothing answers. */
const UNANSWERED =
  /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED|ERR_EMPTY_RESPONSE/;

describe.runIf(hasBrowser)("an open page", () => {
  let desk: Journey;
  let browser: Browser;
  let tab: Tab;
  let sent = 0;
  beforeAll(async () => {
    [desk, browser] = await Promise.all([journey(), launchBrowser()]);
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    tab = await tabAt(context, await loginUrl(desk.signed));
    await tab.page.getByText("live", { exact: true }).waitFor();
  }, 60_000);
  afterAll(() => browser.close());

  const deliver = async (webhook: string): Promise<string> => {
    sent += 1;
    const body = `{"event":"risk_breach","n":${sent}}`;
    const answer = await post(desk.daemon.ingress, SIGNED, { webhook, delivery_id: `d-${sent}`, body });
    expect(answer.status).toBe(202);
    return String(answer.body["run"]);
  };
  const restart = async (): Promise<void> => {
    desk = { ...desk, ...(await withConsole([desk.signed, desk.local], desk)) };
  };
  const stale = (): Promise<void> => tab.page.getByText(/^stale since \d\d:\d\d/).waitFor();
  const live = (): Promise<void> => tab.page.getByText("live", { exact: true }).waitFor();

  test(
    "says since when it is stale while the daemon is stopped, keeps what it showed, and catches up with the same token and no reload",
    { timeout: 60_000 },
    async () => {
      const { page } = tab;
      await openView(page, "Runs");
      await page.getByText("There is no run yet").waitFor();
      const run = await deliver("news");
      const row = page.locator(".runs-row.row");
      await row.first().waitFor();
      await stop(desk.daemon);
      await stale();
      expect(await row.count()).toBe(1);
      await shot(page, "stale");
      await restart();
      const during = await deliver("news");
      await live();
      await page.locator(".pill").click();
      await expect.poll(() => row.count()).toBe(2);
      for (const each of [run, during]) await page.locator(`a[href="/runs/${each}"]`).waitFor();
      expect(tab.loads()).toBe(1);
      expect(tab.faults.filter((each) => !UNANSWERED.test(each))).toEqual([]);
    },
  );

  test(
    "shows a run whose daemon was killed over its agent as stuck, says what would be repeated, and resumes it",
    { timeout: 60_000 },
    async () => {
      const { page } = tab;
      const run = await deliver("slow");
      await openView(page, "Runs");
      await page.locator(".pill").click();
      await page.locator(`a[href="/runs/${run}"]`).click();
      await page.locator('.chart-state.is-active[data-state="executing.performing"]').waitFor();
      await reached(desk.signed, "executing.performing");
      await expect.poll(() => page.locator("#timeline").textContent()).toContain("executing");
      await kill(desk.daemon);
      await stale();
      await restart();
      await live();
      await page.locator(".run-state .state-word", { hasText: "stuck" }).waitFor();
      await page.getByText(/whether it acted is unknown/).waitFor();
      await shot(page, "stuck");
      await page.getByRole("navigation").getByRole("link", { name: "Needs you" }).click();
      await page.getByRole("heading", { name: /^Stuck/ }).waitFor();
      await shot(page, "needs-you-stuck");
      await page.goBack();
      await page.getByText(/the interrupted agent is started again/).waitFor();
      await page.keyboard.press("r");
      await page.keyboard.type("nothing was done yet");
      writeFileSync(path.join(desk.signed, "go"), "");
      await page.getByRole("button", { name: "Resume", exact: true }).click();
      await page.locator(".run-state .state-word", { hasText: "sealed" }).waitFor();
      await page.locator("#timeline", { hasText: "nothing was done yet" }).waitFor();
      expect(tab.loads()).toBe(1);
      expect(tab.faults.filter((each) => !UNANSWERED.test(each))).toEqual([]);
    },
  );
});
