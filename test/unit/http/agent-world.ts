/** Runs whose agents may act, for the transports: tool boxes that keep what they were asked, and tokens that can end. */
import { setTimeout as pause } from "node:timers/promises";
import type { ToolAnswer, ToolDoor } from "../../../src/agent/tool-door.ts";
import type { AgentDoor } from "../../../src/http/agent-door.ts";
import { type ApiWorld, buildApiApp } from "../../../src/http/api-app.ts";
import { AT, aTarget } from "./desk-with-runs.ts";

export const TOKEN = `qoc_run_${"a".repeat(43)}`;
export const OTHER_TOKEN = `qoc_run_${"b".repeat(43)}`;
/** Well formed, and no run's. */
export const NO_TOKEN = `qoc_run_${"c".repeat(43)}`;

export type Called = { readonly tool: string; readonly args: unknown };
export type KeptBox = ToolDoor & { readonly calls: readonly Called[] };
export type AgentsGiven = AgentDoor & {
  readonly box: KeptBox;
  readonly other: KeptBox;
  readonly end: (token: string) => void;
};

/** Answers `research_write` with what it was given, `slow` after a while, fails at `breaks`, and refuses what else it is asked. */
export function aBox(name: string): KeptBox {
  const calls: Called[] = [];
  const answers = new Map<string, (args: unknown) => Promise<ToolAnswer>>([
    ["status", () => Promise.resolve({ ok: true, text: `run of ${name}`, structured: { run: name } })],
    ["research_write", (args) => Promise.resolve({ ok: true, text: JSON.stringify(args) })],
    [
      "slow",
      async (args) => {
        await pause(20);
        return { ok: true, text: JSON.stringify(args) };
      },
    ],
    ["breaks", () => Promise.reject(new Error("the record of /secret/place failed"))],
  ]);
  return {
    calls,
    tools: [
      { name: "status", description: "Says where the run is.", input: { type: "object", properties: {} } },
      {
        name: "research_write",
        description: "Writes a page of research.",
        input: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
      },
    ],
    call: (tool, args) => {
      calls.push({ tool, args });
      return answers.get(tool)?.(args) ?? Promise.resolve({ ok: false, refusal: `There is no command ${tool}.` });
    },
  };
}

export function givenAgents(): AgentsGiven {
  const box = aBox("a");
  const other = aBox("b");
  const runs = new Map<string, ToolDoor>([
    [TOKEN, box],
    [OTHER_TOKEN, other],
  ]);
  return { box, other, boxFor: (token) => runs.get(token), end: (token) => runs.delete(token) };
}

/** The control API over these agents, or over none. What it complains of is kept in `complaints`. */
export function apiWith(agents: AgentDoor | undefined, complaints: string[] = []) {
  const world: ApiWorld = {
    target: aTarget([]),
    clock: { now: () => AT },
    entropy: { bytes: (count) => new Uint8Array(count) },
    ...(agents === undefined ? {} : { agents }),
    complain: (says, reason) => complaints.push(`${says}: ${String(reason)}`),
  };
  return buildApiApp(world);
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
