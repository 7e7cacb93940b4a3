/**
 * Masks within a JSON text, token by token: a string or a name that holds something is written anew, everything else stays byte for
 * byte. What a string says is matched, so no escape hides anything, but for those of a JSON text within a string. Numbers are masked
 * by pointers alone.
 */
import { hitWhole, maskIn, type Filtering } from "./filtering.ts";
import { endOfLiteral, endOfString, endOfValue, textOfLiteral } from "./json-text.ts";
import { isMask, maskOf, numbered } from "./mask.ts";
import { endsHere, follow, type Trail } from "./pointers.ts";
import type { Hit } from "./text.ts";

type ArrayFrame = { readonly kind: "array"; readonly trail: Trail; index: number };
type ObjectFrame = {
  readonly kind: "object";
  readonly trail: Trail;
  /** As it is kept. */
  shown: string;
  /** Where the member's value stands. */
  below: Trail;
  isNamed: boolean;
  /** Names that were masked, with how often each came out. */
  masked: Map<string, number> | null;
};
type Frame = ArrayFrame | ObjectFrame;

/**
 * @param text JSON that was read without a fault
 * @param above the names that lead to it
 * @param trail of the document itself
 */
export function filterJson(text: string, above: readonly string[], trail: Trail, filtering: Filtering): string {
  return new JsonFilter(text, above, trail, filtering).run();
}

/** Iterative, so that no depth of nesting reaches the call stack. */
class JsonFilter {
  readonly #text: string;
  readonly #above: readonly string[];
  readonly #trail: Trail;
  readonly #filtering: Filtering;
  readonly #open: Frame[] = [];
  #at = 0;
  #kept = "";
  #keptTo = 0;

  constructor(text: string, above: readonly string[], trail: Trail, filtering: Filtering) {
    this.#text = text;
    this.#above = above;
    this.#trail = trail;
    this.#filtering = filtering;
  }

  run(): string {
    while (this.#at < this.#text.length) this.#token();
    return this.#kept + this.#text.slice(this.#keptTo);
  }

  #token(): void {
    const frame = this.#open.at(-1);
    switch (this.#text.charAt(this.#at)) {
      case " ":
      case "\n":
      case "\r":
      case "\t":
      case ":":
        this.#at += 1;
        return;
      case ",":
        this.#at += 1;
        if (frame?.kind === "array") frame.index += 1;
        if (frame?.kind === "object") frame.isNamed = false;
        return;
      case "]":
      case "}":
        this.#at += 1;
        this.#open.pop();
        return;
      default:
        if (frame?.kind === "object" && !frame.isNamed) this.#name(frame);
        else this.#value(this.#trailHere(frame));
    }
  }

  #trailHere(frame: Frame | undefined): Trail {
    if (frame === undefined) return this.#trail;
    return frame.kind === "object" ? frame.below : follow(frame.trail, frame.index);
  }

  #name(frame: ObjectFrame): void {
    const end = endOfString(this.#text, this.#at);
    const name = textOfLiteral(this.#text.slice(this.#at, end));
    const masked = maskIn(this.#filtering, name);
    frame.isNamed = true;
    frame.below = follow(frame.trail, name);
    frame.shown = masked === undefined ? name : this.#apart(frame, masked.text);
    if (masked === undefined) this.#at = end;
    else this.#put(end, frame.shown, masked.hits);
  }

  /** Two names that are masked alike would be one name, and the object no longer one that everybody reads alike. */
  #apart(frame: ObjectFrame, name: string): string {
    frame.masked ??= new Map();
    const count = (frame.masked.get(name) ?? 0) + 1;
    frame.masked.set(name, count);
    return count === 1 ? name : numbered(name, this.#filtering.rules.masks, count);
  }

  #value(trail: Trail): void {
    const rule = endsHere(trail);
    if (rule !== undefined) return this.#whole(rule.id);
    switch (this.#text.charAt(this.#at)) {
      case '"':
        return this.#string();
      case "[":
        this.#at += 1;
        this.#open.push({ kind: "array", trail, index: 0 });
        return;
      case "{":
        this.#at += 1;
        this.#open.push({ kind: "object", trail, shown: "", below: trail, isNamed: false, masked: null });
        return;
      default:
        this.#at = endOfLiteral(this.#text, this.#at);
    }
  }

  #string(): void {
    const end = endOfString(this.#text, this.#at);
    const masked = maskIn(this.#filtering, textOfLiteral(this.#text.slice(this.#at, end)));
    if (masked === undefined) this.#at = end;
    else this.#put(end, masked.text, masked.hits);
  }

  /** Of a string what it says, of anything else its text. */
  #whole(id: string): void {
    const end = endOfValue(this.#text, this.#at);
    const literal = this.#text.slice(this.#at, end);
    const said = literal.startsWith('"') ? textOfLiteral(literal) : literal;
    if (isMask(said, this.#filtering.rules.masks)) this.#at = end;
    else this.#put(end, maskOf(id), [hitWhole(id, "pointer", said)]);
  }

  #put(end: number, text: string, hits: readonly Hit[]): void {
    this.#kept += this.#text.slice(this.#keptTo, this.#at) + JSON.stringify(text);
    this.#keptTo = end;
    this.#at = end;
    this.#filtering.receipts.note(this.#names(), hits);
  }

  *#names(): Generator<string | number> {
    for (const name of this.#above) yield name;
    for (const frame of this.#open) yield frame.kind === "array" ? frame.index : frame.shown;
  }
}
