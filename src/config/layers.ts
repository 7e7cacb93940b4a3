/** How configuration files lie over each other, and from which of them a value came. */
import type { TomlTable, TomlValue } from "smol-toml";
import type { Finding, Located } from "./problem.ts";
import { isSecret } from "./problem.ts";
import { nearestWord } from "./nearest.ts";
import { type Path, pathKey } from "./toml-locator.ts";

export type Layer = Located & { readonly kind: "global" | "workspace"; readonly table: TomlTable };
export type Env = Readonly<Record<string, string | undefined>>;

/** TomlDate is the one object that is no table. */
export const isTable = (value: unknown): value is TomlTable =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** What stands at a path; undefined when nothing does. */
export function valueAt(table: TomlTable, path: Path): TomlValue | undefined {
  return path.reduce<TomlValue | undefined>((value, part) => {
    if (Array.isArray(value)) return typeof part === "number" ? value[part] : undefined;
    return isTable(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  }, table);
}

/** An empty string or zero takes back what lies below, so that the built-in default holds. */
const unsets = (value: TomlValue): boolean => value === "" || value === 0;

/** The topmost layer comes first. Tables are merged key by key; a list is one value and replaces the whole list below. */
export function merge(layers: readonly Layer[]): TomlTable {
  const [top, ...below] = layers;
  if (top === undefined) return {};
  const under = merge(below);
  return cleaned(lay(top.table, givesName(top.table) ? withoutName(under) : under));
}

function lay(over: TomlTable, under: TomlTable): TomlTable {
  const entries = Object.entries(over).map(([key, value]): [string, TomlValue] => {
    const lower = Object.hasOwn(under, key) ? under[key] : undefined;
    return [key, isTable(value) && isTable(lower) ? lay(value, lower) : value];
  });
  const kept = Object.entries(under).filter(([key]) => !Object.hasOwn(over, key));
  return Object.fromEntries([...kept, ...entries]);
}

/** A workspace that says its name in one form is not contradicted by the other form in the global file. */
const givesName = (table: TomlTable): boolean =>
  Object.hasOwn(table, "name") || (isTable(table["workspace"]) && Object.hasOwn(table["workspace"], "name"));

function withoutName(table: TomlTable): TomlTable {
  const { name: _name, workspace, ...rest } = table;
  if (!isTable(workspace)) return rest;
  const { name: _inner, ...others } = workspace;
  return { ...rest, workspace: others };
}

function cleaned(table: TomlTable): TomlTable {
  const kept = Object.entries(table).filter(([, value]) => !unsets(value));
  return Object.fromEntries(kept.map(([key, value]) => [key, cleanedValue(value)]));
}

function cleanedValue(value: TomlValue): TomlValue {
  if (Array.isArray(value)) return value.map((each) => (isTable(each) ? cleaned(each) : each));
  return isTable(value) ? cleaned(value) : value;
}

/** The layer that a path belongs to: of a list the one that gave the list, else the one that goes furthest down the path. */
export function ownerOf(path: Path, layers: readonly [Layer, ...Layer[]]): Layer {
  const list = path.findIndex((part) => typeof part === "number");
  const head = list === -1 ? path : path.slice(0, list);
  const depth = (layer: Layer): number => head.findLastIndex((_, i) => layer.places.has(pathKey(head.slice(0, i + 1))));
  return layers.reduce((best, layer) => (depth(layer) > depth(best) ? layer : best));
}

export type EnvRead = {
  readonly table: TomlTable;
  /** The variable that each value came from, by `pathKey`. */
  readonly from: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
};

/** Says where a refused value came from, and takes back every guess that was made from it: it may be a secret in a wrong place. */
export function quietAbout(finding: Finding, from: EnvRead["from"]): Finding {
  const variable = from.get(pathKey(finding.path));
  if (variable === undefined) return finding;
  return { ...finding, says: `${finding.says} (it is read from the environment variable ${variable})`, nearest: null };
}

const ENV_REFERENCE = /^env:([A-Za-z_][A-Za-z0-9_]*)$/;

/** Puts values of the environment in the place of `env:VAR`. Secrets are left: they never become plain text. */
export function readEnv(table: TomlTable, env: Env): EnvRead {
  const from = new Map<string, string>();
  const findings: Finding[] = [];
  const walk = (value: TomlValue, path: Path): TomlValue => {
    if (isSecret(path)) return value;
    if (Array.isArray(value)) return value.map((each, i) => walk(each, [...path, i]));
    if (isTable(value))
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each, [...path, key])]));
    if (typeof value !== "string" || !value.startsWith("env:")) return value;
    const found = envValue(value, env);
    if (found.kind === "missing") findings.push({ path, says: found.says, nearest: found.nearest, about: "value" });
    if (found.kind === "found") from.set(pathKey(path), found.variable);
    return found.kind === "found" ? found.value : "";
  };
  const read = walk(table, []);
  return { table: isTable(read) ? cleaned(read) : {}, from, findings };
}

export type EnvValue =
  | { readonly kind: "found"; readonly variable: string; readonly value: string }
  | { readonly kind: "missing"; readonly says: string; readonly nearest: string | null };

/** What an `env:VAR` stands for. The answer names the variable, never a value that was not asked for. */
export function envValue(reference: string, env: Env): EnvValue {
  const variable = ENV_REFERENCE.exec(reference)?.[1];
  if (variable === undefined) {
    return { kind: "missing", says: "must name a variable after env:, of letters, digits and _", nearest: null };
  }
  const value = Object.hasOwn(env, variable) ? env[variable] : undefined;
  if (value !== undefined) return { kind: "found", variable, value };
  const close = nearestWord(variable, Object.keys(env));
  return {
    kind: "missing",
    says: `is read from the environment variable ${variable}, which is not set`,
    nearest: close === null ? null : JSON.stringify(`env:${close}`),
  };
}
