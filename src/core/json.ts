/**
 * JSON from outside. `parsePayload` is for a sender's body: numbers stay as they were written. `parseIJson` is for documents of
 * ours: numbers are doubles and RFC 7493 holds. Neither throws, and both refuse an object with two members of one name, because
 * readers differ on which of the two counts.
 */
import { JsonReader, Unparsable, type Rules, type Tree } from "./json-reader.ts";

/** A number as it was written: `420.00` and 20 digits survive. */
export type JsonNumber = { readonly lexeme: string };
export type PayloadValue = Tree<JsonNumber>;
export type IJsonValue = Tree<number>;
export type IJsonObject = ReadonlyMap<string, IJsonValue>;

/** `reason` says what is wrong and where, and quotes nothing of the document. */
export type Parsed<V> =
  | { readonly kind: "json"; readonly value: V }
  | { readonly kind: "unparsable"; readonly reason: string };
/** `depthMax` counts containers within each other: `[[1]]` is 2. `valuesMax` counts all values, `[[1]]` is 3; none is no bound. */
export type Bounds = { readonly depthMax: number; readonly valuesMax?: number };

export const parsePayload = (
  document: Uint8Array | string,
  { depthMax, valuesMax = Infinity }: Bounds,
): Parsed<PayloadValue> =>
  parse(document, { depthMax, valuesMax, wellFormed: false, number: (lexeme): JsonNumber => ({ lexeme }) });

export const parseIJson = (
  document: Uint8Array | string,
  { depthMax, valuesMax = Infinity }: Bounds,
): Parsed<IJsonValue> => parse(document, { depthMax, valuesMax, wellFormed: true, number: finite });

export const isJsonNumber = (value: PayloadValue): value is JsonNumber =>
  typeof value === "object" && value !== null && "lexeme" in value;

export const isArray = <N>(value: Tree<N> | undefined): value is readonly Tree<N>[] => Array.isArray(value);
export const isObject = <N>(value: Tree<N> | undefined): value is ReadonlyMap<string, Tree<N>> => value instanceof Map;

/** What a JSON Pointer (RFC 6901) leads to; undefined when nothing stands there or the pointer is malformed. */
export function atPointer<N>(value: Tree<N>, pointer: string): Tree<N> | undefined {
  if (pointer === "") return value;
  if (!pointer.startsWith("/")) return undefined;
  let found: Tree<N> | undefined = value;
  for (const token of pointer.slice(1).split("/")) {
    if (isArray(found)) found = /^(?:0|[1-9][0-9]*)$/.test(token) ? found[Number(token)] : undefined;
    else if (isObject(found) && !/~(?![01])/.test(token))
      found = found.get(token.replaceAll("~1", "/").replaceAll("~0", "~"));
    else return undefined;
  }
  return found;
}

function finite(lexeme: string): number | undefined {
  const value = Number(lexeme);
  return Number.isFinite(value) ? value : undefined;
}

function parse<N>(document: Uint8Array | string, rules: Rules<N>): Parsed<Tree<N>> {
  try {
    const text = typeof document === "string" ? document : decode(document);
    return { kind: "json", value: new JsonReader(text, rules).read() };
  } catch (thrown) {
    if (thrown instanceof Unparsable) return { kind: "unparsable", reason: thrown.message };
    throw thrown;
  }
}

/** A byte order mark is kept, and so refused by the reader: the bytes that are signed are the bytes that are read. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Unparsable("the bytes are not UTF-8");
  }
}
