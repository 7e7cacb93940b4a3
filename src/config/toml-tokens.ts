/**
 * How far each word of a TOML text reaches. Only for texts that smol-toml has accepted: nothing is checked a second time,
 * and a malformed text gives wrong spans, never an endless loop.
 */
import { parse } from "smol-toml";

/** Offsets into the text in UTF-16 code units; `end` is behind the last one. */
export type Span = { readonly start: number; readonly end: number };
export type Cursor = { readonly text: string; at: number };
export type KeyPart = { readonly name: string; readonly span: Span };

const BLANK = /[ \t]*/y;
const VOID = /(?:[ \t\r\n]|#[^\n]*)*/y;
const BARE_KEY = /[^\s.=[\]{}"'#,]*/y;
const BARE_VALUE = /[^,\]}#\r\n]*/y;

function skip(cursor: Cursor, what: RegExp): void {
  what.lastIndex = cursor.at;
  cursor.at += what.exec(cursor.text)?.[0].length ?? 0;
}

const skipBlank = (cursor: Cursor): void => skip(cursor, BLANK);
/** Spaces, line ends and comments. */
export const skipVoid = (cursor: Cursor): void => skip(cursor, VOID);

/** Numbers, dates and booleans. A date may hold a space, so what ends it is a delimiter, and blanks before that are given back. */
export function skipBareValue(cursor: Cursor): void {
  const start = cursor.at;
  skip(cursor, BARE_VALUE);
  cursor.at = start + cursor.text.slice(start, cursor.at).trimEnd().length;
}

/** Any of the four kinds of string. A multi-line one may have up to two of its quotes before the three that close it. */
export function skipString(cursor: Cursor): void {
  const { text } = cursor;
  const quote = text.charAt(cursor.at);
  const fence = quote.repeat(3);
  const close = text.startsWith(fence, cursor.at) ? fence : quote;
  cursor.at += close.length;
  while (cursor.at < text.length && !text.startsWith(close, cursor.at)) {
    cursor.at += quote === '"' && text.charAt(cursor.at) === "\\" ? 2 : 1;
  }
  cursor.at += close.length;
  if (close === fence) for (let extra = 0; extra < 2 && text.charAt(cursor.at) === quote; extra += 1) cursor.at += 1;
}

/** The parts of a dotted key, the cursor then standing at what follows it: `=` or `]`. */
export function readKey(cursor: Cursor): readonly KeyPart[] {
  const parts: KeyPart[] = [];
  for (;;) {
    skipBlank(cursor);
    const start = cursor.at;
    const quoted = isQuote(cursor.text.charAt(start));
    if (quoted) skipString(cursor);
    else skip(cursor, BARE_KEY);
    const written = cursor.text.slice(start, cursor.at);
    parts.push({ name: quoted ? unquoted(written) : written, span: { start, end: cursor.at } });
    skipBlank(cursor);
    if (cursor.text.charAt(cursor.at) !== ".") return parts;
    cursor.at += 1;
  }
}

export const isQuote = (char: string): boolean => char === '"' || char === "'";

/** smol-toml itself says what a quoted key is called, so that the two can never read an escape differently. */
const unquoted = (written: string): string => Object.keys(parse(`${written} = 0`)).join("");
