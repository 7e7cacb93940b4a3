/** Every route that the API's reference names, asked on the console's port by whoever may not, and by whoever may in ways that he must not. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { sent } from "../support/console-attacks.ts";
import { ask as askSocket, quiet } from "../support/control.ts";
import { ROOT } from "../support/daemon.ts";
import { deskFolder } from "../support/desk-folder.ts";
import { consoleOf, type OpenConsole, tokenOf } from "../support/open-console.ts";
import { bodyOf, statusOf } from "../support/raw-http.ts";
import { post } from "../support/sender.ts";

const Reference = z.object({
  paths: z.record(
    z.string(),
    z.partialRecord(
      z.enum(["get", "post"]),
      z.object({ security: z.array(z.unknown()).optional(), "x-qoc-socket-only": z.literal(true).optional() }).loose(),
    ),
  ),
});
const { paths } = Reference.parse(JSON.parse(readFileSync(path.join(ROOT, "src/http/openapi.json"), "utf8")));
const routes = Object.entries(paths).flatMap(([template, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    template,
    isOpen: operation.security?.length === 0,
    isSocketOnly: operation["x-qoc-socket-only"] === true,
  })),
);
const named = (those: typeof routes) => those.map((route) => [`${route.method} ${route.template}`, route] as const);

const dir = deskFolder("walked");
let opened: OpenConsole;
let token: string;
let run: string;
beforeAll(async () => {
  opened = await consoleOf(dir);
  token = await tokenOf(dir, opened.port);
  const { body } = await post(opened.daemon.ingress, "walked", { webhook: "price-alert", body: '{"event":"e"}' });
  run = String(body["run"]);
  await quiet(dir);
}, 60_000);

const filled = (template: string): string =>
  template
    .replace("{id}", run)
    .replace("{workspace}", "walked")
    .replace("{webhook}", "price-alert")
    .replace("{machine}", "delivery")
    .replace("{version}", "1")
    .replace("{task}", "none");
type Head = Readonly<Record<string, string>>;
const bearer = (): Head => ({ authorization: `Bearer ${token}` });
const JSON_TYPE: Head = { "content-type": "application/json" };
/** One request by hand, and its answer. The target goes out as it is. */
function say(method: string, target: string, head: Head = {}, body = ""): Promise<string> {
  const all: Head = { host: `127.0.0.1:${opened.port}`, connection: "close", ...head };
  const length = body === "" ? "" : `content-length: ${Buffer.byteLength(body)}\r\n`;
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return sent(opened.port, `${method} ${target} HTTP/1.1\r\n${lines.join("")}${length}\r\n${body}`);
}
const Problem = z.object({ schema: z.literal("qoc.problem/1"), status: z.number(), code: z.string() }).loose();
const verdict = (answer: string): readonly unknown[] => {
  const { status, code } = Problem.parse(bodyOf(answer));
  expect(statusOf(answer)).toBe(status);
  return [status, code];
};

describe("the routes of the reference", () => {
  test("are more than thirty; three are open, and five are the control socket's own", () => {
    expect(routes.length).toBeGreaterThan(30);
    expect(routes.filter(({ isOpen }) => isOpen).map(({ template }) => template)).toEqual([
      "/api/login",
      "/healthz",
      "/readyz",
    ]);
    expect(routes.filter(({ isSocketOnly }) => isSocketOnly).map(({ template }) => template)).toEqual([
      "/api/console/codes",
      "/api/reload",
      "/api/runs/{id}/erase",
      "/api/stop",
      "/api/store/backup",
    ]);
  });

  test.each(named(routes.filter(({ isOpen }) => !isOpen)))("%s wants a token", async (_says, { method, template }) => {
    const wrong = `qoc_console_${"A".repeat(43)}`;
    const body = method === "POST" ? "{}" : "";
    for (const head of [{}, { authorization: `Bearer ${wrong}` }, { authorization: `Bearer ${token}x` }])
      expect(verdict(await say(method, filled(template), { ...JSON_TYPE, ...head }, body))).toEqual([
        401,
        "TOKEN_INVALID",
      ]);
    expect(verdict(await say(method, `${filled(template)}?token=${token}`, JSON_TYPE, body))).toEqual([
      401,
      "TOKEN_INVALID",
    ]);
    const ofRun = { authorization: `Bearer qoc_run_${"a".repeat(43)}` };
    expect(verdict(await say(method, filled(template), { ...JSON_TYPE, ...ofRun }, body))).toEqual([403, "RUN_TOKEN"]);
  });

  test.each(named(routes))("%s is of this host and this site alone, with a good token too", async (_says, route) => {
    const { method, template } = route;
    const good = { ...JSON_TYPE, ...bearer() };
    const body = method === "POST" ? "{}" : "";
    expect(
      verdict(await say(method, filled(template), { ...good, host: `evil.example:${opened.port}` }, body)),
    ).toEqual([421, "HOST_UNKNOWN"]);
    for (const sign of [{ origin: "http://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }])
      expect(verdict(await say(method, filled(template), { ...good, ...sign }, body))).toEqual([403, "ORIGIN_REFUSED"]);
  });

  test.each(named(routes.filter(({ method }) => method === "POST")))(
    "%s takes no form",
    async (_says, { template }) => {
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
        expect(verdict(await say("POST", filled(template), { ...bearer(), "content-type": type }, "{}"))).toEqual([
          415,
          "MEDIA_TYPE_UNSUPPORTED",
        ]);
    },
  );

  test.each(named(routes.filter(({ isSocketOnly }) => isSocketOnly)))(
    "%s is not on this port",
    async (_says, { template }) => {
      const answer = await say("POST", filled(template), { ...bearer(), ...JSON_TYPE }, '{"reason":"x","drain_ms":0}');
      expect(verdict(answer)).toEqual([404, "ROUTE_UNKNOWN"]);
    },
  );

  test("the daemon went on through all of it, and nothing of the run moved", async () => {
    const Runs = z.object({ items: z.array(z.object({ run: z.string(), state: z.string() })) });
    expect(Runs.parse(await askSocket(dir, "/api/runs")).items).toEqual([
      expect.objectContaining({ run, state: "sealed" }),
    ]);
  });
});

const HOSTILE = [
  "..%2f..%2fetc%2fpasswd",
  "%00",
  "a%00b",
  "%0d%0aset-cookie:%20x=1",
  "a%0ab",
  "__proto__",
  "constructor",
  "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
  "0".repeat(80),
  "0".repeat(5000),
  "%e2%80%ae%f0%9f%92%a9",
  "%ff%fe",
  "%",
  "@last%00",
  "delivery%2fx",
  "*",
  "(a+)+$",
];

test.each(named(routes.filter(({ template, isSocketOnly }) => template.includes("{") && !isSocketOnly)))(
  "%s refuses hostile names, and says nothing that a header or another file could be made of",
  async (_says, { method, template }) => {
    for (const name of HOSTILE) {
      const target = template.replaceAll(/\{\w+\}/g, name);
      const body = method === "POST" ? '{"reason":"x","draft":1,"decision":"reject"}' : "";
      const answer = await say(method, target, { ...bearer(), ...JSON_TYPE }, body);
      expect([name, statusOf(answer)]).toEqual([name, expect.toBeOneOf([400, 404, 414])]);
      expect(answer).not.toMatch(/^set-cookie:/im);
      expect(answer).not.toContain("root:");
      expect(answer).not.toMatch(/node_modules|\.ts:\d|\.js:\d/);
      expect(answer.match(/^content-type: (.*)\r$/m)?.[1]).toMatch(/^application\/problem\+json/);
    }
  },
);

describe("files", () => {
  const CLIMBS = [
    "/../desk.toml",
    "/..%2fdesk.toml",
    "/%2e%2e/desk.toml",
    "/%2e%2e%2f.env.qoc",
    "/.env.qoc",
    "//etc/passwd",
    "/console-page/../../../package.json",
    "/console.js/../../main.js",
    "/console.js%00.html",
    "/index.html/",
    "/..\\..\\desk.toml",
    "/log/walked/../../../desk.toml",
    "/log/walked/..%2f..%2fkeys%2fevidence.key",
    "/log/walked/tile/0/../../../keys/evidence.key",
    "/log/../.env.qoc",
    "/log/walked/checkpoint%00",
    "/log/walked/checkpoint%0a",
    "/log/__proto__/checkpoint",
  ];
  test.each(CLIMBS)("%s leads nowhere, with a token neither", async (target) => {
    for (const head of [{}, bearer()]) {
      const answer = await say("GET", target, head);
      expect([400, 401, 404]).toContain(statusOf(answer));
      expect(answer).not.toMatch(/name = "walked"|SECRET=|root:|PRIVATE/);
    }
  });

  test.each([
    "../desk.toml",
    "inbox/../desk.toml",
    "inbox/../../../../etc/passwd",
    "/etc/passwd",
    "inbox/%2e%2e/desk.toml",
    ".env.qoc",
    "inbox/.env.qoc",
    "inbox/a\0.md",
    "inbox/a\n.md",
    "inbox//x.md",
    "inbox/",
    "__proto__",
  ])("an inbox item called %j is none, to be read or to be marked", async (file) => {
    const asked = await say("GET", `/api/inbox/item?workspace=walked&file=${encodeURIComponent(file)}`, bearer());
    expect([400, 404]).toContain(statusOf(asked));
    const body = JSON.stringify({ workspace: "walked", file, status: "done" });
    const marked = await say("POST", "/api/inbox/status", { ...bearer(), ...JSON_TYPE }, body);
    expect([400, 404]).toContain(statusOf(marked));
    for (const answer of [asked, marked]) expect(answer).not.toMatch(/name = "walked"|SECRET=|root:/);
  });
});

describe("bodies", () => {
  const login = (body: string): Promise<string> => say("POST", "/api/login", JSON_TYPE, body);
  const cancel = (body: string): Promise<string> =>
    say("POST", `/api/runs/${run}/cancel`, { ...bearer(), ...JSON_TYPE }, body);
  test.each([
    ["nested 30,000 deep", `${"[".repeat(30_000)}${"]".repeat(30_000)}`],
    ["objects nested 10,000 deep", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`],
    ["a prototype", '{"__proto__":{"reason":"x"},"reason":"x"}'],
    ["a prototype alone", '{"__proto__":{"reason":"x","code":"x"}}'],
    ["a constructor", '{"constructor":{"prototype":{"reason":"x"}},"reason":"x"}'],
    ["5,000 keys", `{${Array.from({ length: 5000 }, (_, i) => `"k${i}":1`).join(",")}}`],
    ["a number without end", `{"reason":${"9".repeat(60_000)}}`],
    ["not UTF-8", '{"reason":"\xff'],
    ["half of it", '{"reason":'],
    ["nothing", " "],
    ["null", "null"],
    ["a text", '"x"'],
    ["a list", "[]"],
  ])("of %s are refused, and quickly", async (_says, body) => {
    const began = Date.now();
    for (const answer of [await login(body), await cancel(body)])
      expect(verdict(answer)).toEqual([400, "REQUEST_MALFORMED"]);
    expect(Date.now() - began).toBeLessThan(3_000);
  });
  test("beyond 64 KiB are refused before they are read as JSON", async () => {
    expect(verdict(await login(`{"code":"${"x".repeat(70_000)}"}`))).toEqual([413, "BODY_TOO_LARGE"]);
  });
});
