/** A trading desk whose agent is a script of the test's own, and what a person does at it. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { ask } from "./control.ts";
import { qoc, ROOT, within } from "./daemon.ts";
import { deskFolder } from "./desk-folder.ts";
import { onTerminal, type OnTerminal } from "./terminal.ts";

export const DESK = "equity-desk";
export const PASSPHRASE = "correct horse battery";
const SDK = path.join(ROOT, "node_modules", "@modelcontextprotocol", "sdk", "dist", "esm", "client");
const sdk = (name: string): string => pathToFileURL(path.join(SDK, name)).href;

export type AgentDeskGiven = {
  /** Body of an async function; `stdio` and `http` are MCP clients of the run, `call(client, tool, args)` gives text or throws. */
  readonly script: string;
  /** Further lines of `[agent]`. */
  readonly agent?: string;
  /** Further tables. */
  readonly toml?: string;
  readonly env?: Readonly<Record<string, string>>;
};

const PREAMBLE = `
import { appendFileSync, copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { spawnSync, spawn } from "node:child_process";
import { request } from "node:http";
import net from "node:net";
import { Client } from "${sdk("index.js")}";
import { StdioClientTransport } from "${sdk("stdio.js")}";
import { StreamableHTTPClientTransport } from "${sdk("streamableHttp.js")}";
const bundle = readFileSync(0, "utf8");
const opened = [];
async function stdio() {
  const client = new Client({ name: "scripted", version: "1" });
  await client.connect(new StdioClientTransport({ command: "qoc", args: ["mcp"], env: process.env, stderr: "inherit" }));
  opened.push(client);
  return client;
}
async function http() {
  const client = new Client({ name: "scripted", version: "1" });
  const headers = { authorization: "Bearer " + process.env.QOC_RUN_TOKEN };
  await client.connect(new StreamableHTTPClientTransport(new URL(process.env.QOC_MCP_URL), { requestInit: { headers } }));
  opened.push(client);
  return client;
}
async function call(client, name, args = {}) {
  const answer = await client.callTool({ name, arguments: args });
  const text = answer.content.map(({ text }) => text).join("");
  if (answer.isError) throw new Error(text);
  return text;
}
const order = (symbol, side, quantity) => ({
  order: { connector: "paper", symbol, side, quantity, type: "market", time_in_force: "day" },
  rationale: { summary: "the limit is breached: " + symbol },
});
`;

/** The desk's folder, with its task, quotes and rules; no daemon runs yet. */
export function agentDesk({ script, agent = "", toml = "", env = {} }: AgentDeskGiven): string {
  const dir = deskFolder(DESK, {
    secrets: { SECRET: "your-signing-secret", ...env },
    toml: `[agent]
command = [${JSON.stringify(process.execPath)}, "agent.mjs"]
style = "careful"
${agent}

[risk]
max_order_nav = "0.5"

[[webhook]]
name = "risk-breach"
secret = "env:SECRET"
action = "run"
task = "risk-review"

[[connector]]
name = "paper"
type = "paper"

${toml}`,
  });
  const put = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), text);
  };
  put(
    "agent.mjs",
    `${PREAMBLE}\ntry {\n${script}\n} finally {\n  for (const client of opened) await client.close();\n}\n`,
  );
  put(
    "issues/risk-review.md",
    "---\nid: 7\ntitle: Review a breach # of any limit\nstatus: open\n---\n\n## Goal\n\nBring the book back under its limits.\n",
  );
  put("house-rules.md", "Never sell what we do not hold.\n");
  put("entities/nvda.md", "# NVDA\n\nA maker of chips.\n");
  put(
    "book/quotes.toml",
    '[quotes]\nNVDA = { bid = "119.50", ask = "120.00", at = "2026-07-05T14:00:00Z" }\nAMD = { bid = "99.00", ask = "100.00", at = "2026-07-05T14:00:00Z" }\n',
  );
  put("book/opening.toml", 'cash = "100000"\n\n[positions]\nNVDA = "50"\n');
  return dir;
}

/** `qoc` as a person at this desk, on a terminal. */
export const atTerminal = (
  dir: string,
  args: readonly string[],
  dialogue: readonly (readonly [string, string])[] = [],
): Promise<OnTerminal> => onTerminal(["--desk", dir, ...args], dialogue);

export const addApprover = (dir: string, name: string): Promise<OnTerminal> =>
  atTerminal(
    dir,
    ["approver", "add", name],
    [
      [`New passphrase of ${name}: `, `${PASSPHRASE}\r`],
      ["The same again: ", `${PASSPHRASE}\r`],
    ],
  );

const Runs = z.object({
  items: z.array(z.object({ run: z.string(), state: z.string(), outcome: z.string().nullable(), webhook: z.string() })),
});
export async function runsOf(dir: string): Promise<z.infer<typeof Runs>["items"]> {
  return Runs.parse(await ask(dir, "/api/runs?limit=100")).items;
}

/** Resolves with the newest run once it is in such a state. */
export async function reached(dir: string, state: string): Promise<string> {
  let last = "no run";
  const look = async (): Promise<string> => {
    for (;;) {
      const [run] = await runsOf(dir);
      last = run?.state ?? "no run";
      if (run !== undefined && last.startsWith(state)) return run.run;
      if (last === "sealed")
        throw new Error(
          `it is sealed, and was to reach ${state}:\n${summariesIn(dir)}\n${textIn(dir, ".qoc/log/daemon.ndjson")}`,
        );
      await new Promise((again) => setTimeout(again, 50));
    }
  };
  return within(look(), () => `did not reach ${state}: ${last}`);
}

const summariesIn = (dir: string): string =>
  filesIn(dir, "snapshots")
    .map((file) => textIn(dir, `snapshots/${file}`))
    .join("\n");

const Drafts = z.object({
  items: z.array(
    z.object({
      draft: z.number(),
      state: z.string(),
      file: z.string(),
      digest: z.string().nullable(),
      says: z.string().nullable(),
    }),
  ),
});
export const draftsOf = async (dir: string, run: string): Promise<z.infer<typeof Drafts>["items"]> =>
  Drafts.parse(await ask(dir, `/api/runs/${run}/drafts`)).items;

export const filesIn = (dir: string, folder: string): readonly string[] => {
  try {
    return readdirSync(path.join(dir, folder)).toSorted();
  } catch {
    return [];
  }
};
export const textIn = (dir: string, file: string): string => readFileSync(path.join(dir, file), "utf8");

export type Envelope = {
  readonly execution: {
    readonly outcome: string;
    readonly steps: readonly { readonly kind: string; readonly status: string; readonly exit_code: number | null }[];
  };
  readonly artifacts: readonly { readonly kind: string; readonly sha256: string; readonly id: string }[];
  readonly observations: readonly {
    readonly name: string;
    readonly value: unknown;
    readonly basis_artifact_ids: readonly string[];
  }[];
};
export async function envelopeOf(dir: string, run: string): Promise<Envelope> {
  const shown = await qoc({ cwd: dir }, "envelope", "show", run);
  return JSON.parse(shown.stdout);
}
