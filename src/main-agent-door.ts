/** The agents' way into the daemon: the tokens of runs under way, over all desks, and the listener that an MCP client is given the URL of. */
import type { RunTokens } from "./agent/run-tokens.ts";
import { createRunTokens } from "./agent/run-tokens.ts";
import type { ToolBox } from "./agent/tool-box.ts";
import type { Entropy } from "./engine/ports.ts";
import { createAgentListener } from "./http/agent-app.ts";
import type { AgentDoor } from "./http/agent-door.ts";
import type { AgentDoorway } from "./main-agents.ts";

export type AgentEntry = {
  readonly tokens: RunTokens<ToolBox>;
  readonly door: AgentDoor;
  /** Resolves once the doors are open. */
  readonly way: () => Promise<AgentDoorway>;
  readonly opened: (socket: string) => void;
  readonly notOpened: (reason: unknown) => void;
};

/** @param warn told of a token that opened nothing, by the run that it was of: an agent that lives on, or somebody who kept it */
export function createAgentEntry(
  entropy: Entropy,
  warn: (says: string) => void,
  complain: (says: string, reason: unknown) => void,
): AgentEntry {
  const tokens = createRunTokens<ToolBox>(entropy);
  const door: AgentDoor = {
    boxFor: tokens.boxFor,
    refused: (token) => {
      const run = tokens.endedRunOf(token);
      if (run !== undefined) warn(`the token of run ${run} was shown after that run's agent had ended`);
    },
  };
  const { lease } = createAgentListener({ agents: door, complain });
  let opened = (_socket: string): void => undefined;
  let notOpened = (_reason: unknown): void => undefined;
  const way = new Promise<AgentDoorway>((resolve, reject) => {
    opened = (socket) => resolve({ socket, lease });
    notOpened = reject;
  });
  // Whoever waits for it is told; nobody may be.
  way.catch(() => undefined);
  return { tokens, door, way: () => way, opened, notOpened };
}
