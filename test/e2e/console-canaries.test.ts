/**
 * A desk of which every text is hostile: payloads, headers, file names, what an agent writes, what a person gives as a reason. Each view of
 * the console shows them, and nothing of them runs, is markup, or asks for anything.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { agentDesk, DESK, reached } from "../support/agent-desk.ts";
import { hasBrowser, launchBrowser, pageWithToken, watchFaults } from "../support/browser.ts";
import { ask } from "../support/control.ts";
import { environment } from "../support/daemon.ts";
import { codeOf, consoleOf, type OpenConsole, tokenOf } from "../support/open-console.ts";
import { post } from "../support/sender.ts";

const HOSTILE = `"'><img src=x onerror="__pwned=1"><script>__pwned=1</script><svg onload="__pwned=1">{{7*7}}\${7*7}\u202e`;
const MARKDOWN = `${HOSTILE}\n\n# h\n\n[link](javascript:__pwned=1) ![i](x "onerror=__pwned=1") <iframe srcdoc="<script>parent.__pwned=1</script>">\n`;
/** As much of it as a file's name can be. */
const NAME = `<img src=x onerror=__pwned=1>'"&.md`;

const dir = agentDesk({
  script: `
const client = await stdio();
const hostile = ${JSON.stringify(HOSTILE)};
await call(client, "inbox_write", { kind: "note", title: hostile.replace("\\u202e", ""), body: ${JSON.stringify(MARKDOWN.replace("\u202e", ""))} });
await call(client, "issue_update", { summary: ${JSON.stringify(MARKDOWN.replace("\u202e", ""))} });
const proposal = order("NVDA", "sell", "10");
proposal.rationale.summary = ${JSON.stringify(MARKDOWN.replace("\u202e", ""))};
await call(client, "orders_propose", proposal);
console.log(hostile);
console.error(hostile);
`,
  toml: `[inspect]
stately = true

[[webhook]]
name = "plain"
secret = "env:SECRET"
action = "inbox"

[[webhook]]
name = "held"
secret = "env:SECRET"
action = "inbox"
on_partial = "wait"

[webhook.map]
subject = "/subject"
`,
});
writeFileSync(path.join(dir, "book/book.toml"), 'cash = "100000"\n\n[positions]\nNVDA = "50"\n');
mkdirSync(path.join(dir, "inbox"), { recursive: true });
writeFileSync(
  path.join(dir, "inbox", NAME),
  `---\nkind: "${HOSTILE.replaceAll('"', '\\"')}"\nstatus: new\ntitle: ${JSON.stringify(HOSTILE)}\n"<b>x": ${JSON.stringify(HOSTILE)}\n---\n\n${MARKDOWN}`,
);
writeFileSync(path.join(dir, "inbox", "<script>__pwned=1<.md"), `no front matter ${MARKDOWN}`);

const payload = JSON.stringify({
  event: HOSTILE,
  subject: HOSTILE,
  [HOSTILE]: { [HOSTILE]: [HOSTILE, 1e300, null] },
  __proto__: HOSTILE,
  url: "javascript:__pwned=1",
  html: MARKDOWN,
});
const HEADERS = {
  "user-agent": HOSTILE.replace("\u202e", ""),
  "x-event": HOSTILE.replace("\u202e", ""),
  referer: "javascript:__pwned=1",
};

let opened: OpenConsole;
let token: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let faults: readonly string[];
let waiting: string;
let plain: string;
let cancelled: string;

describe.runIf(hasBrowser)("a desk whose every text is hostile", () => {
  beforeAll(async () => {
    opened = await consoleOf(dir, 0, environment());
    const send = async (webhook: string, id: string) =>
      String(
        (await post(opened.daemon.ingress, DESK, { webhook, delivery_id: id, body: payload }, HEADERS)).body["run"],
      );
    plain = await send("plain", "<script>__pwned=1</script>");
    cancelled = await send("held", "H-1");
    await post(
      opened.daemon.ingress,
      DESK,
      { webhook: "plain", body: payload },
      { "x-qoc-signature": HOSTILE.slice(0, 30) },
    );
    await send("risk-breach", "'><img src=x onerror=__pwned=1>");
    waiting = await reached(dir, "awaiting-approval.asked");
    expect(await ask(dir, `/api/runs/${cancelled}/cancel`, { reason: HOSTILE })).toHaveProperty("says");
    token = await tokenOf(dir, opened.port);
    browser = await launchBrowser();
  }, 90_000);
  afterAll(() => browser.close());
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    await context.addInitScript(`addEventListener("securitypolicyviolation", (event) => {
      console.error("policy: " + event.violatedDirective + " " + event.blockedURI); });`);
    page = await pageWithToken(context, token);
    faults = watchFaults(page, opened.url);
  });
  afterEach(() => context.close());

  async function nothingRan(shows: string): Promise<void> {
    await expect.poll(() => page.locator("body").innerText(), { timeout: 10_000 }).toContain(shows);
    await page.waitForTimeout(300);
    const found = await page.evaluate(`[typeof __pwned, document.querySelectorAll(
      "img[src=x], body script, iframe, svg[onload], a[href^='javascript' i], [onerror]").length]`);
    expect(found).toEqual(["undefined", 0]);
    expect(faults).toEqual([]);
    for (const width of [1280, 390]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await page.setViewportSize({ width, height: 900 });
      // oxlint-disable-next-line no-await-in-loop -- the same
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    }
  }

  test.each([
    ["/", "<img src=x"],
    ["/runs", "plain"],
    ["/inbox", "<img src=x"],
    ["/endpoints", "plain"],
    ["/envelopes", "plain"],
    ["/health", DESK],
    ["/inspect", "delivery"],
  ])("%s", async (view, shows) => {
    const answer = await page.goto(`${opened.url}${view}`);
    expect(answer?.status()).toBe(200);
    await nothingRan(shows);
  });

  test.each([
    ["that waits for a decision", () => waiting],
    ["that is sealed", () => plain],
    ["that a person ended, with a reason", () => cancelled],
  ])("a run %s: its page, and in the inspector", async (_says, run) => {
    await page.goto(`${opened.url}/runs/${run()}`);
    await nothingRan("<img src=x onerror");
    await page.goto(`${opened.url}/inspect?run=${run()}`);
    await nothingRan("delivery");
    expect(await page.locator("body").innerText()).not.toContain("onerror");
  });

  test("every item of the inbox, the one with a hostile name too", async () => {
    const Items = z.object({ items: z.array(z.object({ file: z.string(), title: z.string() })) });
    const { items } = Items.parse(await ask(dir, "/api/inbox"));
    expect(items.map(({ file }) => file)).toContain(`inbox/${NAME}`);
    expect(items.filter(({ title }) => title.includes("<img")).length).toBeGreaterThan(1);
    for (const { file } of items) {
      const query = new URLSearchParams({ of: DESK, file });
      // oxlint-disable-next-line no-await-in-loop -- one page
      await page.goto(`${opened.url}/inbox?${query.toString()}`);
      // oxlint-disable-next-line no-await-in-loop -- one page
      await nothingRan(file.replace("inbox/", "").slice(0, 10));
    }
  }, 60_000);

  test.each([
    "/runs?state=<img src=x onerror=__pwned=1>&webhook=<script>__pwned=1</script>",
    "/inbox?file=<img src=x onerror=__pwned=1>&of=<script>",
    "/runs/<img src=x onerror=__pwned=1>",
    "/inspect?run=<img src=x onerror=__pwned=1>",
    "/inspect/stately?run=<img src=x onerror=__pwned=1>",
    "/#code=<img src=x onerror=__pwned=1>",
    "/#<script>__pwned=1</script>",
  ])("the address %s", async (address) => {
    await page.goto(`${opened.url}${address}`);
    await page.waitForTimeout(500);
    const found = await page.evaluate(
      `[typeof __pwned, document.querySelectorAll("img[src=x], body script, iframe, [onerror]").length]`,
    );
    expect(found).toEqual(["undefined", 0]);
    expect(faults.filter((fault) => !/status of 40[0134]|WebSocket connection/.test(fault))).toEqual([]);
  });

  test("the token is out of the address once it is traded, and in no cookie and no lasting storage", async () => {
    const fresh = await (await browser.newContext()).newPage();
    await fresh.goto(`${opened.url}/#code=${await codeOf(dir)}`);
    await expect.poll(() => fresh.evaluate("sessionStorage.getItem('qoc.token')")).toMatch(/^qoc_console_/);
    expect(await fresh.evaluate("[location.hash, document.cookie, localStorage.length, history.length]")).toEqual([
      "",
      "",
      0,
      2,
    ]);
    expect(await fresh.context().cookies()).toEqual([]);
    await fresh.context().close();
  });
});
