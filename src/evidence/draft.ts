/** A document under construction: each of its values knows the link of the transition that made it known. */
import { isWellFormed } from "../core/json-reader.ts";
import type { Json } from "../core/observation.ts";
import { canonical, writeObject } from "../core/canonical.ts";
import { pointerTo } from "./leaves.ts";

/** A value, all of whose leaves stand in one link. */
export class Known {
  readonly link: number;
  readonly value: Json;
  constructor(link: number, value: Json) {
    this.link = link;
    this.value = value;
  }
}

export type Draft = Known | readonly Known[] | { readonly [name: string]: Draft };

/** `json` is the canonical text of the value. */
export type Leaf = { readonly pointer: string; readonly json: string; readonly link: number };

/** The canonical text of a draft. Its leaves are added to `leaves`. */
export function writeDraft(draft: Draft, pointer: string, leaves: Leaf[]): string {
  if (draft instanceof Known) return writeKnown(draft.value, draft.link, pointer, leaves);
  if (isList(draft))
    return `[${draft.map(({ value, link }, index) => writeKnown(value, link, `${pointer}/${index}`, leaves)).join(",")}]`;
  return writeObject(
    Object.entries(draft).map(([name, part]) => [name, writeDraft(part, pointerTo(pointer, name), leaves)]),
  );
}

/** A list that may be empty, which is then itself a leaf, of the link given. */
export const listOf = (items: readonly Known[], link: number): Draft =>
  items.length === 0 ? new Known(link, []) : items;

function writeKnown(value: Json, link: number, pointer: string, leaves: Leaf[]): string {
  if (isList(value) && value.length > 0)
    return `[${value.map((item, index) => writeKnown(item, link, `${pointer}/${index}`, leaves)).join(",")}]`;
  const members = typeof value === "object" && value !== null && !isList(value) ? Object.entries(value) : [];
  if (members.length > 0)
    return writeObject(members.map(([name, part]) => [name, writeKnown(part, link, pointerTo(pointer, name), leaves)]));
  const json = canonical(typeof value === "string" ? wellFormed(value) : value);
  leaves.push({ pointer, json, link });
  return json;
}

/** A sender's half surrogate pair has no UTF-8 form; it stands in evidence as U+FFFD. */
const wellFormed = (text: string): string => (isWellFormed(text) ? text : text.replace(/\p{Surrogate}/gu, "\uFFFD"));

const isList = <V>(value: readonly V[] | object | string | number | boolean | null): value is readonly V[] =>
  Array.isArray(value);
