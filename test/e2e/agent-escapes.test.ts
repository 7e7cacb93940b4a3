/**
 * Agents that try to do what they may not, on a desk without a sandbox. What is refused there is refused by the daemon, and stands in the
 * sealed evidence. Not promised without a sandbox, because the agent is the daemon's own user: that it cannot read `.env.qoc`, the
 * environment in `/proc/<daemon>/environ`, another run's token while that run lasts, or write a file itself. `agent-sandbox.test.ts` has those.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { addApprover, readApprovers, removeApprover, unlockApprover } from "../../src/adapters/approver-keys.ts";
import { signDecision } from "../../src/approval/decision.ts";
import type { ApproverSigner } from "../../src/approval/signed-record.ts";
import {
  agentDesk,
  atTerminal,
  DESK,
  draftsOf,
  type Envelope,
  envelopeOf,
  filesIn,
  PASSPHRASE,
  textIn,
} from "../support/agent-desk.ts";
import { decisionOf, endorsed, person } from "../support/approval-words.ts";
import { ask, quiet } from "../support/control.ts";
import { type Daemon, environment, qoc, stop, up, within } from "../support/daemon.ts";
import { ESCAPES, TASKS } from "../support/escape-script.ts";
import { callsIn, issueOf, runOf, saidOf, type Told, toldBy, valueIn, webhookOf } from "../support/escaping-agent.ts";
import { post } from "../support/sender.ts";

const CANARIES = ["canary-in-the-daemon", "canary-in-the-file"];
const mallory = person("mallory");
let dir: string;
let daemon: Daemon;
let ada: ApproverSigner;
const runs = new Map<string, string>();
const peakBytes = (): number =>
  1024 * Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${daemon.pid}/status`, "utf8"))?.[1]);
const isAlive = (pid: string): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};
const told = (task: string): Told => toldBy(dir, task);
const read = new Map<string, Promise<Envelope>>();
const envelope = (task: string): Promise<Envelope> => {
  const found = read.get(task) ?? envelopeOf(dir, runs.get(task) ?? "");
  read.set(task, found);
  return found;
};
const log = (): string => textIn(dir, ".qoc/log/daemon.ndjson");
let peakBefore: number;
let floodPeak: number;

beforeAll(async () => {
  dir = agentDesk({
    script: ESCAPES,
    agent: "max_concurrent = 2",
    toml: TASKS.map(webhookOf).join("\n"),
    env: { CANARY: "canary-in-the-file" },
  });
  for (const task of TASKS) writeFileSync(path.join(dir, "issues", `${task}.md`), issueOf(task));
  writeFileSync(path.join(path.dirname(dir), "outside.md"), "outside");
  const planted = path.join(dir, "planted");
  mkdirSync(planted);
  const { publicKey, endorsement } = endorsed(mallory, mallory);
  for (const [name, bytes] of [
    ["none", "0".repeat(64)],
    ["mallory.pub", publicKey],
    ["mallory.endorsed.json", endorsement],
    ["mallory.print", mallory.key.fingerprint],
  ] as const)
    writeFileSync(path.join(planted, name), bytes);
  await addApprover(dir, { name: "ada", workspace: DESK, passphrase: PASSPHRASE, endorser: null, now: Date.now() });
  ada = unlockApprover(dir, "ada", PASSPHRASE);
  daemon = await up([dir], { env: environment({ CANARY: "canary-in-the-daemon" }) });
  const send = (webhook: string) => post(daemon.ingress, DESK, { webhook, delivery_id: webhook, body: "{}" });
  peakBefore = peakBytes();
  for (const webhook of ["victim", "thief", "flood", "forks", "risk-breach", "stubborn"]) await send(webhook);
  runs.set("risk-review", await runOf(dir, "risk-breach", "awaiting-approval.asked"));
  const stubborn = await runOf(dir, "stubborn", "executing");
  await within(
    (async () => {
      while (
        !filesIn(dir, "research").includes("before-the-cancel.md") ||
        !told("stubborn").some(({ name }) => name === "pid")
      )
        await new Promise((again) => setTimeout(again, 50));
    })(),
    () => "began no stubborn agent",
  );
  await ask(dir, `/api/runs/${stubborn}/cancel`, { reason: "it does not end" });
  for (const task of TASKS) runs.set(task, await runOf(dir, task, "sealed"));
  floodPeak = peakBytes();
}, 120_000);

describe("through its tools an agent", () => {
  test("gets nothing from beyond its desk, through no path and through no link that it made meanwhile", async () => {
    const said = told("victim").filter(({ name }) => !name.startsWith("environment"));
    const went = said.filter((each) => each.went).map(({ name }) => name);
    expect(went).toEqual(["read before the swap"]);
    expect(said.filter((each) => !each.went)).toHaveLength(29);
    const calls = callsIn(await envelope("victim"));
    expect(calls).toHaveLength(30);
    expect(calls.filter((call) => call.includes('"name":"ok","value":false'))).toHaveLength(29);
    expect(filesIn(dir, "orders/proposed").concat(filesIn(dir, ".qoc")).join(" ")).not.toContain("mine");
    for (const name of ["daemon.json", "approver-root"]) expect(textIn(dir, `.qoc/${name}`)).not.toContain("mine");
    expect(textIn(dir, "desk.toml")).not.toContain("mine");
  });

  test("finds no secret of the daemon's in its environment", async () => {
    const [environs] = told("victim").filter(({ name }) => name === "environment");
    expect(environs?.says).toContain("QOC_RUN_TOKEN");
    for (const canary of CANARIES) expect(environs?.says).not.toContain(canary);
  });

  test("is the run of its own token, whatever else it says that it is", async () => {
    expect(saidOf(told("thief"), "as another run by name")).toContain("went through: 0 ");
    expect(callsIn(await envelope("thief"))).toEqual([expect.stringContaining("research_write")]);
    const ofVictim = callsIn(await envelope("victim")).filter((call) => call.includes("research_write"));
    expect(ofVictim.filter((call) => call.includes('"name":"ok","value":true'))).toEqual([]);
  });

  test.each(["runs", "cancel", "decide", "stop"])("gets no further with another run's token: %s", (name) => {
    expect(saidOf(told("thief"), `another's token: ${name}`)).toMatch(/^went through: 403 .*RUN_TOKEN/);
  });
});

describe("a token", () => {
  test("that nobody issued opens nothing", () => {
    expect(saidOf(told("thief"), "a token of its own making")).toContain("went through: 401 ");
  });

  test("is dead when its run has ended, and the log names the run whose it was", async () => {
    expect(saidOf(told("thief"), "the token after the end")).toContain("went through: 401 ");
    expect(
      log()
        .split("\n")
        .filter((line) => line.includes("token") && line.includes(runs.get("victim") ?? "none")),
    ).not.toEqual([]);
  });

  test("is dead outside too, and what was to live on with it was ended", async () => {
    const token = told("thief").find(({ name }) => name === "its token")?.says ?? "";
    const { socket }: { readonly socket: string } = JSON.parse(textIn(dir, ".qoc/daemon.json"));
    const tried = await qoc(
      { cwd: dir, env: environment({ QOC_RUN_TOKEN: token, QOC_SOCKET: socket, QOC_RUN: runs.get("thief") ?? "" }) },
      "issue",
      "update",
      "--summary",
      "from the grave",
    );
    expect([tried.code, tried.stderr]).toEqual([expect.any(Number), expect.stringContaining("TOKEN_INVALID")]);
    expect(textIn(dir, "issues/thief.md")).not.toContain("from the grave");
    expect(log()).toContain(runs.get("thief"));
    expect(isAlive(told("thief").find(({ name }) => name === "lives on")?.says ?? "")).toBe(false);
    expect(valueIn(await envelope("thief"), "process_confined")).toContain('{"name":"outlived","value":1}');
  });
});

describe("an agent of the daemon's own user that would approve its own draft", () => {
  const decide = async (body: object): Promise<unknown> =>
    ask(dir, `/api/runs/${runs.get("risk-review")}/decisions`, body);
  const refusal = (says: string) =>
    expect.objectContaining({ status: 403, code: "APPROVAL_REFUSED", detail: expect.stringContaining(says) });
  const approvalOf = async (approver: string, signer: ApproverSigner) => {
    const run = runs.get("risk-review") ?? "";
    const [draft] = await draftsOf(dir, run);
    const digest = draft?.digest ?? "";
    const at = new Date().toISOString();
    const signed = signDecision(decisionOf({ ...mallory, name: approver }, { run, digest, at }), signer);
    return { draft: 1, decision: "approve", digest, signed: Buffer.from(signed).toString("base64") };
  };

  test.each([
    ["tool approve", "refused: "],
    ["qoc approve ", "went through: 77 "],
    ["qoc approver add", "went through: 77 "],
    ["qoc approver reset", "went through: 77 "],
    ["without the token: qoc approver add eve", "went through: 77 "],
    ["without the token: qoc approver reset", "went through: 77 "],
    ["decide with the token", "went through: 403 "],
    ["decide without it", "went through: 409 "],
    ["reset to it", "went through: 404 "],
  ])("is refused while it works: %s", (name, says) => {
    expect(saidOf(told("risk-review"), name)).toContain(says);
  });

  test("is refused over the socket afterwards, unsigned and signed with a key that it put among the approvers'", async () => {
    const { signed: _, ...bare } = await approvalOf("mallory", mallory.signer);
    expect(filesIn(dir, ".qoc/approvers")).toContain("mallory.endorsed.json");
    expect(await decide(bare)).toEqual(refusal("signed"));
    expect(await decide(await approvalOf("mallory", mallory.signer))).toEqual(refusal("no approver of this desk"));
    expect(await decide(await approvalOf("ada", mallory.signer))).toEqual(refusal(""));
    await ask(dir, "/api/approvers/reset", { workspace: DESK, root: mallory.key.fingerprint });
    expect(await decide(await approvalOf("mallory", mallory.signer))).toEqual(refusal("no approver of this desk"));
    expect(JSON.stringify(await ask(dir, "/api/approvers"))).toMatch(
      /"approvers":\[\{"name":"ada"[^\]]*\],"refused":\[\{"name":"mallory"/,
    );
    const [draft] = await draftsOf(dir, runs.get("risk-review") ?? "");
    expect([draft?.state, filesIn(dir, "orders/executed")]).toEqual(["open", []]);
  });

  test("has proposed what a person then approves, and that one decision is all that the evidence tells of", async () => {
    expect(await decide(await approvalOf("ada", ada))).toMatchObject({
      schema: "qoc.runs.decision/1",
      approver: "ada",
    });
    await quiet(dir);
    const sealed = await envelope("risk-review");
    expect(valueIn(sealed, "approval_decided")).toContain("ada");
    expect(valueIn(sealed, "approval_decided")).not.toContain("mallory");
    expect(callsIn(sealed).filter((call) => call.includes("approve"))).toEqual([
      expect.stringContaining('"name":"ok","value":false'),
    ]);
    expect(filesIn(dir, "orders/executed")).toHaveLength(1);
  });
});

describe("an agent that takes too much", () => {
  test("writes 200 MB, of which the daemon holds little and the evidence says how much was cut", async () => {
    expect(floodPeak - peakBefore).toBeLessThan(150 * 1024 * 1024);
    const cut = 199 * 1024 * 1024;
    expect(valueIn(await envelope("flood"), "process_confined")).toContain(
      `{"name":"stdout_cut_bytes","value":${cut}}`,
    );
  });

  test("leaves 300 processes in sessions of their own behind, and none is left when its run is over", async () => {
    expect(saidOf(told("forks"), "forked")).toBe("went through: 0");
    const held = valueIn(await envelope("forks"), "process_confined");
    expect(Number(/"outlived","value":(\d+)/.exec(held)?.[1])).toBeGreaterThanOrEqual(300);
    expect(held).toContain('{"name":"left","value":0}');
  });

  test("does not end when it is asked to, is killed, and has no tools from the cancel on", async () => {
    const pid = told("stubborn").find(({ name }) => name === "pid")?.says ?? "";
    await within(
      (async () => {
        while (isAlive(pid)) await new Promise((again) => setTimeout(again, 50));
      })(),
      () => "outlived its cancel",
    );
    expect(saidOf(told("stubborn"), "asked to end")).toContain("went through");
    expect(saidOf(told("stubborn"), "write after the cancel")).toContain("went through: 401 ");
    expect(saidOf(told("stubborn"), "propose after the cancel")).toContain("went through: 401 ");
    expect(filesIn(dir, "research")).toContain("before-the-cancel.md");
    expect(filesIn(dir, "research")).not.toContain("after-the-cancel.md");
    expect(filesIn(dir, "orders/proposed")).toEqual([]);
    const sealed = await envelope("stubborn");
    expect(sealed.execution.outcome).toBe("cancelled");
    expect(callsIn(sealed)).toHaveLength(1);
  });

  test("has not stopped the daemon, which ends in good order", async () => {
    await stop(daemon);
    const checked = await qoc({ cwd: dir }, "fsck");
    expect(checked.code).toBe(0);
  });
});

describe("another first approver", () => {
  test("is trusted by the next start after a person's reset, which the log and the inbox tell of", async () => {
    expect(removeApprover(dir, "ada")).toBe(3);
    expect(readApprovers(dir, DESK, undefined)).toMatchObject({ root: mallory.key.fingerprint, unsettled: null });
    const reset = await atTerminal(dir, ["approver", "reset"], [["in full: ", `${DESK}\n`]]);
    expect(reset).toMatchObject({ exit: 0, unasked: 0 });
    const again = await up([dir]);
    const { fingerprint } = mallory.key;
    const page = await within(pageOf(fingerprint), () => "wrote no page");
    expect(page).toContain("event: approver.changed\n");
    expect(page).toContain(ada.keyid);
    await stop(again);
    expect(log()).toContain(`another approver's key is the root of all others from here on: ${fingerprint}`);
  }, 60_000);

  async function pageOf(fingerprint: string): Promise<string> {
    for (;;) {
      const pages = filesIn(dir, "inbox").map((file) => textIn(dir, `inbox/${file}`));
      const found = pages.find((page) => page.includes(fingerprint));
      if (found !== undefined) return found;
      await new Promise((next) => setTimeout(next, 50));
    }
  }
});
