/**
 * A verified body, read once. Texts come from the native parser; a number is read again as it was written, because a double
 * would round it. Duplicate member names and depth are judged only where a number is asked for.
 */
import { JSON_DEPTH_MAX } from "../core/limits.ts";
import { atPointer, isJsonNumber, parsePayload, type Parsed, type PayloadValue } from "../core/json.ts";

/** `at` gives the text or the verbatim number that a JSON Pointer leads to, and null for everything else. */
export type Payload = {
  readonly kind: "json" | "unparsable";
  readonly at: (pointer: string) => string | null;
};

const UNPARSABLE: Payload = { kind: "unparsable", at: () => null };
const INDEX = /^(?:0|[1-9][0-9]*)$/;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Total: bytes that are not UTF-8, or text that is not JSON, are an unparsable payload. */
export function readPayload(body: Uint8Array): Payload {
  let text: string;
  let root: unknown;
  try {
    text = utf8.decode(body);
    root = JSON.parse(text);
  } catch {
    return UNPARSABLE;
  }
  let exact: Parsed<PayloadValue> | undefined;
  return {
    kind: "json",
    at: (pointer) => {
      const value = valueAt(root, pointer);
      if (typeof value === "string") return value;
      if (typeof value !== "number") return null;
      exact ??= parsePayload(text, { depthMax: JSON_DEPTH_MAX });
      return exact.kind === "json" ? lexemeAt(exact.value, pointer) : null;
    },
  };
}

function lexemeAt(root: PayloadValue, pointer: string): string | null {
  const value = atPointer(root, pointer);
  return value !== undefined && isJsonNumber(value) ? value.lexeme : null;
}

/** RFC 6901 over what the native parser gives: own members only, so no name reaches a prototype. */
function valueAt(root: unknown, pointer: string): unknown {
  if (pointer === "") return root;
  if (!pointer.startsWith("/")) return undefined;
  let found = root;
  for (const token of pointer.slice(1).split("/")) {
    if (typeof found !== "object" || found === null) return undefined;
    if (Array.isArray(found) && !INDEX.test(token)) return undefined;
    const name = token.includes("~") ? unescaped(token) : token;
    if (name === undefined || !Object.hasOwn(found, name)) return undefined;
    found = Reflect.get(found, name);
  }
  return found;
}

const unescaped = (token: string): string | undefined =>
  /~(?![01])/.test(token) ? undefined : token.replaceAll("~1", "/").replaceAll("~0", "~");
