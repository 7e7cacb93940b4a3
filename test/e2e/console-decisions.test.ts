/** Decisions in the page of a run: what a key opens, what is read before one is made, and what stays when the draft changes. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "../support/browser.ts";
import { type FakeRun, fakeRun, refusal, type RunWorld } from "../support/fake-run.ts";
import { draft, drafts, replayAt, RUN, runPage } from "../support/run-page-words.ts";

const second = draft({ draft: 2, digest: `77aa${"0".repeat(60)}`, digest_proposed: `77aa${"0".repeat(60)}` });
const unreadable = draft({ digest: null, says: null, fields: [], limits: [], reason: "order.symbol is missing" });

describe.runIf(hasBrowser)("a decision", () => {
  let browser: Browser;
  let fake: FakeRun;
  let world: RunWorld;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    world = {
      page: runPage(),
      evidence: null,
      approvers: [],
      replay: (seq) => replayAt(world.page, seq),
      decide: () => refusal(500, "UNEXPECTED", "nobody decides here"),
      act: () => ({ says: "told", new_run: null }),
    };
    fake = await fakeRun(world);
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    await context.addInitScript(`sessionStorage.setItem("qoc.token", "t")`);
    page = await context.newPage();
  });
  afterEach(async () => {
    await context.close();
    await fake.close();
  });
  const open = async (...items: readonly ReturnType<typeof draft>[]): Promise<void> => {
    world.page = runPage({ drafts: drafts({ items }) });
    await page.goto(`${fake.url}/runs/${RUN}`);
    await page.getByRole("heading", { level: 3 }).first().waitFor();
  };
  const becomes = (...items: readonly ReturnType<typeof draft>[]): void => {
    world.page = runPage({ drafts: drafts({ items }) });
    fake.change();
  };
  const typed = () => page.getByLabel(/type the first 4/);

  test("that a key asked for opens no form of the draft that comes next", async () => {
    await open(draft(), second);
    await page.keyboard.press("a");
    await typed().waitFor();
    becomes(draft({ state: "approved" }), second);
    await page.getByRole("heading", { name: "Draft 1, approved" }).waitFor();
    await page.waitForTimeout(300);
    expect(await typed().count()).toBe(0);
    await page.keyboard.press("x");
    await page.getByRole("form", { name: "Reject draft 2" }).waitFor();
  });

  test("leads back to now when its key is pressed in the past", async () => {
    await open(draft());
    await page.keyboard.press("[");
    await page.getByText("This is the past").waitFor();
    await page.keyboard.press("a");
    await typed().waitFor();
    expect(await page.getByText("This is the past").count()).toBe(0);
  });

  test("over a draft that cannot be read is no approval, and a rejection by the digest that is shown", async () => {
    const sent: unknown[] = [];
    world.decide = (body) => {
      sent.push(body);
      return { ...body, run: RUN, approver: null, state: "awaiting-approval.asked", says: "draft 1 is rejected" };
    };
    await open(unreadable);
    await page.keyboard.press("a");
    await page.waitForTimeout(300);
    expect(await typed().count()).toBe(0);
    await page.keyboard.press("x");
    const shown = await page.locator(".run-digest mark").textContent();
    await typed().fill(String(shown));
    await page.getByLabel("Why it is rejected").fill("broken");
    await page.getByRole("button", { name: "Reject draft 1" }).click();
    await page.getByText("draft 1 is rejected").waitFor();
    expect(sent).toEqual([{ draft: 1, decision: "reject", digest: unreadable.digest_proposed, reason: "broken" }]);
    expect(await page.getByText(`qoc approve ${RUN} --draft`).count()).toBe(0);
  });

  test("keeps nothing that was typed once the draft cannot be read, also when it can be again", async () => {
    await open(draft());
    await page.keyboard.press("a");
    await typed().fill("3fa9");
    becomes(unreadable);
    await page.getByText("It cannot be sent as it is").waitFor();
    expect(await typed().count()).toBe(0);
    becomes(draft());
    await page.getByText("It cannot be sent as it is").waitFor({ state: "detached" });
    expect(await typed().count()).toBe(0);
  });

  test("that was taken is said of the digest that it was over, and of no later one", async () => {
    world.decide = (body) => ({ ...body, run: RUN, approver: null, state: "x", says: "one approver more is wanted" });
    await open(draft());
    await page.keyboard.press("a");
    await typed().fill("3fa9");
    await page.getByRole("button", { name: "Approve draft 1" }).click();
    await page.getByText("one approver more is wanted").waitFor();
    becomes(draft({ digest: `e11e${"1".repeat(60)}`, changed: true }));
    await page.getByText("This draft changed while you looked at it").waitFor();
    expect(await page.getByText("one approver more is wanted").count()).toBe(0);
  });

  test("is over every value to its last character: none is folded, no row is scrolled out of sight", async () => {
    const long = `${"word ".repeat(700)}the end`;
    const fields = [
      ...Array.from({ length: 40 }, (_, i) => [`field-${i}`, String(i)] as const),
      ["target", long] as const,
    ];
    await open(draft({ fields: [...fields] }));
    const region = page.getByRole("region", { name: "fields of draft 1" });
    expect(await region.locator("details").count()).toBe(0);
    expect(await region.textContent()).toContain("the end");
    expect(await region.evaluate((box) => box.scrollHeight <= box.clientHeight)).toBe(true);
  });

  test("shows what is not seen, or turns the direction of writing, as what it is", async () => {
    await open(draft({ says: "Pay 10\u202e00 to \u2066bob\u200b\u2069", fields: [["to", "b\u00adob\u061c"]] }));
    expect(await page.locator(".run-sentence").textContent()).toBe("Pay 10\\u202e00 to \\u2066bob\\u200b\\u2069");
    expect(await page.getByRole("region", { name: "fields of draft 1" }).textContent()).toBe("tob\\u00adob\\u061c");
  });

  test("of the past: a link to the envelope leads to it", async () => {
    const { run } = runPage();
    world.page = runPage({ run: { ...run, state: "sealed", envelope: "evidence/e.json" }, drafts: null, actions: [] });
    await page.goto(`${fake.url}/runs/${RUN}#envelope`);
    await expect
      .poll(() => page.evaluate(`document.getElementById("envelope")?.getBoundingClientRect().top < innerHeight`))
      .toBe(true);
  });

  test("says that the time is over in words that are right", async () => {
    world.page = runPage({ drafts: drafts({ expires_at: new Date(Date.now() - 1000).toISOString() }) });
    await page.goto(`${fake.url}/runs/${RUN}`);
    await expect.poll(() => page.locator(".run-expiry").textContent()).toBe("undecided ones expire now");
  });
});
