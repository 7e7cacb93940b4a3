/** The strict reader behind `json.ts`: RFC 8259, iterative, so that no depth of nesting reaches the call stack. */

/** A JSON document as read. Objects are maps: no name that a sender chose ever meets a prototype. */
export type Tree<N> = null | boolean | string | N | readonly Tree<N>[] | ReadonlyMap<string, Tree<N>>;

export type Rules<N> = {
  /** Containers within each other: `[[1]]` is 2. */
  readonly depthMax: number;
  /** Strings, numbers, literals and containers, the outermost too. Names of members are not counted. */
  readonly valuesMax: number;
  /** Half a surrogate pair in a string is refused. */
  readonly wellFormed: boolean;
  /** The value of a number as written, or undefined to refuse it. */
  readonly number: (lexeme: string) => N | undefined;
};

/** Why a text is not acceptable JSON. Says where, never what stood there. */
export class Unparsable extends Error {}

type ArrayFrame<N> = { readonly kind: "array"; readonly items: Tree<N>[] };
type ObjectFrame<N> = { readonly kind: "object"; readonly members: Map<string, Tree<N>>; key: string };
type Frame<N> = ArrayFrame<N> | ObjectFrame<N>;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);
const HEX4 = /^[0-9A-Fa-f]{4}$/;
const ANY_SURROGATE = /[\uD800-\uDFFF]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether a string has a UTF-8 form: every surrogate stands in a pair. */
export const isWellFormed = (text: string): boolean => !ANY_SURROGATE.test(text) || !LONE_SURROGATE.test(text);

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

export class JsonReader<N> {
  readonly #text: string;
  readonly #rules: Rules<N>;
  readonly #open: Frame<N>[] = [];
  #at = 0;
  #values = 0;

  constructor(text: string, rules: Rules<N>) {
    this.#text = text;
    this.#rules = rules;
  }

  /** @throws Unparsable */
  read(): Tree<N> {
    for (;;) {
      let value = this.#begin();
      while (value !== undefined) {
        const frame = this.#open.at(-1);
        if (frame === undefined) return this.#finish(value);
        value = this.#put(frame, value);
      }
    }
  }

  #finish(value: Tree<N>): Tree<N> {
    this.#space();
    if (this.#at < this.#text.length) this.#refuse("something follows the document");
    return value;
  }

  /** Reads a value up to where its first part begins: undefined when a container was opened that has parts. */
  #begin(): Tree<N> | undefined {
    this.#space();
    this.#values += 1;
    if (this.#values > this.#rules.valuesMax) this.#refuse(`more than ${this.#rules.valuesMax} values`);
    switch (this.#text.charAt(this.#at)) {
      case "[":
        this.#descend();
        if (this.#take("]")) return [];
        this.#open.push({ kind: "array", items: [] });
        return undefined;
      case "{":
        this.#descend();
        if (this.#take("}")) return new Map();
        this.#open.push({ kind: "object", members: new Map(), key: this.#key() });
        return undefined;
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  /** Adds a part to the container that is open. Gives the container when that was its last part. */
  #put(frame: Frame<N>, value: Tree<N>): Tree<N> | undefined {
    return frame.kind === "array" ? this.#putItem(frame.items, value) : this.#putMember(frame, value);
  }

  #putItem(items: Tree<N>[], value: Tree<N>): Tree<N> | undefined {
    items.push(value);
    if (this.#take(",")) return undefined;
    if (!this.#take("]")) this.#refuse("expected a comma or the end of the array");
    this.#open.pop();
    return items;
  }

  #putMember(frame: ObjectFrame<N>, value: Tree<N>): Tree<N> | undefined {
    if (frame.members.has(frame.key)) this.#refuse("the object has two members of one name");
    frame.members.set(frame.key, value);
    if (this.#take(",")) {
      frame.key = this.#key();
      return undefined;
    }
    if (!this.#take("}")) this.#refuse("expected a comma or the end of the object");
    this.#open.pop();
    return frame.members;
  }

  #descend(): void {
    if (this.#open.length >= this.#rules.depthMax) this.#refuse(`nested deeper than ${this.#rules.depthMax}`);
    this.#at += 1;
  }

  #key(): string {
    this.#space();
    if (this.#text.charCodeAt(this.#at) !== QUOTE) this.#refuse("expected a member's name");
    const key = this.#string();
    if (!this.#take(":")) this.#refuse("expected a colon");
    return key;
  }

  #string(): string {
    const text = this.#text;
    this.#at += 1;
    let plainFrom = this.#at;
    let value = "";
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        value += text.slice(plainFrom, this.#at) + this.#escape();
        plainFrom = this.#at;
      } else if (code >= 0x20) this.#at += 1;
      else this.#refuse("a string is not ended, or holds a control character");
    }
    value += text.slice(plainFrom, this.#at);
    this.#at += 1;
    if (this.#rules.wellFormed && !isWellFormed(value)) this.#refuse("a string holds half a surrogate pair");
    return value;
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    const short = ESCAPES.get(letter);
    if (short !== undefined) {
      this.#at += 2;
      return short;
    }
    const hex = this.#text.slice(this.#at + 2, this.#at + 6);
    if (letter !== "u" || !HEX4.test(hex)) this.#refuse("a string holds an unknown escape");
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #number(): N {
    const from = this.#at;
    if (this.#text[this.#at] === "-") this.#at += 1;
    if (this.#text[this.#at] === "0") this.#at += 1;
    else this.#digits();
    if (this.#text[this.#at] === ".") {
      this.#at += 1;
      this.#digits();
    }
    if (this.#text[this.#at] === "e" || this.#text[this.#at] === "E") {
      this.#at += 1;
      if (this.#text[this.#at] === "+" || this.#text[this.#at] === "-") this.#at += 1;
      this.#digits();
    }
    const value = this.#rules.number(this.#text.slice(from, this.#at));
    return value ?? this.#refuse("a number is out of range");
  }

  #digits(): void {
    if (!isDigit(this.#text.charCodeAt(this.#at))) this.#refuse("expected a value");
    while (isDigit(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }

  #word<V>(word: string, value: V): V {
    if (!this.#text.startsWith(word, this.#at)) this.#refuse("expected a value");
    this.#at += word.length;
    return value;
  }

  #take(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #refuse(says: string): never {
    throw new Unparsable(`${says} (at character ${this.#at})`);
  }
}
