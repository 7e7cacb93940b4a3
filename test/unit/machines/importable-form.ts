/**
 * Reads a machine's file as an editor's extractor does: the text is parsed and never run, so only what stands there literally is seen. It
 * finds `createMachine` by its name, takes keys that are names or strings, values that are literals, and resolves targets by the tree alone:
 * `.child` from the state itself, `#id` from a state with that id, anything else from among the state's siblings.
 */
import { parse } from "@babel/parser";

type Statement = ReturnType<typeof parse>["program"]["body"][number];
type Expression = Extract<Statement, { type: "ExpressionStatement" }>["expression"];
type Call = Extract<Expression, { type: "CallExpression" }>;
type ObjectLiteral = Extract<Expression, { type: "ObjectExpression" }>;
type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

export type Declared = {
  readonly guards: readonly string[];
  readonly actions: readonly string[];
  readonly delays: readonly string[];
};
export type Imported = {
  /** What an editor could not show, each with its place in the literal. */
  readonly problems: readonly string[];
  /** The literal without its functions, as JSON would have it. */
  readonly config: Value;
};

/** @throws when the text is no TypeScript. */
export function importMachine(source: string, declared: Declared): Imported {
  const problems: string[] = [];
  const { program } = parse(source, { sourceType: "module", plugins: ["typescript"] });
  const calls = nodesIn(program).filter(isCreateMachine);
  const [call] = calls;
  if (call === undefined || calls.length > 1)
    return { problems: [`${calls.length} calls of createMachine`], config: null };
  if (!isOnSetup(call)) problems.push("createMachine is not called on setup({ … })");
  const [literal, ...more] = call.arguments;
  if (literal?.type !== "ObjectExpression" || more.length > 0) {
    return { problems: [...problems, `createMachine takes ${literal?.type ?? "nothing"}`], config: null };
  }
  const config = objectOf(literal, [], problems);
  // What is not literal has told enough; its names are not looked for.
  if (problems.length === 0) checkState(config, rootOf(config), declared, problems);
  return { problems, config };
}

type Node = { readonly type: string };
const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
const nodesIn = (value: unknown): readonly Node[] => {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return isNode(value) ? [value, ...Object.values(value).flatMap(nodesIn)] : [];
};
const isCall = (node: Node): node is Call => node.type === "CallExpression";
function isCreateMachine(node: Node): node is Call {
  if (!isCall(node)) return false;
  const { callee } = node;
  if (callee.type === "Identifier") return callee.name === "createMachine";
  return (
    callee.type === "MemberExpression" &&
    callee.property.type === "Identifier" &&
    callee.property.name === "createMachine"
  );
}

function isOnSetup({ callee }: Call): boolean {
  if (callee.type !== "MemberExpression" || callee.object.type !== "CallExpression") return false;
  const { callee: setup, arguments: given } = callee.object;
  return (
    setup.type === "Identifier" && setup.name === "setup" && given.length === 1 && given[0]?.type === "ObjectExpression"
  );
}

type Place = readonly string[];
const at = (place: Place): string => (place.length === 0 ? "the machine" : place.join("."));

function objectOf(literal: ObjectLiteral, place: Place, problems: string[]): { readonly [key: string]: Value } {
  const made: Record<string, Value> = {};
  for (const property of literal.properties) {
    if (property.type !== "ObjectProperty") {
      problems.push(`${at(place)}: ${property.type}`);
      continue;
    }
    const key = keyOf(property);
    if (key === undefined || property.shorthand) problems.push(`${at(place)}: a key that is not written out`);
    else if (key in made) problems.push(`${at([...place, key])}: written twice`);
    else {
      const value = valueOf(property.value, [...place, key], problems);
      if (value !== undefined) made[key] = value;
    }
  }
  return made;
}

function keyOf({ key, computed }: { readonly key: Node; readonly computed: boolean }): string | undefined {
  if (computed) return undefined;
  if (key.type === "Identifier" && "name" in key && typeof key.name === "string") return key.name;
  return key.type === "StringLiteral" && "value" in key && typeof key.value === "string" ? key.value : undefined;
}

/** Undefined for what is left to the code: the first context, and parameters that are computed. */
function valueOf(
  node: Extract<ObjectLiteral["properties"][number], { type: "ObjectProperty" }>["value"] | null,
  place: Place,
  problems: string[],
): Value | undefined {
  const isContext = place.length === 1 && place[0] === "context";
  if (node?.type === "StringLiteral" || node?.type === "NumericLiteral" || node?.type === "BooleanLiteral")
    return node.value;
  if (node?.type === "NullLiteral") return null;
  if (node?.type === "ObjectExpression") return objectOf(node, place, problems);
  if (node?.type === "ArrayExpression") {
    return node.elements.map((element, i) => {
      const one = element?.type === "SpreadElement" ? null : element;
      return valueOf(one, [...place, String(i)], problems) ?? null;
    });
  }
  const isLeft = node?.type === "ArrowFunctionExpression" && (place.at(-1) === "params" || isContext);
  if (isLeft || (node?.type === "Identifier" && isContext)) return undefined;
  problems.push(`${at(place)}: ${node?.type ?? "nothing, or what is spread"}`);
  return undefined;
}

type State = {
  readonly path: Place;
  readonly id: string | undefined;
  readonly parent: State | undefined;
  readonly children: Map<string, State>;
};

const fieldsOf = (value: Value | undefined): { readonly [key: string]: Value } =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};

function rootOf(config: Value, path: Place = [], parent?: State): State {
  const { id, states } = fieldsOf(config);
  const state: State = { path, id: typeof id === "string" ? id : undefined, parent, children: new Map() };
  for (const [key, child] of Object.entries(fieldsOf(states)))
    state.children.set(key, rootOf(child, [...path, key], state));
  return state;
}

function resolve(state: State, target: string): State | undefined {
  const [origin = "", ...rest] = target.split(".");
  const from =
    origin === ""
      ? state
      : origin.startsWith("#")
        ? withId(top(state), origin.slice(1))
        : state.parent?.children.get(origin);
  return rest.reduce((reached: State | undefined, key) => reached?.children.get(key), from);
}
const top = (state: State): State => (state.parent === undefined ? state : top(state.parent));
const withId = (state: State, id: string): State | undefined =>
  state.id === id
    ? state
    : [...state.children.values()].map((child) => withId(child, id)).find((found) => found !== undefined);

const STATE_KEYS = ["initial", "states", "on", "always", "after", "entry", "exit", "tags"];
const ROOT_KEYS = [...STATE_KEYS, "id", "version", "options", "context"];

function checkState(config: Value, state: State, declared: Declared, problems: string[]): void {
  const { path } = state;
  const say = (what: string): number => problems.push(`${at(path)}: ${what}`);
  const { initial, states, on, always, after, entry, exit, ...others } = fieldsOf(config);
  const allowed = path.length === 0 ? ROOT_KEYS : STATE_KEYS;
  for (const key of Object.keys(others).filter((each) => !allowed.includes(each)))
    say(`${key} has no place in a chart`);
  if (states !== undefined && (typeof initial !== "string" || !state.children.has(initial)))
    say("begins in no state of its own");
  for (const action of [entry, exit]) checkNames("actions", action, declared, say);
  for (const delay of Object.keys(fieldsOf(after)).filter((each) => !declared.delays.includes(each)))
    say(`no delay ${delay}`);
  const transitions = [always ?? [], ...Object.values(fieldsOf(on)), ...Object.values(fieldsOf(after))].flat();
  for (const transition of transitions) checkTransition(transition, state, declared, say);
  for (const [key, child] of state.children) checkState(fieldsOf(states)[key] ?? null, child, declared, problems);
}

function checkTransition(transition: Value, state: State, declared: Declared, say: (what: string) => number): void {
  if (typeof transition === "string") {
    if (resolve(state, transition) === undefined) say(`no state ${transition}`);
    return;
  }
  const { target, guard, actions, reenter: _, ...others } = fieldsOf(transition);
  for (const key of Object.keys(others)) say(`${key} has no place in a transition`);
  if (target !== undefined && (typeof target !== "string" || resolve(state, target) === undefined))
    say(`no state ${typeof target === "string" ? target : JSON.stringify(target)}`);
  checkNames("guards", guard, declared, say);
  checkNames("actions", actions, declared, say);
}

/** A name, or `{ type, params }`, one or several. */
function checkNames(
  kind: "guards" | "actions",
  value: Value | undefined,
  declared: Declared,
  say: (what: string) => number,
): void {
  if (value === undefined) return;
  for (const one of [value].flat()) {
    const name = typeof one === "string" ? one : fieldsOf(one)["type"];
    if (typeof name !== "string") say(`one of the ${kind} without a name`);
    else if (!declared[kind].includes(name)) say(`setup() declares no ${name} among the ${kind}`);
  }
}
