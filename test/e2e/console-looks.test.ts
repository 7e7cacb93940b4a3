/** Every view over what a daemon really holds, hostile texts among it: as wide as the page, the same after a reload, in light and dark, for axe as well. */
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reached } from "../support/agent-desk.ts";
import { hasBrowser, launchBrowser, seriousIssues } from "../support/browser.ts";
import { HOSTILE } from "../support/console-answers.ts";
import { quiet } from "../support/control.ts";
import { type Journey, journey, LOCAL, loginUrl, SIGNED } from "../support/journey-desk.ts";
import { beyondEdges, fillDecision, press, shot, type Tab, tabAt } from "../support/journey-page.ts";
import { stateOf, until } from "../support/order-desk.ts";
import { post } from "../support/sender.ts";

const SIZES = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
] as const;

describe.runIf(hasBrowser)("the views of a desk that was lived in", () => {
  let desk: Journey;
  let browser: Browser;
  let context: BrowserContext;
  let tab: Tab;
  let views: readonly (readonly [name: string, path: string, shows: string])[];

  beforeAll(async () => {
    [desk, browser] = await Promise.all([journey(), launchBrowser()]);
    const { ingress } = desk.daemon;
    const evil = Object.fromEntries(Object.entries(HOSTILE).map(([name, text]) => [`${name}<b>`, text]));
    const body = JSON.stringify({
      event: HOSTILE.html,
      subject: HOSTILE.long,
      symbol: HOSTILE.rtl,
      title: HOSTILE.zalgo,
      ...evil,
    });
    const headers = {
      "user-agent": "<script>hacked=1</script>",
      "x-long": "W".repeat(3000),
      "x-evil": "<img src=x onerror=hacked=1>",
    };
    const send = async (workspace: string, webhook: string, id: string, text = body): Promise<string> =>
      String((await post(ingress, workspace, { webhook, delivery_id: id, body: text }, headers)).body["run"]);
    await send(SIGNED, "news", '"><img src=x onerror=hacked=1>');
    await send(SIGNED, "news", "W".repeat(120));
    await send(SIGNED, "news", "n-3", '{"event":"price_alert","symbol":"NVDA","price":120.50}');
    const sealed = await send(
      LOCAL,
      "trim",
      "t-1",
      '{"event":"risk_breach","symbol":"NVDA","big":12345678901234567890}',
    );
    await reached(desk.local, "awaiting-approval.asked");
    const asking = await send(SIGNED, "hostile", "h-1");
    const isAsked = async () => (await stateOf(desk.signed, asking)) === "awaiting-approval.asked" || undefined;
    await until(isAsked, "ask for an approval");
    await post(
      ingress,
      SIGNED,
      { webhook: "news", delivery_id: "bad", body: "{}" },
      { "x-qoc-signature": `sha256=${"0".repeat(64)}` },
    );
    context = await browser.newContext({ viewport: SIZES[0] });
    tab = await tabAt(context, await loginUrl(desk.signed));
    await tab.page.getByText("live", { exact: true }).waitFor();
    await tab.page.goto(`${desk.console}/runs/${sealed}`);
    await fillDecision(tab.page, "Approve");
    await press(tab.page, "Approve");
    await tab.page.locator(".run-state .state-word", { hasText: "sealed" }).waitFor();
    await quiet(desk.local).catch(() => undefined);
    const item = await tab.page
      .evaluate<string>(`fetch("/api/inbox?workspace=${SIGNED}", { headers: { authorization: "Bearer " + sessionStorage.getItem("qoc.token") } })
      .then((answer) => answer.json()).then(({ items }) => items.find(({ kind }) => kind === "note").file)`);
    views = [
      ["needs-you", "/", "Waiting for your decision"],
      ["runs", "/runs", "awaiting approval"],
      ["runs-filtered", "/runs?state=stuck", "No run fits the filter"],
      ["run-asking", `/runs/${asking}`, "Draft 1, open"],
      ["run-sealed", `/runs/${sealed}`, "Draft 1, executed"],
      ["inbox", "/inbox", "Inbox"],
      ["inbox-item", `/inbox?of=${SIGNED}&file=${encodeURIComponent(item)}`, "The agent of run"],
      ["endpoints", "/endpoints", "Send a signed test"],
      ["envelopes", "/envelopes", "qoc envelope verify"],
      ["health", "/health", "Deliveries may be sent to it"],
      ["inspect", `/inspect?run=${sealed}`, "sealed"],
      ["no-such-run", "/runs/0192f0c4", "There is no such run."],
    ];
  }, 90_000);
  afterAll(() => browser.close());

  const open = async (path: string, shows: string): Promise<void> => {
    await tab.page.goto(desk.console + path);
    await tab.page.getByText(shows).first().waitFor();
    await tab.page.getByText("live", { exact: true }).first().waitFor();
  };
  const refusals = (each: string): boolean => each.includes("status of 404");

  test("keep their data over a reload, and run nothing of what others wrote", { timeout: 60_000 }, async () => {
    const { page, faults } = tab;
    for (const [, path, shows] of views) {
      await open(path, shows);
      await page.reload();
      await page.getByText(shows).first().waitFor();
      expect(page.url()).toBe(desk.console + path);
      expect(await page.evaluate(`typeof hacked`)).toBe("undefined");
      expect(await page.title()).toContain("qoc");
      expect(await page.locator("main img, main script, main iframe, main a[href^='javascript']").count()).toBe(0);
    }
    expect(faults.filter((each) => !refusals(each))).toEqual([]);
  });

  test("show where one is in the navigation of a narrow page, which is scrolled sideways", async () => {
    const { page } = tab;
    await page.setViewportSize(SIZES[1]);
    for (const path of ["/", "/health"]) {
      await page.goto(desk.console + path);
      const here = page.locator("nav [aria-current]");
      await here.waitFor();
      await expect.poll(async () => ((await here.boundingBox())?.x ?? -1) >= -1).toBe(true);
      const { x = 0, width = 999 } = (await here.boundingBox()) ?? {};
      expect(x + width).toBeLessThanOrEqual(SIZES[1].width);
    }
  });

  test.each(["light", "dark"] as const)(
    "have no serious finding of axe in %s, and are no wider than a page of 1280 or 390 pixels, whatever is in them",
    { timeout: 60_000 },
    async (colorScheme) => {
      const { page } = tab;
      const found: string[] = [];
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const [name, path, shows] of views) {
        for (const size of SIZES) {
          await page.setViewportSize(size);
          if (size === SIZES[0]) await open(path, shows);
          if (size === SIZES[0] && name === "run-asking") await page.getByRole("button", { name: "Approve…" }).click();
          found.push(...(await beyondEdges(page)).map((each) => `${name} at ${size.width}: ${each}`));
          await shot(page, `${name}-${colorScheme}-${size.width}`);
          if (size === SIZES[0]) found.push(...(await seriousIssues(page)).map((each) => `${name}: ${each}`));
        }
      }
      expect(found).toEqual([]);
    },
  );
});
