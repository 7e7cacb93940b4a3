/** Every key of a loaded desk with its value and where it came from, and what a reload cannot change. */
import { hash } from "node:crypto";
import type { TomlTable, TomlValue } from "smol-toml";
import { providerFor } from "../providers/index.ts";
import { type FreeText, freeTextsOf } from "./agent-config.ts";
import { AgentSchema } from "./agent-schema.ts";
import type { DeskConfig } from "./desk-config.ts";
import { endpointText, shownUrl, sizeText } from "./forms.ts";
import { type ConfigKey, configKeys } from "./keys.ts";
import { type Layer, ownerOf, valueAt } from "./layers.ts";
import { isSecret } from "./problem.ts";
import { RiskSchema } from "./risk-schema.ts";
import type { DeskText } from "./schema.ts";
import { readsMap, senderOf } from "./senders.ts";
import { type Path, pathKey } from "./toml-locator.ts";
import type { WebhookText } from "./webhook-schema.ts";

export type Origin = "default" | "global" | "workspace" | "env";

/** `value` is as written, an `env:VAR` replaced; null for a key that has no value. A secret is its source and `(set)`. */
export type Setting = {
  readonly key: string;
  readonly value: string | number | boolean | null;
  readonly origin: Origin;
};

export type Layers = readonly [Layer, ...Layer[]];

/**
 * @param desk the merged table with the environment's values in place, after it was checked
 * @param checked what the check made of it
 * @param fromEnv the paths that those values stand at
 */
export function settingsOf(
  desk: TomlTable,
  checked: DeskText,
  fromEnv: ReadonlyMap<string, string>,
  layers: Layers,
): readonly Setting[] {
  const originOf = (path: Path): Origin => (fromEnv.has(pathKey(path)) ? "env" : ownerOf(path, layers).kind);
  const setting = (key: ConfigKey, path: Path, shown: string, otherwise = key.default): Setting => {
    const value = shownValue(key, valueAt(desk, path));
    if (value === null) return { key: shown, value: shownDefault(otherwise), origin: "default" };
    return { key: shown, value, origin: originOf(path) };
  };
  const freeSetting =
    (table: string) =>
    ([key, value]: FreeText): Setting => ({ key: `${table}.${key}`, value, origin: originOf([table, key]) });
  return [
    ...configKeys.filter((key) => !key.path.includes("*")).map((key) => setting(key, key.path, key.path.join("."))),
    ...freeTextsOf(checked.agent, AgentSchema.shape).map(freeSetting("agent")),
    ...freeTextsOf(checked.risk, RiskSchema.shape).map(freeSetting("risk")),
    ...listsOf(checked).flatMap((list) => listed(list, setting)),
    ...checked.webhook.flatMap((webhook, i) => {
      const defaults = sendersDefaults(webhook);
      return configKeys
        .filter((key) => isListed(key) && concerns(key, webhook))
        .map((key) => {
          const inner = key.path.slice(2);
          const shown = ["webhook", webhook.name, ...inner].join(".");
          return setting(key, ["webhook", i, ...inner], shown, defaults.get(inner.join(".")) ?? key.default);
        });
    }),
  ];
}

/** A list of tables, how it is shown, and what its tables are called by. */
type List = { readonly path: Path; readonly shown: string; readonly names: readonly string[] };

/** All but the webhooks. */
const listsOf = ({ evidence, risk, redaction, connector, draft, notify }: DeskText): readonly List[] => [
  listAt(["evidence", "witness"], numbers(evidence.witness)),
  listAt(["risk", "market_hours", "sessions"], numbers(risk.market_hours?.sessions ?? [])),
  listAt(
    ["redaction"],
    redaction.map(({ id }) => id),
  ),
  listAt(
    ["connector"],
    connector.map(({ name }) => name),
  ),
  listAt(
    ["draft"],
    draft.map(({ kind }) => kind),
  ),
  ...draft.map(({ kind, fields }, i) => ({
    path: ["draft", i, "fields"],
    shown: `draft.${kind}.fields`,
    names: fields.map(({ name }) => name),
  })),
  listAt(
    ["notify"],
    notify.map(({ name }) => name),
  ),
];

const listAt = (path: readonly string[], names: readonly string[]): List => ({ path, shown: path.join("."), names });
const numbers = (tables: readonly unknown[]): readonly string[] => tables.map((_, i) => String(i));

/** The keys of the tables of one list, but for those of a list within it, which is a list of its own. */
function listed({ path, shown, names }: List, setting: (key: ConfigKey, path: Path, shown: string) => Setting) {
  const template = [...path.map((part) => (typeof part === "number" ? "*" : part)), "*"];
  const keys = configKeys.filter(
    (key) => template.every((part, i) => key.path[i] === part) && !key.path.slice(template.length).includes("*"),
  );
  return names.flatMap((name, place) =>
    keys.map((key) => {
      const inner = key.path.slice(template.length);
      return setting(key, [...path, place, ...inner], [shown, name, ...inner].join("."));
    }),
  );
}

const isListed = (key: ConfigKey): boolean => key.path[0] === "webhook";

/** Keys of a table that the webhook's sender must not have are no settings of it. */
function concerns({ path }: ConfigKey, { provider }: WebhookText): boolean {
  if (path[2] === "map") return readsMap(provider);
  return path[2] !== "scheme" || provider === "custom";
}

/** What holds for a webhook that does not say it is what is known of its sender. */
function sendersDefaults(webhook: WebhookText): ReadonlyMap<string, string> {
  const { dedupe, body_limit_bytes } = providerFor(senderOf(webhook));
  const defaults = new Map<string, string>([["dedupe", dedupe]]);
  return body_limit_bytes === null ? defaults : defaults.set("body_limit", sizeText(body_limit_bytes));
}

const shownDefault = (value: ConfigKey["default"]): Setting["value"] =>
  typeof value === "object" && value !== null ? value.join(", ") : value;

/** A secret is shown as its reference; of a target's URL, whose path is often one, what comes before it. */
function shownValue(key: ConfigKey, value: TomlValue | undefined): string | number | boolean | null {
  if (key.path.join(".") === "notify.*.url" && typeof value === "string") return shownUrl(value);
  const hidden = isSecret(key.path);
  if (Array.isArray(value))
    return value.flatMap((each) => (typeof each === "string" ? [hidden ? `${each} (set)` : each] : [])).join(", ");
  if (typeof value === "string") return hidden ? `${value} (set)` : value;
  return typeof value === "number" || typeof value === "boolean" ? value : null;
}

/** What `qoc config show` prints, one row a key. */
export const describeConfig = (desk: DeskConfig): readonly Setting[] => desk.settings;

/** Keys whose new value a reload cannot bring about: the daemon has to be started again. Empty when the reload is whole. */
export function changesNeedingRestart(old: DeskConfig, next: DeskConfig): readonly string[] {
  const before = fixedAtStart(old);
  return Object.entries(fixedAtStart(next)).flatMap(([key, value]) => (before[key] === value ? [] : [key]));
}

const fixedAtStart = ({
  name,
  daemon,
  evidence,
  agent,
  approval,
  connectors,
}: DeskConfig): Readonly<Record<string, string>> => ({
  name,
  "daemon.ingress": endpointText(daemon.ingress),
  "daemon.console": daemon.console === null ? "off" : endpointText(daemon.console),
  "inspect.stately": String(daemon.stately),
  "telemetry.metrics_token": daemon.metrics_token === null ? "" : hash("sha256", daemon.metrics_token.reveal()),
  "telemetry.traces": daemon.traces ?? "",
  "evidence.witness": evidence.witness.map(({ url, key }) => `${url} ${key}`).join("\n"),
  "agent.max_concurrent": String(agent.max_concurrent),
  // An agent without a sandbox can write `desk.toml` and ask for a reload: so it does not do away with signatures.
  "approval.require": approval.require,
  "approval.approvers": String(approval.approvers),
  connector: JSON.stringify(connectors),
});
