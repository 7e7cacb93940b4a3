/** Every secret of a desk with its console goes where it is used, and through every route and error besides. None of them is told to anybody. */
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addApprover, agentDesk, atTerminal, DESK, draftsOf, PASSPHRASE, reached } from "../support/agent-desk.ts";
import { sent } from "../support/console-attacks.ts";
import { ask, quiet } from "../support/control.ts";
import { environment, qoc, ROOT, type Said, stop } from "../support/daemon.ts";
import { filesBelow } from "../support/files-below.ts";
import { codeOf, consoleOf, type OpenConsole, tokenOf } from "../support/open-console.ts";
import { post, signed } from "../support/sender.ts";

const WEBHOOK_SECRET = "canary-webhook-5d20ab";
const METRICS_TOKEN = "canary-metrics-5d20ab-and-longer";
const VARIABLE = "canary-variable-5d20ab";
const HEADER = "canary-header-5d20ab";
const QUERY = "canary-query-5d20ab";
const BODY = "canary-body-5d20ab";
/** Of bodies. */
const FIELDS = ["workspace", "file", "status", "decision", "digest", "signed"];

let collector: Server;
let spans = "";
let dir: string;
let opened: OpenConsole;
let token: string;
let code: string;
let agentToken: string;
let approverKey: string;
let metrics = "";
let commandLines = "";
let said: Said;
/** What was answered, by whom it was asked. */
const answers: (readonly [string, string])[] = [];

function processes(): string {
  const lines = readdirSync("/proc").flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, "utf8")] : [];
    } catch {
      return [];
    }
  });
  return lines.filter((line) => line.includes("qoc") || line.includes(dir)).join("\n");
}

beforeAll(async () => {
  collector = createServer((request, reply) => {
    void text(request).then((body) => {
      spans += JSON.stringify(request.headers) + body;
      reply.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((listening) => collector.listen(0, "127.0.0.1", listening));
  const at = collector.address();
  const port = typeof at === "object" && at !== null ? at.port : 0;
  dir = agentDesk({
    script: `
writeFileSync("token-seen", process.env.QOC_RUN_TOKEN.slice(4));
const client = await stdio();
await call(client, "orders_propose", order("NVDA", "sell", "10"));
`,
    env: { SECRET: WEBHOOK_SECRET, METRICS: METRICS_TOKEN, OTHER: VARIABLE },
    toml: `[telemetry]
metrics_token = "env:METRICS"
traces = "http://127.0.0.1:${port}/v1/traces"

[inspect]
stately = true
`,
  });
  await addApprover(dir, "ada");
  approverKey = keyTextOf("ada");
  opened = await consoleOf(dir, 0, environment({ QOC_UNUSED: VARIABLE }));
  code = await codeOf(dir);
  token = await tokenOf(dir, opened.port);
  const body = JSON.stringify({ event: "e", note: BODY });
  const headers = {
    "x-qoc-signature": signed(body, WEBHOOK_SECRET),
    "x-canary": HEADER,
    authorization: `Bearer ${HEADER}`,
  };
  await post(opened.daemon.ingress, DESK, { webhook: "risk-breach", delivery_id: "s-1", body }, headers);
  const run = await reached(dir, "awaiting-approval.asked");
  commandLines = processes();
  agentToken = `qoc_${readFileSync(path.join(dir, "token-seen"), "utf8")}`;
  const [draft] = await draftsOf(dir, run);
  const wanted = [
    ["characters of the digest: ", `${draft?.digest?.slice(0, 4)}\n`],
    ["Passphrase of ada: ", `${PASSPHRASE}\r`],
  ] as const;
  answers.push(["qoc approve", (await atTerminal(dir, ["approve", run, "--draft", "1"], wanted)).screen]);
  await quiet(dir);
  await everyRoute(run);
  for (const args of [
    ["logs", "--tail", "1000"],
    ["metrics"],
    ["doctor"],
    ["config", "show"],
    ["endpoints", "list"],
    ["console", "--help"],
  ])
    answers.push([args.join(" "), Object.values(await qoc({ cwd: dir }, ...args)).join("\n")]);
  commandLines += processes();
  said = await stop(opened.daemon);
}, 120_000);
afterAll(() => void collector.close());

/** What the approver's key file holds of the key itself. */
function keyTextOf(name: string): string {
  const found = [...filesBelow(path.join(dir, ".qoc"))].find(
    ([file, bytes]) => file.includes(name) && bytes.includes("PRIVATE KEY"),
  );
  const [, line] = found?.[1].toString().split("\n") ?? [];
  if (line === undefined)
    throw new Error(`no key of ${name} in ${[...filesBelow(path.join(dir, ".qoc")).keys()].join(" ")}`);
  return line;
}

/** Every route of the reference, and an error of each, with every secret where somebody could put it by mistake. */
async function everyRoute(run: string): Promise<void> {
  const reference: { readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> } = JSON.parse(
    readFileSync(path.join(ROOT, "src/http/openapi.json"), "utf8"),
  );
  const secrets = [WEBHOOK_SECRET, METRICS_TOKEN, PASSPHRASE, VARIABLE, code, agentToken, token, QUERY];
  const say = async (method: string, target: string, head: readonly string[], body = ""): Promise<string> => {
    const lines = [`${method} ${target} HTTP/1.1`, `host: 127.0.0.1:${opened.port}`, "connection: close", ...head];
    if (body !== "") lines.push("content-type: application/json", `content-length: ${Buffer.byteLength(body)}`);
    const answer = await sent(opened.port, `${lines.join("\r\n")}\r\n\r\n${body}`);
    answers.push([`${method} ${target.split("?")[0] ?? ""}`, answer]);
    return answer;
  };
  const good = `authorization: Bearer ${token}`;
  for (const [template, methods] of Object.entries(reference.paths))
    for (const method of Object.keys(methods).map((each) => each.toUpperCase())) {
      const filled = template
        .replace("{id}", run)
        .replace("{workspace}", DESK)
        .replace("{webhook}", "risk-breach")
        .replace("{machine}", "delivery")
        .replace("{version}", "1");
      const body = method === "POST" ? "{}" : "";
      if (template !== "/api/events" && template !== "/api/logout") await say(method, filled, [good], body);
      for (const secret of secrets) {
        await say(method, `${filled}?x=${encodeURIComponent(secret)}`, [], body);
        await say(
          method,
          filled,
          [`authorization: Bearer ${secret.replaceAll(" ", "-")}x`, `x-secret: ${secret}`],
          body,
        );
        if (template !== "/api/logout" && method === "POST")
          await say(
            method,
            filled,
            [good],
            JSON.stringify({ ...Object.fromEntries(FIELDS.map((field) => [field, secret])), reason: 1, code: 1 }),
          );
      }
    }
  for (const view of [
    "/",
    "/runs",
    "/inbox",
    "/endpoints",
    "/envelopes",
    "/health",
    "/inspect",
    "/inspect/stately",
    "/app.js",
  ])
    await say("GET", view, [good]);
  metrics = await say("GET", "/metrics", [`authorization: Bearer ${METRICS_TOKEN}`]);
  await say("GET", "/api/status", [`authorization: Bearer ${METRICS_TOKEN}`]);
  await sent(opened.port, `GET /${QUERY} nonsense ${token}\r\n${VARIABLE}\r\n\r\n`);
  await ask(dir, `/api/${QUERY}?${token}`);
}

test("each had its use: metrics were scraped, spans collected, an order approved", () => {
  expect(metrics).toMatch(/^HTTP\/1\.1 200 /);
  expect(metrics).toContain("qoc_");
  expect(spans).toContain("resourceSpans");
  expect(answers[0]?.[1]).toContain("Draft 1 is approved");
  expect(answers.length).toBeGreaterThan(500);
  expect(commandLines).toContain("main.js");
  expect([token, code, agentToken].every((each) => each.length > 25)).toBe(true);
});

test("the token of who scrapes opens nothing else", () => {
  const [, answer] = answers.findLast(([asked]) => asked === "GET /api/status") ?? [];
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
});

test.each([
  ["the webhook's secret", () => WEBHOOK_SECRET],
  ["the token of who scrapes", () => METRICS_TOKEN],
  ["a variable of the environment", () => VARIABLE],
  ["the approver's passphrase", () => PASSPHRASE],
  ["the approver's key", () => approverKey],
  ["the console's token", () => token],
  ["the login code", () => code],
  ["the agent's token", () => agentToken],
])("%s is in no log, metric, span, command line or output", (_says, secret) => {
  const log = [...filesBelow(path.join(dir, ".qoc", "log")).values()].map(String).join("\n");
  expect(log.length).toBeGreaterThan(1_000);
  const places = { log, metrics, spans, commandLines, stdout: said.stdout, stderr: said.stderr };
  const found = Object.entries(places).filter(([, where]) => where.includes(secret()));
  expect(found.map(([name]) => name)).toEqual([]);
  const told = answers.filter(([asked, answer]) => asked !== "POST /api/login" && answer.includes(secret()));
  expect([...new Set(told.map(([asked]) => asked))]).toEqual([]);
});

test("what was delivered is shown to who is logged in, and to nobody by a log, a metric or a span", () => {
  const log = [...filesBelow(path.join(dir, ".qoc", "log")).values()].map(String).join("\n");
  const everywhere = [log, metrics, spans, commandLines, said.stdout, said.stderr].join("\n");
  for (const canary of [BODY, HEADER, QUERY]) expect(everywhere).not.toContain(canary);
  expect(answers.some(([asked, answer]) => asked.endsWith("/page") && answer.includes(BODY))).toBe(true);
});
