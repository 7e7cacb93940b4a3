/** What would hold an agent on this machine now, in words: for `qoc doctor`. */
import type { AgentConfig } from "../config/agent-config.ts";
import { findCommand } from "./find-command.ts";
import { AGENT_LIMITS, type AppliedLimit, boundBy } from "./limits.ts";
import { agentOf } from "./presets.ts";
import { WRITABLE_FOLDERS } from "./desk-paths.ts";
import type { SandboxCheck } from "./sandbox-check.ts";

export type Report = {
  readonly name: "agent" | "sandbox";
  readonly verdict: "ok" | "warning" | "wrong";
  readonly says: string;
  readonly try: string | null;
};
export type Machine = {
  readonly check: SandboxCheck;
  readonly desk: string;
  readonly searchPath: string;
  readonly root: boolean;
};

/** Empty on a desk that launches no agent. */
export function agentReports(agent: AgentConfig, machine: Machine): readonly Report[] {
  const { command } = agent;
  if (command === null) return [];
  const { argv } = agentOf(command, { folder: "/", qoc: "/", home: null });
  const found = findCommand(argv[0] ?? "", machine.searchPath, machine.desk);
  return [
    found.kind === "found"
      ? { name: "agent", verdict: "ok", says: found.file, try: null }
      : {
          name: "agent",
          verdict: "wrong",
          says: found.reason,
          try: 'command under [agent] in desk.toml; a program of the desk is "./name"',
        },
    sandboxReport(agent, machine),
  ];
}

export function sandboxReport({ sandbox, network }: AgentConfig, { check, root }: Machine): Report {
  const limits = boundBy(AGENT_LIMITS, { sandboxed: sandbox === "bubblewrap", root }).applied;
  const bounds = limits.length === 0 ? "no limits" : limits.map(inWords).join(", ");
  if (sandbox === "none") {
    const says = `none: an agent can do whatever the daemon's user can, and has the network; ${bounds}`;
    return { name: "sandbox", verdict: "warning", says, try: 'sandbox = "bubblewrap" under [agent] in desk.toml' };
  }
  if (check.kind === "unavailable") {
    const says = `no run starts: bubblewrap is wanted and cannot be made here: ${check.reason}`;
    return { name: "sandbox", verdict: "wrong", says, try: "apt install bubblewrap, or allow user namespaces" };
  }
  const says = `bubblewrap: the desk to be read, ${WRITABLE_FOLDERS.join(" ")} to be written, ${network ? "the network" : "no network"}; ${bounds}`;
  return { name: "sandbox", verdict: "ok", says, try: null };
}

function inWords({ name, max, by }: AppliedLimit): string {
  switch (name) {
    case "processes":
      return `${max} processes${by === "watch" ? " (counted, not held)" : ""}`;
    case "open_files":
      return `${max} open files a process`;
    case "file_bytes":
      return `${inMebibytes(max)} a file`;
    case "memory_bytes":
      return `${inMebibytes(max)} memory a process`;
  }
}

const inMebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;
