/** What an editor reads from a machine's file, without running it, is the machine that runs. */
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { machines } from "../../../machines/index.ts";
import { importMachine } from "./importable-form.ts";

const folder = new URL("../../../machines/", import.meta.url);
const textOf = (name: string): string => readFileSync(new URL(name, folder), "utf8");
const charts = readdirSync(folder).filter((name) => name.endsWith(".ts") && textOf(name).includes("createMachine("));

test("every machine has a file that is looked at", () => {
  expect(charts).toEqual(Object.keys(machines).map((name) => `${name}.ts`));
});

describe.each(
  Object.values(machines).flatMap((versions) => Object.values(versions).map((each) => [each.id, each] as const)),
)("%s", (name, machine) => {
  const { guards, actions, delays } = machine.implementations;
  const declared = { guards: Object.keys(guards), actions: Object.keys(actions), delays: Object.keys(delays) };
  const imported = importMachine(textOf(`${name}.ts`), declared);

  test("can be imported as it stands", () => expect(imported.problems).toEqual([]));

  test("is read as the machine that runs: every state, transition, guard and action", () => {
    const running: unknown = JSON.parse(JSON.stringify(machine.config));
    expect(withoutContext(imported.config)).toEqual(withoutContext(running));
  });
});

const withoutContext = (config: unknown): object => {
  const { context: _, ...rest }: Record<string, unknown> = Object.fromEntries(Object.entries(Object(config)));
  return rest;
};

const declared = { guards: ["ok"], actions: ["act"], delays: ["soon"] };
const file = (literal: string, setup = "{ guards, actions, delays }"): string =>
  `import { setup } from "xstate";\nexport const m = setup(${setup}).createMachine(${literal});\n`;
const problemsOf = (source: string): readonly string[] => importMachine(source, declared).problems;

describe("what an editor would not see is refused:", () => {
  test("nothing, where everything is literal", () => {
    const literal = `{ id: "m", context: ({ input }) => make(input), initial: "a", on: { STOP: ".b" }, states: {
      a: { entry: "act", always: { guard: "ok", target: "b" }, after: { soon: { target: "#m.b", actions: [{ type: "act", params: ({ event }) => event }] } } },
      b: { tags: "resting", on: { BACK: [{ guard: "ok", target: "a", reenter: true }, { actions: "act" }] } } } }`;
    expect(problemsOf(file(literal))).toEqual([]);
  });

  test.each([
    ["a spread of states", `{ states: { ...shared }, initial: "a" }`, "states: SpreadElement"],
    ["a spread among actions", `{ entry: ["act", ...more] }`, "entry.1: nothing, or what is spread"],
    ["a hole in a list", `{ entry: ["act", , "act"] }`, "entry.1: nothing, or what is spread"],
    ["a computed key", `{ on: { [EVENT]: { actions: "act" } } }`, "on: a key that is not written out"],
    ["a computed key of a text", `{ on: { ["GO"]: { actions: "act" } } }`, "on: a key that is not written out"],
    ["a number as a key", `{ after: { 1000: { actions: "act" } } }`, "after: a key that is not written out"],
    ["a key without its value", `{ states }`, "the machine: a key that is not written out"],
    ["a key twice", `{ on: { GO: { actions: "act" }, GO: { guard: "ok" } } }`, "on.GO: written twice"],
    ["a method", `{ entry() {} }`, "the machine: ObjectMethod"],
    ["a call for a state", `{ initial: "a", states: { a: waiting() } }`, "states.a: CallExpression"],
    ["a state by its variable", `{ initial: "a", states: { a: waiting } }`, "states.a: Identifier"],
    ["an inline action", `{ entry: () => undefined }`, "entry: ArrowFunctionExpression"],
    [
      "a built-in action in its place",
      `{ on: { GO: { actions: assign({ n: 1 }) } } }`,
      "on.GO.actions: CallExpression",
    ],
    [
      "an inline guard",
      `{ on: { GO: { guard: ({ context }) => context.ok, actions: "act" } } }`,
      "on.GO.guard: ArrowFunctionExpression",
    ],
    ["a text that is put together", "{ on: { GO: { actions: `act` } } }", "on.GO.actions: TemplateLiteral"],
    ["a choice", `{ entry: late ? "act" : "act" }`, "entry: ConditionalExpression"],
    ["as const", `{ on: { GO: { actions: "act" as const } } }`, "on.GO.actions: TSAsExpression"],
    ["satisfies", `{ on: { GO: { actions: "act" } satisfies Way } }`, "on.GO: TSSatisfiesExpression"],
    ["an undeclared action", `{ entry: "dance" }`, "the machine: setup() declares no dance among the actions"],
    [
      "an undeclared guard",
      `{ on: { GO: { guard: "maybe", actions: "act" } } }`,
      "the machine: setup() declares no maybe among the guards",
    ],
    ["an action without a name", `{ entry: { params: {} } }`, "the machine: one of the actions without a name"],
    ["an undeclared delay", `{ after: { later: { actions: "act" } } }`, "the machine: no delay later"],
    ["a child machine", `{ invoke: { src: "other" } }`, "the machine: invoke has no place in a chart"],
    ["a target that is no sibling", `{ initial: "a", states: { a: { on: { GO: "z" } } } }`, "a: no state z"],
    [
      "a target below a sibling that is not there",
      `{ initial: "a", states: { a: { on: { GO: "a.z" } } } }`,
      "a: no state a.z",
    ],
    [
      "a target by an id that nobody has",
      `{ initial: "a", states: { a: { on: { GO: { target: "#m.a" } } } } }`,
      "a: no state #m.a",
    ],
    [
      "a target of the first level from within",
      `{ initial: "a", states: { a: { initial: "b", states: { b: { on: { GO: "a" } } } } } }`,
      "a.b: no state a",
    ],
    [
      "several targets",
      `{ initial: "a", states: { a: { on: { GO: { target: ["a", "a"] } } } } }`,
      'a: no state ["a","a"]',
    ],
    ["a beginning nowhere", `{ initial: "b", states: { a: {} } }`, "the machine: begins in no state of its own"],
  ])("%s", (_says, literal, problem) => {
    expect(problemsOf(file(literal))).toEqual([problem]);
  });

  test.each([
    ["no machine", `export const m = 1;`, "0 calls of createMachine"],
    [
      "two machines",
      file("{}") +
        file("{}")
          .replaceAll("m =", "n =")
          .replace(/^import.*\n/, ""),
      "2 calls of createMachine",
    ],
    ["a machine without setup", `export const m = createMachine({});`, "createMachine is not called on setup({ … })"],
    [
      "a setup that is kept elsewhere",
      `export const m = shared.createMachine({});`,
      "createMachine is not called on setup({ … })",
    ],
    ["a setup that is handed in", file("{}", "shared"), "createMachine is not called on setup({ … })"],
    ["a literal that is kept elsewhere", file("config"), "createMachine takes Identifier"],
    ["a literal in a cast", file("{} as const"), "createMachine takes TSAsExpression"],
  ])("%s", (_says, source, problem) => {
    expect(problemsOf(source)).toEqual([problem]);
  });
});
