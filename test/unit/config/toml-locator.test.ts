import * as fc from "fast-check";
import { parse, type TomlTable, type TomlValue } from "smol-toml";
import { describe, expect, test } from "vitest";
import { locate, type Path, pathKey, positionOf } from "../../../src/config/toml-locator.ts";
import { tomlText } from "./toml-text.ts";

/** `line:column` of the key, then the value's text as written. */
function found(text: string, path: Path): string | undefined {
  const place = locate(text).get(pathKey(path));
  if (place === undefined) return undefined;
  const { line, column } = positionOf(text, place.key.start);
  return `${line}:${column} ${place.value === null ? "" : text.slice(place.value.start, place.value.end)}`.trimEnd();
}

const cases: readonly (readonly [string, string, Path, string])[] = [
  ["a pair", "a = 1", ["a"], "1:1 1"],
  ["a pair after a byte order mark", "\uFEFFa = 1", ["a"], "1:2 1"],
  ["a pair behind comments and blank lines", "# b = 2\n\n  a = 1 # a = 3", ["a"], "3:3 1"],
  ["a pair in a text with CRLF", "b = 1\r\na = 2\r\n", ["a"], "2:1 2"],
  ["a table by its header", "[a]\nb = 1", ["a"], "1:2"],
  ["a key of a table", "[a]\nb = 1", ["a", "b"], "2:1 1"],
  ["the last part of a dotted header", "[a . b]\nc = 1", ["a", "b"], "1:6"],
  ["an implied table of a dotted header", "[a.b]\nc = 1", ["a"], "1:2"],
  ["the second table of an array", "[[a]]\nb = 1\n[[a]]\nb = 2", ["a", 1, "b"], "4:1 2"],
  ["an array's table by its header", "[[a]]\n\n[[a]]", ["a", 1], "3:3"],
  ["a table in the last table of an array", "[[a]]\n[[a]]\n[a.b]\nc = 1", ["a", 1, "b", "c"], "4:1 1"],
  [
    "an array in an array's table",
    "[[a]]\n[[a.b]]\n[[a.b]]\nc = 1\n[[a]]\n[[a.b]]\nc = 2",
    ["a", 1, "b", 0, "c"],
    "7:1 2",
  ],
  ["a dotted key", "a.b.c = 1", ["a", "b", "c"], "1:5 1"],
  ["a table that a dotted key implies", "a.b.c = 1", ["a", "b"], "1:3"],
  ["a dotted key in an array's table", "[[a]]\nb.c = 1", ["a", 0, "b", "c"], "2:3 1"],
  ["a quoted key", '"a b" = 1', ["a b"], "1:1 1"],
  ["a quoted key with dots and escapes", 'x."a.\\u00e9\\"".y = 1', ["x", 'a.é"', "y"], "1:16 1"],
  ["a literal quoted key", "'a\\b' = 1", ["a\\b"], "1:1 1"],
  ["an empty quoted key", '"" = 1', [""], "1:1 1"],
  ["a key called __proto__", "[__proto__]\nb = 1", ["__proto__", "b"], "2:1 1"],
  ["a key of an inline table", "a = { b = 1, c.d = [2] }", ["a", "c", "d"], "1:16 [2]"],
  ["a key behind an inline table over several lines", "a = {\n  b = 1, # }\n  c = 2,\n}\nd = 3", ["d"], "5:1 3"],
  ["an element of a list", "a = [ 1, [2, 3], ]", ["a", 1, 0], "1:11 2"],
  ["an element behind comments in a list", 'a = [ # ]\n "x", # "y"\n "z"\n]', ["a", 1], '3:2 "z"'],
  ["a table in a list", "a = [{ b = 1 }, { b = 2 }]", ["a", 1, "b"], "1:19 2"],
  ["a string with an escaped quote", 'a = "x\\"#" # "', ["a"], '1:1 "x\\"#"'],
  ["a literal string that ends in a backslash", "a = 'x\\'\nb = 1", ["b"], "2:1 1"],
  ["what follows a multi-line string", 'a = """\nb = 1\n[c]\n\\""" ""\n"""\nd = 2', ["d"], "6:1 2"],
  ["what follows a multi-line string that ends in quotes", 'a = """x"""""\nd = 2', ["d"], "2:1 2"],
  ["what follows a multi-line literal string", "a = '''\n[b]\\'''''\nd = 2", ["d"], "3:1 2"],
  ["what follows an empty string", 'a = ""\nd = 2', ["d"], "2:1 2"],
  ["what follows an empty multi-line string", 'a = """"""\nd = 2', ["d"], "2:1 2"],
  ["a date with a space", "a = 1979-05-27 07:32:00  # then", ["a"], "1:1 1979-05-27 07:32:00"],
  ["a float in a list without blanks", "a=[1.5,2.5]", ["a", 1], "1:8 2.5"],
];

describe("the locator finds", () => {
  test.each(cases)("%s", (_, text, path, expected) => {
    expect(() => parse(text)).not.toThrow();
    expect(found(text, path)).toBe(expected);
  });
});

test("what is in a comment or a string has no place", () => {
  const text = 'a = """\nb = 1\n"""\n# c = 2\n';
  expect([found(text, ["b"]), found(text, ["c"])]).toEqual([undefined, undefined]);
});

test("an empty text has no places", () => {
  expect(locate("").size).toBe(0);
});

/** Every scalar of a document, by its path. */
function scalars(value: TomlValue, path: Path): readonly (readonly [Path, TomlValue])[] {
  if (Array.isArray(value)) return value.flatMap((each, i) => scalars(each, [...path, i]));
  if (typeof value !== "object" || value instanceof Date) return [[path, value]];
  return Object.entries(value).flatMap(([key, each]) => scalars(each, [...path, key]));
}

/** What the locator says stands at each path, read again by smol-toml. */
function located(text: string): readonly (readonly [string, TomlTable])[] {
  return [...locate(text)].flatMap(([key, place]) =>
    place.value === null ? [] : [[key, parse(`v = ${text.slice(place.value.start, place.value.end)}`)] as const],
  );
}

const isContainer = (value: TomlValue | undefined): boolean => typeof value === "object" && !(value instanceof Date);

test("every scalar of any document is where the locator says, and nothing else is", () => {
  fc.assert(
    fc.property(tomlText, (text) => {
      const expected = scalars(parse(text), []).map(([path, value]) => [pathKey(path), { v: value }] as const);
      const seen = located(text).filter(([, { v }]) => !isContainer(v));
      expect(new Map(seen)).toEqual(new Map(expected));
    }),
    { seed: 1, numRuns: 400 },
  );
});

test("any text at all is located in finite time without an exception", () => {
  const piece = fc.constantFrom("[", "]", "{", "}", '"', "'", '"""', "=", ".", ",", "#", "\n", " ", "\\", "a", "1");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        parse(pieces.join(""));
      } catch {
        return;
      }
      expect(locate(pieces.join(""))).toBeInstanceOf(Map);
    }),
    { seed: 1, numRuns: 500 },
  );
});
