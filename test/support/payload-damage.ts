/** What a hostile or careless sender can make of a payload: one of its nodes deleted, renamed or put in another type. */
import * as fc from "fast-check";

export type Node = null | boolean | number | string | readonly Node[] | { readonly [name: string]: Node };
export type Damage =
  | { readonly kind: "delete" }
  | { readonly kind: "rename"; readonly name: string }
  | { readonly kind: "replace"; readonly by: Node };

const LONE_SURROGATE = "\ud800";

const oddText = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "\u0000",
    `a${LONE_SURROGATE}`,
    "\u2028",
    "0".repeat(40),
    "f".repeat(40),
    "x".repeat(10_000),
  ),
  fc.constantFrom("2026-13-01T00:00:00Z", "0000-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "-1", "1e999"),
  fc.string({ unit: "binary", maxLength: 300 }),
);
const oddNumber = fc.oneof(
  fc.constantFrom(0, -1, 0.1, 2 ** 53, 1e21, 1e308, Infinity, -Infinity),
  fc.double({ noNaN: true }),
);
const oddList = fc.array(fc.oneof(oddText, fc.constant(null)), { maxLength: 3 });

export const oddNode: fc.Arbitrary<Node> = fc.oneof(
  { arbitrary: oddText, weight: 4 },
  { arbitrary: oddNumber, weight: 2 },
  fc.constantFrom(null, true, false, [], {}),
  oddList,
  fc.dictionary(fc.constantFrom("id", "name", "login", "__proto__", "0"), oddText),
);

export const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.constant<Damage>({ kind: "delete" }),
  fc.constantFrom("", "__proto__", "constructor", "0", "\u0000").map((name): Damage => ({ kind: "rename", name })),
  { arbitrary: oddNode.map((by): Damage => ({ kind: "replace", by })), weight: 4 },
);

const isList = (node: Node | undefined): node is readonly Node[] => Array.isArray(node);
const isObject = (node: Node | undefined): node is { readonly [name: string]: Node } =>
  typeof node === "object" && node !== null && !isList(node);

/** The ways to all nodes, the root's first. */
export function waysIn(node: Node): readonly (readonly string[])[] {
  const inner = typeof node === "object" && node !== null ? Object.entries(node) : [];
  return [[], ...inner.flatMap(([name, child]) => waysIn(child).map((way) => [name, ...way]))];
}

/** A copy with the damage at the end of the way; the same again where the way leads nowhere. Undefined: nothing is left. */
export function damaged(node: Node, way: readonly string[], done: Damage): Node | undefined {
  const [name, ...rest] = way;
  if (name === undefined) return done.kind === "replace" ? done.by : undefined;
  if (!isList(node) && !isObject(node)) return node;
  const members = Object.entries(node).flatMap(([known, child]): readonly [string, Node][] => {
    if (known !== name) return [[known, child]];
    if (rest.length === 0 && done.kind === "rename") return [[done.name, child]];
    const left = damaged(child, rest, done);
    return left === undefined ? [] : [[known, left]];
  });
  return isList(node) ? members.map(([, child]) => child) : Object.fromEntries(members);
}

/** A copy that has the value at the end of the way, whatever else stood on the way to it. */
export function planted(node: Node, way: readonly string[], value: Node): Node {
  const [name, ...rest] = way;
  if (name === undefined) return value;
  if (name === "0") return [planted(isList(node) ? (node[0] ?? null) : null, rest, value)];
  const members = isObject(node) ? node : {};
  return { ...members, [name]: planted(members[name] ?? null, rest, value) };
}

/** As it is sent. The infinite numbers stand for two that no double holds. */
export function textOf(node: Node | undefined): string {
  if (node === undefined) return "";
  const text = JSON.stringify(node, (_name, value: unknown) => {
    if (value === Infinity) return TOO_LARGE;
    return value === -Infinity ? TOO_LONG : value;
  });
  return text.replaceAll(`"${TOO_LARGE}"`, "1e999").replaceAll(`"${TOO_LONG}"`, "12345678901234567890.10");
}
const TOO_LARGE = "a number beyond every double";
const TOO_LONG = "a number between two doubles";
