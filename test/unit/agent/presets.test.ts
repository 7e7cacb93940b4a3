import path from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { agentOf } from "../../../src/agent/presets.ts";
import { AGENT_PRESETS } from "../../../src/config/agent-schema.ts";

const place = { folder: "/desk/.qoc/runs/r", qoc: '/desk/.qoc/runs/r/bin/q"oc', home: "/home/me" };
const Server = z.object({ command: z.string(), args: z.array(z.string()), env: z.record(z.string(), z.string()) });
const Settings = z.object({ mcpServers: z.record(z.string(), Server) });

test("a command of one's own is started as it is written, and gets no file", () => {
  const argv = ["./agent", "$(id)", ""];
  expect(agentOf({ kind: "argv", argv }, place)).toEqual({ argv, files: [], env: {}, credentials: [] });
});

describe.each(AGENT_PRESETS)("%s", (name) => {
  const agent = agentOf({ kind: "preset", name }, place);
  test("begins with its program, in the mode without a person", () => {
    const modes = { "claude-code": ["claude", "-p"], codex: ["codex", "exec"], gemini: ["gemini"] } as const;
    expect(agent.argv.slice(0, modes[name].length)).toEqual(modes[name]);
  });
  test("has its files in the run's own folder, and no other server than the run's", () => {
    for (const file of agent.files) {
      expect(path.dirname(file.path)).toBe(place.folder);
      const { mcpServers } = Settings.parse(JSON.parse(file.text));
      expect(Object.keys(mcpServers)).toEqual(["qoc"]);
      expect(mcpServers["qoc"]).toMatchObject({ command: place.qoc, args: ["mcp"] });
    }
    expect(agent.files.length).toBe(name === "codex" ? 0 : 1);
  });
  test("tells the server the run's variables by reference, never by value", () => {
    const said = JSON.stringify([agent.argv, agent.files.map(({ text }) => text)]);
    for (const variable of ["QOC_RUN", "QOC_TASK", "QOC_RUN_TOKEN", "QOC_SOCKET", "QOC_BUNDLE"])
      expect(said).toContain(variable);
  });
  test("signs in with files below the home, and with none where there is no home", () => {
    expect(agent.credentials.length).toBeGreaterThan(0);
    for (const file of agent.credentials) expect(file.startsWith("/home/me/.")).toBe(true);
    expect(agentOf({ kind: "preset", name }, { ...place, home: null }).credentials).toEqual([]);
  });
});

test("Claude Code has no tool of its own and no server but the run's", () => {
  const { argv, files } = agentOf({ kind: "preset", name: "claude-code" }, place);
  expect(argv[argv.indexOf("--tools") + 1]).toBe("");
  expect(argv).toContain("--strict-mcp-config");
  expect(argv[argv.indexOf("--allowedTools") + 1]).toBe("mcp__qoc");
  expect(argv[argv.indexOf("--mcp-config") + 1]).toBe(files[0]?.path);
});

test("Codex reads its prompt from stdin, and a path with a quote stays one string", () => {
  const { argv } = agentOf({ kind: "preset", name: "codex" }, place);
  expect(argv.at(-1)).toBe("-");
  expect(argv).toContain('mcp_servers.qoc.command="/desk/.qoc/runs/r/bin/q\\"oc"');
  expect(argv).toContain('mcp_servers.qoc.default_tools_approval_mode="approve"');
});

test("Gemini CLI finds its settings by a variable", () => {
  const { env, files } = agentOf({ kind: "preset", name: "gemini" }, place);
  expect(env).toEqual({ GEMINI_CLI_SYSTEM_SETTINGS_PATH: files[0]?.path });
});
