/** Two desks under one daemon with a console: one whose decisions are signed, one that takes the word of whoever reaches it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { addApprover } from "./agent-desk.ts";
import { HOSTILE } from "./console-answers.ts";
import { type Daemon, launch, qoc, ready } from "./daemon.ts";
import { deskFolder, webhookToml } from "./desk-folder.ts";

export const SIGNED = "trading";
export const LOCAL = "sandbox";
export const APPROVER = "ada";

/** Proposes what its task's name says; `slow` waits until somebody lets it go on. */
const AGENT = `
import { existsSync } from "node:fs";
import { request } from "node:http";
const { QOC_SOCKET: socketPath, QOC_RUN_TOKEN: token, QOC_TASK: task } = process.env;
const call = (body) => new Promise((resolve, reject) => {
  const headers = { authorization: "Bearer " + token, "content-type": "application/json" };
  const asked = request({ socketPath, path: "/api/agent/call", method: "POST", headers }, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (chunk) => (text += chunk)).on("end", () => resolve(JSON.parse(text)));
  });
  asked.on("error", reject);
  asked.end(JSON.stringify(body));
});
const said = async (tool, given) => {
  const { ok, refusal } = await call({ tool, arguments: given });
  if (!ok) throw new Error(refusal);
};
const evil = ${JSON.stringify(Object.values(HOSTILE).join(" ").replaceAll("\u0000", "").slice(0, 3900))};
const order = { connector: "paper", symbol: "NVDA", side: "sell", quantity: "10", type: "market", time_in_force: "day" };
if (task === "trim") await said("orders_propose", { order, rationale: { summary: "NVDA is over its limit." } });
if (task === "hostile") {
  await said("inbox_write", { kind: "note", title: evil.replace(/[\\r\\n\\u2028\\u0007]/g, " ").slice(0, 190), body: evil });
  await said("orders_propose", { draft: { kind: "deployment", name: "x".repeat(60), fields: { note: evil } }, rationale: { summary: evil } });
}
while (task === "slow" && !existsSync("go")) await new Promise((again) => setTimeout(again, 50));
`;

const TABLES = `[agent]
command = [${JSON.stringify(process.execPath)}, "agent.mjs"]
max_concurrent = 2

[risk]
max_order_nav = "0.5"

[[connector]]
name = "paper"
type = "paper"

[[draft]]
kind = "deployment"
command = ["/bin/sh", "-c", "cat >/dev/null; echo '{\\"kind\\":\\"accepted\\",\\"reference\\":\\"taken\\"}'"]

[[draft.fields]]
name = "note"
type = "text"
`;

function journeyDesk(name: string, approval: string, tasks: readonly string[]): string {
  const runs = tasks.map((task) => webhookToml(task, `task = "${task}"`).replace('"inbox"', '"run"'));
  const dir = deskFolder(name, { toml: [TABLES, approval, webhookToml("news"), ...runs].join("\n") });
  const put = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), text);
  };
  put("agent.mjs", AGENT);
  put("book/quotes.toml", '[quotes]\nNVDA = { bid = "119.50", ask = "120.00", at = "2026-07-05T14:00:00Z" }\n');
  put("book/opening.toml", 'cash = "100000"\n\n[positions]\nNVDA = "50"\n');
  for (const task of tasks)
    put(
      `issues/${task}.md`,
      `---\nid: 1\ntitle: Review ${task}\nstatus: open\n---\n\nBring the book under its limits.\n`,
    );
  return dir;
}

export type Journey = {
  readonly signed: string;
  readonly local: string;
  readonly daemon: Daemon;
  /** `http://127.0.0.1:<port>` */
  readonly console: string;
  readonly key: string;
};

/** The approver's key is made as a person makes it, and is opened in the page at its whole strength. */
export async function journey(): Promise<Journey> {
  const signed = journeyDesk(SIGNED, "", ["trim", "hostile", "slow"]);
  const local = journeyDesk(LOCAL, '[approval]\nrequire = "local"\n', ["trim"]);
  const { exit, screen } = await addApprover(signed, APPROVER);
  if (exit !== 0) throw new Error(screen);
  const { daemon, console } = await withConsole([signed, local]);
  return { signed, local, daemon, console, key: path.join(signed, `.qoc/approvers/${APPROVER}.key`) };
}

/** A daemon of these desks with a console on a free port, or on the one that an earlier one had, and the ingress too. */
export async function withConsole(
  dirs: readonly string[],
  was?: { readonly console: string; readonly daemon: Daemon },
): Promise<Pick<Journey, "daemon" | "console">> {
  const [first = ""] = dirs;
  const at = was === undefined ? [] : ["--ingress", new URL(was.daemon.ingress).host];
  const host = was === undefined ? "127.0.0.1:0" : new URL(was.console).host;
  const daemon = await ready(launch(dirs, {}, [...at, "--console", host]), first);
  const told: { readonly console: string } = JSON.parse(readFileSync(path.join(first, ".qoc/daemon.json"), "utf8"));
  return { daemon, console: told.console };
}

/** What `qoc console` prints: an address that logs in, once. */
export async function loginUrl(dir: string): Promise<string> {
  const { code, stdout, stderr } = await qoc({ cwd: dir }, "console", "--print");
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}
