import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readStaticFiles, type StaticFiles } from "../../../../src/http/console/static-files.ts";
import { aConsole, HOST, listening } from "./console-world.ts";

const dir = mkdtempSync(path.join(tmpdir(), "qoc-static-"));
const folder = path.join(dir, "console");
let files: StaticFiles;
beforeAll(() => {
  mkdirSync(path.join(folder, "assets"), { recursive: true });
  writeFileSync(path.join(dir, "outside.js"), "OUTSIDE");
  writeFileSync(path.join(folder, "index.html"), "<!doctype html><title>qoc</title>");
  writeFileSync(path.join(folder, "console.js"), "1");
  writeFileSync(path.join(folder, "assets", "style.css"), "body{}");
  writeFileSync(path.join(folder, ".hidden.js"), "HIDDEN");
  writeFileSync(path.join(folder, "notes.txt"), "NOTES");
  symlinkSync(path.join(dir, "outside.js"), path.join(folder, "linked.js"));
  files = readStaticFiles(folder);
});
afterAll(() => rmSync(dir, { recursive: true }));

const headers = { host: HOST };

test("every view is the one page", async () => {
  const { app } = aConsole({ files });
  for (const url of ["/", "/runs", "/runs/0198aaaa", "/inbox?x=1", "/endpoints", "/envelopes", "/health"]) {
    const answer = await app.inject({ url, headers });
    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(answer.body).toContain("<title>qoc</title>");
  }
});

test.each([
  ["/console.js", "text/javascript; charset=utf-8"],
  ["/assets/style.css", "text/css; charset=utf-8"],
  ["/index.html", "text/html; charset=utf-8"],
])("%s is %s", async (url, type) => {
  const answer = await aConsole({ files }).app.inject({ url, headers });
  expect([answer.statusCode, answer.headers["content-type"], answer.headers["cache-control"]]).toEqual([
    200,
    type,
    "no-cache",
  ]);
});

test("what did not change is not sent again", async () => {
  const { app } = aConsole({ files });
  const etag = String((await app.inject({ url: "/console.js", headers })).headers["etag"]);
  const ask = (known: string) => app.inject({ url: "/console.js", headers: { ...headers, "if-none-match": known } });
  const same = await ask(`"other", W/${etag}`);
  expect([same.statusCode, same.body]).toEqual([304, ""]);
  expect((await ask('"other"')).statusCode).toBe(200);
});

test("HEAD is GET without its body", async () => {
  const answer = await aConsole({ files }).app.inject({ method: "HEAD", url: "/", headers });
  expect([answer.statusCode, answer.body, answer.headers["content-length"]]).toEqual([200, "", "33"]);
});

describe("nothing but what was read at start is served", () => {
  test("hidden files, links and other kinds are not read", () => {
    expect([...files.keys()].toSorted()).toEqual(["/assets/style.css", "/console.js", "/index.html"]);
  });

  test.each([
    "/../outside.js",
    "/assets/../../outside.js",
    "/..%2foutside.js",
    "/%2e%2e/outside.js",
    "/assets/..%5c..%5coutside.js",
    "//outside.js",
    "/linked.js",
    "/.hidden.js",
    "/notes.txt",
    "/console.js%00.css",
    "/console.js/",
    "/assets",
    "/runs/a/b",
  ])("%s", async (target) => {
    // By hand: a client would tidy the address up.
    const { app, port, host } = await listening({ files });
    const { connect } = await import("node:net");
    const answer = await new Promise<string>((resolve) => {
      let heard = "";
      const socket = connect(port, "127.0.0.1", () =>
        socket.write(`GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`),
      );
      socket.on("data", (chunk) => (heard += chunk.toString()));
      socket.on("close", () => resolve(heard));
    });
    await app.close();
    expect(answer).toMatch(/^HTTP\/1\.1 (400|401|404) /);
    expect(answer).not.toMatch(/OUTSIDE|HIDDEN|NOTES/);
  });
});

test("without a built console each view says so, as text", async () => {
  const answer = await aConsole().app.inject({ url: "/runs", headers });
  expect([answer.statusCode, answer.headers["content-type"]]).toEqual([503, "text/plain; charset=utf-8"]);
  expect(answer.body).toContain("npm run build");
});
