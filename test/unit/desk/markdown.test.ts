import * as fc from "fast-check";
import { expect, test } from "vitest";
import { codeSpan, cut, fenced, oneLine, quotation } from "../../../src/desk/markdown.ts";

const ticks = fc.integer({ min: 1, max: 6 }).map((count) => "`".repeat(count));
const pieces = fc.oneof(ticks, fc.constantFrom("\n", "\r", " ", "~~~", "x"));
const hostile = fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join(""));

test("no line of a fenced text closes its fence", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const [opening = "", ...rest] = fenced(text, "").split("\n");
      const closing = rest.slice(0, -2).join("\n");
      expect(rest.slice(-2)).toEqual([opening, ""]);
      for (const line of closing.split(/\r\n|[\n\r]/)) {
        const run = /^ {0,3}(`+)[ \t]*$/.exec(line)?.[1] ?? "";
        expect(run.length).toBeLessThan(opening.length);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("a fenced text stands between its fences byte for byte", () => {
  expect(fenced("a\r\n```\u0000", "json")).toBe("````json\na\r\n```\u0000\n````\n");
});

test.each([
  ["plain", "`plain`"],
  ["a`b", "``a`b``"],
  ["`", "`` ` ``"],
  [" x ", "`  x  `"],
  ["two\nlines", "`two lines`"],
  [" \n\t", "(empty)"],
])("%j as a code span is %j", (text, span) => expect(codeSpan(text)).toBe(span));

test("one line has no character that ends a line, steers a terminal or turns the writing", () => {
  expect(oneLine("a\r\nb\u001b[31mc\u2028d\u202ee\u009bf\ud800g")).toBe("a b [31mc d e f g");
});

test("a quotation is one line, whatever it quotes", () => {
  expect(quotation("Delivery `a`\nb\u2028c.")).toBe("> Delivery `a` b c.\n");
});

test("a text of exactly the limit is not cut", () => {
  expect(cut("12345", 5, () => "…")).toBe("12345");
  expect(cut("123456", 5, (length) => `… of ${length}`)).toBe("12345… of 6");
});
