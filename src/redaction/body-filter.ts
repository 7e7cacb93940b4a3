/** What is kept of a body whose webhook stores what is filtered. Total: bytes that cannot be read are not kept. */
import { formFields, isForm } from "../core/form.ts";
import { hitWhole, maskIn, type Filtering } from "./filtering.ts";
import { filterForm } from "./form-filter.ts";
import { filterJson } from "./json-filter.ts";
import { beginsWithMask, NO_RULE } from "./mask.ts";
import { trailOf } from "./pointers.ts";

/** `form_json`: the field of a form that holds the payload. */
type BodyForm = { readonly contentType: string | undefined; readonly form_json: string | null };

const NOTHING = new Uint8Array(0);
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The same bytes where nothing is masked. */
export function filterBody(body: Uint8Array, form: BodyForm, filtering: Filtering): Uint8Array {
  if (body.length === 0) return body;
  const text = textOf(body);
  const kept = text === undefined ? undefined : filterText(text, body, form, filtering);
  if (kept === undefined) {
    const hit = { ...hitWhole(NO_RULE, "unreadable", ""), bytes: body.length };
    filtering.receipts.note(["body"], [hit]);
    return NOTHING;
  }
  return kept === text ? body : Buffer.from(kept);
}

/** Undefined for a text that would hide what the rules look for: broken JSON has escapes that nobody undoes, UTF-16 a zero beside each letter. */
function filterText(text: string, body: Uint8Array, form: BodyForm, filtering: Filtering): string | undefined {
  const seemsJson = BEGINS_AS_JSON.test(text) && !beginsWithMask(text, filtering.rules.masks);
  if (isForm(form.contentType) && !seemsJson)
    return formFields(body) === undefined ? undefined : filterForm(text, form.form_json, filtering);
  if (isJson(text)) return filterJson(text, ["body"], trailOf(filtering.rules.pointers), filtering);
  if (seemsJson || JSON_TYPE.test(form.contentType ?? "") || text.includes("\0")) return undefined;
  const masked = maskIn(filtering, text);
  if (masked === undefined) return text;
  filtering.receipts.note(["body"], masked.hits);
  return masked.text;
}

const BEGINS_AS_JSON = /^[\s\uFEFF]*[[{]/;
const JSON_TYPE = /^\s*[^;\s]*[/+]json\s*(?:;|$)/i;

function textOf(body: Uint8Array): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
