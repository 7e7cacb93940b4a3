/** A TOML text as a table whose every key has a place, or the one problem that kept it from being read. */
import { parse, TomlError, type TomlTable } from "smol-toml";
import { reasonOf } from "../core/assert.ts";
import type { Located, Problem } from "./problem.ts";
import { locate } from "./toml-locator.ts";

export type TextFile = { readonly file: string; readonly text: string };

export type TomlRead =
  | ({ readonly kind: "table"; readonly table: TomlTable } & Located)
  | { readonly kind: "problem"; readonly problem: Problem };

const NESTING_MAX = 32;

export function readToml({ file, text }: TextFile): TomlRead {
  try {
    return { kind: "table", table: parse(text, { maxDepth: NESTING_MAX }), file, text, places: locate(text) };
  } catch (thrown) {
    return { kind: "problem", problem: syntaxProblem(file, thrown) };
  }
}

/** Only the first line of the parser's message: the lines below it quote the file, and with it perhaps a secret. */
function syntaxProblem(file: string, thrown: unknown): Problem {
  const says = reasonOf(thrown).split("\n", 1).join("").replace("Invalid TOML document: ", "");
  const place = thrown instanceof TomlError ? thrown : { line: null, column: null };
  return {
    file,
    line: place.line,
    column: place.column,
    key: null,
    says: `is not TOML: ${says}`,
    seen: null,
    nearest: null,
  };
}
