import { expect, test } from "vitest";
import { formatProblems, keyText } from "../../../src/config/problem.ts";
import { desk, problemsOf, webhook } from "./load-text.ts";

test("problems are printed with their place, what is seen and what may be meant", () => {
  const problems = problemsOf(desk(webhook('on_gap = "wiat"\ncolour = 1')), { envFile: "x" });
  expect(formatProblems(problems)).toBe(`.env.qoc:1:1: this line is not KEY=VALUE

desk.toml:6:10: webhook[0].on_gap must be "process" or "wait"
  seen     "wiat"
  nearest  "wait"

desk.toml:7:1: webhook[0].colour is not a key of webhook[0]
  seen     colour

3 problems in the configuration`);
});

test("one problem about a whole file is printed without a line", () => {
  const problem = {
    file: "desk.toml",
    line: null,
    column: null,
    key: null,
    says: "is not UTF-8",
    seen: null,
    nearest: null,
  };
  expect(formatProblems([problem])).toBe("desk.toml: is not UTF-8\n\n1 problem in the configuration");
});

test.each([
  [["a", 0, "b_c-1"], "a[0].b_c-1"],
  [["a b", "c.d"], '"a b"."c.d"'],
  [[""], '""'],
  [["\u001b"], '"\\u001b"'],
])("the path %j is written %s", (path, text) => {
  expect(keyText(path)).toBe(text);
});
