import { describe, expect, test } from "vitest";
import { refusals, refuse, type RefusalCode } from "../../../src/core/refusals.ts";
import { Overloaded } from "../../../src/engine/ports.ts";
import {
  desk,
  keyOf,
  NOW,
  SAMPLE,
  SAMPLE_SIGNATURE,
  SECRET,
  signatureOf,
  webhook,
} from "../../support/ingress-desk.ts";
import { ingress } from "../../support/raw-http.ts";

const URL_OF_SAMPLE = "/webhook/equity-desk/price-alert";
const sample = {
  method: "POST",
  url: URL_OF_SAMPLE,
  payload: SAMPLE,
  headers: { "content-type": "application/json", "x-qoc-signature": `sha256=${SAMPLE_SIGNATURE}` },
} as const;
const problem = (code: RefusalCode) => ({
  type: `urn:qoc:problem:${code}`,
  title: refusals[code].says,
  status: refusals[code].status,
  code,
});

describe("an accepted delivery", () => {
  test("is answered 202 with its run, its id and that it is no duplicate", async () => {
    const { app } = ingress();
    const reply = await app.inject(sample);
    expect([reply.statusCode, reply.headers["content-type"]]).toEqual([202, "application/json"]);
    expect(reply.json()).toEqual({
      run: expect.stringMatching(/^[0-9a-f-]{36}$/),
      delivery_id: expect.stringMatching(/^[0-9a-f]{64}$/),
      duplicate: false,
    });
  });

  test("that comes again is answered alike, as a duplicate", async () => {
    const { app } = ingress();
    const [first, second] = [await app.inject(sample), await app.inject(sample)];
    expect(second.statusCode).toBe(202);
    expect(second.json()).toEqual({ ...first.json(), duplicate: true });
  });

  test.each([
    ["id_conflict", '{"n":2}', "D-1"],
    ["suspected_replay", '{"n":1}', "D-2"],
  ])("carries the flag %s", async (flag, body, id) => {
    const { app, host } = ingress({ desks: () => new Map([["equity-desk", at]]) });
    const at = desk([webhook({ dedupe: { kind: "id+body" } })], host);
    const send = (payload: string, delivery: string) =>
      app.inject({
        ...sample,
        payload,
        headers: { "x-qoc-signature": signatureOf(payload), "x-qoc-delivery": delivery },
      });
    const first = await send('{"n":1}', "D-1");
    const second = await send(body, id);
    expect([second.statusCode, second.json()]).toEqual([202, { ...first.json(), delivery_id: id, flag }]);
  });

  test.each([
    ["no content type", {}],
    ["a content type that is none", { "content-type": "json" }],
    ["a content type of another kind", { "content-type": "multipart/form-data" }],
  ])("may have %s", async (_name, headers) => {
    const { app } = ingress();
    const reply = await app.inject({
      ...sample,
      headers: { ...headers, "x-qoc-signature": sample.headers["x-qoc-signature"] },
    });
    expect(reply.statusCode).toBe(202);
  });

  test.each([
    ["empty", Buffer.alloc(0)],
    ["not UTF-8", Buffer.from([0xc3, 0x28, 0xff])],
    ["10,000 nested arrays", Buffer.from("[".repeat(10_000) + "]".repeat(10_000))],
  ])("may be %s", async (_name, payload) => {
    const host = ingress().host;
    const { app } = ingress({
      desks: () => new Map([["equity-desk", desk([webhook({ body_limit_bytes: 20_000 })], host)]]),
    });
    const reply = await app.inject({ ...sample, payload, headers: { "x-qoc-signature": signatureOf(payload) } });
    expect(reply.statusCode).toBe(202);
    expect(Buffer.from(host.posted[0]?.artifacts[0]?.bytes ?? [])).toEqual(payload);
  });

  test("is reported with its size, and with nothing of what it holds", async () => {
    const { app, reports } = ingress();
    await app.inject(sample);
    expect(reports).toMatchObject([{ kind: "accepted", bytes: SAMPLE.length, accepted: { duplicate: false } }]);
  });
});

describe("a refusal", () => {
  test.each([
    ["an unknown workspace", "ROUTE_UNKNOWN", { url: "/webhook/absent/price-alert" }],
    ["an unknown webhook", "ROUTE_UNKNOWN", { url: "/webhook/equity-desk/absent" }],
    ["a body one byte over the limit", "BODY_TOO_LARGE", { payload: "x".repeat(1025) }],
    ["a compressed body", "ENCODING_UNSUPPORTED", { headers: { ...sample.headers, "content-encoding": "gzip" } }],
    ["no signature", "SIGNATURE_INVALID", { headers: {} }],
    ["another body's signature", "SIGNATURE_INVALID", { headers: { "x-qoc-signature": signatureOf("{}") } }],
  ] as const)("of %s is the problem %s and nothing more", async (_name, code, change) => {
    const { app, host, reports } = ingress();
    const reply = await app.inject({ ...sample, ...change });
    expect([reply.statusCode, reply.headers["content-type"]]).toEqual([
      refusals[code].status,
      "application/problem+json",
    ]);
    expect(reply.json()).toEqual(problem(code));
    expect(reply.headers["retry-after"]).toBeUndefined();
    expect(host.posted).toEqual([]);
    expect(reports).toMatchObject([{ kind: "refused", code }]);
  });

  test("of a body at the limit does not happen", async () => {
    const { app } = ingress();
    const payload = "x".repeat(1024);
    expect(
      (await app.inject({ ...sample, payload, headers: { "x-qoc-signature": signatureOf(payload) } })).statusCode,
    ).toBe(202);
  });

  test("reads the same for an unknown workspace, an unknown webhook and a path that is no endpoint", async () => {
    const { app } = ingress();
    const urls = ["/webhook/absent/price-alert", "/webhook/equity-desk/absent", "/", "/webhook", "/admin"];
    const replies = await Promise.all(urls.map((url) => app.inject({ ...sample, url })));
    expect(
      new Set(
        replies.map(({ statusCode, headers, payload }) =>
          JSON.stringify([statusCode, { ...headers, date: "" }, payload]),
        ),
      ).size,
    ).toBe(1);
  });

  test("of a signature says the same whatever is wrong with it", async () => {
    const { app } = ingress();
    const wrong = [{}, { "x-qoc-signature": "sha256=zz" }, { "x-qoc-signature": signatureOf(SAMPLE, "other") }];
    const bodies = await Promise.all(wrong.map(async (headers) => (await app.inject({ ...sample, headers })).payload));
    expect(new Set(bodies)).toEqual(new Set([JSON.stringify(problem("SIGNATURE_INVALID"))]));
  });
});

describe("a method that is not POST", () => {
  test.each([["GET"], ["PUT"], ["PATCH"], ["DELETE"], ["OPTIONS"]] as const)(
    "as %s is 405 where there is an endpoint",
    async (method) => {
      const { app } = ingress();
      const reply = await app.inject({
        method,
        url: URL_OF_SAMPLE,
        headers: { origin: "https://example.com", "content-type": "x" },
      });
      expect([reply.statusCode, reply.headers["allow"], reply.json()]).toEqual([
        405,
        "POST",
        problem("METHOD_NOT_ALLOWED"),
      ]);
      expect(Object.keys(reply.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    },
  );

  test.each([["GET"], ["PUT"], ["HEAD"], ["OPTIONS"]] as const)("as %s is 404 where there is none", async (method) => {
    const { app } = ingress();
    const reply = await app.inject({ method, url: "/webhook/equity-desk/absent" });
    expect([reply.statusCode, reply.headers["allow"]]).toEqual([404, undefined]);
  });
});

describe("the daemon's own trouble", () => {
  test.each([["DRAINING"], ["OVERLOADED"], ["DISK_LOW"]] as const)(
    "%s at the gate is 503 with a time to come again",
    async (code) => {
      const { app, host } = ingress({ gate: () => refuse(code, "for the log alone", 7) });
      const reply = await app.inject(sample);
      expect([reply.statusCode, reply.headers["retry-after"], reply.json()]).toEqual([503, "7", problem(code)]);
      expect(host.posted).toEqual([]);
    },
  );

  test("at the gate is not told about endpoints that do not exist", async () => {
    const { app } = ingress({ gate: () => refuse("DRAINING", "") });
    expect((await app.inject({ ...sample, url: "/webhook/equity-desk/absent" })).statusCode).toBe(404);
  });

  test.each([
    ["OVERLOADED", new Overloaded()],
    ["NOT_PERSISTED", new Error("I/O error at /var/lib/secret-place")],
  ] as const)("%s is 503, never a 4xx, and says nothing of its reason", async (code, error) => {
    const { app, host } = ingress();
    host.fail(error);
    const reply = await app.inject(sample);
    expect([reply.statusCode, reply.json()]).toEqual([503, problem(code)]);
    expect(Number(reply.headers["retry-after"])).toBeGreaterThan(0);
  });

  test("as a bug is 500, and its words go to the report alone", async () => {
    const broken = desk();
    const { app, reports } = ingress({
      desks: () =>
        new Map([
          [
            "equity-desk",
            {
              ...broken,
              known: {
                ...broken.known,
                knows: () => {
                  throw new Error("private");
                },
              },
            },
          ],
        ]),
    });
    const reply = await app.inject(sample);
    expect([reply.statusCode, reply.json()]).toEqual([500, problem("INTERNAL")]);
    expect(reports).toMatchObject([{ kind: "refused", code: "INTERNAL", detail: "private" }]);
  });
});

describe("failed signatures", () => {
  const limits = { signatures: { failuresMax: 2, windowMs: 60_000, keysMax: 10 } };
  const bad = { ...sample, headers: {} };

  test("beyond the limit are answered 429 with the time that is left", async () => {
    const { app } = ingress({}, limits);
    const statuses = [];
    for (let times = 0; times < 3; times += 1) statuses.push((await app.inject(bad)).statusCode);
    expect(statuses).toEqual([401, 401, 429]);
    const reply = await app.inject(bad);
    expect([reply.headers["retry-after"], reply.json()]).toEqual(["60", problem("SIGNATURE_RATE")]);
  });

  test("never limit a valid one from the same address", async () => {
    const { app } = ingress({}, limits);
    for (let times = 0; times < 5; times += 1) await app.inject(bad);
    expect((await app.inject(sample)).statusCode).toBe(202);
  });

  test("are counted for each webhook and address", async () => {
    const host = ingress().host;
    const at = desk([webhook(), webhook({ name: "other" })], host);
    const { app } = ingress({ desks: () => new Map([[at.name, at]]) }, limits);
    for (let times = 0; times < 3; times += 1) await app.inject(bad);
    expect((await app.inject({ ...bad, url: "/webhook/equity-desk/other" })).statusCode).toBe(401);
    expect((await app.inject({ ...bad, remoteAddress: "192.0.2.1" })).statusCode).toBe(401);
    expect((await app.inject(bad)).statusCode).toBe(429);
  });

  test("are forgotten when their minute is over", async () => {
    let now = NOW;
    const { app } = ingress({ now: () => now }, limits);
    for (let times = 0; times < 3; times += 1) await app.inject(bad);
    now += 60_000;
    expect((await app.inject(bad)).statusCode).toBe(401);
  });
});

describe("a reload", () => {
  test("takes effect with the next request: webhooks come and go, secrets rotate", async () => {
    const host = ingress().host;
    let desks = new Map([["equity-desk", desk([webhook()], host)]]);
    const { app } = ingress({ desks: () => desks });
    const status = async () => (await app.inject(sample)).statusCode;
    const statuses = [await status()];
    desks = new Map([["equity-desk", desk([webhook({ secrets: [keyOf("new"), keyOf(SECRET)] })], host)]]);
    statuses.push(await status());
    desks = new Map([["equity-desk", desk([webhook({ secrets: [keyOf("new")] })], host)]]);
    statuses.push(await status());
    desks = new Map([["equity-desk", desk([], host)]]);
    statuses.push(await status());
    expect(statuses).toEqual([202, 202, 401, 404]);
  });

  test("of one workspace leaves another in the same daemon alone", async () => {
    const host = ingress().host;
    const other = { ...desk([webhook()], host), name: "other-desk" };
    const { app } = ingress({
      desks: () =>
        new Map([
          ["equity-desk", desk([webhook()], host)],
          ["other-desk", other],
        ]),
    });
    const runs = await Promise.all(
      ["equity-desk", "other-desk"].map(
        async (name) => (await app.inject({ ...sample, url: `/webhook/${name}/price-alert` })).json().run,
      ),
    );
    expect(new Set(runs).size).toBe(2);
  });
});

test("/healthz says that the daemon is alive, and asks nothing of it", async () => {
  const { app } = ingress({
    gate: () => refuse("DRAINING", ""),
    desks: () => {
      throw new Error("asked");
    },
  });
  const reply = await app.inject({ method: "GET", url: "/healthz" });
  expect([reply.statusCode, reply.json()]).toEqual([200, { status: "ok" }]);
});
