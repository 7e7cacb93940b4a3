import { describe, expect, test } from "vitest";
import { setup } from "xstate";
import { machines } from "../../../machines/index.ts";
import { graphOf } from "../../../src/chart/graph.ts";
import { everyMachine } from "./charts.ts";

const small = setup({
  guards: { late: () => true },
  delays: { soon: 5 },
  actions: { act: () => undefined, other: () => undefined },
}).createMachine({
  id: "small",
  version: "3",
  initial: "outer",
  on: { STOP: { target: ".end" }, HEARD: { actions: "act" } },
  states: {
    outer: {
      initial: "inner",
      always: { guard: "late", target: "end" },
      on: { BACK: [{ guard: "late", target: ".inner" }, { actions: ["act", { type: "other", params: { n: 1 } }] }] },
      states: { inner: { after: { soon: { target: "#small.end" }, 250: { actions: "act" } } } },
    },
    end: { tags: "resting" },
  },
});

describe("a machine as a graph", () => {
  const { nodes, edges, ...named } = graphOf(small, "f".repeat(64));

  test("is named by its machine, and by the definition that it is given", () => {
    expect(named).toEqual({ machine: "small", version: "3", definition: "f".repeat(64) });
  });

  test("has every state, each before what is within it", () => {
    expect(nodes).toEqual([
      { id: "outer", name: "outer", parent: null, kind: "compound", initial: true, resting: false },
      { id: "outer.inner", name: "inner", parent: "outer", kind: "atomic", initial: true, resting: false },
      { id: "end", name: "end", parent: null, kind: "atomic", initial: false, resting: true },
    ]);
  });

  test("has what is taken of its own accord, by a timer, from anywhere, and what leaves a state as it is", () => {
    expect(edges.map(({ id, from, to, kind, guard }) => [id, from, to, kind, guard])).toEqual([
      [":STOP:0", "", "end", "event", null],
      [":HEARD:0", "", "", "event", null],
      ["outer:BACK:0", "outer", "outer.inner", "event", "late"],
      ["outer:BACK:1", "outer", "outer", "event", null],
      ["outer:always:0", "outer", "end", "always", "late"],
      ["outer.inner:after 250:0", "outer.inner", "outer.inner", "after", null],
      ["outer.inner:after soon:0", "outer.inner", "end", "after", null],
    ]);
  });

  test("has actions by their names", () => {
    expect(edges.find(({ id }) => id === "outer:BACK:1")?.actions).toEqual(["act", "other"]);
  });

  test("of a machine that it has no picture for is a bug of ours", () => {
    const parallel = setup({}).createMachine({ id: "p", type: "parallel", states: { a: { type: "final" } } });
    expect(() => graphOf(parallel, "")).toThrow("no parallel, final or history states");
  });
});

describe.each(everyMachine)("the graph of %s %s", (_name, _version, machine) => {
  const { nodes, edges } = graphOf(machine, "");

  test("has as many transitions as its literal", () => {
    expect(edges).toHaveLength(transitionsIn(machine.config));
  });

  test("has no edge without its ends, and no two with one id", () => {
    const states = new Set(["", ...nodes.map(({ id }) => id)]);
    expect(edges.filter(({ from, to }) => !states.has(from) || !states.has(to))).toEqual([]);
    expect(new Set(edges.map(({ id }) => id)).size).toBe(edges.length);
  });
});

/** Counted over the literal, by itself. */
function transitionsIn(config: unknown): number {
  if (typeof config !== "object" || config === null) return 0;
  return Object.entries(config).reduce((sum, [key, value]) => {
    if (key === "always") return sum + [value].flat().length;
    if (key === "on" || key === "after") return sum + Object.values(Object(value)).flat().length;
    return key === "states"
      ? sum + Object.values(Object(value)).reduce((all: number, state) => all + transitionsIn(state), 0)
      : sum;
  }, 0);
}

test("the delivery's graph has the ways that a journal tells of", () => {
  const found = graphOf(machines.delivery["1"], "").edges.map(({ event, kind }) => `${kind} ${event}`);
  expect(found).toEqual(expect.arrayContaining(["always always", "after after approvalTimeout", "event SEALED"]));
});
