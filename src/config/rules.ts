/** Rules between keys. They look at the values as written, so that they speak even where another key is wrong. */
import type { TomlTable } from "smol-toml";
import { agentContradictions } from "./agent-rules.ts";
import { connectorContradictions } from "./connector-rules.ts";
import { durationMs } from "./forms.ts";
import { configKeys } from "./keys.ts";
import { isTable } from "./layers.ts";
import { telemetryContradictions } from "./observe-rules.ts";
import { aboutValue, type Finding } from "./problem.ts";
import { redactionContradictions } from "./redaction-rules.ts";
import { webhookContradictions, webhookNamesOnce } from "./webhook-rules.ts";
import { witnessContradictions } from "./witness-rules.ts";

/** Everything in which keys contradict each other. */
export function contradictions(desk: TomlTable): readonly Finding[] {
  const webhooks = Array.isArray(desk["webhook"]) ? desk["webhook"].filter(isTable) : [];
  return [
    ...namesOnce(desk),
    ...timeoutsNested(tableIn(desk, "daemon")),
    ...doorsApart(tableIn(desk, "daemon")),
    ...webhooks.flatMap((webhook, i) => webhookContradictions(webhook, ["webhook", i])),
    ...webhookNamesOnce(webhooks),
    ...redactionContradictions(desk),
    ...agentContradictions(desk),
    ...connectorContradictions(desk),
    ...witnessContradictions(tableIn(desk, "evidence")),
    ...telemetryContradictions(tableIn(desk, "telemetry")),
  ];
}

const tableIn = (desk: TomlTable, name: string): TomlTable => (isTable(desk[name]) ? desk[name] : {});

/** A desk has a name, in one form or in both alike. */
function namesOnce(desk: TomlTable): readonly Finding[] {
  const { name } = desk;
  const inner = tableIn(desk, "workspace")["name"];
  if (name === undefined && inner === undefined) {
    const path = desk["workspace"] === undefined ? ["name"] : ["workspace", "name"];
    return [aboutValue(path, 'is required, for example name = "my-desk"')];
  }
  if (name === undefined || inner === undefined || name === inner) return [];
  return [aboutValue(["workspace", "name"], "must be the same as the top-level name, or be left out")];
}

/** Node refuses a server that waits longer for the headers than for the whole request. */
function timeoutsNested(daemon: TomlTable): readonly Finding[] {
  const headers = textOr(daemon, "headers_timeout");
  const request = textOr(daemon, "request_timeout");
  if ((durationMs(headers) ?? 0) <= (durationMs(request) ?? Infinity)) return [];
  const [key, nearest] =
    daemon["headers_timeout"] === undefined ? ["request_timeout", headers] : ["headers_timeout", request];
  return [aboutValue(["daemon", key], "must keep headers_timeout within request_timeout", JSON.stringify(nearest))];
}

/** The value of a key of `[daemon]`, or its default. */
function textOr(daemon: TomlTable, name: string): string {
  const value = daemon[name] ?? configKeys.find(({ path }) => path.join(".") === `daemon.${name}`)?.default;
  return typeof value === "string" ? value : "";
}

/** One port cannot be open to the world and closed to it. Port 0 is another one each time. */
function doorsApart(daemon: TomlTable): readonly Finding[] {
  const [ingress, console] = [textOr(daemon, "ingress"), textOr(daemon, "console")];
  if (ingress !== console || ingress.endsWith(":0")) return [];
  const key = daemon["console"] === undefined ? "ingress" : "console";
  return [aboutValue(["daemon", key], "must not make ingress and console the same address")];
}
