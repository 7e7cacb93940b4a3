/**
 * A verified body, read once. Texts come from the native parser; a number is read again as it was written, because a double
 * would round it. Duplicate member names and depth are judged only where a number is asked for.
 */
import { formFields, isForm, type FormFields } from "../core/form.ts";
import { JSON_DEPTH_MAX } from "../core/limits.ts";
import { atPointer, isJsonNumber, parsePayload, type Parsed, type PayloadValue } from "../core/json.ts";

export type Payload = {
  readonly kind: "json" | "form" | "unparsable";
  /** The text or the verbatim number that a JSON Pointer (RFC 6901) leads to; null for everything else. */
  readonly at: (pointer: string) => string | null;
  /** The same, but a whole number that a double holds exactly is given in plain digits, without a second reading of the body. */
  readonly named: (pointer: string) => string | null;
  readonly is: (pointer: string) => boolean | null;
  /** How many elements the list there has; 0 when there is none. */
  readonly count: (pointer: string) => number;
};

const UNPARSABLE: Payload = { kind: "unparsable", at: () => null, named: () => null, is: () => null, count: () => 0 };
const INDEX = /^(?:0|[1-9][0-9]*)$/;
const JSON_BEGINNINGS: ReadonlySet<number | undefined> = new Set(Buffer.from("{["));
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Total: bytes that are not UTF-8, or text that is neither JSON nor a form, are an unparsable payload.
 * @param formJson the field of a form that holds JSON; a form without it is its fields, each a text, or a list where it is repeated
 */
export function readPayload(body: Uint8Array, contentType?: string, formJson: string | null = null): Payload {
  // What begins as JSON is read as JSON, whatever it is called: `curl -d` calls everything a form.
  if (isForm(contentType) && !JSON_BEGINNINGS.has(body[0])) return readForm(formFields(body), formJson);
  try {
    return readJson(utf8.decode(body));
  } catch {
    return UNPARSABLE;
  }
}

function readForm(fields: FormFields | undefined, formJson: string | null): Payload {
  if (fields === undefined) return UNPARSABLE;
  const [json, ...more] = (formJson === null ? undefined : fields.get(formJson)) ?? [];
  if (json !== undefined && more.length === 0) return readJson(json);
  const root = Object.fromEntries(
    [...fields].map(([name, values]): [string, unknown] => [name, values.length === 1 ? values[0] : values]),
  );
  return payloadOf("form", root, () => undefined);
}

function readJson(text: string): Payload {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return UNPARSABLE;
  }
  let exact: Parsed<PayloadValue> | undefined;
  return payloadOf("json", root, (pointer) => {
    exact ??= parsePayload(text, { depthMax: JSON_DEPTH_MAX });
    return exact.kind === "json" ? atPointer(exact.value, pointer) : undefined;
  });
}

function payloadOf(
  kind: "json" | "form",
  root: unknown,
  exactly: (pointer: string) => PayloadValue | undefined,
): Payload {
  const verbatim = (pointer: string): string | null => {
    const value = exactly(pointer);
    return value !== undefined && isJsonNumber(value) ? value.lexeme : null;
  };
  const read = (pointer: string, number: (value: number) => string | null): string | null => {
    const value = valueAt(root, pointer);
    if (typeof value === "string") return value;
    return typeof value === "number" ? number(value) : null;
  };
  return {
    kind,
    at: (pointer) => read(pointer, () => verbatim(pointer)),
    named: (pointer) => read(pointer, (value) => (Number.isSafeInteger(value) ? `${value}` : verbatim(pointer))),
    is: (pointer) => {
      const value = valueAt(root, pointer);
      return typeof value === "boolean" ? value : null;
    },
    count: (pointer) => {
      const value = valueAt(root, pointer);
      return Array.isArray(value) ? value.length : 0;
    },
  };
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
