import { request } from "node:http";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { buildApiApp } from "../../../src/http/api-app.ts";
import { createEventHub } from "../../../src/http/events.ts";
import { listenPrivately } from "../../../src/http/control-address.ts";
import type { ControlTarget } from "../../../src/http/control-target.ts";
import { createSignatureHealth } from "../../../src/http/signature-health.ts";
import { AT, aRun, aTarget, runNumber } from "./desk-with-runs.ts";
import { holdAnswers } from "../../support/api-answers.ts";

const stuck = aRun({ run: runNumber(1), state: "stuck" });
const runs = [
  stuck,
  aRun({ run: runNumber(2), state: "executing.performing", parked: { reason: "x", at: AT } }),
  aRun({ run: runNumber(3), state: "held.for-context" }),
  aRun({ run: runNumber(4) }),
];

function given(changes: Partial<ControlTarget> = {}) {
  const target = aTarget(runs, changes);
  const complaints: string[] = [];
  const app = buildApiApp({
    target,
    clock: { now: () => AT },
    events: createEventHub(target, "e1"),
    entropy: { bytes: (count) => new Uint8Array(count) },
    complain: (says) => complaints.push(says),
  });
  holdAnswers(app);
  return { target, app, complaints };
}

describe("the daemon over its API", () => {
  test("status counts what is unfinished and what of it needs a person", async () => {
    const status = (await given().app.inject({ url: "/api/status" })).json();
    expect(Object.keys(status)[0]).toBe("schema");
    expect(status).toMatchObject({
      schema: "qoc.status/1",
      pid: 4242,
      started_at: "2026-07-05T13:45:01.124Z",
      workspaces: [
        {
          name: "equity-desk",
          runs: { unfinished: 3, parked: 1, stuck: 1, needs_me: 2 },
          mail_waiting: 2,
          failed_signatures: 3,
        },
      ],
    });
  });

  test("status carries how each webhook's signatures fared", async () => {
    const health = createSignatureHealth({ now: () => AT, hadRuns: () => false });
    const cause = { kind: "clock", sure: "proved", says: "it is 400 s ago", try: "set the clock" } as const;
    health.failed("risk-breach", { fault: "TOO_OLD", kind: "signed" }, () => cause);
    const target = aTarget(runs, { signatures: health.snapshot });
    const status = (await given({ desks: target.desks }).app.inject({ url: "/api/status" })).json();
    expect(status.workspaces[0].webhooks).toMatchObject([
      { name: "price-alert", signatures: { failed_since_verified: 0, cause: null } },
      { name: "risk-breach", signatures: { failed_since_verified: 1, last_failure: { fault: "TOO_OLD" }, cause } },
    ]);
  });

  test("healthz answers without asking anything", async () => {
    const { app } = given({ ready: () => Promise.reject(new Error("must not be asked")) });
    expect((await app.inject({ url: "/healthz" })).statusCode).toBe(200);
  });

  test.each([
    [true, 200],
    [false, 503],
  ])("readyz with a check that is %s answers %i and says which", async (ok, status) => {
    const { app } = given({ ready: () => Promise.resolve([{ name: "disk", ok, says: "12 MiB free" }]) });
    const answer = await app.inject({ url: "/readyz" });
    expect([answer.statusCode, answer.json()]).toEqual([
      status,
      { schema: "qoc.ready/1", ready: ok, checks: [{ name: "disk", ok, says: "12 MiB free" }] },
    ]);
  });

  test("stop is answered before it is done", async () => {
    const { app, target } = given();
    const answer = await app.inject({ method: "POST", url: "/api/stop", payload: { drain_ms: 50 } });
    expect([answer.statusCode, target.stops]).toEqual([202, [50]]);
  });

  test("a stop without a body has the default time", async () => {
    const { app, target } = given();
    await app.inject({ method: "POST", url: "/api/stop" });
    expect(target.stops).toEqual([20_000]);
  });

  test("a reload that is refused is a 409 with every problem", async () => {
    const { app } = given({ reload: () => Promise.resolve({ kind: "refused", problems: ["a", "b"] }) });
    const answer = await app.inject({ method: "POST", url: "/api/reload" });
    expect([answer.statusCode, answer.json()]).toMatchObject([409, { reloaded: false, problems: ["a", "b"] }]);
  });

  test.each([
    [{ workspace: "equity-desk", to: "relative/path" }, 400],
    [{ workspace: "other", to: "/tmp/backup" }, 404],
    [{ workspace: "equity-desk", to: "/tmp/backup" }, 200],
  ])("a backup asked for as %j is answered with %i", async (payload, status) => {
    const answer = await given().app.inject({ method: "POST", url: "/api/store/backup", payload });
    expect(answer.statusCode).toBe(status);
  });

  test("a bug of ours is a 500 that says nothing, and is complained of", async () => {
    const { app, complaints } = given({ ready: () => Promise.reject(new Error("the secret word")) });
    const answer = await app.inject({ url: "/readyz" });
    expect([answer.statusCode, answer.json().code, complaints]).toEqual([500, "INTERNAL", ["GET /readyz failed"]]);
    expect(answer.body).not.toContain("secret word");
  });

  test("an unknown route and a broken body are problems of the table", async () => {
    const { app } = given();
    const unknown = await app.inject({ url: "/api/nothing" });
    const broken = await app.inject({
      method: "POST",
      url: "/api/stop",
      payload: "{",
      headers: { "content-type": "application/json" },
    });
    expect([unknown.json().code, broken.json().code]).toEqual(["ROUTE_UNKNOWN", "REQUEST_MALFORMED"]);
    expect(unknown.headers["content-type"]).toContain("application/problem+json");
  });
});

describe("on its socket", () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  test("events stream as rows are told, and closing the API ends the stream", async () => {
    const { app, target } = given();
    const folder = mkdtempSync(path.join(tmpdir(), "qoc-api-"));
    folders.push(folder);
    const socketPath = path.join(folder, "c.sock");
    await listenPrivately(socketPath, (at) => app.listen({ path: at }));
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);

    const text = await new Promise<string>((resolve, reject) => {
      let seen = "";
      request({ socketPath, path: `/api/events?run=${runNumber(1)}` }, (answer) => {
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          const before = seen;
          seen += chunk;
          if (!before.includes("event: open") && seen.includes("event: open"))
            target.tell({ record: stuck.record, entries: stuck.journal });
          if (seen.includes("event: row")) void app.close();
        });
        answer.on("end", () => resolve(seen));
      })
        .on("error", reject)
        .end();
    });
    expect(text).toMatch(/event: row\ndata: \{"schema":"qoc.event\/1"/);
  });
});
