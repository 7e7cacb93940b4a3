import { describe, expect, test } from "vitest";
import { addApiRoute } from "../../../../src/http/api-route.ts";
import { consoleHosts } from "../../../../src/http/console-app.ts";
import { z } from "zod";
import { aConsole, HOST, ORIGIN, type GivenConsole } from "./console-world.ts";

const headers = { host: HOST, origin: ORIGIN, "sec-fetch-site": "same-origin" };
const login = (given: GivenConsole, code: string) =>
  given.app.inject({ method: "POST", url: "/api/login", headers, payload: { code } });
async function loggedIn(given: GivenConsole): Promise<{ readonly authorization: string }> {
  const answer = await login(given, given.codes.make().code);
  return { authorization: `Bearer ${answer.json<{ token: string }>().token}` };
}
const codeOf = (answer: { readonly json: () => { readonly code?: string } }): string | undefined => answer.json().code;

describe("the way in", () => {
  test("a code is traded for a token, which opens the API", async () => {
    const given = aConsole();
    const answer = await login(given, given.codes.make().code);
    expect(Object.keys(answer.json())).toEqual(["schema", "token", "expires_at"]);
    const authorization = `Bearer ${answer.json<{ token: string }>().token}`;
    const secret = await given.app.inject({ url: "/api/secret", headers: { ...headers, authorization } });
    expect([secret.statusCode, secret.json()]).toEqual([200, { secret: true }]);
  });

  test("of twenty that show one code at once, one gets a token", async () => {
    const given = aConsole();
    const { code } = given.codes.make();
    const answers = await Promise.all(Array.from({ length: 20 }, () => login(given, code)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200, 401, 429]));
    expect(given.kept()).toHaveLength(1);
  });

  test("codes are made on the control socket alone", async () => {
    const given = aConsole();
    const answer = await given.app.inject({
      method: "POST",
      url: "/api/console/codes",
      headers: { ...headers, ...(await loggedIn(given)) },
      payload: {},
    });
    expect([answer.statusCode, codeOf(answer)]).toEqual([404, "ROUTE_UNKNOWN"]);
  });

  test("a route of the socket alone is not there, whoever adds it", async () => {
    const given = aConsole({
      addRoutes: (app) =>
        addApiRoute(
          app,
          {
            method: "POST",
            path: "/api/stop",
            says: "Stops.",
            socketOnly: true,
            answer: { kind: "json", schema: "qoc.stop/1", shape: z.object({}) },
          },
          async () => ({}),
        ),
    });
    const all = { ...headers, ...(await loggedIn(given)) };
    const answer = await given.app.inject({ method: "POST", url: "/api/stop", headers: all, payload: {} });
    expect(answer.statusCode).toBe(404);
  });

  test("a logout ends the token", async () => {
    const given = aConsole();
    const all = { ...headers, ...(await loggedIn(given)) };
    const out = await given.app.inject({ method: "POST", url: "/api/logout", headers: all, payload: {} });
    expect([out.statusCode, out.json()]).toEqual([200, { schema: "qoc.logout/1", logged_out: true }]);
    const after = await given.app.inject({ url: "/api/secret", headers: all });
    expect([after.statusCode, codeOf(after), after.headers["www-authenticate"]]).toEqual([
      401,
      "TOKEN_INVALID",
      "Bearer",
    ]);
    expect(given.kept()).toEqual([]);
  });
});

describe("without a token", () => {
  test.each(["/healthz", "/readyz"])("%s answers", async (url) => {
    expect((await aConsole().app.inject({ url, headers })).statusCode).toBe(200);
  });
  test.each(["/api/secret", "/api/nothing", "/nothing", "/metrics", "/api/login", "/api/runs"])(
    "GET %s does not say whether it is there",
    async (url) => expect(codeOf(await aConsole().app.inject({ url, headers }))).toBe("TOKEN_INVALID"),
  );
  test("a log that is unknown is not found", async () => {
    expect((await aConsole().app.inject({ url: "/log/none/checkpoint", headers })).statusCode).toBe(404);
  });
});

describe("a scraper's token", () => {
  test("opens the metrics, and nothing else", async () => {
    const { app } = aConsole({
      isScraper: (token) => token === "scrape-me",
      addRoutes: (to) => void to.get("/metrics", () => "qoc_up 1\n"),
    });
    const authorization = "Bearer scrape-me";
    const ask = async (url: string, by: Record<string, string>) =>
      (await app.inject({ url, headers: { host: HOST, ...by } })).statusCode;
    expect(await ask("/metrics", { authorization })).toBe(200);
    expect(await ask("/metrics", {})).toBe(401);
    expect(await ask("/api/secret", { authorization })).toBe(401);
  });
});

describe("every answer", () => {
  const asked = [
    ["/", {}],
    ["/healthz", {}],
    ["/api/secret", {}],
    ["/nothing", {}],
    ["/%zz", {}],
    ["/", { host: "evil.example" }],
    ["/", { origin: "http://evil.example" }],
  ] as const;
  test.each(asked)("of %s with %j is framed by nobody and loads from here alone", async (url, more) => {
    const answer = await aConsole().app.inject({ url, headers: { ...headers, ...more } });
    expect(answer.headers).toMatchObject({
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "x-frame-options": "DENY",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(answer.headers["permissions-policy"]).toContain("camera=()");
    expect(
      Object.keys(answer.headers).filter((name) => /^(access-control-|set-cookie|server|x-powered-by)/.test(name)),
    ).toEqual([]);
  });

  test("of the API is kept by no cache", async () => {
    const given = aConsole();
    const all = { ...headers, ...(await loggedIn(given)) };
    expect((await given.app.inject({ url: "/api/secret", headers: all })).headers["cache-control"]).toBe("no-store");
  });
});

describe("requests that do not fit", () => {
  test("an address that cannot be read passes the guards before it is called so", async () => {
    const { app } = aConsole();
    expect(codeOf(await app.inject({ url: "/%zz", headers: { host: "evil.example" } }))).toBe("HOST_UNKNOWN");
    expect(codeOf(await app.inject({ url: "/%zz", headers }))).toBe("TOKEN_INVALID");
  });

  test("a preflight of another site is refused, and allowed nothing", async () => {
    const answer = await aConsole().app.inject({
      method: "OPTIONS",
      url: "/api/act",
      headers: { host: HOST, origin: "http://evil.example", "access-control-request-method": "POST" },
    });
    expect([answer.statusCode, codeOf(answer)]).toEqual([403, "ORIGIN_REFUSED"]);
  });

  test("a method that there is not is told which there are", async () => {
    const answer = await aConsole().app.inject({ method: "DELETE", url: "/", headers });
    expect([answer.statusCode, answer.headers["allow"]]).toEqual([405, "GET, HEAD, POST"]);
  });

  test("a failure of ours is told to the log and not to the caller", async () => {
    const given = aConsole({
      addRoutes: (app) =>
        void app.get("/api/broken", () => {
          throw new Error("the inner words");
        }),
    });
    const answer = await given.app.inject({ url: "/api/broken", headers: { ...headers, ...(await loggedIn(given)) } });
    expect([answer.statusCode, codeOf(answer)]).toEqual([500, "INTERNAL"]);
    expect(answer.body).not.toContain("inner words");
    expect(given.complaints).toEqual(["GET /api/broken failed"]);
  });

  test("JSON that is none is malformed", async () => {
    const given = aConsole();
    const all = { ...headers, ...(await loggedIn(given)), "content-type": "application/json" };
    const answer = await given.app.inject({ method: "POST", url: "/api/act", headers: all, payload: "{" });
    expect([answer.statusCode, codeOf(answer)]).toEqual([400, "REQUEST_MALFORMED"]);
  });
});

describe("a host is written as browsers write it", () => {
  test.each([
    ["127.0.0.1", 7431, ["127.0.0.1:7431", "localhost:7431"]],
    ["::1", 7431, ["[::1]:7431", "localhost:7431"]],
    ["0:0:0:0:0:0:0:1", 7431, ["[::1]:7431", "localhost:7431"]],
    ["Desk.lan", 7431, ["desk.lan:7431", "localhost:7431"]],
    ["127.0.0.1", 80, ["127.0.0.1", "localhost"]],
  ] as const)("%s at port %i", (address, port, hosts) => expect(consoleHosts(address, port)).toEqual(hosts));
});
