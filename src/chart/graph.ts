/**
 * A machine as a graph. It is walked itself, and nothing that XState makes of it: what is taken of its own accord, and by a timer, is in it
 * too, as is what an event does without leaving its state.
 */
import type { AnyStateMachine, AnyStateNode } from "xstate";
import { assert } from "../core/assert.ts";
import type { Chart, ChartEdge, ChartNode } from "./chart.ts";

/** States with this tag await nothing of their own accord. */
const RESTING = "resting";

/** `definition` is the hash of the machine's literal, as records of its actors have it. */
export function graphOf(machine: AnyStateMachine, definition: string): Chart {
  const states = statesBelow(machine.root);
  return {
    machine: machine.id,
    version: machine.version ?? "",
    definition,
    nodes: states.map(nodeOf),
    edges: [machine.root, ...states].flatMap(edgesOf),
  };
}

/** In the order of the literal, each before what is within it. */
const statesBelow = (node: AnyStateNode): readonly AnyStateNode[] =>
  Object.values(node.states).flatMap((child: AnyStateNode) => [child, ...statesBelow(child)]);

const idOf = (node: AnyStateNode): string => node.path.join(".");

function nodeOf(node: AnyStateNode): ChartNode {
  assert(node.type === "atomic" || node.type === "compound", "the machines have no parallel, final or history states");
  const { parent } = node;
  return {
    id: idOf(node),
    name: node.key,
    parent: parent === undefined || parent.path.length === 0 ? null : idOf(parent),
    kind: node.type,
    initial: parent?.config.initial === node.key,
    resting: node.tags.includes(RESTING),
  };
}

type Transition = {
  readonly target: readonly AnyStateNode[] | undefined;
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
};

function edgesOf(node: AnyStateNode): readonly ChartEdge[] {
  const timers = new Map(node.after.map(({ eventType, delay }) => [eventType, `after ${String(delay)}`]));
  const events = [...node.transitions].flatMap(([type, transitions]) => {
    const timer = timers.get(type);
    return transitions.map((each, i) => edgeOf(node, timer === undefined ? "event" : "after", timer ?? type, i, each));
  });
  return [...events, ...(node.always ?? []).map((each, i) => edgeOf(node, "always", "always", i, each))];
}

function edgeOf(
  node: AnyStateNode,
  kind: ChartEdge["kind"],
  event: string,
  i: number,
  { target, guard, actions }: Transition,
): ChartEdge {
  const from = idOf(node);
  const [to, ...others] = target ?? [node];
  assert(to !== undefined && others.length === 0, "a transition has one target, or none");
  return {
    id: `${from}:${event}:${i}`,
    from,
    to: idOf(to),
    kind,
    event,
    guard: guard === undefined ? null : nameOf(guard),
    actions: actions.map(nameOf),
  };
}

function nameOf(named: unknown): string {
  if (typeof named === "string") return named;
  const type = typeof named === "object" && named !== null && "type" in named ? named.type : undefined;
  assert(typeof type === "string", "guards and actions have names");
  return type;
}
