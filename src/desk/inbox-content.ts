/** What a delivery's body says to a reader: JSON, the fields of a form, or nothing that could be shown. Bytes in, texts as they stood. */
import { formFields, isForm, type FormFields } from "../core/form.ts";
import { isArray, isObject, parsePayload, type PayloadValue } from "../core/json.ts";
import { JSON_DEPTH_MAX } from "../core/limits.ts";
import type { ScalarValue } from "./front-matter.ts";

/** The field in which some senders put their JSON. */
export const JSON_FIELD = "payload";

export type Field = readonly [name: string, value: ScalarValue];

export type Content =
  | {
      readonly kind: "json";
      /** The JSON's own scalars: what stands at its top level and is no list or object. */
      readonly fields: readonly Field[];
      readonly json: Uint8Array;
      /** Null when the body itself is the JSON; else what stood beside it in the form. */
      readonly beside: readonly Line[] | null;
    }
  | {
      readonly kind: "form";
      /** Those that stand in the form once. */
      readonly fields: readonly Field[];
      readonly lines: readonly Line[];
    }
  | { readonly kind: "other"; readonly fields: readonly Field[]; readonly because: string };

/** A field of a form, once for each of its values, in the form's order of names. */
export type Line = readonly [name: string, value: string];

/** JSON is JSON whatever media type it was sent as: many a client says `form` of all that it sends. */
export function readContent(body: Uint8Array, mediaType: string): Content {
  const parsed = parsePayload(body, { depthMax: JSON_DEPTH_MAX });
  if (parsed.kind === "json") return { kind: "json", fields: scalarsOf(parsed.value), json: body, beside: null };
  if (!isForm(mediaType)) return { kind: "other", fields: [], because: "is not JSON" };
  const form = formFields(body);
  if (form === undefined) return { kind: "other", fields: [], because: "is a form that cannot be read" };
  if (form.size === 0) return { kind: "other", fields: [], because: "is a form without fields" };
  return jsonIn(form) ?? { kind: "form", fields: soleFields(form), lines: linesOf(form) };
}

function jsonIn(form: FormFields): Content | undefined {
  const [text, ...more] = form.get(JSON_FIELD) ?? [];
  if (text === undefined || more.length > 0) return undefined;
  const parsed = parsePayload(text, { depthMax: JSON_DEPTH_MAX });
  if (parsed.kind === "unparsable") return undefined;
  const beside = linesOf(form).filter(([name]) => name !== JSON_FIELD);
  return { kind: "json", fields: scalarsOf(parsed.value), json: Buffer.from(text), beside };
}

const linesOf = (form: FormFields): readonly Line[] =>
  [...form].flatMap(([name, values]) => values.map((value): Line => [name, value]));

const soleFields = (form: FormFields): readonly Field[] =>
  [...form].flatMap(([name, [value, ...more]]): readonly Field[] =>
    value === undefined || more.length > 0 ? [] : [[name, value]],
  );

const scalarsOf = (payload: PayloadValue): readonly Field[] =>
  isObject(payload) ? [...payload].filter((member): member is [string, ScalarValue] => isScalar(member[1])) : [];

const isScalar = (value: PayloadValue): value is ScalarValue => !isArray(value) && !isObject(value);
