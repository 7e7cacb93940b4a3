/** A trading desk whose daemons die over its agent runs: what a person does there meanwhile, and what is found of a run in the end. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { fsck } from "../../src/fsck/fsck.ts";
import { agentDesk, DESK, draftsOf, filesIn, textIn } from "./agent-desk.ts";
import { lives } from "./agent-site.ts";
import { ask } from "./control.ts";
import { type Child, ready, type Said, within } from "./daemon.ts";
import { post } from "./sender.ts";
import { readStoppedDesk } from "./stopped-desk.ts";

/** One page, two drafts. An agent whose daemon dies neither ends nor gives up: somebody else has to end it. */
const agentOf = (connector: string, pauseMs: number): string => `
import { appendFileSync } from "node:fs";
import { request } from "node:http";
const { QOC_SOCKET: socketPath, QOC_RUN_TOKEN: token, QOC_RUN: run } = process.env;
appendFileSync("agents.txt", run + " " + process.pid + "\\n");
const headers = { authorization: "Bearer " + token, "content-type": "application/json" };
const call = (tool, args) => new Promise((resolve, reject) => {
  const asked = request({ socketPath, path: "/api/agent/call", method: "POST", headers, agent: false }, (answer) => {
    answer.resume().on("end", () => setTimeout(resolve, ${pauseMs})).on("error", reject);
  });
  asked.on("error", reject).end(JSON.stringify({ tool, arguments: args }));
});
const order = (symbol, side) => ({
  order: { connector: "${connector}", symbol, side, quantity: "1", type: "market", time_in_force: "day" },
  rationale: { summary: "over its limit" },
});
try {
  await call("research_write", { name: "note-" + run, content: "# Seen\\n" });
  await call("orders_propose", order("NVDA", "sell"));
  await call("orders_propose", order("AMD", "buy"));
} catch {
  setTimeout(() => process.exit(1), 60_000);
}
`;

export type AgentDeskFor = { readonly connector?: string; readonly toml?: string; readonly pauseMs?: number };

/** A desk where the word of whoever reaches the socket approves. */
export function crashDesk({ connector = "paper", toml = "", pauseMs = 0 }: AgentDeskFor = {}): string {
  const dir = agentDesk({ script: "", toml: `[approval]\nrequire = "local"\n\n${toml}` });
  writeFileSync(path.join(dir, "agent.mjs"), agentOf(connector, pauseMs));
  return dir;
}

const Taken = z.object({ run: z.string() });
/** Sends what begins the run of this name; sent again, it names the run that there is. @throws when no answer comes */
export async function begin(ingress: string, name: string): Promise<string> {
  const delivery = { webhook: "risk-breach", delivery_id: name, body: JSON.stringify({ event: "risk_breach", name }) };
  return Taken.parse((await post(ingress, DESK, delivery)).body).run;
}

const State = z.object({ state: z.string() });
export const stateOf = async (dir: string, run: string): Promise<string> =>
  State.parse(await ask(dir, `/api/runs/${run}`)).state;

/** Approves whatever this run asks for, until it is in one of these states. @throws when its daemon dies meanwhile */
export async function attended(dir: string, run: string, states: readonly string[]): Promise<string> {
  let last = "unknown";
  const look = async (): Promise<string> => {
    for (;;) {
      last = await stateOf(dir, run);
      if (states.some((state) => last.startsWith(state))) return last;
      if (last === "awaiting-approval.asked") await approveNext(dir, run);
      await pause(15);
    }
  };
  return within(look(), () => `was still ${last}, and not yet ${states.join(" or ")}`);
}

async function approveNext(dir: string, run: string): Promise<void> {
  const open = (await draftsOf(dir, run)).find(({ state }) => state === "open");
  if (open === undefined) return;
  const { draft, digest } = open;
  await ask(dir, `/api/runs/${run}/decisions`, { draft, decision: "approve", digest });
}

/** Starts a run on a daemon that is to die over it, and attends to it until then. */
export async function untilDead(dir: string, daemon: Child, name: string): Promise<Said> {
  const { ingress } = await ready(daemon, dir);
  await begin(ingress, name)
    .then((run) => attended(dir, run, ["sealed"]))
    .catch(() => undefined);
  return within(daemon.ended, () => `lived on:\n${daemon.stdout()}${daemon.stderr()}`);
}

const Said = z.object({ says: z.string() });
export const resume = async (dir: string, run: string, more: object = {}): Promise<string> =>
  Said.parse(await ask(dir, `/api/runs/${run}/resume`, { reason: "a person looked", ...more })).says;

const Why = z.object({ paragraph: z.string() });
export const why = async (dir: string, run: string): Promise<string> =>
  Why.parse(await ask(dir, `/api/runs/${run}/why`)).paragraph;

const launchesOf = (dir: string, run: string): readonly number[] =>
  filesIn(dir, ".").includes("agents.txt")
    ? textIn(dir, "agents.txt")
        .split("\n")
        .flatMap((line) => (line.startsWith(`${run} `) ? [Number(line.split(" ")[1])] : []))
    : [];

const Filled = z.object({ run: z.string(), draft: z.number() });
const fillsOf = (dir: string, run: string): readonly number[] =>
  filesIn(dir, "book").includes("ledger.ndjson")
    ? textIn(dir, "book/ledger.ndjson")
        .split("\n")
        .flatMap((line) => (line === "" ? [] : [Filled.parse(JSON.parse(line))]))
        .flatMap((line) => (line.run === run ? [line.draft] : []))
    : [];

/** Of the files in a folder that name this run, how many hold this text. */
const countOf = (dir: string, folder: string, run: string, text = ""): number =>
  filesIn(dir, folder)
    .map((file) => textIn(dir, `${folder}/${file}`))
    .filter((read) => read.includes(run) && read.includes(text)).length;

/** What a desk holds of one run that is sealed. */
export type Left = {
  readonly drafts: readonly string[];
  /** The drafts that the paper ledger filled, in its order. */
  readonly fills: readonly number[];
  readonly executed: number;
  readonly rejected: number;
  readonly fill_pages: number;
  readonly questions: number;
  readonly reports: number;
  readonly launches: number;
  /** Processes of its agents that still live. */
  readonly alive: readonly number[];
};

export async function leftOf(dir: string, run: string): Promise<Left> {
  const launches = launchesOf(dir, run);
  return {
    drafts: (await draftsOf(dir, run)).map(({ state }) => state),
    fills: fillsOf(dir, run),
    executed: countOf(dir, "orders/executed", run),
    rejected: countOf(dir, "orders/rejected", run),
    fill_pages: countOf(dir, "inbox", run, "kind: fill"),
    questions: countOf(dir, "inbox", run, "kind: approval"),
    reports: countOf(dir, "snapshots", run),
    launches: launches.length,
    alive: launches.filter(lives),
  };
}

/** What must not be found in a desk whose runs are all sealed and whose daemon has stopped. */
export async function findingsIn(dir: string, runs: number): Promise<readonly string[]> {
  const desk = await readStoppedDesk(dir, DESK, ["risk-breach"]);
  try {
    const { findings } = await fsck({ dir, workspace: DESK });
    return [
      ...findings.map(({ code, at, detail }) => `fsck says ${code} at ${at} ${detail}`),
      ...desk.audit.findings.map((finding) => `the log's audit says ${JSON.stringify(finding)}`),
      ...desk.evidence.flatMap(({ file, verdict }) => (verdict.ok ? [] : [`${file} does not verify`])),
      ...desk.runs.flatMap(({ run, record }) => (record.state === "sealed" ? [] : [`${run} is ${record.state}`])),
      ...(desk.runs.length === runs ? [] : [`there are ${desk.runs.length} runs, not ${runs}`]),
      ...(desk.evidence.length === runs ? [] : [`there are ${desk.evidence.length} envelopes, not ${runs}`]),
      ...desk.files.filter((file) => path.basename(file).startsWith(".tmp-")).map((file) => `${file} was left behind`),
      ...readdirSync(path.join(dir, ".qoc", "agents")).map((run) => `the folder of ${run} was left behind`),
      ...filesIn(dir, "orders/proposed").map((file) => `${file} was left where it was proposed`),
    ];
  } finally {
    await desk.store.close();
  }
}

export const linesIn = (dir: string, file: string): readonly string[] =>
  filesIn(dir, path.dirname(file)).includes(path.basename(file))
    ? readFileSync(path.join(dir, file), "utf8").split("\n").filter(Boolean)
    : [];
