/**
 * How the known programs are started for one turn without a person: the bundle on stdin, the run's `qoc mcp` as their one server, their own
 * tools off where they can be. No text of a bundle, and no token, is ever in an argv or a file of theirs.
 *
 * What they say of their flags: Claude Code https://code.claude.com/docs/en/cli-reference ; Codex
 * https://developers.openai.com/codex/noninteractive and https://developers.openai.com/codex/mcp ; Gemini CLI
 * https://geminicli.com/docs/cli/headless and https://geminicli.com/docs/reference/configuration
 */
import path from "node:path";
import type { AgentConfig } from "../config/agent-config.ts";
import { type Environment, RUN_VARIABLES } from "./environment.ts";

/** The run's own folder, and in it the file that is its `qoc`. */
export type AgentPlace = { readonly folder: string; readonly qoc: string; readonly home: string | null };

export type Agent = {
  readonly argv: readonly string[];
  /** To be written before the launch, by absolute path. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Besides those of the run. */
  readonly env: Environment;
  /** Files below the home with which the program signs in: all that a sandbox shows of it. What it renews in them is lost there. */
  readonly credentials: readonly string[];
};

/** The name of the server, and so of its tools: `mcp__qoc__inbox_write`. */
const SERVER = "qoc";

export function agentOf(command: NonNullable<AgentConfig["command"]>, place: AgentPlace): Agent {
  if (command.kind === "argv") return { argv: command.argv, files: [], env: {}, credentials: [] };
  switch (command.name) {
    case "claude-code":
      return claudeCode(place);
    case "codex":
      return codex(place);
    case "gemini":
      return gemini(place);
  }
}

/** `--tools ""` takes its own tools away, `--strict-mcp-config` every other server; `dontAsk` refuses what is not allowed, since nobody is there to ask. */
function claudeCode({ folder, qoc, home }: AgentPlace): Agent {
  const servers = path.join(folder, "claude-mcp.json");
  return {
    argv: [
      "claude",
      "-p",
      "--output-format",
      "json",
      "--no-session-persistence",
      "--mcp-config",
      servers,
      "--strict-mcp-config",
      "--tools",
      "",
      "--allowedTools",
      `mcp__${SERVER}`,
      "--permission-mode",
      "dontAsk",
      // Not the desk's: what is there may be an agent's.
      "--setting-sources",
      "user",
    ],
    files: [
      document(servers, {
        mcpServers: {
          [SERVER]: { type: "stdio", command: qoc, args: ["mcp"], env: namesAs((name) => `\${${name}}`) },
        },
      }),
    ],
    env: {},
    credentials: below(home, ".claude/.credentials.json"),
  };
}

/**
 * Has no file for servers of one run, so they are overrides of its configuration; none of them is secret. A tool that is not approved
 * beforehand counts as refused in this mode. @see https://github.com/openai/codex/issues/24135
 */
function codex({ qoc, home }: AgentPlace): Agent {
  const server = `mcp_servers.${SERVER}`;
  const settings = [
    `${server}.command=${JSON.stringify(qoc)}`,
    `${server}.args=["mcp"]`,
    `${server}.env_vars=${JSON.stringify(RUN_VARIABLES)}`,
    `${server}.default_tools_approval_mode="approve"`,
    'approval_policy="never"',
    'web_search="disabled"',
    "features.shell_tool=false",
  ];
  return {
    argv: [
      "codex",
      "exec",
      "--skip-git-repo-check",
      "--ephemeral",
      "--ignore-user-config",
      "--sandbox",
      "read-only",
      "--color",
      "never",
      ...settings.flatMap((setting) => ["-c", setting]),
      "-",
    ],
    files: [],
    env: {},
    credentials: below(home, ".codex/auth.json"),
  };
}

/** Without a terminal it takes stdin as its prompt. Its settings for the whole machine go before all others, and a variable says where they are. */
function gemini({ folder, qoc, home }: AgentPlace): Agent {
  const settings = path.join(folder, "gemini-settings.json");
  return {
    argv: ["gemini", "--output-format", "json", "--allowed-mcp-server-names", SERVER],
    files: [
      document(settings, {
        mcpServers: {
          [SERVER]: { command: qoc, args: ["mcp"], env: namesAs((name) => `$${name}`), trust: true },
        },
        mcp: { allowed: [SERVER] },
        tools: { core: [] },
        security: {
          folderTrust: { enabled: false },
          environmentVariableRedaction: { allowed: RUN_VARIABLES },
        },
        privacy: { usageStatisticsEnabled: false },
      }),
    ],
    env: { GEMINI_CLI_SYSTEM_SETTINGS_PATH: settings },
    credentials: below(home, ".gemini/oauth_creds.json", ".gemini/google_accounts.json", ".gemini/settings.json"),
  };
}

const document = (file: string, value: unknown): Agent["files"][number] => ({
  path: file,
  text: `${JSON.stringify(value, null, 2)}\n`,
});
/** Every variable of the run as a reference that the program resolves, so that the token stands in no file. */
const namesAs = (reference: (name: string) => string): Environment =>
  Object.fromEntries(RUN_VARIABLES.map((name) => [name, reference(name)]));
const below = (home: string | null, ...files: readonly string[]): readonly string[] =>
  home === null ? [] : files.map((file) => path.join(home, file));
