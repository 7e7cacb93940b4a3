/** The fields of one table of a draft, taken one by one; what is wrong with any is noted, and what nobody took is refused in the end. */
import { isWellFormed } from "../core/json-reader.ts";
import { isPositive, parseDecimal } from "./decimal.ts";
import type { Scalar, Table } from "./toml-tables.ts";

/** Why an agent proposes it. The reference is a path below the desk as the agent wrote it; nothing opens it. */
export type Rationale = { readonly summary: string; readonly research_ref: string | null };

/** A list is a choice: the field is one of these texts. */
export type DraftFieldType = "text" | "decimal" | "integer" | "boolean" | readonly string[];

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** Dots and dashes within, as in BRK.B and BTC-USD; it becomes a part of a file's name. */
export const SYMBOL = /^[A-Z0-9](?:[A-Z0-9.-]{0,22}[A-Z0-9])?$/;
const INTEGER = /^-?(?:0|[1-9][0-9]{0,17})$/;
/** What steers a terminal, turns the direction of writing or is not seen at all: no line end, no tab, and not what makes a sign an emoji. */
const UNSEEN = /(?!\n|\t|\u{fe0e}|\u{fe0f})[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/u;
const TEXT_CHARACTERS_MAX = 4_000;
const REFERENCE_CHARACTERS_MAX = 500;

export class DraftFields {
  readonly #table: string;
  readonly #members: Table;
  readonly #problems: string[];
  readonly #taken = new Set<string>();

  /** @param problems is added to */
  constructor(table: string, found: Scalar | undefined, problems: string[]) {
    this.#table = table;
    this.#problems = problems;
    this.#members = found?.kind === "table" ? found.members : new Map();
    if (found === undefined) problems.push(`the table [${table}] is missing`);
    else if (found.kind !== "table") problems.push(`${table} must be a table`);
  }

  refuse(key: string, says: string): void {
    this.#problems.push(`${this.#table}.${key} ${says}`);
  }

  refuseOthers(): void {
    for (const key of this.#members.keys())
      if (!this.#taken.has(key)) this.#problems.push(`${this.#table} has no key ${JSON.stringify(key.slice(0, 60))}`);
  }

  rationale(): Rationale {
    const summary = this.#text("summary", true, TEXT_CHARACTERS_MAX) ?? "";
    const reference = this.#text("research_ref", false, REFERENCE_CHARACTERS_MAX);
    if (reference?.includes("\n") === true) this.refuse("research_ref", "must be one line");
    this.refuseOthers();
    return { summary, research_ref: reference ?? null };
  }

  name(key: string): string {
    return this.#formed(key, NAME, "must be a name: up to 63 of a-z, 0-9 and -, not beginning with -");
  }

  symbol(key: string): string {
    return this.#formed(
      key,
      SYMBOL,
      "must be a symbol: up to 24 of A-Z, 0-9, . and -, with a letter or digit at both ends",
    );
  }

  /** @param otherwise what it is where it is missing; without that it is required */
  choice<const T extends string>(key: string, choices: readonly [T, ...T[]], otherwise?: T): T {
    const [first] = choices;
    const found = this.#take(key);
    if (found === undefined && otherwise !== undefined) return otherwise;
    const chosen = found?.kind === "text" ? choices.find((each) => each === found.text) : undefined;
    if (chosen === undefined) this.refuse(key, `must be one of ${listed(choices)}`);
    return chosen ?? first;
  }

  /** A decimal above zero, as it was written. */
  amount(key: string, { required }: { readonly required: boolean }): string | null {
    const written = this.#written(key, required);
    if (written === undefined) return null;
    const value = parseDecimal(written);
    if (value === undefined || !isPositive(value)) this.refuse(key, `${DECIMAL_SAYS}, more than 0`);
    return written;
  }

  valueOf({
    name: key,
    type,
    required,
  }: {
    readonly name: string;
    readonly type: DraftFieldType;
    readonly required: boolean;
  }): string | boolean | undefined {
    if (typeof type !== "string") return this.#oneOf(key, type, required);
    switch (type) {
      case "text":
        return this.#text(key, required, TEXT_CHARACTERS_MAX);
      case "decimal":
        return this.#number(key, required, (text) => parseDecimal(text) !== undefined, DECIMAL_SAYS);
      case "integer":
        return this.#number(key, required, (text) => INTEGER.test(text), "must be a whole number of up to 18 digits");
      case "boolean":
        return this.#boolean(key, required);
    }
  }

  #take(key: string): Scalar | undefined {
    this.#taken.add(key);
    return this.#members.get(key);
  }

  /** Of a key that is taken and not there. */
  #miss(key: string, required: boolean): undefined {
    if (required) this.refuse(key, "is missing");
    return undefined;
  }

  #formed(key: string, form: RegExp, says: string): string {
    const found = this.#take(key);
    if (found?.kind === "text" && form.test(found.text)) return found.text;
    this.refuse(key, found === undefined ? "is missing" : says);
    return "";
  }

  #text(key: string, required: boolean, charactersMax: number): string | undefined {
    const found = this.#take(key);
    if (found === undefined) return this.#miss(key, required);
    if (found.kind !== "text") this.refuse(key, "must be a text");
    else if (required && found.text.trim() === "") this.refuse(key, "is empty");
    else if (found.text.length > charactersMax) this.refuse(key, `has more than ${charactersMax} characters`);
    else if (UNSEEN.test(found.text) || !isWellFormed(found.text))
      this.refuse(key, "has characters that cannot be seen");
    else return found.text;
    return undefined;
  }

  #oneOf(key: string, choices: readonly string[], required: boolean): string | undefined {
    const found = this.#take(key);
    if (found === undefined) return this.#miss(key, required);
    if (found.kind === "text" && choices.includes(found.text)) return found.text;
    this.refuse(key, `must be one of ${listed(choices)}`);
    return undefined;
  }

  #boolean(key: string, required: boolean): boolean | undefined {
    const found = this.#take(key);
    if (found === undefined) return this.#miss(key, required);
    if (found.kind === "boolean") return found.value;
    this.refuse(key, "must be true or false");
    return undefined;
  }

  #number(key: string, required: boolean, isFormed: (text: string) => boolean, says: string): string | undefined {
    const written = this.#written(key, required);
    if (written === undefined || isFormed(written)) return written;
    this.refuse(key, says);
    return undefined;
  }

  /** A number, or a text that may be one: as it stands in the source. */
  #written(key: string, required: boolean): string | undefined {
    const found = this.#take(key);
    if (found === undefined) return this.#miss(key, required);
    if (found.kind === "text") return found.text;
    return found.kind === "number" ? found.lexeme : "";
  }
}

const DECIMAL_SAYS = "must be a plain decimal such as 120.50: up to 20 digits before the point and 18 behind it";
const listed = (choices: readonly string[]): string => choices.map((each) => JSON.stringify(each)).join(", ");
