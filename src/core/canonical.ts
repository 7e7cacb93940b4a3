/** JCS, RFC 8785: the one text of a JSON value. Nothing of the value is ever called, so a member named `toJSON` is a member. */
import { isWellFormed } from "./json-reader.ts";
import type { IJsonValue } from "./json.ts";
import { JSON_DEPTH_MAX } from "./limits.ts";
import type { Json } from "./observation.ts";

/** A value without an RFC 8785 form: not I-JSON, or nested too deep. */
export class NotIJson extends Error {
  constructor(says: string) {
    super(`not I-JSON: ${says}`);
    this.name = "NotIJson";
  }
}

/** @throws NotIJson */
export function canonical(value: Json | IJsonValue, depth = 0): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return number(value);
  if (typeof value === "boolean" || value === null) return String(value);
  if (typeof value !== "object") throw new NotIJson(`a ${typeof value}`);
  if (depth >= JSON_DEPTH_MAX) throw new NotIJson(`nested deeper than ${JSON_DEPTH_MAX}`);
  if (isList(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(",")}]`;
  const members: readonly [string, Json | IJsonValue][] = isMap(value) ? [...value] : Object.entries(value);
  return writeObject(members.map(([name, member]) => [name, canonical(member, depth + 1)]));
}

/** An object from its members, each already canonical. Sorts them by UTF-16 code unit as RFC 8785, 3.2.3 asks. */
export function writeObject(members: readonly (readonly [name: string, text: string])[]): string {
  const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, text]) => `${quote(name)}:${text}`).join(",")}}`;
}

/** Printable ASCII that needs no escape: nearly every string there is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** @throws NotIJson */
export function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!isWellFormed(text)) throw new NotIJson("half a surrogate pair");
  return JSON.stringify(text);
}

function number(value: number): string {
  if (!Number.isFinite(value)) throw new NotIJson(String(value));
  return JSON.stringify(value);
}

const isList = <V>(value: readonly V[] | object): value is readonly V[] => Array.isArray(value);
const isMap = <V>(value: ReadonlyMap<string, V> | object): value is ReadonlyMap<string, V> => value instanceof Map;
