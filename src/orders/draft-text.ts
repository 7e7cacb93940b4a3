/** The TOML text of a draft. Nothing is checked here: `readDraft` of the text says all that is wrong with it. */
import type { Draft } from "./draft.ts";

/** Texts, numbers as texts, and booleans by key; what is null or absent is left out. */
export type DraftTable = Readonly<Record<string, string | boolean | null | undefined>>;
/** One of `order` and `draft`. */
export type DraftTables = {
  readonly order?: DraftTable;
  readonly draft?: DraftTable;
  readonly rationale?: DraftTable;
};

/** Every value stands in quotes or is a boolean, so that no value can be anything but itself. */
export const writeDraft = ({ order, draft, rationale }: DraftTables): string =>
  [tableText("order", order), tableText("draft", draft), tableText("rationale", rationale)]
    .filter((text) => text !== "")
    .join("\n");

/** `readDraft` of what `writeDraft` makes of these gives the same draft. */
export function tablesOf(draft: Draft): DraftTables {
  const rationale = { ...draft.rationale };
  if (draft.kind === "action") return { draft: { kind: draft.action, name: draft.name, ...draft.fields }, rationale };
  const { kind: _kind, rationale: _rationale, ...order } = draft;
  return { order, rationale };
}

/** A table of TOML, with its header; nothing for no table. */
export function tableText(name: string, table: DraftTable | undefined): string {
  if (table === undefined) return "";
  const lines = Object.entries(table).flatMap(([key, value]) =>
    value === null || value === undefined
      ? []
      : [`${keyText(key)} = ${typeof value === "boolean" ? String(value) : textOf(value)}`],
  );
  return `${[`[${name}]`, ...lines].join("\n")}\n`;
}

const keyText = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : textOf(key));

/** A basic string: the escapes of JSON are TOML's too, but TOML wants one more. */
const textOf = (text: string): string => JSON.stringify(text).replaceAll("\u007f", "\\u007f");
