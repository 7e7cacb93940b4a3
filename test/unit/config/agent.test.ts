import { describe, expect, test } from "vitest";
import { changesNeedingRestart } from "../../../src/config/settings.ts";
import { desk, deskOf, problemsOf, webhook } from "./load-text.ts";

const problems = (text: string) => problemsOf(desk(text));
const runs = (more = ""): string => webhook(`task = "t"\n${more}`).replace('"inbox"', '"run"');
const agent = (more = ""): string => `[agent]\ncommand = ["my-agent", "-p"]\n${more}\n`;

describe("the agent of a desk", () => {
  test("has every default", () => {
    expect(deskOf(desk()).agent).toEqual({
      command: null,
      timeout_ms: 1_200_000,
      max_concurrent: 1,
      queue_max: 1000,
      output_max_bytes: 1_048_576,
      env: [],
      sandbox: "none",
      network: false,
      text: [],
    });
    expect(deskOf(desk()).context).toEqual({ files: [], budget_bytes: 262_144 });
  });

  test("is a program with its arguments, or a preset", () => {
    expect(deskOf(desk(agent())).agent.command).toEqual({ kind: "argv", argv: ["my-agent", "-p"] });
    expect(deskOf(desk('[agent]\ncommand = "codex"')).agent.command).toEqual({ kind: "preset", name: "codex" });
  });

  test.each(["my-agent -p", "Codex", [], [""], ["a", 1], ["a\0b"], 5, { name: "codex" }])(
    "is not launched by %j",
    (command) => {
      expect(problems(`[agent]\ncommand = ${tomlOf(command)}`)).toMatchObject([
        { key: expect.stringMatching(/^agent\.command/), line: 3 },
      ]);
    },
  );

  test("is needed by a webhook that starts runs, which is where the problem is", () => {
    expect(problems(`${runs()}${webhook().replace('"a"', '"b"')}`)).toMatchObject([
      { key: "webhook[0].action", line: 5, says: expect.stringContaining("[agent] command") },
    ]);
    expect(problems(`${agent()}${runs()}`)).toEqual([]);
    expect(problems(runs("enabled = false"))).toEqual([]);
  });

  test("keeps keys of one's own as text, in their order, with their origin", () => {
    const given = { global: '[agent]\nrole = "below"\nstyle = "env:STYLE"\n', env: { STYLE: "short" } };
    const { agent: read, settings } = deskOf(
      desk('[agent]\nrole = "above"\nlimits = ["a", "b"]\nretries = 3\ncalm = true'),
      given,
    );
    expect(new Map(read.text)).toEqual(
      new Map([
        ["style", "short"],
        ["role", "above"],
        ["limits", "a, b"],
        ["retries", "3"],
        ["calm", "true"],
      ]),
    );
    expect(settings).toContainEqual({ key: "agent.role", value: "above", origin: "workspace" });
    expect(settings).toContainEqual({ key: "agent.style", value: "short", origin: "env" });
    expect(settings.filter(({ key }) => key === "agent.timeout_minutes")).toEqual([
      { key: "agent.timeout_minutes", value: 20, origin: "default" },
    ]);
  });

  test("takes no table and no date for text", () => {
    expect(problems("[agent.more]\na = 1")).toMatchObject([{ key: "agent.more" }]);
    expect(problems("[agent]\nsince = 2026-07-05")).toMatchObject([{ key: "agent.since" }]);
  });

  test("is warned about where a key of one's own looks like one of ours", () => {
    expect(deskOf(desk('[agent]\ntimeout_minuts = 5\n[risk]\nmax_order_naw = "1"\nrole = "x"')).warnings).toEqual([
      expect.stringContaining("timeout_minutes"),
      expect.stringContaining("max_order_nav"),
    ]);
  });

  test("is warned about without a sandbox, and not where nothing is launched", () => {
    expect(deskOf(desk(agent())).warnings).toEqual([expect.stringContaining('sandbox = "none"')]);
    expect(deskOf(desk(agent('sandbox = "bubblewrap"'))).warnings).toEqual([]);
    expect(deskOf(desk()).warnings).toEqual([]);
  });

  test("is given no variable that holds a secret of the desk", () => {
    expect(problems(`${agent('env = ["HOME", "S"]')}${webhook()}`)).toMatchObject([
      { key: "agent.env[1]", says: expect.stringContaining("no agent may have") },
    ]);
    expect(problems(`${agent('env = ["OTHER"]')}${webhook()}`)).toEqual([]);
    expect(problems(agent('env = ["A=B"]'))).toMatchObject([{ key: "agent.env[0]" }]);
  });

  test("changes how many runs there are at a time only with a restart", () => {
    const [one, two] = [deskOf(desk(agent())), deskOf(desk(agent("max_concurrent = 2\ntimeout_minutes = 1")))];
    expect(changesNeedingRestart(one, two)).toEqual(["agent.max_concurrent"]);
  });
});

describe("the time that a run may take", () => {
  const policyOf = (text: string) => deskOf(desk(text)).webhooks[0]?.policy;

  test("is the agent's unless the webhook has its own", () => {
    expect(policyOf(`${agent("timeout_minutes = 3")}${runs()}`)?.agent).toEqual({ timeout_ms: 180_000 });
    expect(policyOf(`${agent("timeout_minutes = 3")}${runs("timeout_minutes = 90")}`)?.agent).toEqual({
      timeout_ms: 5_400_000,
    });
  });

  test("is nothing that the inbox has", () => {
    expect(policyOf(webhook())).not.toHaveProperty("agent");
    expect(problems(webhook("timeout_minutes = 5"))).toMatchObject([{ key: "webhook[0].timeout_minutes" }]);
  });
});

describe("the files that every run is told", () => {
  test.each(["research/a.md", "a b.md", "entities/übung.md"])("may be %s", (file) => {
    expect(deskOf(desk(`[context]\nfiles = [${JSON.stringify(file)}]`)).context.files).toEqual([file]);
  });

  test.each([
    "/etc/passwd",
    "../a.md",
    "a/../b.md",
    "a/./b",
    ".env",
    ".qoc/key",
    "a/.git/config",
    "a//b",
    "a\\b",
    "a\u0000b",
    "a/",
  ])("are not %j", (file) => {
    expect(problems(`[context]\nfiles = [${JSON.stringify(file)}]`)).toMatchObject([{ key: "context.files[0]" }]);
  });
});

describe("guards", () => {
  test("are off unless they are named", () => {
    expect(deskOf(desk()).risk).toEqual({
      max_order_nav: null,
      max_position_nav: null,
      day_loss_limit: null,
      buying_power: false,
      symbol_allowlist: [],
      symbol_denylist: [],
      market_hours: null,
      text: [],
    });
  });

  test("keep their decimals as they were written", () => {
    const { risk } = deskOf(desk('[risk]\nmax_order_nav = "0.050"\nday_loss_limit = "0.02"\nmandate = "Long only."'));
    expect(risk).toMatchObject({ max_order_nav: "0.050", day_loss_limit: "0.02", text: [["mandate", "Long only."]] });
  });

  test.each(["0.05", '"5%"', '"-0.1"', '".5"', '"1e-2"', '"01"', '"0,05"', "true"])(
    "refuse %s as a decimal",
    (written) => {
      expect(problems(`[risk]\nmax_order_nav = ${written}`)).toMatchObject([
        { key: "risk.max_order_nav", says: expect.stringContaining("decimal in quotes") },
      ]);
    },
  );

  const hours = (zone: string, open: string, close: string): string =>
    `[risk.market_hours]\nzone = "${zone}"\n[[risk.market_hours.sessions]]\ndays = ["mon", "fri"]\nopen = "${open}"\nclose = "${close}"`;

  test("know when a market is open", () => {
    expect(deskOf(desk(hours("America/New_York", "09:30", "24:00"))).risk.market_hours).toEqual({
      zone: "America/New_York",
      sessions: [{ days: ["mon", "fri"], open: "09:30", close: "24:00" }],
    });
  });

  test.each([
    [hours("America/Gotham", "09:30", "16:00"), "risk.market_hours.zone"],
    [hours("UTC", "16:00", "09:30"), "risk.market_hours.sessions[0].close"],
    [hours("UTC", "09:30", "09:30"), "risk.market_hours.sessions[0].close"],
    [hours("UTC", "9:30", "16:00"), "risk.market_hours.sessions[0].open"],
    [hours("UTC", "09:30", "25:00"), "risk.market_hours.sessions[0].close"],
    ['[risk.market_hours]\nzone = "UTC"', "risk.market_hours.sessions"],
  ])("refuse %j", (text, key) => {
    expect(problems(text).map((problem) => problem.key)).toEqual([key]);
  });

  test("show every key of their hours", () => {
    const shown = deskOf(desk(hours("UTC", "09:30", "16:00"))).settings.filter(({ key }) =>
      key.includes("market_hours"),
    );
    expect(shown.map(({ key, value }) => `${key} ${value}`)).toEqual([
      "risk.market_hours.zone UTC",
      "risk.market_hours.sessions.0.days mon, fri",
      "risk.market_hours.sessions.0.open 09:30",
      "risk.market_hours.sessions.0.close 16:00",
    ]);
  });
});

describe("approval", () => {
  test("is signed by one person unless the desk says otherwise", () => {
    expect(deskOf(desk()).approval).toEqual({ require: "signed", approvers: 1 });
    expect(deskOf(desk("[approval]\napprovers = 2")).approval).toEqual({ require: "signed", approvers: 2 });
  });

  test("without a signature is warned about, and cannot be of two", () => {
    expect(deskOf(desk('[approval]\nrequire = "local"')).warnings).toEqual([expect.stringContaining("nobody signs")]);
    expect(problems('[approval]\nrequire = "local"\napprovers = 2')).toMatchObject([
      { key: "approval.approvers", nearest: "1" },
    ]);
    expect(problems("[approval]\napprovers = 3")).toMatchObject([{ key: "approval.approvers" }]);
  });
});

function tomlOf(value: unknown): string {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? '{ name = "codex" }'
    : JSON.stringify(value);
}
