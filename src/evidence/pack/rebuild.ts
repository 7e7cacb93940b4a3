/**
 * A document from its leaves alone: the pointers that a chain names, each with its value or closed. What stands in a pack as
 * `envelope` is made here, by the exporter and again by whoever verifies.
 */
import type { IJsonObject, IJsonValue } from "../../core/json.ts";
import { EVIDENCE_BOUNDS } from "../../core/limits.ts";

/** Undefined for a leaf that is closed. */
export type MaybeLeaf = IJsonValue | undefined;

type Leaf = { readonly kind: "leaf"; readonly pointer: string; readonly value: MaybeLeaf };
type Branch = { readonly kind: "list" | "members"; readonly parts: ReadonlyMap<string, Node> };
export type Node = Leaf | Branch;
type Growing = { leaf: Leaf | undefined; readonly parts: Map<string, Growing> };

const INDEX = /^(?:0|[1-9][0-9]{0,8})$/;
const CLOSED_ITEM: IJsonObject = new Map();

/**
 * The leaves in their places. Undefined when they are those of no document: a leaf within a leaf, a list with gaps, a malformed
 * pointer, one of too many parts, more values than a document has. Every list is then as long as the chain has items for it, whatever was sent.
 */
export function grow(leaves: Iterable<readonly [pointer: string, value: MaybeLeaf]>): Node | undefined {
  const root: Growing = { leaf: undefined, parts: new Map() };
  let values = 1;
  for (const [pointer, value] of leaves) {
    const tokens = tokensOf(pointer);
    if (tokens === undefined) return undefined;
    let at = root;
    for (const token of tokens) {
      let next = at.parts.get(token);
      if (next === undefined) {
        values += 1;
        if (values > EVIDENCE_BOUNDS.valuesMax) return undefined;
        next = { leaf: undefined, parts: new Map() };
        at.parts.set(token, next);
      }
      at = next;
    }
    at.leaf = { kind: "leaf", pointer, value };
  }
  return grown(root);
}

function tokensOf(pointer: string): readonly string[] | undefined {
  const tokens = pointer.split("/");
  if (tokens[0] !== "" || tokens.length < 2 || tokens.length > EVIDENCE_BOUNDS.depthMax || /~(?![01])/.test(pointer))
    return undefined;
  return tokens.slice(1).map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function grown({ leaf, parts }: Growing): Node | undefined {
  if (leaf !== undefined) return parts.size === 0 ? leaf : undefined;
  const children = new Map<string, Node>();
  let indexes = 0;
  for (const [name, part] of parts) {
    const child = grown(part);
    if (child === undefined) return undefined;
    children.set(name, child);
    if (INDEX.test(name) && Number(name) < parts.size) indexes += 1;
  }
  if (indexes === 0 && ![...parts.keys()].some((name) => INDEX.test(name))) return { kind: "members", parts: children };
  return indexes === parts.size ? { kind: "list", parts: children } : undefined;
}

/**
 * What is opened and nothing else: a member of which nothing is opened is left out; so are such items at the end of a list, and before
 * its last opened one they stand as `{}`, which is no leaf of any envelope. Undefined when nothing is opened.
 */
export function shownOf(node: Node): IJsonValue | undefined {
  if (node.kind === "leaf") return node.value;
  if (node.kind === "members") {
    const members = new Map<string, IJsonValue>();
    for (const [name, part] of node.parts) {
      const shown = shownOf(part);
      if (shown !== undefined) members.set(name, shown);
    }
    return members.size === 0 ? undefined : members;
  }
  const items = itemsOf(node.parts, shownOf);
  const last = items.findLastIndex((item) => item !== undefined);
  return last === -1 ? undefined : items.slice(0, last + 1).map((item) => item ?? CLOSED_ITEM);
}

/** All of the document, with a stand-in at each closed leaf. */
export function wholeOf(node: Node, standIn: (pointer: string) => IJsonValue): IJsonValue {
  const whole = (part: Node): IJsonValue => wholeOf(part, standIn);
  if (node.kind === "leaf") return node.value === undefined ? standIn(node.pointer) : node.value;
  if (node.kind === "list") return itemsOf(node.parts, whole);
  return new Map([...node.parts].map(([name, part]) => [name, whole(part)]));
}

const itemsOf = <T>(parts: Branch["parts"], read: (part: Node) => T): T[] =>
  [...parts].toSorted(([a], [b]) => Number(a) - Number(b)).map(([, part]) => read(part));
