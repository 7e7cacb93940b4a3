/** The inspector's pages in a real Chromium: live, after a restart, from a file; and the bridge, which posts to one origin and after one click. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { consoleFiles } from "../../src/console/build.ts";
import { deliveryAddress, type RunId } from "../../src/core/ids.ts";
import { readStaticFiles, type StaticFiles } from "../../src/http/console/static-files.ts";
import { live, type LivingDesk } from "../support/lived-desk.ts";
import { noSeriousFindings, watched } from "../support/watched-page.ts";
import { type InspectDoor, inspectDoor, TOKEN } from "../unit/inspect/inspect-door.ts";

const CHROMIUM = "/usr/bin/chromium";
const isThere = existsSync(CHROMIUM);
if (!isThere) process.stderr.write(`skipped: the inspector's pages in a browser, for there is no ${CHROMIUM}\n`);
const SHOTS = process.env["QOC_SHOTS"];

let folder: string;
let browser: Browser;
let files: StaticFiles;
let desk: LivingDesk;
let sealed: RunId;
let held: RunId;
let door: InspectDoor;
let isAllowed = true;
let context: BrowserContext;
let page: Page;
let faults: readonly string[];

describe.runIf(isThere)("the inspector", () => {
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "qoc-inspect-"));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    const built = path.join(folder, "console");
    mkdirSync(built);
    for (const { name, text } of await consoleFiles()) writeFileSync(path.join(built, name), text);
    files = readStaticFiles(built);
    desk = await live(path.join(folder, "desk"));
    sealed = await desk.send("price-alert", '{"event":"e","subject":"<img src=x onerror=hacked=1>"}', "D-1");
    await desk.quiet();
    held = await desk.send("held", '{"event":"later","subject":"L"}', "H-1");
    await desk.quiet(1);
  });
  afterAll(async () => {
    await browser.close();
    await desk.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    const { engine, store } = desk.open;
    isAllowed = true;
    door = await inspectDoor({ store, engine, files, webhooks: ["price-alert", "held"], stately: () => isAllowed });
    context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    await context.addInitScript(`if (self === top) sessionStorage.setItem("qoc.token", ${JSON.stringify(TOKEN)});`);
    page = await context.newPage();
    faults = watched(page);
  });
  afterEach(async () => {
    await context.close();
    await door.close();
  });
  const shot = async (name: string): Promise<void> => {
    if (SHOTS !== undefined) await page.screenshot({ path: path.join(SHOTS, `inspect-${name}.png`) });
  };

  test("shows a sealed run: its actors, its chart with the path taken, every row of its journal", async () => {
    await page.goto(`${door.url}/inspect?run=${sealed}`);
    await page.getByText("live", { exact: true }).waitFor();
    await page.locator(".inspect-chart svg .chart-state.is-active[data-state=sealed]").waitFor();
    expect(await page.locator(".inspect-actors li").count()).toBeGreaterThan(2);
    await page.getByRole("button", { name: `delivery/${sealed}` }).click();
    const { length } = desk.open.store.journal(deliveryAddress(sealed));
    expect(await page.locator(".inspect-events tbody tr").count()).toBe(length);
    await page.locator(".inspect-events tbody tr").first().getByRole("button").click();
    await page.getByText("As of row 0").waitFor();
    expect(await page.locator("pre").textContent()).toContain('"value": "received"');
    expect(await page.evaluate(() => Reflect.get(globalThis, "hacked"))).toBeUndefined();
    await shot("sealed-light");
    expect(await noSeriousFindings(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    await shot("sealed-dark");
    expect(await noSeriousFindings(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
    await shot("sealed-narrow");
    expect(faults).toEqual([]);
  });

  test("moves with the run; a pause shows nothing new, and goes on with all of it", async () => {
    const run = await desk.send("held", '{"event":"moves","subject":"M"}', "H-moves");
    await desk.quiet(2);
    await page.goto(`${door.url}/inspect?run=${run}`);
    await shot("moves");
    await page.locator(".inspect-chart svg .is-active[data-state='held.for-context']").waitFor();
    await page.getByRole("button", { name: "pause" }).click();
    await desk.tell(run, { type: "CANCEL", reason: "of the test" } as { readonly type: string });
    await desk.quiet(1);
    expect(await page.locator(".inspect-events").textContent()).not.toContain("CANCEL");
    await page.getByRole("button", { name: "go on" }).click();
    await page.locator(".inspect-chart svg .is-active[data-state=sealed]").waitFor();
    expect(await page.locator(".inspect-events").textContent()).toContain("CANCEL");
    expect(faults).toEqual([]);
  });

  test("a file that it saved shows the same, without a daemon, and lines that are no frames are counted", async () => {
    await page.goto(`${door.url}/inspect?run=${sealed}`);
    await page.locator(".inspect-chart svg .is-active[data-state=sealed]").waitFor();
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "save" }).click(),
    ]);
    const file = path.join(folder, "saved.ndjson");
    await saved.saveAs(file);
    const { text } = await door.inspection(sealed);
    expect(readFileSync(file, "utf8").split("\n").toSorted()).toEqual(text.split("\n").toSorted());
    writeFileSync(file, `${text}no frame\n{"type":"@xstate.snapshot"}\n`);
    await page.getByLabel("open a file").setInputFiles(file);
    await page.getByText("2 lines of the file could not be read as frames.").waitFor();
    await page.getByText("the file saved.ndjson").waitFor();
    const rows = await page.locator(".inspect-events tbody tr").count();
    expect(rows).toBe(text.split("\n").filter((line) => line.includes('"@xstate.snapshot"')).length);
    expect(faults).toEqual([]);
  });

  test("a hostile file is texts: nothing runs and the layout holds", async () => {
    await page.goto(`${door.url}/inspect`);
    const hostile = '<img src=x onerror="hacked=1">\u202e';
    const frame = (type: string, more: object) =>
      JSON.stringify({
        type,
        _version: "0",
        sessionId: hostile,
        rootId: hostile,
        id: hostile,
        createdAt: "1",
        ...more,
      });
    const states = { [hostile]: { states: { inner: {} } }, ["x".repeat(5000)]: {} };
    const file = path.join(folder, "hostile.ndjson");
    writeFileSync(
      file,
      [
        frame("@xstate.actor", {
          name: hostile,
          definition: JSON.stringify({ id: hostile, states }),
          snapshot: { value: hostile },
        }),
        frame("@xstate.snapshot", {
          event: { type: hostile, guard: "y".repeat(5000) },
          snapshot: { value: { [hostile]: "inner" } },
        }),
        frame("@xstate.event", { event: { type: hostile, observed: [{ a: 1 }] }, createdAt: "1e300" }),
        JSON.stringify({ __proto__: { type: "@xstate.actor" }, sessionId: "x", createdAt: "1" }),
      ].join("\n"),
    );
    await page.getByLabel("open a file").setInputFiles(file);
    await page.getByText("(here)").first().waitFor();
    expect(await page.evaluate(() => Reflect.get(globalThis, "hacked"))).toBeUndefined();
    expect(await page.locator("#page img").count()).toBe(0);
    for (const width of [1400, 390]) {
      await page.setViewportSize({ width, height: 844 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    }
    expect(faults).toEqual([]);
  });

  test("without a token it says which command opens it, and asks for nothing", async () => {
    const stranger = await browser.newContext();
    const other = await stranger.newPage();
    const asked: string[] = [];
    other.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await other.goto(`${door.url}/inspect`);
    await other.getByText("qoc console").waitFor();
    expect(asked.filter((at) => at.startsWith("/api") || at.startsWith("/inspect/"))).toEqual([]);
    await stranger.close();
  });

  describe("the bridge to Stately's inspector", () => {
    /** Stands in for the hosted page: it says that it listens, and writes down what it is posted and from where. */
    const HOSTED = `<!doctype html><pre id="heard"></pre><script>
      const heard = [];
      addEventListener("message", (event) => {
        heard.push({ origin: event.origin, data: event.data });
        document.getElementById("heard").textContent = JSON.stringify(heard);
      });
      parent.postMessage({ type: "@statelyai.connected" }, "*");
    </script>`;
    const asked: string[] = [];
    beforeEach(async () => {
      asked.length = 0;
      await context.route("https://**/*", async (route) => {
        asked.push(route.request().url());
        await route.fulfill({ contentType: "text/html", body: HOSTED });
      });
    });

    test("is not there unless it is configured, and says the key", async () => {
      isAllowed = false;
      const answer = await fetch(`${door.url}/inspect/stately`);
      expect(answer.status).toBe(404);
      expect(await answer.text()).toContain("[inspect] stately = true");
    });

    test("asks nothing of the hosted page before the click that says what will be sent where", async () => {
      await page.goto(`${door.url}/inspect/stately?run=${sealed}`);
      await page.getByText("https://stately.ai/inspect").waitFor();
      await shot("stately-ask");
      expect(await noSeriousFindings(page)).toEqual([]);
      await page.waitForTimeout(300);
      expect([asked, await page.locator("iframe").count()]).toEqual([[], 0]);
    });

    test("posts every frame once and in order, and to exactly that origin", async () => {
      await page.goto(`${door.url}/inspect/stately?run=${sealed}`);
      await page.getByRole("button", { name: "load it and send" }).click();
      const { text } = await door.inspection(sealed);
      const lines = text.trim().split("\n");
      await page.getByText(`${lines.length} frames sent to https://stately.ai.`).waitFor();
      const heard = await page.frameLocator("iframe").locator("#heard").textContent();
      expect(JSON.parse(heard ?? "")).toEqual(lines.map((line) => ({ origin: door.url, data: JSON.parse(line) })));
      expect(asked.filter((url) => !url.endsWith("favicon.ico"))).toEqual(["https://stately.ai/inspect"]);
      expect(faults).toEqual(["left the machine: https://stately.ai/inspect"]);
    });

    test("a hosted page that moved elsewhere is not loaded, and hears nothing", async () => {
      await context.route("https://stately.ai/inspect", (route) =>
        route.fulfill({ status: 302, headers: { location: "https://evil.example/inspect" } }),
      );
      await page.goto(`${door.url}/inspect/stately?run=${sealed}`);
      await page.getByRole("button", { name: "load it and send" }).click();
      await page.getByText(/\d+ frames wait for/).waitFor();
      await page.waitForTimeout(500);
      expect(await page.getByRole("status").textContent()).toMatch(/frames wait for/);
    });

    test("a message that another window sends opens nothing", async () => {
      await context.route("https://stately.ai/inspect", (route) =>
        route.fulfill({ contentType: "text/html", body: "<!doctype html>silent" }),
      );
      await page.goto(`${door.url}/inspect/stately?run=${sealed}`);
      await page.getByRole("button", { name: "load it and send" }).click();
      await page.getByText(/\d+ frames wait for/).waitFor();
      await page.evaluate('postMessage({ type: "@statelyai.connected" }, "*")');
      await page.waitForTimeout(300);
      expect(await page.getByRole("status").textContent()).toMatch(/frames wait for/);
    });
  });

  test("the policy of the bridge allows frames of one origin, that of the other pages none", async () => {
    const policyOf = async (at: string) => (await fetch(door.url + at)).headers.get("content-security-policy") ?? "";
    expect(await policyOf("/inspect")).not.toContain("frame-src");
    expect(await policyOf("/inspect/stately")).toBe(`${await policyOf("/inspect")}; frame-src https://stately.ai`);
  });

  test("a daemon that comes back: the page says that it is old, then goes on without a double", async () => {
    await page.goto(`${door.url}/inspect?run=${held}`);
    await page.getByText("live", { exact: true }).waitFor();
    const rows = await page.locator(".inspect-events tbody tr").count();
    const port = Number(new URL(door.url).port);
    await door.close();
    await page.getByText("the daemon does not answer").waitFor();
    const { engine, store } = desk.open;
    door = await inspectDoor({ store, engine, files, webhooks: ["held"], port });
    await page.getByText("live", { exact: true }).waitFor({ timeout: 20_000 });
    await page.waitForTimeout(200);
    expect(rows).toBeGreaterThan(3);
    expect(await page.locator(".inspect-events tbody tr").count()).toBe(rows);
  });
});
