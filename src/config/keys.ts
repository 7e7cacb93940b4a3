/** The keys of the schema as a list: for messages, `config show`, and the test that holds the example file to the schema. */
import { z } from "zod";
import { forms } from "./forms.ts";
import { DeskSchema } from "./schema.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

export type ConfigKey = {
  /** `*` stands for the place in a list. */
  readonly path: readonly string[];
  readonly default: string | number | boolean | readonly string[] | null;
  readonly reason: string;
  readonly format: string | null;
  /** What the value may be, where it is one of a few. */
  readonly choices: readonly string[];
};

/** Any text may be read from the environment instead, and an empty one unsets. */
const ENV_OR_EMPTY = "^$|^env:[A-Za-z_][A-Za-z0-9_]*$";

/** The JSON Schema (2020-12) of `desk.toml`, for editors. It cannot say the rules between two keys. */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(DeskSchema, { io: "input", override: ({ jsonSchema }) => allowEnv(jsonSchema) });
  return { title: "desk.toml", ...schema };
}

function allowEnv(schema: JsonSchema): void {
  if (schema.format === forms.secret.format) return;
  if (schema.pattern !== undefined) schema.pattern = `${ENV_OR_EMPTY}|${schema.pattern}`;
  if (schema.enum === undefined || schema.type !== "string") return;
  schema.anyOf = [{ enum: schema.enum }, { pattern: ENV_OR_EMPTY }];
  delete schema.enum;
}

/** Every key that holds a value, in the order of the schema. */
export const configKeys: readonly ConfigKey[] = keysOf(z.toJSONSchema(DeskSchema, { io: "input" }), []);

/** The key at a path whose list places are numbers. */
export function keyAt(path: readonly (string | number)[]): ConfigKey | undefined {
  return configKeys.find((key) => matches(key.path, path) && key.path.length === path.length);
}

/** Names that may stand in the table at a path. */
export function namesIn(path: readonly (string | number)[]): readonly string[] {
  const below = configKeys.filter((key) => key.path.length > path.length && matches(key.path, path));
  return [...new Set(below.map((key) => key.path[path.length] ?? ""))];
}

const matches = (template: readonly string[], path: readonly (string | number)[]): boolean =>
  path.every((part, i) => (typeof part === "number" ? template[i] === "*" : template[i] === part));

function keysOf(schema: JsonSchema, path: readonly string[]): readonly ConfigKey[] {
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([name, below]) => keysOf(asObject(below), [...path, name]));
  }
  const { items } = schema;
  // A list of tables has keys of its own; a list of texts is one value.
  if (typeof items === "object" && !Array.isArray(items) && items.properties !== undefined)
    return keysOf(items, [...path, "*"]);
  return [
    {
      path,
      default: asDefault(schema.default),
      reason: schema.description ?? "",
      format: schema.format ?? null,
      choices: (schema.enum ?? []).map(String),
    },
  ];
}

function asObject(schema: JsonSchema | boolean): JsonSchema {
  return typeof schema === "boolean" ? {} : schema;
}

function asDefault(value: unknown): ConfigKey["default"] {
  if (Array.isArray(value)) return value.filter((item) => typeof item === "string");
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}
