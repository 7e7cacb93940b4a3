/** How it stands with the agent of a desk: whether it is there, and what would hold it. */
import { agentReports } from "../agent/sandbox-report.ts";
import { sandboxAvailable } from "../agent/sandbox-check.ts";
import type { DeskConfig } from "../config/desk-config.ts";
import type { Check } from "./check.ts";
import type { Io } from "./io.ts";

export async function agentChecks(
  dir: string,
  { agent }: Pick<DeskConfig, "agent">,
  { env }: Pick<Io, "env">,
): Promise<readonly Check[]> {
  if (agent.command === null) return [];
  const root = process.getuid?.() === 0;
  return agentReports(agent, { check: await sandboxAvailable(), desk: dir, searchPath: env["PATH"] ?? "", root });
}
