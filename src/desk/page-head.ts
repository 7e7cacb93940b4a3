/**
 * The YAML head of a Markdown page that people and agents write, read strictly: one mapping with text keys, none twice, and none of what
 * YAML can do beside data: no anchors, aliases, merges, tags or directives. What cannot be read is told in a sentence, never thrown.
 */
import {
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Scalar,
} from "yaml";

export const HEAD_CHARACTERS_MAX = 16_000;
/** Containers within each other: a reader that calls itself for each has a stack that ends. */
const NESTING_MAX = 16;

export type PageHead = {
  readonly kind: "head";
  readonly document: Document;
  /** As a plain value, by key. */
  readonly values: ReadonlyMap<string, unknown>;
  /** The lines between the two of `---`, each with its end. */
  readonly raw: string;
  /** Where `raw` begins in the page. */
  readonly at: number;
  /** What follows the head. */
  readonly body: string;
};
export type HeadRead =
  | PageHead
  | { readonly kind: "none" }
  /** `reason` goes on from the file's name: "x.md …". It quotes nothing of the page. */
  | { readonly kind: "refused"; readonly reason: string };

const OPENING = /^\uFEFF?---[ \t]*\r?\n/;
const CLOSING = /^---[ \t]*\r?(?:\n|$)/m;

/** @param page the whole page, or its beginning */
export function readHead(page: string): HeadRead {
  const opening = OPENING.exec(page)?.[0];
  if (opening === undefined) return { kind: "none" };
  const closing = CLOSING.exec(page.slice(opening.length, opening.length + HEAD_CHARACTERS_MAX + 100));
  if (closing === null)
    return refused(`has a head without an end, or one of more than ${HEAD_CHARACTERS_MAX} characters`);
  const raw = page.slice(opening.length, opening.length + closing.index);
  if (raw.length > HEAD_CHARACTERS_MAX) return refused(`has a head of more than ${HEAD_CHARACTERS_MAX} characters`);
  const read = readYaml(raw);
  if (read.kind === "refused") return read;
  const body = page.slice(opening.length + closing.index + closing[0].length);
  return { ...read, kind: "head", raw, at: opening.length, body };
}

type YamlRead =
  | { readonly kind: "read"; readonly document: Document; readonly values: PageHead["values"] }
  | { readonly kind: "refused"; readonly reason: string };

function readYaml(raw: string): YamlRead {
  if (/^(?:%|\.\.\.(?:\s|$))/m.test(raw)) return refused("has a head with YAML directives or several documents");
  if (nesting(raw) > NESTING_MAX) return refused("has a head that is nested too deeply");
  try {
    const lines = new LineCounter();
    const document = parseDocument(raw, {
      version: "1.2",
      uniqueKeys: true,
      stringKeys: true,
      intAsBigInt: true,
      lineCounter: lines,
    });
    const [error] = document.errors;
    if (error !== undefined)
      return refused(`has a head that is no YAML, near line ${lines.linePos(error.pos[0]).line + 1} (${error.code})`);
    const unsafe = unsafeIn(document);
    if (unsafe !== null) return refused(`has ${unsafe} in its head, which is data only`);
    if (document.contents === null) return { kind: "read", document, values: new Map() };
    if (!isMap(document.contents)) return refused("has a head that is no list of keys and values");
    const plain: unknown = document.toJS({ maxAliasCount: 0 });
    return { kind: "read", document, values: new Map(Object.entries(plain ?? {})) };
  } catch {
    return refused("has a head that cannot be read");
  }
}

/** By indents and brackets, before any reader that could run out of stack. An upper bound is enough. */
function nesting(raw: string): number {
  let open = 0;
  let deepest = 0;
  for (const character of raw) {
    if (character === "[" || character === "{") open += 1;
    else if (character === "]" || character === "}") open = Math.max(0, open - 1);
    deepest = Math.max(deepest, open);
  }
  const indents = [...raw.matchAll(/^(?:[ ]|- |\? )+/gm)].map(([indent]) => indent.length);
  return Math.max(deepest, ...indents.map((indent) => indent / 2));
}

function unsafeIn(document: Document): string | null {
  let found: string | null = null;
  visit(document, (_, node) => {
    if (isAlias(node)) found = "an alias";
    else if (hasAnchor(node)) found = "an anchor";
    else if (hasTag(node)) found = "a tag";
    else if (isScalar(node) && node.value === "<<") found = "a merge";
    return found === null ? undefined : visit.BREAK;
  });
  return found ?? (document.warnings.length > 0 ? "a tag" : null);
}

const hasAnchor = (node: unknown): boolean => isObject(node) && "anchor" in node && node.anchor !== undefined;
const hasTag = (node: unknown): boolean => isObject(node) && "tag" in node && node.tag !== undefined;
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Where a key's value stands in the page, when it is a text on one line, plain or quoted. */
export function scalarAt(
  head: PageHead,
  key: string,
): { readonly start: number; readonly end: number; readonly quote: "" | "'" | '"' } | null {
  const { contents } = head.document;
  if (!isMap(contents)) return null;
  const pair = contents.items.find((each) => isScalar(each.key) && each.key.value === key);
  const value: unknown = pair?.value;
  if (!isScalar(value)) return null;
  const quote = quoteOf(value);
  const [start, end] = (value satisfies Node).range ?? [0, 0];
  const written = head.raw.slice(start, end);
  if (quote === null || written === "" || /[\r\n]/.test(written)) return null;
  return { start: head.at + start, end: head.at + end, quote };
}

function quoteOf({ type }: Scalar): "" | "'" | '"' | null {
  if (type === "PLAIN") return "";
  if (type === "QUOTE_SINGLE") return "'";
  return type === "QUOTE_DOUBLE" ? '"' : null;
}

const refused = (reason: string): { readonly kind: "refused"; readonly reason: string } => ({
  kind: "refused",
  reason,
});
