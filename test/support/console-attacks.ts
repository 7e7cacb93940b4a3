/**
 * What is tried against a console's port with sockets by hand, where a client would keep from it. The same against the listener alone and
 * against a daemon.
 */
import { connect } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { bodyOf, statusOf } from "./raw-http.ts";

export type AttackedConsole = {
  readonly port: number;
  /** A new login code. */
  readonly code: () => Promise<string>;
};

type Head = readonly (readonly [string, string])[];
const WEBSOCKET: Head = [
  ["connection", "Upgrade"],
  ["upgrade", "websocket"],
  ["sec-websocket-version", "13"],
  ["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="],
];
const FRAMED_BY_NOBODY = /^content-security-policy: .*frame-ancestors 'none'\r$/m;

/** All that came back until the server closed. */
export function sent(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1")));
    // A server that cuts the connection resets it: what was heard until then counts.
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(heard));
  });
}

const codeOf = (answer: string): unknown => {
  const body = bodyOf(answer);
  return typeof body === "object" && body !== null && "code" in body ? body.code : undefined;
};
const verdict = (answer: string): readonly unknown[] => [statusOf(answer), codeOf(answer)];

export function describeAttacks(open: () => Promise<AttackedConsole>): void {
  let port = 0;
  let own: Head = [];
  let code: () => Promise<string>;
  beforeAll(async () => {
    const console = await open();
    ({ port, code } = console);
    own = [["host", `127.0.0.1:${port}`]];
  }, 60_000);

  const ask = (line: string, head: Head, body = ""): Promise<string> => {
    const headers = [
      ...head,
      ...(head.some(([name]) => name === "connection") ? [] : [["connection", "close"] as const]),
    ];
    const length = body === "" ? [] : [["content-length", String(Buffer.byteLength(body))] as const];
    const text = [...headers, ...length].map(([name, value]) => `${name}: ${value}\r\n`).join("");
    return sent(port, `${line} HTTP/1.1\r\n${text}\r\n${body}`);
  };
  const JSON_TYPE = ["content-type", "application/json"] as const;
  const login = (withCode: string): Promise<string> =>
    ask("POST /api/login", [...own, JSON_TYPE], JSON.stringify({ code: withCode }));
  async function bearer(): Promise<readonly [string, string]> {
    const answer = bodyOf(await login(await code()));
    if (typeof answer !== "object" || answer === null || !("token" in answer)) throw new Error("no token was given");
    return ["authorization", `Bearer ${String(answer.token)}`];
  }

  test("the person's own page gets in, so that what follows is refused for what it is", async () => {
    const token = await bearer();
    const origin = ["origin", `http://127.0.0.1:${port}`] as const;
    expect(statusOf(await ask("GET /api/status", [...own, origin, ["sec-fetch-site", "same-origin"], token]))).toBe(
      200,
    );
    expect(statusOf(await ask("GET /healthz", own))).toBe(200);
  });

  describe("DNS rebinding", () => {
    test.each([
      "/",
      "/runs",
      "/healthz",
      "/readyz",
      "/api/status",
      "/api/events",
      "/log/x/checkpoint",
      "/nothing",
      "/%zz",
    ])("a foreign Host gets nothing of %s, with a good token neither", async (url) => {
      const token = await bearer();
      for (const host of [`evil.example:${port}`, "127.0.0.1", `127.0.0.1.:${port}`, `127.0.0.1:${port + 1}`])
        expect(verdict(await ask(`GET ${url}`, [["host", host], token]))).toEqual([421, "HOST_UNKNOWN"]);
    });

    test("a foreign Host opens no WebSocket and logs nobody in", async () => {
      const [, token] = await bearer();
      const foreign: Head = [["host", `evil.example:${port}`]];
      const socket: Head = [...foreign, ...WEBSOCKET, ["sec-websocket-protocol", `x, bearer.${token.slice(7)}`]];
      expect(statusOf(await ask("GET /inspect/ws", socket))).toBe(421);
      const body = JSON.stringify({ code: await code() });
      expect(verdict(await ask("POST /api/login", [...foreign, JSON_TYPE], body))).toEqual([421, "HOST_UNKNOWN"]);
    });

    test.each([
      [
        "an absolute target",
        (p: number) =>
          `GET http://evil.example:${p}/api/status HTTP/1.1\r\nhost: 127.0.0.1:${p}\r\nconnection: close\r\n\r\n`,
      ],
      ["no Host", () => "GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n"],
      ["no Host in HTTP/1.0", () => "GET /healthz HTTP/1.0\r\n\r\n"],
      [
        "two Hosts, ours first",
        (p: number) =>
          `GET /healthz HTTP/1.1\r\nhost: 127.0.0.1:${p}\r\nhost: evil.example\r\nconnection: close\r\n\r\n`,
      ],
      [
        "two Hosts, ours last",
        (p: number) =>
          `GET /healthz HTTP/1.1\r\nhost: evil.example\r\nhost: 127.0.0.1:${p}\r\nconnection: close\r\n\r\n`,
      ],
      [
        "two Hosts, both ours",
        (p: number) =>
          `GET /healthz HTTP/1.1\r\nhost: 127.0.0.1:${p}\r\nHost: 127.0.0.1:${p}\r\nconnection: close\r\n\r\n`,
      ],
    ])("%s is no host of ours", async (_says, request) => {
      expect(statusOf(await sent(port, request(port)))).toBe(421);
    });
  });

  describe("another site in the same browser", () => {
    test.each([
      [["origin", "http://evil.example"]],
      [["origin", "null"]],
      [["origin", "http://localhost:1"]],
      [["sec-fetch-site", "cross-site"]],
      [["sec-fetch-site", "same-site"]],
    ] as const)("with %j posts nothing, reads nothing, logs in nobody", async (sign) => {
      const token = await bearer();
      const refused = [403, "ORIGIN_REFUSED"];
      for (const type of ["application/json", "text/plain"])
        expect(verdict(await ask("POST /api/logout", [...own, sign, token, ["content-type", type]], "{}"))).toEqual(
          refused,
        );
      expect(verdict(await ask("GET /api/status", [...own, sign, token]))).toEqual(refused);
      expect(verdict(await ask("GET /", [...own, sign]))).toEqual(refused);
      const withCode = JSON.stringify({ code: await code() });
      expect(verdict(await ask("POST /api/login", [...own, sign, JSON_TYPE], withCode))).toEqual(refused);
      // It was not logged out by any of that.
      expect(statusOf(await ask("GET /api/status", [...own, token]))).toBe(200);
    });

    test("opens no WebSocket, with a token neither", async () => {
      const [, token] = await bearer();
      const named = ["sec-websocket-protocol", `qoc.inspect.v1, bearer.${token.slice(7)}`] as const;
      const origin = ["origin", "http://evil.example"] as const;
      expect(statusOf(await ask("GET /inspect/ws", [...own, ...WEBSOCKET, origin]))).toBe(403);
      expect(statusOf(await ask("GET /inspect/ws", [...own, ...WEBSOCKET, origin, named]))).toBe(403);
      expect(statusOf(await ask("GET /inspect/ws", [...own, ...WEBSOCKET]))).toBe(401);
    });

    test("is allowed nothing by a preflight", async () => {
      const answer = await ask("OPTIONS /api/logout", [
        ...own,
        ["origin", "http://evil.example"],
        ["access-control-request-method", "POST"],
        ["access-control-request-headers", "authorization, content-type"],
      ]);
      expect(verdict(answer)).toEqual([403, "ORIGIN_REFUSED"]);
      expect(answer.toLowerCase()).not.toContain("access-control-allow");
    });

    test.each(["text/plain", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded", ""])(
      "posts by a form as %j, which is not taken from anybody",
      async (type) => {
        const token = await bearer();
        const typed: Head = type === "" ? [] : [["content-type", type]];
        expect(verdict(await ask("POST /api/logout", [...own, token, ...typed], "{}"))).toEqual([
          415,
          "MEDIA_TYPE_UNSUPPORTED",
        ]);
      },
    );
  });

  describe("tokens", () => {
    const wrong = `qoc_console_${"A".repeat(43)}`;
    test.each([
      ["none", []],
      ["a wrong one", [["authorization", `Bearer ${wrong}`]]],
      ["an empty one", [["authorization", "Bearer "]]],
      ["one of another kind", [["authorization", "Basic cW9jOnFvYw=="]]],
      ["a cookie", [["cookie", `token=${wrong}; qoc.token=${wrong}`]]],
    ] as const)("with %s nothing of the API answers", async (_says, head) => {
      for (const url of ["/api/status", "/api/runs", "/api/events", "/metrics", "/api/nothing"])
        expect(verdict(await ask(`GET ${url}`, [...own, ...head]))).toEqual([401, "TOKEN_INVALID"]);
    });

    test("in an address are refused, good ones too", async () => {
      const [, token] = await bearer();
      const answer = await ask(`GET /api/status?token=${token.slice(7)}&access_token=${token.slice(7)}`, own);
      expect(verdict(answer)).toEqual([401, "TOKEN_INVALID"]);
    });

    test("shown twice are refused, good ones too", async () => {
      const token = await bearer();
      expect(verdict(await ask("GET /api/status", [...own, token, token]))).toEqual([401, "TOKEN_INVALID"]);
    });

    test("stolen before a logout are worth nothing after it", async () => {
      const [token, other] = [await bearer(), await bearer()];
      expect(statusOf(await ask("POST /api/logout", [...own, token, JSON_TYPE], "{}"))).toBe(200);
      expect(verdict(await ask("GET /api/status", [...own, token]))).toEqual([401, "TOKEN_INVALID"]);
      expect(statusOf(await ask("GET /api/status", [...own, other]))).toBe(200);
    });

    test("end what is open under them when they are logged out", async () => {
      const token = await bearer();
      const stream = ask("GET /api/events", [...own, token]);
      await new Promise((waited) => setTimeout(waited, 200));
      expect(statusOf(await ask("POST /api/logout", [...own, token, JSON_TYPE], "{}"))).toBe(200);
      expect(statusOf(await stream)).toBe(200);
    });

    test("of a run open nothing, whatever header they stand in", async () => {
      const run = `qoc_run_${"a".repeat(43)}`;
      for (const head of [
        ["authorization", `Bearer ${run}`],
        ["x-token", run],
        ["cookie", run],
      ] as const) {
        expect(verdict(await ask("GET /api/status", [...own, head]))).toEqual([403, "RUN_TOKEN"]);
        expect(verdict(await ask("GET /", [...own, head]))).toEqual([403, "RUN_TOKEN"]);
      }
      expect(
        verdict(await ask("POST /api/agent/call", [...own, ["authorization", `Bearer ${run}`], JSON_TYPE], "{}")),
      ).toEqual([403, "RUN_TOKEN"]);
    });
  });

  describe("login codes", () => {
    test("are good once", async () => {
      const once = await code();
      expect(statusOf(await login(once))).toBe(200);
      expect(statusOf(await login(once))).toBe(401);
    });

    test("are good once for twenty that come together", async () => {
      const once = await code();
      const answers = await Promise.all(Array.from({ length: 20 }, () => login(once)));
      expect(answers.map(statusOf).filter((status) => status === 200)).toHaveLength(1);
      for (const answer of answers) expect([200, 401, 429]).toContain(statusOf(answer));
    });

    test("are never made on this port, with a token neither", async () => {
      const answer = await ask("POST /api/console/codes", [...own, await bearer(), JSON_TYPE], "{}");
      expect(verdict(answer)).toEqual([404, "ROUTE_UNKNOWN"]);
    });
  });

  describe("what reaches into the machine", () => {
    test.each(["/api/stop", "/api/reload", "/api/store/backup", "/api/agent/call", "/mcp"])(
      "%s is not on this port, with a token neither",
      async (url) => {
        const answer = await ask(`POST ${url}`, [...own, await bearer(), JSON_TYPE], "{}");
        expect(verdict(answer)).toEqual([404, "ROUTE_UNKNOWN"]);
      },
    );
  });

  describe("clickjacking", () => {
    test.each(["/", "/runs", "/api/status", "/nothing", "/healthz", "/%zz"])("%s is framed by nobody", async (url) => {
      const answer = await ask(`GET ${url}`, own);
      expect(answer).toMatch(FRAMED_BY_NOBODY);
      expect(answer).toMatch(/^x-frame-options: DENY\r$/m);
      expect(answer).toMatch(/^x-content-type-options: nosniff\r$/m);
      expect(answer).not.toMatch(/^(set-cookie|access-control-[a-z-]+|server|x-powered-by):/im);
    });
    test("nor is what was no request", async () => {
      expect(await sent(port, "nonsense\r\n\r\n")).toMatch(FRAMED_BY_NOBODY);
    });
  });

  describe("requests that two readers could read in two ways", () => {
    const post = (head: string, body: string): Promise<string> =>
      sent(
        port,
        `POST /api/login HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n${head}\r\n${body}`,
      );
    const hidden = (): string => `GET /healthz HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`;

    test.each([
      ["two lengths", "content-length: 2\r\ncontent-length: 60\r\n"],
      ["two equal lengths", "content-length: 2\r\ncontent-length: 2\r\n"],
      ["a length and chunks", "content-length: 2\r\ntransfer-encoding: chunked\r\n"],
      ["chunks and a length", "transfer-encoding: chunked\r\ncontent-length: 2\r\n"],
      ["chunks that are not last", "transfer-encoding: chunked, identity\r\n"],
      ["an unknown encoding", "transfer-encoding: xchunked\r\n"],
      ["a length that is none", "content-length: +2\r\n"],
      ["a length in hex", "content-length: 0x2\r\n"],
      ["a space before the colon", "content-length : 2\r\n"],
      ["a folded line", "content-length: 2\r\n x: y\r\n"],
      ["a NUL in a value", "content-length: 2\r\nx: a\0b\r\n"],
      ["a line that ends in LF alone", "content-length: 2\nx: y\r\n"],
    ])("%s: one answer, no, and the end", async (_says, head) => {
      const answer = await post(head, `{}${hidden()}`);
      expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
      expect(statusOf(answer)).toBe(400);
    });

    test.each(["CONNECT evil.example:443", "TRACE /", "OPTIONS *", "PRI *", "FOO /"])(
      "%s is no way in",
      async (line) => {
        const answer = await ask(line, own);
        expect(["", "400", "405", "421"]).toContain(answer.split(" ")[1] ?? "");
      },
    );

    test("one that expects what there is not is judged like every other", async () => {
      const expects = ["expect", "200-ok"] as const;
      expect(verdict(await ask("GET /", [["host", "evil.example"], expects]))).toEqual([421, "HOST_UNKNOWN"]);
      expect(statusOf(await ask("GET /healthz", [...own, expects]))).toBe(200);
    });

    test("what follows a refused request on its connection is judged for itself", async () => {
      const first = `GET /healthz HTTP/1.1\r\nhost: evil.example\r\n\r\n`;
      const second = `GET /api/status HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n\r\n`;
      const answers = await sent(port, first + second);
      expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["421", "401"]);
    });
  });

  describe("too much", () => {
    test("headers beyond 16 KiB are refused, in one or in many", async () => {
      expect(statusOf(await ask("GET /", [...own, ["x", "a".repeat(40_000)]]))).toBe(431);
      const many: Head = Array.from({ length: 3000 }, (_, i) => [`x-${i}`, "aaaa"] as const);
      expect(statusOf(await ask("GET /", [...own, ...many]))).toBe(431);
    });

    test("a body beyond 64 KiB is refused, with a length or in chunks", async () => {
      const token = await bearer();
      const large = JSON.stringify({ code: "x".repeat(100_000) });
      const head: Head = [...own, token, JSON_TYPE];
      expect(verdict(await ask("POST /api/logout", head, large))).toEqual([413, "BODY_TOO_LARGE"]);
      const chunks = `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`;
      const answer = await sent(
        port,
        `POST /api/logout HTTP/1.1\r\n${[...head, ["transfer-encoding", "chunked"]].map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${chunks}`,
      );
      expect(verdict(answer)).toEqual([413, "BODY_TOO_LARGE"]);
    });

    test("a body of somebody who may not ask is not read to its end", async () => {
      const answer = await sent(
        port,
        `POST /api/logout HTTP/1.1\r\nhost: evil.example\r\ncontent-length: 9000000000\r\n\r\n${"x".repeat(10_000)}`,
      );
      expect(statusOf(answer)).toBe(421);
    });
  });
}
