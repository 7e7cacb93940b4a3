/** Where every key and value of a TOML text stands: smol-toml tells positions of syntax errors only. */
import {
  type Cursor,
  isQuote,
  type KeyPart,
  readKey,
  skipBareValue,
  skipString,
  skipVoid,
  type Span,
} from "./toml-tokens.ts";

/** Keys, and numbers for places in a list: `["webhook", 0, "name"]`. */
export type Path = readonly (string | number)[];

/** `key` is what names the value: its last key, the last key of a table's header, or in a list the value itself. */
export type Place = { readonly key: Span; readonly value: Span | null };

/** One line and column, both from 1; columns count UTF-16 code units as smol-toml does. */
export type Position = { readonly line: number; readonly column: number };

/** Places by `pathKey`. */
export type Places = ReadonlyMap<string, Place>;

export const pathKey = (path: Path): string => JSON.stringify(path);

export function positionOf(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** @param text a TOML document that smol-toml has accepted */
export function locate(text: string): Places {
  const cursor: Cursor = { text, at: text.startsWith("\uFEFF") ? 1 : 0 };
  const walk: Walk = { cursor, places: new Map(), lengths: new Map() };
  let table: Path = [];
  skipVoid(cursor);
  while (cursor.at < text.length) {
    const before = cursor.at;
    if (text.charAt(cursor.at) === "[") table = readHeader(walk);
    else readPair(walk, table);
    skipVoid(cursor);
    if (cursor.at === before) break;
  }
  return walk.places;
}

type Walk = {
  readonly cursor: Cursor;
  readonly places: Map<string, Place>;
  /** How many tables an array of tables has so far. */
  readonly lengths: Map<string, number>;
};

/** `[a.b]` or `[[a.b]]`; returns the table that the next pairs belong to. */
function readHeader(walk: Walk): Path {
  const { cursor } = walk;
  const isList = cursor.text.startsWith("[[", cursor.at);
  cursor.at += isList ? 2 : 1;
  const parts = readKey(cursor);
  cursor.at += isList ? 2 : 1;
  const last = parts.at(-1);
  const path = descend(walk, [], parts.slice(0, -1));
  if (last === undefined) return path;
  const named = [...path, last.name];
  note(walk, named, { key: last.span, value: null });
  if (!isList) return named;
  const index = walk.lengths.get(pathKey(named)) ?? 0;
  walk.lengths.set(pathKey(named), index + 1);
  note(walk, [...named, index], { key: last.span, value: null });
  return [...named, index];
}

function readPair(walk: Walk, table: Path): void {
  const { cursor } = walk;
  const parts = readKey(cursor);
  const last = parts.at(-1);
  cursor.at += 1;
  skipVoid(cursor);
  if (last === undefined) return;
  readValue(walk, [...descend(walk, table, parts.slice(0, -1)), last.name], last.span);
}

/** Goes down through tables that a dotted key or a header names; in an array of tables, into its last one. */
function descend(walk: Walk, from: Path, parts: readonly KeyPart[]): Path {
  let path = from;
  for (const part of parts) {
    path = [...path, part.name];
    note(walk, path, { key: part.span, value: null });
    const length = walk.lengths.get(pathKey(path));
    if (length !== undefined) path = [...path, length - 1];
  }
  return path;
}

function readValue(walk: Walk, path: Path, key: Span | null): void {
  const { cursor } = walk;
  const start = cursor.at;
  const first = cursor.text.charAt(start);
  if (first === "[") readMembers(walk, "]", (index) => readValue(walk, [...path, index], null));
  else if (first === "{") readMembers(walk, "}", () => readPair(walk, path));
  else if (isQuote(first)) skipString(cursor);
  else skipBareValue(cursor);
  const value = { start, end: cursor.at };
  note(walk, path, { key: key ?? value, value });
}

/** What stands between brackets or braces, with commas between and perhaps behind; TOML 1.1 allows line ends in both. */
function readMembers(walk: Walk, close: string, read: (index: number) => void): void {
  const { cursor } = walk;
  cursor.at += 1;
  for (let index = 0; ; index += 1) {
    skipVoid(cursor);
    if (cursor.at >= cursor.text.length || cursor.text.charAt(cursor.at) === close) break;
    read(index);
    skipVoid(cursor);
    if (cursor.text.charAt(cursor.at) === ",") cursor.at += 1;
  }
  cursor.at += 1;
}

/** The first place stays: a table is where it was first named. */
function note(walk: Walk, path: Path, place: Place): void {
  const key = pathKey(path);
  if (!walk.places.has(key)) walk.places.set(key, place);
}
