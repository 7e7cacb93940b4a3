/** Results on stdout in the form asked for; everything else on stderr. Meaning is in words, colour only repeats it. */
import { visibleLine } from "../core/visible.ts";
import type { Failure } from "./errors.ts";
import type { Io, Sink } from "./io.ts";

export const FORMATS = ["human", "json", "ndjson"] as const;
export type Format = (typeof FORMATS)[number];
export type Style = "bold" | "dim" | "red" | "green" | "yellow";

export type Output = {
  readonly format: Format;
  /** One result: `human` lines, or the value as JSON with `schema` first. */
  readonly result: (schema: string, value: object, human: () => string) => void;
  /** A list: its items one a line in `ndjson`, the whole in `json`. */
  readonly list: (schema: string, value: { readonly items: readonly object[] }, human: () => string) => void;
  /** One of a stream of results; `json` and `ndjson` are one line each. */
  readonly row: (schema: string, value: object, human: () => string) => void;
  /** Progress, hints, warnings: on stderr, and never in the way of a result. */
  readonly note: (text: string) => void;
  readonly fail: (failure: Failure) => void;
  /** Paints for stdout. */
  readonly paint: (style: Style, text: string) => string;
};

const CODES: Readonly<Record<Style, string>> = { bold: "1", dim: "2", red: "31", green: "32", yellow: "33" };

/** NO_COLOR wins over FORCE_COLOR, and both over what the terminal is; TERM=dumb has no colour. */
export function wantsColour(sink: Sink, env: Io["env"]): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const force = env["FORCE_COLOR"];
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  return sink.isTerminal && env["TERM"] !== "dumb";
}

const painter =
  (on: boolean) =>
  (style: Style, text: string): string =>
    on ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;

export function createOutput(io: Io, format: Format): Output {
  const paint = painter(format === "human" && wantsColour(io.stdout, io.env));
  const paintNote = painter(wantsColour(io.stderr, io.env));
  const line = (text: string): void => io.stdout.write(text.endsWith("\n") || text === "" ? text : `${text}\n`);
  const note = (text: string): void => io.stderr.write(`${text}\n`);
  const json = (schema: string, value: object): string => {
    const document = Object.assign({ schema }, value, { schema });
    return format === "json" ? JSON.stringify(document, null, 2) : JSON.stringify(document);
  };
  return {
    format,
    paint,
    note,
    result: (schema, value, human) => line(format === "human" ? human() : json(schema, value)),
    list: (schema, value, human) => {
      if (format === "human") line(human());
      else if (format === "json") line(json(schema, value));
      else for (const item of value.items) line(json(schema.replace(".list/", ".item/"), item));
    },
    row: (schema, value, human) =>
      line(format === "human" ? human() : JSON.stringify(Object.assign({ schema }, value, { schema }))),
    fail: (failure) => {
      if (format !== "human") {
        const { what, why, code, exit } = failure;
        note(JSON.stringify({ schema: "qoc.error/1", code, what, why, try: failure.try ?? null, exit }));
        return;
      }
      note(`${paintNote("red", "error")}: ${failure.what}`);
      note(`  why:  ${failure.why}`);
      if (failure.try !== undefined) note(`  try:  ${failure.try}`);
      note(`  code: ${failure.code}`);
    },
  };
}

/** Columns as wide as their widest cell, the last one free; colours do not count. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell + " ".repeat((widths[i] ?? 0) - width(cell))))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const width = (cell: string): number => cell.replaceAll(/\u001b\[\d+m/g, "").length;

/** What a sender wrote must not steer the terminal, nor hide in it: what cannot be seen is shown as escapes. */
export const plain = visibleLine;
