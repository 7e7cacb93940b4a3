/** Where the parts of a JSON text end. For texts that were read already: of others any place is given. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LITERAL = /[^\s,\]}]*/y;

/** @param at the place of the opening quote */
export function endOfString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1;
    while (before > at && text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - 1 - before) % 2 === 0) return quote + 1;
  }
  return text.length;
}

export function endOfLiteral(text: string, at: number): number {
  LITERAL.lastIndex = at;
  LITERAL.test(text);
  return Math.max(LITERAL.lastIndex, at + 1);
}

const BRACKETS = /["[\]{}]/g;

/** @param at the place of the opening bracket */
function endOfContainer(text: string, at: number): number {
  let depth = 0;
  BRACKETS.lastIndex = at;
  for (let found = BRACKETS.exec(text); found !== null; found = BRACKETS.exec(text)) {
    const [bracket] = found;
    if (bracket === '"') BRACKETS.lastIndex = endOfString(text, found.index);
    else depth += bracket === "[" || bracket === "{" ? 1 : -1;
    if (depth === 0) return BRACKETS.lastIndex;
  }
  return text.length;
}

export function endOfValue(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === QUOTE) return endOfString(text, at);
  return text[at] === "[" || text[at] === "{" ? endOfContainer(text, at) : endOfLiteral(text, at);
}

/** What a string's literal says. */
export function textOfLiteral(literal: string): string {
  if (!literal.includes("\\")) return literal.slice(1, -1);
  const read: unknown = JSON.parse(literal);
  return typeof read === "string" ? read : "";
}
