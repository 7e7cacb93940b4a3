/** What bubblewrap keeps from an agent, and that all of the work can be done inside of it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addApprover, unlockApprover } from "../../src/adapters/approver-keys.ts";
import { sandboxAvailable } from "../../src/agent/sandbox-check.ts";
import { signDecision } from "../../src/approval/decision.ts";
import {
  agentDesk,
  DESK,
  draftsOf,
  type Envelope,
  envelopeOf,
  filesIn,
  PASSPHRASE,
  textIn,
} from "../support/agent-desk.ts";
import { ask, quiet } from "../support/control.ts";
import { environment, lastingFolder, qoc, stop, up } from "../support/daemon.ts";
import {
  callsIn,
  issueOf,
  runOf,
  saidOf,
  TELLS,
  type Told,
  toldBy,
  valueIn,
  webhookOf,
} from "../support/escaping-agent.ts";
import { post } from "../support/sender.ts";

const check = await sandboxAvailable();
if (check.kind === "unavailable") process.stderr.write(`The tests under bubblewrap are left out: ${check.reason}\n`);

const CANARIES = ["canary-in-the-daemon", "canary-in-the-file", "canary-in-the-home"];
const scriptWith = (place: {
  readonly home: string;
  readonly port: number;
  readonly outside: string;
}): string => `${TELLS}
const place = ${JSON.stringify(place)};
const { QOC_RUN: run, QOC_RUN_TOKEN: token, QOC_SOCKET: socket } = process.env;
const connects = (port) => new Promise((resolve, reject) => net.connect(port, "127.0.0.1", () => resolve("connected")).on("error", reject));
const tasks = {
  async neighbour() {
    tell("here", true, run);
    while (!existsSync("research/told-risk-review.json") || !readFileSync("research/told-risk-review.json", "utf8").includes("the end")) await new Promise((again) => setTimeout(again, 25));
  },
  async "risk-review"() {
    while (!existsSync("research/told-neighbour.json")) await new Promise((again) => setTimeout(again, 25));
    const client = await stdio();
    await call(client, "research_write", { name: "breach", content: "# Breach" });
    await call(client, "orders_propose", order("NVDA", "sell", "10"));
    await attempt("commands of the PATH", () => shell("qoc", ["issue", "update", "--summary", "From inside."]));
    await attempt("the tools by URL", () => http());
    await attempt("the network", () => connects(place.port));
    for (const file of ["desk.toml", ".qoc/mine", ".qoc/approvers/mallory.pub", "agent.mjs", "entities/nvda.md", "book/ledger.ndjson", "mine.txt", ".env.local", place.outside + "/mine"])
      await attempt("write " + file, () => writeFileSync(file, "mine"));
    for (const file of [".env.qoc", ".qoc/daemon.json", place.outside + "/secret.txt", place.home + "/.secret", "/etc/passwd", "/root/.bashrc"])
      await attempt("read " + file, () => readFileSync(file, "utf8") || Promise.reject(new Error("empty")));
    symlinkSync("../.env.qoc", "research/env.md");
    await attempt("read by a link of its own", () => readFileSync("research/env.md", "utf8") || Promise.reject(new Error("empty")));
    await attempt("read by a link, through the tools", () => call(client, "read_file", { path: "research/env.md" }));
    await attempt("environments", () => readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)).map((pid) => { try { return readFileSync("/proc/" + pid + "/environ", "utf8"); } catch { return ""; } }).join(" "));
    await attempt("tokens", () => readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)).flatMap((pid) => { try { return readFileSync("/proc/" + pid + "/environ", "utf8").split("\\0").filter((each) => each.startsWith("QOC_RUN=")); } catch { return []; } }).filter((each) => each !== "QOC_RUN=" + run).join(" "));
    const { QOC_RUN_TOKEN: _, ...without } = process.env;
    await attempt("qoc approve", () => shell("qoc", ["approve", run, "--draft", "1"]));
    await attempt("qoc approver add", () => shell("qoc", ["approver", "add", "eve"], without));
    await attempt("decide with the token", () => over(socket, "POST", "/api/runs/" + run + "/decisions", { draft: 1, decision: "approve", digest: "0".repeat(64) }, { authorization: "Bearer " + token }));
    for (const [name, method, target, body] of [
      ["decide", "POST", "/api/runs/" + run + "/decisions", { draft: 1, decision: "approve", digest: "0".repeat(64) }],
      ["runs", "GET", "/api/runs", undefined],
      ["stop", "POST", "/api/stop", {}],
    ])
      await attempt("without the token: " + name, () => over(socket, method, target, body));
    await attempt("the control socket beside it", () => over(socket.replace(/agents\\.sock$/, "control.sock"), "GET", "/api/runs"));
    const living = spawn("sleep", ["300"], { detached: true, stdio: "ignore" });
    living.unref();
    const loop = "i=0; while [ $i -lt 300 ]; do setsid sleep 301 >/dev/null 2>&1 & i=$((i+1)); done";
    await attempt("forks", () => String(spawnSync("sh", ["-c", loop], { stdio: "ignore", timeout: 20_000 }).status));
    tell("the end", true, "");
  },
};
await tasks[process.env.QOC_TASK]();
`;

describe.skipIf(check.kind === "unavailable")("an agent under bubblewrap", () => {
  let dir: string;
  let told: Told;
  let run: string;
  let envelope: Envelope;
  let listener: Server;
  let connected = 0;
  const said = (name: string): string => saidOf(told, name);

  beforeAll(async () => {
    const home = lastingFolder();
    writeFileSync(path.join(home, ".secret"), "canary-in-the-home");
    const outside = lastingFolder();
    writeFileSync(path.join(outside, "secret.txt"), "outside");
    listener = createServer((socket) => {
      connected += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => void listener.listen(0, "127.0.0.1", () => resolve()));
    const address = listener.address();
    if (typeof address !== "object" || address === null) throw new Error("a listener on a port has one");
    dir = agentDesk({
      script: scriptWith({ home, port: address.port, outside }),
      agent: 'max_concurrent = 2\nsandbox = "bubblewrap"',
      toml: webhookOf("neighbour"),
      env: { CANARY: "canary-in-the-file" },
    });
    writeFileSync(path.join(dir, "issues", "neighbour.md"), issueOf("neighbour"));
    mkdirSync(path.join(dir, "research"), { recursive: true });
    await addApprover(dir, { name: "ada", workspace: DESK, passphrase: PASSPHRASE, endorser: null, now: Date.now() });
    const daemon = await up([dir], { env: environment({ CANARY: "canary-in-the-daemon", HOME: home }) });
    for (const webhook of ["neighbour", "risk-breach"])
      await post(daemon.ingress, DESK, { webhook, delivery_id: webhook, body: "{}" });
    run = await runOf(dir, "risk-breach", "awaiting-approval.asked");
    told = toldBy(dir, "risk-review");
    const [draft] = await draftsOf(dir, run);
    const digest = draft?.digest ?? "";
    const at = new Date().toISOString();
    const decision = {
      workspace: DESK,
      run,
      draft: 1,
      digest,
      decision: "approve",
      reason: "",
      approver: "ada",
      at,
    } as const;
    const signed = Buffer.from(signDecision(decision, unlockApprover(dir, "ada", PASSPHRASE))).toString("base64");
    await ask(dir, `/api/runs/${run}/decisions`, { draft: 1, decision: "approve", digest, signed });
    await quiet(dir);
    await stop(daemon);
    envelope = await envelopeOf(dir, run);
  }, 120_000);
  afterAll(() => void listener.close());

  test("does all of its work: research, a task's summary, an order that a person approves and that is filled once", async () => {
    expect(textIn(dir, "research/breach.md")).toContain("# Breach");
    expect(said("commands of the PATH")).toContain("went through: 0 ");
    expect(filesIn(dir, "orders/executed").filter((file) => file.includes("NVDA_sell"))).toHaveLength(1);
    expect(textIn(dir, "book/ledger.ndjson").trim().split("\n")).toHaveLength(1);
    const verified = await qoc({ cwd: dir }, "envelope", "verify", run);
    expect(verified.code).toBe(0);
  });

  test("has no network, and the evidence says what held it", async () => {
    expect(said("the network")).toMatch(/^refused: .*(ECONNREFUSED|ENETUNREACH)/);
    expect(said("the tools by URL")).toContain("refused");
    expect(connected).toBe(0);
    const held = valueIn(envelope, "process_confined");
    expect(held).toContain('{"name":"sandbox","value":"bubblewrap"}');
    expect(held).toContain('{"name":"network","value":false}');
  });

  test("writes nothing but what it may", () => {
    const written = told.filter(({ name }) => name.startsWith("write "));
    expect(written).toHaveLength(9);
    expect(written.filter(({ went }) => went)).toEqual([]);
    expect(filesIn(dir, ".qoc/approvers").join(" ")).not.toContain("mallory");
  });

  test("reads no secret and nothing from outside, by path or by a link of its own", async () => {
    const reads = told.filter(({ name }) => name.startsWith("read "));
    expect(reads).toHaveLength(8);
    expect(reads.filter(({ went }) => went)).toEqual([]);
    const refused = callsIn(envelope).filter((call) => call.includes('"name":"ok","value":false'));
    expect(refused).toEqual([expect.stringContaining("read_file")]);
  });

  test("finds no secret in any process that it sees, and no token of a run beside it", () => {
    expect(said("environments")).toContain("QOC_RUN_TOKEN");
    for (const canary of CANARIES) expect(JSON.stringify(told)).not.toContain(canary);
    expect(said("tokens")).toBe("went through: ");
    expect(toldBy(dir, "neighbour").map(({ name }) => name)).toEqual(["here"]);
  });

  test.each([
    ["qoc approve", "went through: 77 "],
    ["qoc approver add", "went through: 77 "],
    ["decide with the token", "went through: 404 "],
    ["without the token: decide", "went through: 404 "],
    ["without the token: runs", "went through: 404 "],
    ["without the token: stop", "went through: 404 "],
    ["the control socket beside it", "refused: connect ENOENT"],
  ])("decides nothing, and asks the daemon for nothing but its tools: %s", (name, says) => {
    expect(said(name)).toContain(says);
  });

  test("leaves no process behind", async () => {
    expect(said("forks")).toBe("went through: 0");
    expect(valueIn(envelope, "process_confined")).toContain('{"name":"left","value":0}');
    const commands = filesIn("/proc", "")
      .filter((name) => /^[0-9]+$/.test(name))
      .map((pid) => {
        try {
          return textIn("/proc", `${pid}/cmdline`);
        } catch {
          return "";
        }
      });
    expect(commands.filter((command) => command === "sleep\u0000301\u0000")).toEqual([]);
  });
});
