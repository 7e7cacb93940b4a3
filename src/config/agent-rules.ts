/** Rules about who works on tasks and whose word an order needs, and what of that a person is warned about. */
import type { TomlTable } from "smol-toml";
import type { DeskConfig } from "./desk-config.ts";
import { forms } from "./forms.ts";
import { keyAt, namesIn } from "./keys.ts";
import { isTable } from "./layers.ts";
import { nearestWord } from "./nearest.ts";
import { aboutValue, type Finding } from "./problem.ts";

export function agentContradictions(desk: TomlTable): readonly Finding[] {
  const agent = tableIn(desk, "agent");
  return [
    ...runsHaveAgent(desk, agent),
    ...noSecretGiven(desk, agent),
    ...approversSign(tableIn(desk, "approval")),
    ...hoursAreHours(tableIn(desk, "risk")),
  ];
}

const tableIn = (desk: TomlTable, name: string): TomlTable => (isTable(desk[name]) ? desk[name] : {});
export const tablesIn = (desk: TomlTable, name: string): readonly TomlTable[] => {
  const value = desk[name];
  return Array.isArray(value) ? value.map((each) => (isTable(each) ? each : {})) : [];
};

function runsHaveAgent(desk: TomlTable, { command }: TomlTable): readonly Finding[] {
  if (command !== undefined) return [];
  const says =
    'needs somebody who does it: under [agent] command = "claude-code", "codex", "gemini" or a list such as ["my-agent"]';
  return tablesIn(desk, "webhook").flatMap(({ action, enabled }, i) =>
    action === "run" && enabled !== false ? [aboutValue(["webhook", i, "action"], says)] : [],
  );
}

/** Of variables that programs share these open nothing. */
const HARMLESS = /^(?:HOME|USER|TMPDIR|(?:https?|all|no)_proxy)$/i;

/** An agent that has the secret of a webhook can sign deliveries; one that has a connector's, send orders. */
function noSecretGiven(desk: TomlTable, { env }: TomlTable): readonly Finding[] {
  const secrets = [...tablesIn(desk, "webhook"), ...tablesIn(desk, "notify")].flatMap(({ secret }) => secret ?? []);
  const programs = [...tablesIn(desk, "connector"), ...tablesIn(desk, "draft")].flatMap((table) => table["env"] ?? []);
  return (Array.isArray(env) ? env : []).flatMap((name, i) => {
    const path = ["agent", "env", i];
    if (typeof name !== "string") return [];
    if (secrets.includes(`env:${name}`))
      return [aboutValue(path, "is the variable of a secret of this desk, which no agent may have")];
    return programs.includes(name) && !HARMLESS.test(name)
      ? [aboutValue(path, "is given to a connector, and what a connector needs no agent may have")]
      : [];
  });
}

/** Two people can only be told apart by their keys. */
function approversSign({ require, approvers }: TomlTable): readonly Finding[] {
  if (approvers !== 2 || require !== "local") return [];
  return [
    aboutValue(["approval", "approvers"], 'must be 1 with require = "local": who decides is not known then', "1"),
  ];
}

function hoursAreHours({ market_hours }: TomlTable): readonly Finding[] {
  if (!isTable(market_hours)) return [];
  const { zone } = market_hours;
  const path = ["risk", "market_hours"];
  const unknown = typeof zone === "string" && forms.zone.pattern.test(zone) && !isZone(zone);
  return [
    ...(unknown ? [aboutValue([...path, "zone"], "is a time zone that this system does not know")] : []),
    ...tablesIn(market_hours, "sessions").flatMap(({ open, close }, i) =>
      isTime(open) && isTime(close) && open >= close
        ? [
            aboutValue(
              [...path, "sessions", i, "close"],
              "must be later than open; hours over midnight are two sessions, the first until 24:00",
            ),
          ]
        : [],
    ),
  ];
}

const isTime = (value: unknown): value is string => typeof value === "string" && forms.timeOfDay.pattern.test(value);

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** What is allowed and should be known: sentences for people. */
export function agentWarnings({
  agent,
  approval,
  risk,
}: Pick<DeskConfig, "agent" | "approval" | "risk">): readonly string[] {
  return [
    ...(agent.command !== null && agent.sandbox === "none"
      ? [
          '[agent] sandbox = "none": the agent can read and write whatever the daemon\'s user can, and reach the network',
        ]
      : []),
    ...(approval.require === "local"
      ? [
          '[approval] require = "local": whoever reaches the control socket can approve an order, and nobody signs for it',
        ]
      : []),
    ...agent.text.flatMap(([key]) => mistyped("agent", key)),
    ...risk.text.flatMap(([key]) => mistyped("risk", key)),
  ];
}

/** A key of one's own that looks like one of ours would otherwise change nothing, and silently. */
function mistyped(table: string, key: string): readonly string[] {
  const near = nearestWord(key, namesIn([table]));
  const meant = near ?? (keyAt([table, key.toLowerCase()]) === undefined ? null : key.toLowerCase());
  return meant === null
    ? []
    : [`[${table}] ${key} is only told to the agent; the key ${meant} has a name much like it`];
}
