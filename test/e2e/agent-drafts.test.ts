/** A source-code desk holds a deployment: a draft of its own kind, decided without a signature, acted on once, and told to a target of one's own. */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { agentDesk, DESK, draftsOf, envelopeOf, filesIn, reached, textIn } from "../support/agent-desk.ts";
import { ask, quiet } from "../support/control.ts";
import { qoc, up } from "../support/daemon.ts";
import { post } from "../support/sender.ts";

const SCRIPT = `
const tools = await stdio();
const draft = { kind: "deployment", name: "web", fields: { environment: "production", version: "1.4.2" } };
await call(tools, "orders_propose", { draft, rationale: { summary: "the tests are green" } });
await call(tools, "orders_propose", { draft: { ...draft, fields: { ...draft.fields, environment: "mars" } }, rationale: { summary: "x" } })
  .then(() => process.exit(8), (refused) => console.log(refused.message));
`;
const DEPLOY = `import { appendFileSync, readFileSync } from "node:fs";
appendFileSync("deployed.ndjson", readFileSync(0, "utf8"));
console.log(JSON.stringify({ kind: "accepted", reference: "d-1" }));
`;
const notifySecret = `whsec_${randomBytes(24).toString("base64")}`;

type Received = { readonly type: string; readonly text: string; readonly id: string };
const received: Received[] = [];
let target: Server;
let dir: string;
let run: string;

beforeAll(async () => {
  target = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const { type } = z.object({ type: z.string() }).parse(new Webhook(notifySecret).verify(text, headers));
      // The first attempt of each is lost: it comes again under the same id.
      const again = received.some(({ id }) => id === headers["webhook-id"]);
      received.push({ type, text, id: headers["webhook-id"] ?? "" });
      response.writeHead(again ? 204 : 500).end();
    });
  });
  await new Promise<void>((listening) => target.listen(0, "127.0.0.1", listening));
  const address = target.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  dir = agentDesk({
    script: SCRIPT,
    env: { NOTIFY: notifySecret },
    toml: `[approval]
require = "local"

[[draft]]
kind = "deployment"
command = [${JSON.stringify(process.execPath)}, "deploy.mjs"]

[[draft.fields]]
name = "environment"
type = "choice"
choices = ["staging", "production"]
required = true

[[draft.fields]]
name = "version"
type = "text"
required = true

[[notify]]
name = "chat"
url = "http://127.0.0.1:${port}/hook"
secret = "env:NOTIFY"
events = ["approval.requested", "run.finalized"]
allow_private = true
`,
  });
  writeFileSync(path.join(dir, "deploy.mjs"), DEPLOY);
  const daemon = await up([dir]);
  await post(daemon.ingress, DESK, {
    webhook: "risk-breach",
    body: '{"event":"tests_green","secret":"payload-canary"}',
  });
  run = await reached(dir, "awaiting-approval.asked");
}, 60_000);
afterAll(() => void target.close());

describe("a deployment that waits for a person", () => {
  test("is one draft: the field that is none of its choices was refused", async () => {
    const drafts = await draftsOf(dir, run);
    expect(drafts).toHaveLength(1);
    expect(drafts[0]).toMatchObject({ state: "open", draft: 1 });
    expect(drafts[0]?.file).toMatch(/^orders\/proposed\/\w+_deployment_web\.toml$/);
  });

  test("is not decided without its digest, nor with another", async () => {
    const bare = await qoc({ cwd: dir }, "approve", run);
    expect(bare.code).not.toBe(0);
    const other = await qoc({ cwd: dir }, "approve", run, "--digest", "0".repeat(64));
    expect([other.code, other.stderr]).toEqual([75, expect.stringMatching(/digest/)]);
    expect((await draftsOf(dir, run))[0]?.state).toBe("open");
  });

  test("is acted on once, with what was approved, and its key", async () => {
    const [draft] = await draftsOf(dir, run);
    const approved = await qoc({ cwd: dir }, "approve", run, "--digest", draft?.digest ?? "");
    expect([approved.code, approved.stderr]).toEqual([0, expect.any(String)]);
    await quiet(dir);
    const lines = textIn(dir, "deployed.ndjson").trim().split("\n");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      schema: "qoc.submit/v1",
      run,
      number: 1,
      digest: draft?.digest,
      draft: {
        kind: "action",
        action: "deployment",
        name: "web",
        fields: { environment: "production", version: "1.4.2" },
      },
    });
    expect(filesIn(dir, "orders/executed")).toHaveLength(1);
  });

  test("stands in the envelope as decided by nobody's key", async () => {
    const envelope = await envelopeOf(dir, run);
    const said = JSON.stringify(
      envelope.observations.filter(({ name }) => name === "approval_requested" || name === "approval_decided"),
    );
    expect(said).toContain('{"name":"require","value":"local"}');
    expect(said).toContain('{"name":"approver","value":null}');
    expect(envelope.artifacts.some(({ kind }) => kind === "decision")).toBe(false);
    expect(envelope.execution.outcome).toBe("completed");
  });

  test("is told to the target, signed, again under one id until it is taken, and with no word of the payload", async () => {
    await expect.poll(() => received.length, { timeout: 25_000 }).toBe(4);
    const types = ["approval.requested", "run.finalized"];
    for (const type of types) {
      const told = received.filter((each) => each.type === type);
      expect(told).toHaveLength(2);
      expect(new Set(told.map(({ id }) => id)).size).toBe(1);
      expect(new Set(told.map(({ text }) => text)).size).toBe(1);
    }
    expect(received.map(({ text }) => text).join()).not.toMatch(/payload-canary|deployment|1\.4\.2/);
    expect(received.find(({ type }) => type === "run.finalized")?.text).toContain(run);
    expect(JSON.stringify(await ask(dir, "/api/status"))).not.toContain(notifySecret);
  }, 30_000);
});
