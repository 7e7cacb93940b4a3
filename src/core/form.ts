/** A body of `application/x-www-form-urlencoded` (WHATWG URL, section 5), read but never trusted: bytes in, names with their values out. */
export const FORM_MEDIA_TYPE = "application/x-www-form-urlencoded";
/** More fields than any sender has; a body with more is not read as a form. */
export const FORM_FIELDS_MAX = 10_000;

export type FormFields = ReadonlyMap<string, readonly string[]>;

/** The media type alone, without parameters: `Application/X-WWW-Form-Urlencoded; charset=utf-8` is one. */
export const isForm = (contentType: string | undefined): boolean =>
  contentType?.split(";", 1)[0]?.trim().toLowerCase() === FORM_MEDIA_TYPE;

/**
 * Names in the order they came, each with all its values. Undefined when the bytes are not UTF-8, or hold too many fields: they are
 * counted before they are read, because a form can be read before anyone vouches for it.
 */
export function formFields(body: Uint8Array): FormFields | undefined {
  if (hasTooManyFields(body)) return undefined;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
  const fields = new Map<string, string[]>();
  // The separator keeps a question mark at the head, which is a field's here and not a query's.
  for (const [name, value] of new URLSearchParams(`&${text}`)) {
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  return fields;
}

const SEPARATOR = 0x26;

function hasTooManyFields(body: Uint8Array): boolean {
  let count = 1;
  for (let at = body.indexOf(SEPARATOR); at !== -1; at = body.indexOf(SEPARATOR, at + 1)) {
    count += 1;
    if (count > FORM_FIELDS_MAX) return true;
  }
  return false;
}
