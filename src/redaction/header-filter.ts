import { hitWhole, maskIn, type Filtering } from "./filtering.ts";
import { isMask, maskOf, NO_RULE } from "./mask.ts";

export type Header = { readonly name: string; readonly value: string };

/** @param withheld names of headers that confirm a guess at the body: what they say is not kept */
export function filterHeader({ name, value }: Header, withheld: ReadonlySet<string>, filtering: Filtering): Header {
  const { rules, receipts } = filtering;
  const id = rules.headers.get(name) ?? (withheld.has(name) ? NO_RULE : undefined);
  if (id !== undefined) {
    if (isMask(value, rules.masks)) return { name, value };
    receipts.note(["headers", name], [hitWhole(id, id === NO_RULE ? "signature" : "header", value)]);
    return { name, value: maskOf(id) };
  }
  const masked = maskIn(filtering, value);
  if (masked === undefined) return { name, value };
  receipts.note(["headers", name], masked.hits);
  return { name, value: masked.text };
}
