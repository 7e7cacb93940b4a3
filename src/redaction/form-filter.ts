/** Masks within a form, field by field: one in which something is masked is encoded anew, every other stays byte for byte. */
import { hitWhole, maskIn, type Filtering } from "./filtering.ts";
import { filterJson } from "./json-filter.ts";
import { isMask, maskOf } from "./mask.ts";
import { endsHere, follow, trailOf, type Trail } from "./pointers.ts";

/**
 * @param text a form whose fields are not too many
 * @param jsonField the field whose JSON is the payload: pointers lead into it, from its own top or from that of the form
 */
export function filterForm(text: string, jsonField: string | null, filtering: Filtering): string {
  const seen = new Map<string, number>();
  return text
    .split("&")
    .map((field) => (field === "" ? field : filterField(field, jsonField, seen, filtering)))
    .join("&");
}

/** @param seen how often each name stood there before: a field that is repeated is a list to whoever reads the form */
function filterField(field: string, jsonField: string | null, seen: Map<string, number>, filtering: Filtering): string {
  const equals = field.indexOf("=");
  const sentName = equals === -1 ? field : field.slice(0, equals);
  const name = decoded(sentName);
  const maskedName = maskIn(filtering, name);
  const shown = maskedName?.text ?? name;
  if (maskedName !== undefined) filtering.receipts.note(["body", shown], maskedName.hits);
  const keptName = maskedName === undefined ? sentName : encoded(shown);
  if (equals === -1) return keptName;

  const sent = field.slice(equals + 1);
  const value = decoded(sent);
  const root = trailOf(filtering.rules.pointers);
  const here = follow(root, name);
  const index = seen.get(name) ?? 0;
  seen.set(name, index + 1);
  const trail = [...here, ...follow(here, index)];
  const kept = filterValue(value, shown, trail, name === jsonField ? root : [], filtering);
  return `${keptName}=${kept === value ? sent : encoded(kept)}`;
}

/** @param asPayload pointers into the JSON that the field may hold, from that JSON's own top */
function filterValue(value: string, name: string, trail: Trail, asPayload: Trail, filtering: Filtering): string {
  const { rules, receipts } = filtering;
  const rule = endsHere(trail);
  if (rule !== undefined) {
    if (isMask(value, rules.masks)) return value;
    receipts.note(["body", name], [hitWhole(rule.id, "pointer", value)]);
    return maskOf(rule.id);
  }
  if (isJson(value)) return filterJson(value, ["body", name], [...trail, ...asPayload], filtering);
  const masked = maskIn(filtering, value);
  if (masked === undefined) return value;
  receipts.note(["body", name], masked.hits);
  return masked.text;
}

function isJson(value: string): boolean {
  if (!/^\s*[[{"]/.test(value)) return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

/** WHATWG URL, section 5.1, for one name or one value. */
const decoded = (sent: string): string => new URLSearchParams(`v=${sent}`).get("v") ?? "";
const encoded = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);
