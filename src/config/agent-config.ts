/** What a checked desk says of its agent, with units in the names. */
import { assert } from "../core/assert.ts";
import type { AgentPolicy } from "../core/agent-run.ts";
import { AgentSchema, type AgentPreset, type AgentText, type ContextText } from "./agent-schema.ts";
import { sizeBytes } from "./forms.ts";
import type { RiskSchema, RiskText } from "./risk-schema.ts";
import type { WebhookText } from "./webhook-schema.ts";

/** A key of one's own and what it says, for the agent to read. */
export type FreeText = readonly [key: string, text: string];

export type AgentCommand =
  | { readonly kind: "preset"; readonly name: AgentPreset }
  | { readonly kind: "argv"; readonly argv: readonly string[] };

export type AgentConfig = {
  /** Null: no run can be made on this desk. */
  readonly command: AgentCommand | null;
  readonly timeout_ms: number;
  readonly max_concurrent: number;
  readonly queue_max: number;
  readonly output_max_bytes: number;
  /** Names of variables that are let through. */
  readonly env: readonly string[];
  readonly sandbox: AgentText["sandbox"];
  /** Whether a sandbox has one; without a sandbox there always is one. */
  readonly network: boolean;
  readonly text: readonly FreeText[];
};

export type ContextConfig = {
  /** Paths below the desk, with forward slashes. */
  readonly files: readonly string[];
  readonly budget_bytes: number;
};

const MINUTE_MS = 60_000;

export function agentConfig(agent: AgentText): AgentConfig {
  const { command, max_concurrent, queue_max, env, sandbox, network } = agent;
  return {
    command: command === undefined ? null : commandOf(command),
    timeout_ms: agent.timeout_minutes * MINUTE_MS,
    max_concurrent,
    queue_max,
    output_max_bytes: bytesOf(agent.output_max),
    env,
    sandbox,
    network,
    text: freeTextsOf(agent, AgentSchema.shape),
  };
}

const commandOf = (command: NonNullable<AgentText["command"]>): AgentCommand =>
  typeof command === "string" ? { kind: "preset", name: command } : { kind: "argv", argv: command };

export const contextConfig = ({ files, budget }: ContextText): ContextConfig => ({
  files,
  budget_bytes: bytesOf(budget),
});

/** What a run of this webhook is launched with; nothing for the inbox. */
export const agentPolicy = (
  { action, timeout_minutes }: WebhookText,
  { timeout_ms }: AgentConfig,
): { readonly agent?: AgentPolicy } =>
  action === "inbox"
    ? {}
    : { agent: { timeout_ms: timeout_minutes === undefined ? timeout_ms : timeout_minutes * MINUTE_MS } };

/** The keys that a table has beside those of its schema, in the order of the file, each value as one text. */
export const freeTextsOf = (
  table: AgentText | RiskText,
  known: typeof AgentSchema.shape | typeof RiskSchema.shape,
): readonly FreeText[] =>
  Object.entries(table).flatMap(([key, value]): readonly FreeText[] =>
    Object.hasOwn(known, key) ? [] : [[key, freeText(value)]],
  );

const freeText = (value: unknown): string =>
  Array.isArray(value) ? value.map(freeText).join(", ") : typeof value === "string" ? value : JSON.stringify(value);

function bytesOf(size: string): number {
  const bytes = sizeBytes(size);
  assert(bytes !== null, "a checked size has its form");
  return bytes;
}
