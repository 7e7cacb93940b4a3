/** The form that a chart editor can import, and that any host of actors can run. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AnyStateMachine } from "xstate";
import { currentVersion, isMachineName, machineFor, machines } from "../../../machines/index.ts";
import { MICROSTEPS_MAX } from "../../../src/core/limits.ts";
import { definitionOf } from "../../../src/engine/xstate-words.ts";

const folder = new URL("../../../machines/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
const textOf = (name: string): string => readFileSync(new URL(name, folder), "utf8");
const charts = files.filter((name) => textOf(name).includes("createMachine("));
const registered = Object.entries(machines).flatMap(([name, versions]) =>
  Object.entries(versions).map(([version, machine]): [string, string, AnyStateMachine] => [name, version, machine]),
);

test("there is one chart a machine", () => {
  expect(charts).toEqual(["delivery.ts", "notice.ts", "notification.ts", "order.ts", "subject.ts"]);
});

describe.each(files)("machines/%s", (name) => {
  const text = textOf(name);

  test("imports XState, the core and its neighbours, and nothing of the world", () => {
    const from = [...text.matchAll(/from "([^"]+)"/g)].map(([, path]) => path ?? "");
    expect(from.filter((path) => path !== "xstate" && !/^(\.\.\/src\/core|\.)\/[a-z-]+\.ts$/.test(path))).toEqual([]);
  });

  test("reads no clock, makes no randomness, waits for nothing", () => {
    expect(text).not.toMatch(/Date\.|new Date|Math\.random|process\.|performance\.|await |setTimeout|fetch\(/);
  });
});

describe.each(charts)("the chart in machines/%s", (name) => {
  const text = textOf(name);
  const literal = text.slice(text.indexOf(".createMachine("));

  test("is one setup and one literal", () => {
    expect(text.match(/setup\(\{/g)).toHaveLength(1);
    expect(text.match(/^\}\)\.createMachine\(\{$/gm)).toHaveLength(1);
    expect(literal.endsWith("});\n")).toBe(true);
  });

  test("is not made by functions, spread or cast", () => {
    expect(literal).not.toMatch(/\.\.\.|\bas const\b|\bsatisfies\b|\binvoke\b|\bspawn/);
  });

  test("is indented by two spaces", () => {
    expect(
      literal.split("\n").filter((line) => /^ *\S/.test(line) && (/^ */.exec(line)?.[0].length ?? 0) % 2 === 1),
    ).toEqual([]);
  });
});

describe.each(registered)("%s %s", (name, version, machine) => {
  test("has the id and the version that it is registered under", () => {
    expect([machine.id, machine.version]).toEqual([name, version]);
  });

  test("cannot loop without end", () => {
    expect(machine.options.maxIterations).toBe(MICROSTEPS_MAX);
  });

  test("names its guards and actions, and what it names exists", () => {
    const { guards, actions, delays } = machine.implementations;
    const named = namesIn(machine.config);
    expect(named.guards.filter((guard) => !(guard in guards))).toEqual([]);
    expect(named.actions.filter((action) => !(action in actions))).toEqual([]);
    expect(named.delays.filter((delay) => !(delay in delays))).toEqual([]);
    expect(named.actions.length).toBeGreaterThan(0);
  });

  test("asks for nothing that it does not name", () => {
    expect(Object.keys(machine.implementations.actors)).toEqual([]);
  });

  test("is found by name and version", () => {
    expect(machineFor(name, version)).toBe(machine);
  });
});

type Names = { readonly guards: string[]; readonly actions: string[]; readonly delays: string[] };

/** Throws where an inline function stands for a name. */
function namesIn(config: unknown, names: Names = { guards: [], actions: [], delays: [] }): Names {
  if (typeof config !== "object" || config === null) return names;
  for (const [key, value] of Object.entries(config)) {
    if (key === "guard") names.guards.push(nameOf(value));
    else if (key === "entry" || key === "exit" || key === "actions") names.actions.push(...[value].flat().map(nameOf));
    else {
      if (key === "after") names.delays.push(...Object.keys(value));
      namesIn(value, names);
    }
  }
  return names;
}

function nameOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && "type" in value && typeof value.type === "string")
    return value.type;
  throw new Error("an action or a guard without a name");
}

describe("the registry", () => {
  test("gives the current version where none is named", () => {
    expect(machineFor("delivery", undefined)?.version).toBe(currentVersion.delivery);
  });

  test.each([
    ["delivery", "0"],
    ["toString", undefined],
    ["delivery", "constructor"],
    ["draft", undefined],
  ])("has no %s %s", (name, version) => {
    expect(machineFor(name, version)).toBeUndefined();
  });

  test("knows its names", () => {
    expect(["delivery", "notice", "subject", "toString"].map(isMachineName)).toEqual([true, true, true, false]);
  });

  test("gives each machine a definition of its own", () => {
    const definitions = registered.map(([, , machine]) => definitionOf(machine));
    expect(new Set(definitions).size).toBe(registered.length);
    expect(definitions.every((definition) => /^[0-9a-f]{64}$/.test(definition))).toBe(true);
  });
});
