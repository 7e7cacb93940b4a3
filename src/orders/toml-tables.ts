/**
 * A small TOML document as tables of scalars, numbers as they were written: a parser of TOML makes doubles of them, and a double has lost
 * digits. smol-toml reads the text twice, as it is, and with every number in quotes.
 */
import { parse, type TomlTable, type TomlValue } from "smol-toml";
import { reasonOf } from "../core/assert.ts";

export type Scalar =
  | { readonly kind: "text"; readonly text: string }
  /** `lexeme` is the source's own text of the number. */
  | { readonly kind: "number"; readonly lexeme: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** A list, a date, or whatever else TOML has. */
  | { readonly kind: "other" }
  | { readonly kind: "table"; readonly members: Table };
export type Table = ReadonlyMap<string, Scalar>;

export type TablesRead =
  | { readonly kind: "tables"; readonly tables: Table }
  | { readonly kind: "invalid"; readonly problem: string };

const NESTING_MAX = 8;
const OPTIONS = { maxDepth: NESTING_MAX, integersAsBigInt: true } as const;

/** Never throws, and quotes nothing of the document. */
export function readTables(bytes: Uint8Array): TablesRead {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { kind: "tables", tables: membersOf(parse(text, OPTIONS), parse(withQuotedNumbers(text), OPTIONS)) };
  } catch (thrown) {
    if (thrown instanceof TypeError) return { kind: "invalid", problem: "it is not UTF-8" };
    const says = reasonOf(thrown).split("\n", 1).join("").replace("Invalid TOML document: ", "");
    return { kind: "invalid", problem: `it is not TOML: ${says}` };
  }
}

const membersOf = (read: TomlTable, written: TomlTable): Table =>
  new Map(Object.entries(read).map(([key, value]) => [key, scalarOf(value, written[key])]));

function scalarOf(value: TomlValue, written: TomlValue | undefined): Scalar {
  if (typeof value === "string") return { kind: "text", text: value };
  if (typeof value === "boolean") return { kind: "boolean", value };
  if (typeof value === "number" || typeof value === "bigint")
    return isWrittenAs(value, written) ? { kind: "number", lexeme: written } : { kind: "other" };
  return isTable(value) && isTable(written) ? { kind: "table", members: membersOf(value, written) } : { kind: "other" };
}

/** What was put in quotes is the very number that stood there. */
const isWrittenAs = (value: number | bigint, written: TomlValue | undefined): written is string =>
  typeof written === "string" && Number(written.replaceAll("_", "")) === Number(value);

const isTable = (value: TomlValue | undefined): value is TomlTable =>
  typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);

/** What keeps a `=` from being one: comments, and the four kinds of string. A `=` that is none of their parts is followed by a value. */
const TOKEN =
  /#[^\n]*|"""(?:\\[\s\S]|[^\\])*?"""{1,3}(?!")|'''[\s\S]*?'''{1,3}(?!')|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|(=[ \t]*)([+-]?[0-9][^,\]}#\r\n]*)/g;

const withQuotedNumbers = (text: string): string =>
  text.replace(TOKEN, (token, equals: string | undefined, lexeme: string | undefined) =>
    equals === undefined || lexeme === undefined ? token : `${equals}"${lexeme.trimEnd()}"`,
  );
