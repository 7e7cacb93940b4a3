/**
 * Reads the YAML head of a Markdown file that anybody may have written or edited. Nothing is resolved: an alias is not followed, a tag
 * makes nothing, a number stands as it was written. Whatever is there, it gives fields or none, and throws nothing.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";

/** A name and its value as texts. Of a list or a mapping within, one each: `fields.symbol`. Null values are left out. */
export type HeadField = readonly [name: string, value: string];
export type FrontMatter = {
  /** Undefined where there is no head that can be read. */
  readonly fields: readonly HeadField[] | undefined;
  /** What stands below it. All there is where there is no head. */
  readonly text: string;
};

/** The worst of as many takes some tens of milliseconds to read. Of a longer head the sender's fields are left out; one that is longer still is not read. */
const HEAD_CHARACTERS_MAX = 16 * 1024;
const FIELDS_MAX = 500;
const DEPTH_MAX = 5;

const HEAD = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/;
/** The sender's fields, of which there may be many: who wants a page's title and status does without. */
const SENDERS_FIELDS = /^fields:[ \t]*\r?\n(?:[ \t]+[^\n]*(?:\n|$)|[ \t]*\r?\n)*/m;

/**
 * @param page whole, or its beginning when `cut`: of a head that goes on behind it the entries count that are whole
 * @param brief without the mapping `fields`
 */
export function readFrontMatter(page: string, { cut = false, brief = false } = {}): FrontMatter {
  const whole = HEAD.exec(page);
  const head = whole?.[1] ?? (cut ? wholeEntries(page) : undefined);
  if (head === undefined) return { fields: undefined, text: page };
  const fields = fieldsIn(brief || head.length > HEAD_CHARACTERS_MAX ? head.replace(SENDERS_FIELDS, "") : head);
  return { fields, text: fields === undefined ? page : whole === null ? "" : page.slice(whole[0].length) };
}

export const fieldOf = (fields: readonly HeadField[] | undefined, name: string): string | null =>
  fields?.find(([each]) => each === name)?.[1] ?? null;

/** Up to the last line that begins an entry: whether that one is whole cannot be seen. */
function wholeEntries(page: string): string | undefined {
  const [opening] = /^---\r?\n/.exec(page) ?? [];
  if (opening === undefined) return undefined;
  let last = page.length;
  do last = page.lastIndexOf("\n", last - 1);
  while (last >= opening.length && /^[\s#]?$/.test(page.charAt(last + 1)));
  return last < opening.length ? undefined : page.slice(opening.length, last);
}

function fieldsIn(head: string): readonly HeadField[] | undefined {
  if (head.length > HEAD_CHARACTERS_MAX) return undefined;
  try {
    // Keys are compared below: the library compares each with all before it.
    const document = parseDocument<Node>(head, { uniqueKeys: false, logLevel: "silent", prettyErrors: false });
    const { contents } = document;
    if (document.errors.length > 0 || !isMap(contents)) return undefined;
    const names = contents.items.map(({ key }) => textOf(key));
    if (new Set(names).size !== names.length || names.includes(null)) return undefined;
    const fields: HeadField[] = [];
    gather(contents, "", DEPTH_MAX, fields);
    return fields;
  } catch {
    // Nested deeper than there is room for: what the library throws says nothing to anybody.
    return undefined;
  }
}

function gather(node: unknown, name: string, depth: number, into: HeadField[]): void {
  if (into.length >= FIELDS_MAX || isAlias(node)) return;
  const text = textOf(node);
  if (text !== null) into.push([name, text]);
  if (depth === 0) return;
  if (isSeq(node))
    for (const [at, item] of node.items.entries()) gather(item, below(name, String(at)), depth - 1, into);
  if (isMap(node))
    for (const { key, value } of node.items) gather(value, below(name, textOf(key) ?? "?"), depth - 1, into);
}

const below = (name: string, key: string): string => (name === "" ? key : `${name}.${key}`);

/** Null for what is no text, number or truth value. */
function textOf(node: unknown): string | null {
  if (!isScalar(node) || node.value === null) return null;
  return typeof node.value === "string" ? node.value : (node.source ?? null);
}
