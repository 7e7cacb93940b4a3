/** One opened leaf: base64url of JCS([salt, pointer, value]), as RFC 9901 has it, and strict when it is read. */
import { isArray, isObject, parseIJson, type IJsonValue } from "../../core/json.ts";
import { canonical, quote } from "../../core/canonical.ts";
import { areEqual, base64url, utf8 } from "../platform.ts";
import { encoded, Misshapen } from "../shape.ts";

export type Disclosure = { readonly salt: string; readonly pointer: string; readonly value: IJsonValue };

/** `json` is the leaf's canonical text. Its SHA-256 in base64url is the commitment. */
export const writeDisclosure = (salt: string, pointer: string, json: string): string =>
  base64url(utf8(`["${salt}",${quote(pointer)},${json}]`));

const bytesOf = encoded("base64url");
const saltOf = encoded("base64url", 16);
/** A salt, a pointer and a leaf: two containers within each other at most. */
const DEPTH_MAX = 2;

/** Undefined for what no exporter writes: a second spelling of the same leaf, a value with parts, anything else. */
export function readDisclosure(sent: string): Disclosure | undefined {
  try {
    const bytes = bytesOf(sent, "");
    const parsed = parseIJson(bytes, { depthMax: DEPTH_MAX });
    if (parsed.kind === "unparsable" || !isArray(parsed.value) || parsed.value.length !== 3) return undefined;
    const [salt, pointer, value] = parsed.value;
    if (typeof salt !== "string" || typeof pointer !== "string" || value === undefined || hasParts(value))
      return undefined;
    saltOf(salt, "");
    return areEqual(utf8(canonical(parsed.value)), bytes) ? { salt, pointer, value } : undefined;
  } catch (thrown) {
    if (thrown instanceof Misshapen) return undefined;
    throw thrown;
  }
}

const hasParts = (value: IJsonValue): boolean =>
  (isArray(value) && value.length > 0) || (isObject(value) && value.size > 0);
