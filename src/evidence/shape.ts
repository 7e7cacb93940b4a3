/** Readers that turn a parsed document into a typed one, with exact sets of members: one too many is as wrong as one missing. */
import { isArray, isObject, type IJsonValue } from "../core/json.ts";
import { base64, base64url, decode } from "./platform.ts";

/** @throws Misshapen */
export type Reader<T> = (value: IJsonValue | undefined, at: string) => T;
export type Read<R> = R extends Reader<infer T> ? T : never;

/** A document is not of the form; `at` is the JSON Pointer of the place. Thrown by readers only. */
export class Misshapen extends Error {
  readonly code: "SHAPE_INVALID" | "BASE64_NOT_EXACT";
  readonly at: string;
  constructor(code: Misshapen["code"], at: string) {
    super(`${code} at ${at}`);
    this.code = code;
    this.at = at;
  }
}

const misshapen = (at: string): never => {
  throw new Misshapen("SHAPE_INVALID", at);
};

export const text: Reader<string> = (value, at) => (typeof value === "string" ? value : misshapen(at));
export const truth: Reader<boolean> = (value, at) => (typeof value === "boolean" ? value : misshapen(at));
export const integer: Reader<number> = (value, at) => (Number.isSafeInteger(value) ? Number(value) : misshapen(at));
export const count: Reader<number> = (value, at) => {
  const found = integer(value, at);
  return found >= 0 ? found : misshapen(at);
};

export const matching =
  (form: RegExp): Reader<string> =>
  (value, at) => {
    const found = text(value, at);
    return form.test(found) ? found : misshapen(at);
  };

/** UTC to the millisecond, in its one spelling, of a day and a second that there are. */
export const instant: Reader<string> = (value, at) => {
  const found = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)(value, at);
  const time = Date.parse(found);
  return !Number.isNaN(time) && new Date(time).toISOString() === found ? found : misshapen(at);
};

export const oneOf =
  <T extends string>(...allowed: readonly T[]): Reader<T> =>
  (value, at) =>
    allowed.find((word) => word === value) ?? misshapen(at);

export const orNull =
  <T>(reader: Reader<T>): Reader<T | null> =>
  (value, at) =>
    value === null ? null : reader(value, at);

export const list =
  <T>(reader: Reader<T>): Reader<readonly T[]> =>
  (value, at) =>
    isArray(value) ? value.map((item, index) => reader(item, `${at}/${index}`)) : misshapen(at);

/** An object whose names are data. */
export const mapOf =
  <T>(reader: Reader<T>): Reader<ReadonlyMap<string, T>> =>
  (value, at) =>
    isObject(value) ? new Map([...value].map(([name, part]) => [name, reader(part, at)])) : misshapen(at);

/** An object with these members and no other. */
export const object = <S extends Readonly<Record<string, Reader<unknown>>>>(
  shape: S,
): Reader<{ readonly [K in keyof S]: Read<S[K]> }> => {
  const members = Object.entries(shape);
  return (value, at) => {
    if (!isObject(value)) return misshapen(at);
    const read = members.map(([name, reader]) => [name, reader(value.get(name), `${at}/${name}`)] as const);
    if (value.size !== read.length) return misshapen(at);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a reader stood behind every member
    return Object.fromEntries(read) as { readonly [K in keyof S]: Read<S[K]> };
  };
};

/** Bytes in an encoding that has one spelling only: a text that does not re-encode to itself is refused. */
export const encoded =
  (encoding: "base64" | "base64url", length?: number): Reader<Uint8Array> =>
  (value, at) => {
    const found = text(value, at);
    const bytes = decode(found, encoding);
    if ((encoding === "base64" ? base64(bytes) : base64url(bytes)) !== found)
      throw new Misshapen("BASE64_NOT_EXACT", at);
    return length === undefined || bytes.length === length ? bytes : misshapen(at);
  };
