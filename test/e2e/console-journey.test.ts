/** From a signed delivery to the sealed envelope in a real Chromium, against the daemon as a person starts it: nothing is reloaded on the way. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { draftsOf, filesIn, reached, textIn } from "../support/agent-desk.ts";
import { hasBrowser, launchBrowser } from "../support/browser.ts";
import { APPROVER, type Journey, journey, LOCAL, loginUrl, SIGNED } from "../support/journey-desk.ts";
import { fillDecision, openView, press, shot, type Tab, tabAt, twinOf } from "../support/journey-page.ts";
import { post } from "../support/sender.ts";

/** What the browser says itself of an answer that refuses. */
const REFUSED = /status of (?:401|409) /;
/** The same, of the stream that ends with its token. */
const CUT = /ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/;

describe.runIf(hasBrowser)("a person at the console", () => {
  let desk: Journey;
  let browser: Browser;
  let context: BrowserContext;
  let tab: Tab;
  let sent = 0;
  beforeAll(async () => {
    [desk, browser] = await Promise.all([journey(), launchBrowser()]);
  }, 60_000);
  afterAll(() => browser.close());
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    tab = await tabAt(context, await loginUrl(desk.signed));
    await tab.page.getByText("live", { exact: true }).waitFor();
  });
  afterEach(() => context.close());

  const deliver = async (workspace: string, webhook: string): Promise<string> => {
    sent += 1;
    const body = `{"event":"risk_breach","symbol":"NVDA","n":${sent}}`;
    const answer = await post(desk.daemon.ingress, workspace, { webhook, delivery_id: `d-${sent}`, body });
    expect(answer.status).toBe(202);
    return String(answer.body["run"]);
  };
  const openRun = async ({ page }: Tab, run: string): Promise<void> => {
    await page.goto(`${desk.console}/runs/${run}`);
    await page.getByRole("button", { name: "Approve…" }).waitFor();
  };
  const asksFor = async (workspace: string, dir: string): Promise<string> => {
    const run = await deliver(workspace, "trim");
    await reached(dir, "awaiting-approval.asked");
    return run;
  };
  const stateIs = (page: Tab["page"], word: string): Promise<void> =>
    page.locator(".run-state .state-word", { hasText: word }).waitFor();

  test(
    "sees a delivery come, follows its run, signs, and verifies the envelope, without a single reload",
    { timeout: 60_000 },
    async () => {
      const { page } = tab;
      expect(new URL(page.url()).hash).toBe("");
      await openView(page, "Runs");
      await page.getByText("There is no run yet").waitFor();
      const run = await deliver(SIGNED, "trim");
      const row = page.locator(".runs-row.row a").first();
      await row.click();
      expect(new URL(page.url()).pathname).toBe(`/runs/${run}`);
      await stateIs(page, "awaiting approval");
      await page.locator('.chart-state.is-active[data-state="awaiting-approval.asked"]').waitFor();

      await openView(page, "Needs you");
      await page.getByText("sell 10 NVDA at market, day, through paper", { exact: true }).waitFor();
      await page.getByText("Review and decide").click();
      await page.evaluate(`(() => {
      globalThis.states = [];
      new MutationObserver(() => {
        const word = document.querySelector(".run-state .state-word")?.textContent;
        if (word !== undefined && globalThis.states.at(-1) !== word) globalThis.states.push(word);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    })()`);
      await fillDecision(page, "Approve", { key: desk.key });
      await shot(page, "approval-form");
      await press(page, "Approve");
      await page.getByRole("heading", { name: "Draft 1, executed" }).waitFor();
      await stateIs(page, "sealed");
      expect(await page.evaluate(`globalThis.states`)).toContain("sealed");
      await page.locator('.chart-state.is-active[data-state="sealed"]').waitFor();
      await page.getByRole("button", { name: "Verify in this browser" }).click();
      await page
        .getByText(/^✓|verified/i)
        .first()
        .waitFor();
      await page.locator("#envelope .run-notice.is-bad").waitFor({ state: "detached" });
      await shot(page, "sealed-verified");

      expect(filesIn(desk.signed, "orders/executed")).toHaveLength(1);
      expect(textIn(desk.signed, "book/ledger.ndjson")).toContain("119.5");
      expect((await page.locator("#timeline").textContent()) ?? "").toContain(APPROVER);
      expect(tab.loads()).toBe(1);
      expect(tab.faults).toEqual([]);
    },
  );

  test("approves with the keyboard alone, Tab and Enter and what is typed", { timeout: 40_000 }, async () => {
    const { page, faults } = tab;
    const run = await asksFor(LOCAL, desk.local);
    await openView(page, "Needs you");
    await page.locator("[data-row]").first().waitFor();
    await page.locator(".card").filter({ hasText: LOCAL }).filter({ hasText: "Review and decide" }).waitFor();
    for (let rows = await page.locator("[data-row]").count(); rows > 0; rows -= 1) {
      await page.keyboard.press("j");
      const at = await page.evaluate<string | null>(`document.activeElement.getAttribute("href")`);
      if (at === `/runs/${run}`) break;
    }
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Approve…" }).waitFor();
    const [draft] = await draftsOf(desk.local, run);
    await page.keyboard.press("a");
    await page.keyboard.type(draft?.digest?.slice(0, 4) ?? "");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.type("the limit holds again");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Draft 1, executed" }).waitFor();
    await stateIs(page, "sealed");
    expect(filesIn(desk.local, "orders/executed")).toHaveLength(1);
    expect(faults).toEqual([]);
  });

  test(
    "rejects with a reason, which the page keeps beside what was rejected, and nothing is sent",
    { timeout: 40_000 },
    async () => {
      const { page, faults } = tab;
      const before = filesIn(desk.signed, "orders/executed").length;
      await openRun(tab, await asksFor(SIGNED, desk.signed));
      await fillDecision(page, "Reject", { key: desk.key, reason: "too much at once" });
      await press(page, "Reject");
      await page.getByRole("heading", { name: "Draft 1, rejected" }).waitFor();
      await stateIs(page, "sealed");
      await page.getByText(new RegExp(`Rejected by.*${APPROVER}.*too much at once`)).waitFor();
      // What was rejected can still be read, though its file has gone elsewhere.
      await page.getByText("sell 10 NVDA at market, day, through paper").waitFor();
      expect(filesIn(desk.signed, "orders/executed")).toHaveLength(before);
      expect(faults).toEqual([]);
    },
  );

  test(
    "is shown the new draft when its file was swapped between the look and the approval, and what was typed counts for nothing",
    { timeout: 40_000 },
    async () => {
      const { page, faults } = tab;
      const run = await asksFor(LOCAL, desk.local);
      await openRun(tab, run);
      await fillDecision(page, "Approve");
      const [draft] = await draftsOf(desk.local, run);
      const file = path.join(desk.local, draft?.file ?? "");
      writeFileSync(file, readFileSync(file, "utf8").replace('"10"', '"20"'));
      const refusals = page.waitForResponse((answer) => answer.url().endsWith("/decisions"));
      await press(page, "Approve");
      expect((await refusals).status()).toBe(409);
      await page.getByText("This draft changed while you looked at it").waitFor();
      await page.locator("tr.is-changed", { hasText: "20" }).waitFor();
      expect(await page.getByRole("button", { name: "Approve draft 1" }).count()).toBe(0);
      await shot(page, "swapped");
      await fillDecision(page, "Approve");
      await press(page, "Approve");
      await stateIs(page, "sealed");
      expect(textIn(desk.local, "book/ledger.ndjson").trim().split("\n").at(-1)).toContain('"20"');
      expect(faults.filter((each) => !REFUSED.test(each))).toEqual([]);
    },
  );

  test(
    "in two tabs sees in one what was decided in the other; of two presses at once one wins and the other is told so",
    { timeout: 60_000 },
    async () => {
      const twin = await twinOf(context, tab);
      const first = await asksFor(LOCAL, desk.local);
      await openRun(tab, first);
      await openRun(twin, first);
      const loaded = twin.loads();
      await fillDecision(tab.page, "Approve");
      await press(tab.page, "Approve");
      await twin.page.getByRole("heading", { name: "Draft 1, executed" }).waitFor();
      await stateIs(twin.page, "sealed");
      expect(twin.loads()).toBe(loaded);

      const second = await asksFor(LOCAL, desk.local);
      const ledger = (): number => textIn(desk.local, "book/ledger.ndjson").trim().split("\n").length;
      const before = ledger();
      for (const each of [tab, twin]) {
        await openRun(each, second);
        await fillDecision(each.page, "Approve");
      }
      const answers = [tab, twin].map(({ page }) =>
        page.waitForResponse((answer) => answer.url().endsWith("/decisions")),
      );
      // Without waiting for a button that stands still: the first answer takes the other tab's button away.
      const pressed = ({ page }: Tab): Promise<void> =>
        page.getByRole("button", { name: "Approve draft 1" }).dispatchEvent("click");
      await Promise.all([pressed(tab), pressed(twin)]);
      const statuses = (await Promise.all(answers)).map((answer) => answer.status());
      for (const { page } of [tab, twin]) await stateIs(page, "sealed");
      expect(ledger()).toBe(before + 1);
      const lost = statuses[0] === 200 ? twin : tab;
      expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 409]);
      await lost.page
        .getByText("Your decision did not count")
        .or(lost.page.getByText(/was approved before/))
        .first()
        .waitFor();
      await lost.page.getByText("Approved by somebody who did not sign").waitFor();
      await shot(lost.page, "lost");
      for (const { faults } of [tab, twin]) expect(faults.filter((each) => !REFUSED.test(each))).toEqual([]);
    },
  );

  test(
    "logs out in one tab, and the other one of the session shows nothing any more",
    { timeout: 40_000 },
    async () => {
      const twin = await twinOf(context, tab);
      await twin.page.getByText("live", { exact: true }).waitFor();
      await tab.page.getByRole("button", { name: "log out" }).click();
      await tab.page.getByRole("heading", { name: "Sign in" }).waitFor();
      await twin.page.getByRole("heading", { name: "Sign in" }).waitFor();
      await tab.page.reload();
      await tab.page.getByRole("heading", { name: "Sign in" }).waitFor();
      await tab.page.goto(await loginUrl(desk.local));
      await tab.page.getByRole("heading", { name: "Needs you" }).waitFor();
      for (const { faults } of [tab, twin])
        expect(faults.filter((each) => !REFUSED.test(each) && !CUT.test(each))).toEqual([]);
    },
  );
});
