/** Pages of other sites in the browser of a person who is logged in: they read nothing of the console, change nothing, and frame nothing. */
import { createServer, type Server } from "node:http";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { hasBrowser, launchBrowser, pageWithToken } from "../support/browser.ts";
import { ask } from "../support/control.ts";
import { deskFolder, webhookToml } from "../support/desk-folder.ts";
import { codeOf, consoleOf, type OpenConsole, tokenOf } from "../support/open-console.ts";
import { post } from "../support/sender.ts";

const dir = deskFolder("framed", {
  toml: webhookToml("price-alert", 'on_partial = "wait"', "[webhook.map]", 'subject = "/subject"'),
});
let opened: OpenConsole;
let browser: Browser;
let server: Server;
let evilPort: number;
let token: string;
let run: string;
let context: BrowserContext;

describe.runIf(hasBrowser)("a page of another site", () => {
  beforeAll(async () => {
    opened = await consoleOf(dir);
    const { body } = await post(opened.daemon.ingress, "framed", {
      webhook: "price-alert",
      body: '{"event":"e","subject":"S"}',
    });
    run = String(body["run"]);
    browser = await launchBrowser();
    server = createServer((request, reply) => {
      const isScript = request.url === "/sw.js";
      reply.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
      reply.end(isScript ? "" : "<!doctype html><title>evil</title><body></body>");
    });
    await new Promise<void>((listening) => server.listen(0, listening));
    const address = server.address();
    evilPort = typeof address === "object" && address !== null ? address.port : 0;
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    server.close();
  });
  beforeEach(async () => {
    token = await tokenOf(dir, opened.port);
    context = await browser.newContext();
  });
  afterEach(() => context.close());

  const Shown = z.object({ state: z.string(), journal: z.array(z.unknown()) });
  const stateOfRun = async () => Shown.parse(await ask(dir, `/api/runs/${run}`));
  /** The console itself stays open beside, logged in. */
  async function victim(): Promise<Page> {
    const page = await pageWithToken(context, token);
    await page.goto(`${opened.url}/runs/${run}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    return page;
  }
  const sites = [
    ["of the same machine by another name", () => `http://localhost:${evilPort}`],
    ["of the same machine on another port", () => `http://127.0.0.1:${evilPort}`],
  ] as const;

  describe.each(sites)("%s", (_says, site) => {
    let page: Page;
    let asked: string[];
    let answers: (readonly [string, number])[];
    beforeEach(async () => {
      await victim();
      page = await context.newPage();
      await page.goto(site());
      [asked, answers] = [[], []];
      page.on("request", (request) => {
        if (request.url().startsWith(opened.url)) asked.push(request.url());
      });
      page.on("response", (response) => {
        if (response.url().startsWith(opened.url)) answers.push([response.url(), response.status()]);
      });
    });
    /** What the script gave, in the page, with the console's address and the run as `target` and `run`. */
    const tried = (script: string): Promise<unknown> =>
      page.evaluate(`(async () => { const target = ${JSON.stringify(opened.url)}; const run = ${JSON.stringify(run)};
        const code = ${JSON.stringify("A".repeat(32))}; ${script} })()`);
    const fates = (elements: string): Promise<unknown> =>
      tried(`return Promise.all((${elements}).map((element) => new Promise((resolve) => {
        element.onload = () => resolve("loaded"); element.onerror = () => resolve("failed");
        setTimeout(() => resolve("silent"), 3000); document.body.append(element); })));`);
    /** It asked that often, and what it was answered, as far as the browser says that it was, is no. */
    const onlyRefusals = (atLeast: number): void => {
      expect(asked.length).toBeGreaterThanOrEqual(atLeast);
      expect(answers.filter(([, status]) => status !== 403)).toEqual([]);
    };

    test("reads nothing by fetch, whatever mode it takes", async () => {
      const paths = ["/", "/app.js", "/healthz", "/readyz", "/openapi.json", "/log/framed/checkpoint", "/api/status"];
      const modes = '["cors", "no-cors", "same-origin"]';
      const heard = await tried(`const heard = [];
        for (const mode of ${modes}) for (const at of ${JSON.stringify(paths)})
          heard.push(await fetch(target + at, { mode, credentials: "include" })
            .then(async (answer) => [answer.type, answer.status, await answer.text()], () => "failed"));
        return heard;`);
      // What is opaque has no status and no bytes.
      const nothing = z.array(
        z.union([z.literal("failed"), z.tuple([z.literal("opaque"), z.literal(0), z.literal("")])]),
      );
      expect(nothing.parse(heard)).toHaveLength(paths.length * 3);
      onlyRefusals(paths.length);
    });

    test("changes nothing by fetch, beacon or form, of any type", async () => {
      const before = await stateOfRun();
      expect(before.state).toBe("held.for-context");
      await tried(`
        const body = JSON.stringify({ reason: "csrf" });
        const at = target + "/api/runs/" + run + "/cancel";
        for (const type of ["text/plain", "application/json", "application/x-www-form-urlencoded", "multipart/form-data"])
          for (const mode of ["no-cors", "cors"])
            await fetch(at, { method: "POST", mode, body, headers: { "content-type": type } }).catch(() => undefined);
        navigator.sendBeacon(at, body);
        navigator.sendBeacon(at, new Blob([body], { type: "text/plain" }));
        for (const enctype of ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]) {
          const frame = document.createElement("iframe"); frame.name = "f" + enctype; document.body.append(frame);
          const form = document.createElement("form");
          Object.assign(form, { action: at, method: "POST", enctype, target: frame.name });
          const input = document.createElement("input");
          input.name = '{"reason":"csrf","x":"'; input.value = '"}'; form.append(input); document.body.append(form);
          form.submit();
        }
        await new Promise((waited) => setTimeout(waited, 1000));`);
      expect(await stateOfRun()).toEqual(before);
      onlyRefusals(5);
    });

    test("logs nobody in or out, also with a code that is good", async () => {
      const code = await codeOf(dir);
      await tried(`for (const mode of ["no-cors", "cors"]) for (const at of ["/api/login", "/api/logout"])
        await fetch(target + at, { method: "POST", mode, body: JSON.stringify({ code: ${JSON.stringify(code)} }) }).catch(() => 0);`);
      onlyRefusals(2);
      const own = await fetch(`${opened.url}/api/status`, { headers: { authorization: `Bearer ${token}` } });
      expect(own.status).toBe(200);
      const body = JSON.stringify({ code });
      const late = await fetch(`${opened.url}/api/login`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      expect(late.status).toBe(200);
    });

    test("opens no WebSocket and no stream, and with a stolen token neither", async () => {
      const ended = await tried(`
        const ended = (source) => new Promise((resolve) => {
          source.onopen = () => resolve("open"); source.onerror = () => resolve("failed"); });
        const socket = target.replace("http", "ws") + "/inspect/ws";
        return Promise.all([
          ended(new EventSource(target + "/api/events")), ended(new EventSource(target + "/api/events", { withCredentials: true })),
          ended(new WebSocket(socket)), ended(new WebSocket(socket, ["qoc.inspect.v1", "bearer." + ${JSON.stringify(token)}])),
          ended(new WebSocket(target.replace("http", "ws") + "/")),
        ]);`);
      expect(ended).toEqual(["failed", "failed", "failed", "failed", "failed"]);
    });

    test("loads nothing as a script, a style, an image, an object or a font", async () => {
      const all = await fates(`[
        ...["/app.js", "/inspect.js", "/api/status", "/openapi.json"].map((at) => Object.assign(document.createElement("script"), { src: target + at })),
        Object.assign(document.createElement("script"), { src: target + "/app.js", type: "module", crossOrigin: "anonymous" }),
        Object.assign(document.createElement("link"), { href: target + "/app.css", rel: "stylesheet" }),
        Object.assign(document.createElement("img"), { src: target + "/favicon.svg" }),
        Object.assign(document.createElement("object"), { data: target + "/favicon.svg" }),
        Object.assign(document.createElement("video"), { src: target + "/favicon.svg" }),
      ]`);
      expect(all).not.toContain("loaded");
      onlyRefusals(5);
    });

    test("prefetches nothing, and puts no worker of its own before it", async () => {
      const workers = await tried(`
        for (const rel of ["prefetch", "preload", "modulepreload", "prerender", "preconnect", "dns-prefetch"])
          document.head.append(Object.assign(document.createElement("link"), { rel, href: target + "/app.js", as: "script" }));
        await new Promise((waited) => setTimeout(waited, 800));
        const refused = (promise) => promise.then(() => "done", () => "failed");
        const worker = (url) => { try { new Worker(url); return "done"; } catch { return "failed"; } };
        return [await refused(navigator.serviceWorker.register("/sw.js", { scope: target + "/" })),
          await refused(navigator.serviceWorker.register(target + "/app.js")), worker(target + "/app.js")];`);
      expect(workers).toEqual(["failed", "failed", "failed"]);
      onlyRefusals(1);
    });

    test("frames nothing of it, and sees into nothing that it opened", async () => {
      const popup = context.waitForEvent("page");
      const seen = await tried(`
        const frames = ["/", "/runs/" + run, "/inspect", "/inspect/stately", "/api/status", "/healthz"].map((at) => {
          const frame = document.createElement("iframe"); frame.src = target + at; document.body.append(frame); return frame; });
        const other = window.open(target + "/");
        await new Promise((waited) => setTimeout(waited, 1500));
        const look = (what) => { try { return what(); } catch { return "refused"; } };
        for (const each of [other, ...frames.map(({ contentWindow }) => contentWindow)])
          each?.postMessage({ type: "@statelyai.connected", token: "x" }, "*");
        return [...frames.map((frame) => look(() => frame.contentDocument === null ? "refused" : frame.contentDocument.body.innerText)),
          look(() => other.document.body.innerText), look(() => other.sessionStorage.getItem("qoc.token"))];`);
      expect(
        z
          .array(z.string())
          .parse(seen)
          .every((each) => each === "refused" || each === ""),
      ).toBe(true);
      const shown = await popup;
      expect(await shown.evaluate("document.getElementById('page')").catch(() => null)).toBeNull();
      onlyRefusals(5);
    });
  });

  test("the console that is open beside it all is still logged in, and shows its run", async () => {
    const page = await victim();
    expect(await page.locator("main").textContent()).toContain("price-alert");
  });
});
