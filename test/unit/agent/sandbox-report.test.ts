import { describe, expect, test } from "vitest";
import { agentReports, type Machine } from "../../../src/agent/sandbox-report.ts";
import type { AgentConfig } from "../../../src/config/agent-config.ts";

const agent: AgentConfig = {
  command: { kind: "argv", argv: ["sh"] },
  timeout_ms: 1000,
  max_concurrent: 1,
  queue_max: 1,
  output_max_bytes: 1000,
  env: [],
  sandbox: "bubblewrap",
  network: false,
  text: [],
};
const machine: Machine = {
  check: { kind: "available", bwrap: "/usr/bin/bwrap" },
  desk: "/tmp",
  searchPath: "/bin",
  root: true,
};
const said = (
  config: Partial<AgentConfig>,
  here: Partial<Machine> = {},
): readonly (readonly [string, string, string])[] =>
  agentReports({ ...agent, ...config }, { ...machine, ...here }).map(({ name, verdict, says }) => [
    name,
    verdict,
    says,
  ]);

describe("what doctor says of an agent", () => {
  test("nothing where there is none", () => expect(said({ command: null })).toEqual([]));
  test("where its command is, and what holds it", () => {
    expect(said({})).toEqual([
      ["agent", "ok", "/bin/sh"],
      ["sandbox", "ok", expect.stringMatching(/^bubblewrap: .* no network; .*512 processes \(counted, not held\)/)],
    ]);
  });
  test("that its command is not there", () => {
    expect(said({ command: { kind: "preset", name: "claude-code" } }, { searchPath: "/nowhere" })[0]).toEqual([
      "agent",
      "wrong",
      "claude is in no folder of the PATH",
    ]);
  });
  test("that no sandbox is a risk", () => {
    expect(said({ sandbox: "none" })[1]?.[1]).toBe("warning");
    expect(said({ sandbox: "none" })[1]?.[2]).toContain("has the network");
  });
  test("that a sandbox which cannot be made lets no run start", () => {
    const check = { kind: "unavailable", reason: "bubblewrap is not installed" } as const;
    expect(said({}, { check })[1]).toEqual([
      "sandbox",
      "wrong",
      "no run starts: bubblewrap is wanted and cannot be made here: bubblewrap is not installed",
    ]);
  });
  test("that a network is there where it was wanted", () => {
    expect(said({ network: true })[1]?.[2]).toContain("to be written, the network;");
  });
});
