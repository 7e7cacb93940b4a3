import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConsoleGuard, type Guarded, guardRequest } from "../../../../src/http/console/guards.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const HOST = "127.0.0.1:7431";
const TOKEN = `qoc_console_${"a".repeat(43)}`;
const shown: string[] = [];
const guard: ConsoleGuard = {
  hosts: () => [HOST, "localhost:7431"],
  accepts: (token) => {
    shown.push(token);
    return token === TOKEN;
  },
};

type Headers = readonly (readonly [string, string])[];
const BEARER = ["authorization", `Bearer ${TOKEN}`] as const;
const OWN: Headers = [["host", HOST], BEARER];

const judged = (kind: Guarded, headers: Headers, method = "GET", url = "/api/runs"): string | undefined =>
  guardRequest(guard, { method, url, rawHeaders: headers.flat() }, kind)?.code;

describe("Host", () => {
  test.each(["127.0.0.1:7431", "localhost:7431", "LOCALHOST:7431"])("%s is the console's", (host) => {
    expect(judged("api", [["Host", host], BEARER])).toBeUndefined();
  });

  test.each([
    "evil.example",
    "evil.example:7431",
    "127.0.0.1",
    "127.0.0.1:80",
    "127.0.0.1:74310",
    "127.0.0.1.:7431",
    "localhost.:7431",
    "localhost:7431.",
    "localhost",
    "127.1:7431",
    "2130706433:7431",
    "0.0.0.0:7431",
    "[::1]:7431",
    "user@127.0.0.1:7431",
    "127.0.0.1:7431, evil.example",
    "127.0.0.1:7431 ",
    "",
  ])("%j is not", (host) => {
    expect(judged("api", [["host", host], BEARER])).toBe("HOST_UNKNOWN");
  });

  test("is there exactly once, in whatever case its name is written", () => {
    expect(judged("page", [])).toBe("HOST_UNKNOWN");
    expect(
      judged("page", [
        ["host", HOST],
        ["HOST", HOST],
      ]),
    ).toBe("HOST_UNKNOWN");
    expect(
      judged("page", [
        ["host", HOST],
        ["Host", "evil.example"],
      ]),
    ).toBe("HOST_UNKNOWN");
  });

  test.each(["http://evil.example/api/runs", `http://${HOST}/api/runs`, "*", "", "evil.example:443"])(
    "a target %j, which is no path, is no request of ours",
    (url) => expect(judged("api", OWN, "GET", url)).toBe("HOST_UNKNOWN"),
  );
});

describe("Origin", () => {
  test.each([`http://${HOST}`])("%s is the page's own", (origin) => {
    expect(judged("api", [...OWN, ["origin", origin]])).toBeUndefined();
  });

  test.each([
    "null",
    "",
    "http://evil.example",
    `https://${HOST}`,
    `HTTP://${HOST}`,
    `http://${HOST}/`,
    `http://${HOST}.`,
    "http://127.0.0.1",
    "http://127.0.0.1:7430",
    "http://localhost:7431",
    "file://",
    `http://${HOST} http://evil.example`,
    "chrome-extension://abcdef",
  ])("%j is refused to every kind of request", (origin) => {
    for (const kind of ["page", "api", "upgrade"] as const)
      expect(judged(kind, [...OWN, ["origin", origin]])).toBe("ORIGIN_REFUSED");
  });

  test("is there at most once, even if both are the page's own", () => {
    const own = ["origin", `http://${HOST}`] as const;
    expect(judged("api", [...OWN, own, own])).toBe("ORIGIN_REFUSED");
  });
});

describe("Sec-Fetch-Site", () => {
  test.each(["same-origin", "none"])("%s may ask", (site) => {
    expect(judged("page", [...OWN, ["sec-fetch-site", site]])).toBeUndefined();
  });
  test.each(["cross-site", "same-site", "Same-Origin", "", "none, cross-site"])(
    "%j may not, not even for a page",
    (site) => {
      expect(judged("page", [...OWN, ["sec-fetch-site", site]])).toBe("ORIGIN_REFUSED");
    },
  );
  test("is there at most once", () => {
    const none = ["sec-fetch-site", "none"] as const;
    expect(judged("page", [...OWN, none, none])).toBe("ORIGIN_REFUSED");
  });
});

describe("the method", () => {
  test.each(["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY", "get"])("%s is not allowed", (method) => {
    expect(judged("page", OWN, method)).toBe("METHOD_NOT_ALLOWED");
  });
  test("HEAD is as GET", () => expect(judged("api", OWN, "HEAD")).toBeUndefined());
  test("a WebSocket begins with GET", () => {
    expect(judged("upgrade", [...OWN, ["content-type", "application/json"]], "POST")).toBe("METHOD_NOT_ALLOWED");
  });
});

describe("the token", () => {
  const host: Headers = [["host", HOST]];

  test("is not asked of a page, and opens the API", () => {
    expect(judged("page", host)).toBeUndefined();
    expect(judged("api", host)).toBe("TOKEN_INVALID");
    expect(judged("api", [...host, ["Authorization", `bearer  ${TOKEN}`]])).toBeUndefined();
  });

  test.each([
    "",
    TOKEN,
    `Basic ${TOKEN}`,
    "Bearer",
    "Bearer ",
    `Bearer ${TOKEN} x`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer "${TOKEN}"`,
  ])("is refused as %j", (text) => {
    expect(judged("api", [...host, ["authorization", text]])).toBe("TOKEN_INVALID");
  });

  test("counts once: of two nobody knows which was meant", () => {
    expect(judged("api", [...host, BEARER, BEARER])).toBe("TOKEN_INVALID");
    expect(judged("api", [...host, BEARER, ["authorization", "Bearer other"]])).toBe("TOKEN_INVALID");
  });

  test("is taken from no cookie and no address", () => {
    expect(judged("api", [...host, ["cookie", `token=${TOKEN}`]])).toBe("TOKEN_INVALID");
    expect(judged("api", host, "GET", `/api/runs?token=${TOKEN}`)).toBe("TOKEN_INVALID");
    expect(judged("api", OWN, "GET", `/api/runs?token=${TOKEN}`)).toBe("TOKEN_INVALID");
    expect(judged("page", host, "GET", `/?token=${TOKEN}`)).toBe("TOKEN_INVALID");
  });

  test("comes as a subprotocol of a WebSocket, and of nothing else", () => {
    const named = [...host, ["Sec-WebSocket-Protocol", `qoc.inspect.v1, bearer.${TOKEN}`] as const];
    expect(judged("upgrade", named)).toBeUndefined();
    expect(judged("api", named)).toBe("TOKEN_INVALID");
    const twice = [...named, ["sec-websocket-protocol", "bearer.other"] as const];
    expect(judged("upgrade", twice)).toBe("TOKEN_INVALID");
    expect(judged("upgrade", [...host, ["sec-websocket-protocol", "qoc.inspect.v1"]])).toBe("TOKEN_INVALID");
  });

  test("of a run is refused as such, wherever it stands", () => {
    const run = `qoc_run_${"b".repeat(43)}`;
    expect(judged("api", [...host, ["authorization", `Bearer ${run}`]])).toBe("RUN_TOKEN");
    expect(judged("page", [...host, ["x-anything", run]])).toBe("RUN_TOKEN");
    expect(judged("page", host, "GET", `/?t=${run}`)).toBe("RUN_TOKEN");
    expect(judged("upgrade", [...host, ["sec-websocket-protocol", `bearer.${run}`]])).toBe("RUN_TOKEN");
  });

  test("is not even looked at for who should not ask at all", () => {
    shown.length = 0;
    judged("api", [["host", "evil.example"], BEARER]);
    judged("api", [...OWN, ["origin", "null"]]);
    judged("api", [...OWN, ["sec-fetch-site", "cross-site"]]);
    judged("api", OWN, "DELETE");
    expect(shown).toEqual([]);
  });
});

describe("a POST", () => {
  const posted = (...types: readonly string[]): string | undefined =>
    judged("api", [...OWN, ...types.map((type) => ["content-type", type] as const)], "POST");

  test.each([
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
  ])("may be %s", (type) => expect(posted(type)).toBeUndefined());
  test.each([
    "text/plain",
    "text/plain; application/json",
    "text/plain;charset=application/json",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "application/json, text/plain",
    "application/json5",
    "application/json; charset=utf-16",
    "application/problem+json",
    "",
  ])("may not be %j", (type) => expect(posted(type)).toBe("MEDIA_TYPE_UNSUPPORTED"));
  test("says what it is, once", () => {
    expect([posted(), posted("application/json", "application/json")]).toEqual([
      "MEDIA_TYPE_UNSUPPORTED",
      "MEDIA_TYPE_UNSUPPORTED",
    ]);
  });
});

test("whatever the headers say, nothing passes as API that has not the host, the token and no foreign origin", () => {
  const names = ["host", "Host", "origin", "authorization", "sec-fetch-site", "cookie", "sec-websocket-protocol"];
  const values = [
    HOST,
    "evil.example",
    `http://${HOST}`,
    "null",
    `Bearer ${TOKEN}`,
    "none",
    "cross-site",
    `bearer.${TOKEN}`,
  ];
  const header = fc.tuple(
    fc.constantFrom(...names),
    fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: fc.string() }),
  );
  let passed = 0;
  fc.assert(
    fc.property(fc.array(header, { maxLength: 5 }), fc.boolean(), (more, isGood) => {
      const headers: Headers = isGood ? [...OWN, ...more] : more;
      const valuesOf = (name: string): readonly string[] =>
        headers.flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []));
      if (judged("api", headers) !== undefined) return;
      passed += 1;
      expect(valuesOf("host").map((host) => host.toLowerCase())).toEqual([HOST]);
      expect(valuesOf("authorization")).toEqual([`Bearer ${TOKEN}`]);
      expect([[], [`http://${HOST}`]]).toContainEqual(valuesOf("origin"));
      expect([[], ["none"], ["same-origin"]]).toContainEqual(valuesOf("sec-fetch-site"));
    }),
  );
  expect(passed).toBeGreaterThan(10);
});
