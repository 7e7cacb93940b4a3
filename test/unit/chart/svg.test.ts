import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Marks } from "../../../src/chart/chart.ts";
import { NO_MARKS, marksOf } from "../../../src/chart/marks.ts";
import { renderChart } from "../../../src/chart/svg.ts";
import { chart, committed, edge, everyMachine, node, stacked } from "./charts.ts";
import { type Element, elementsIn, readXml, textIn } from "./xml-reader.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

const delivery = committed("delivery");
const waiting = marksOf(
  delivery,
  [
    { seq: 0, event: "init", from: null, to: "received" },
    { seq: 1, event: "VERIFIED", from: "received", to: "verified" },
  ],
  "awaiting-approval.asked",
  [{ event: "after approvalTimeout", at: "2026-07-05T14:45:01.000Z" }],
);
const drawn = (marks: Marks, colours: "attributes" | "classes" = "classes"): Element =>
  readXml(renderChart(delivery, marks, { colours }));
const classed = (root: Element, ...classes: readonly string[]): readonly Element[] =>
  elementsIn(root).filter(({ attributes }) => {
    const has = (attributes["class"] ?? "").split(" ");
    return classes.every((each) => has.includes(each));
  });

describe.each(everyMachine)("the picture of %s %s", (name) => {
  const laid = committed(name);

  test.each(["classes", "attributes"] as const)("is well-formed XML with %s", (colours) => {
    const root = readXml(renderChart(laid, NO_MARKS, { colours }));
    expect([root.name, root.attributes["xmlns"]]).toEqual(["svg", "http://www.w3.org/2000/svg"]);
    expect(classed(root, "chart-state").map(({ attributes }) => attributes["data-state"])).toEqual(
      laid.nodes.map(({ id }) => id),
    );
  });

  test("holds nothing that a page's policy forbids, and nothing that is loaded", () => {
    const all = elementsIn(readXml(renderChart(laid, NO_MARKS, { colours: "attributes" })));
    const names = new Set(all.map((each) => each.name));
    expect([...names].filter((each) => !/^(svg|title|desc|defs|marker|path|rect|circle|g|text)$/.test(each))).toEqual(
      [],
    );
    const attributes = all.flatMap((each) => Object.entries(each.attributes));
    expect(attributes.filter(([key]) => key === "style" || key.startsWith("on") || key.endsWith("href"))).toEqual([]);
    expect(
      attributes.filter(([, value]) =>
        /url\((?!#chart-)|javascript:|https?:(?!\/\/www\.w3\.org\/2000\/svg$)/.test(value),
      ),
    ).toEqual([]);
  });
});

describe("a run in the picture", () => {
  const root = drawn(waiting);
  const states = (mark: string): readonly (string | undefined)[] =>
    classed(root, "chart-state", mark).map(({ attributes }) => attributes["data-state"]);
  const arrows = (mark: string): readonly string[] =>
    classed(root, "chart-edge", mark).map(({ attributes }) => `${attributes["data-from"]} → ${attributes["data-to"]}`);

  test("marks where it is, where it was, what it took and what is possible", () => {
    expect(states("is-active")).toEqual(["awaiting-approval", "awaiting-approval.asked"]);
    expect(states("is-visited")).toEqual(["received", "verified"]);
    expect(arrows("is-taken")).toEqual(["received → verified"]);
    expect(arrows("is-possible").toSorted()).toEqual([
      "awaiting-approval → dispatching",
      "awaiting-approval → reporting",
    ]);
  });

  test("dashes what is possible, so that it is told without its colour", () => {
    const dashed = elementsIn(root).filter(({ attributes }) => attributes["stroke-dasharray"] !== undefined);
    expect(dashed.every(({ attributes }) => attributes["class"]?.includes("is-possible"))).toBe(true);
    expect(dashed).toHaveLength(2);
  });

  test("has its timer as a text that a page can count down", () => {
    const [time, ...others] = classed(root, "chart-time");
    expect(others).toEqual([]);
    expect(time?.attributes["data-at"]).toBe("2026-07-05T14:45:01.000Z");
    expect(time === undefined ? "" : textIn(time)).toBe("until 2026-07-05 14:45Z");
  });

  test("says in words where it is, for those who do not see it", () => {
    const words = elementsIn(root)
      .filter(({ name }) => name === "title" || name === "desc")
      .map(textIn);
    expect(root.attributes["role"]).toBe("img");
    expect(words[0]).toBe("The machine delivery, version 1");
    expect(words[1]).toContain(
      "It is in awaiting-approval.asked. Possible now: DECIDED, CANCEL, after approvalTimeout.",
    );
  });

  test("names what it is labelled by", () => {
    const ids = elementsIn(root).flatMap(({ attributes }) => attributes["id"] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of (root.attributes["aria-labelledby"] ?? "").split(" ")) expect(ids).toContain(id);
    const used = elementsIn(root).flatMap(({ attributes }) => attributes["marker-end"] ?? []);
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((url) => !ids.includes(url.slice("url(#".length, -1)))).toEqual([]);
  });
});

describe("colours", () => {
  const coloured = (root: Element): readonly Element[] =>
    elementsIn(root).filter(
      ({ attributes: { fill, stroke } }) => (fill !== undefined && fill !== "none") || stroke !== undefined,
    );

  test("are the page's where it has classes, and the picture's own in a file", () => {
    expect(coloured(drawn(waiting))).toEqual([]);
    const own = drawn(waiting, "attributes");
    const parts = elementsIn(own).filter(({ name }) => ["rect", "path", "text", "circle"].includes(name));
    expect(parts.filter(({ attributes: { fill, stroke } }) => fill === undefined && stroke === undefined)).toEqual([]);
  });

  test("change no word and no place", () => {
    const bare = (root: Element): readonly unknown[] =>
      elementsIn(root).map(({ name, attributes: { x, y, d, class: classes }, children }) => [
        name,
        x,
        y,
        d,
        classes,
        children.filter((child) => typeof child === "string"),
      ]);
    expect(bare(drawn(waiting, "attributes"))).toEqual(bare(drawn(waiting)));
  });
});

describe("names that mean harm", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom(
      `"><script>alert(1)</script>`,
      `' onload='alert(1)`,
      `]]>`,
      `&#x0;`,
      `</text></svg>`,
      `\u0000\u001b\ufffe`,
      `\ud800`,
      `__proto__`,
      `url(https://example.org)`,
      `\u202eevil`,
    ),
  );

  test("stay texts: the picture has the elements that it would have with any other names", () => {
    fc.assert(
      fc.property(fc.uniqueArray(hostile, { minLength: 2, maxLength: 4 }), hostile, hostile, (names, event, guard) => {
        const ids = names.map((name, i) => `${i}${name}`);
        const [from = "", to = ""] = ids;
        const plain = chart(
          ids.map((id) => node(id, { name: id, parent: null })),
          [
            edge(from, event, to, { guard }),
            edge(from, event, from, { id: "inner" }),
            edge("", event, to, { id: "frame" }),
          ],
        );
        const marks = {
          ...NO_MARKS,
          active: [from],
          possible: [`${from}:${event}:0`],
          timers: [{ edge: `${from}:${event}:0`, at: event }],
        };
        const root = readXml(
          renderChart(stacked({ ...plain, machine: event, version: guard }), marks, { colours: "attributes" }),
        );
        const counted = elementsIn(root).map(({ name }) => name);
        expect(counted.filter((name) => name === "text")).toHaveLength(ids.length + 4);
        expect(counted.filter((name) => !/^(svg|title|desc|defs|marker|path|rect|g|text)$/.test(name))).toEqual([]);
        const keys = new Set(elementsIn(root).flatMap(({ attributes }) => Object.keys(attributes)));
        expect([...keys].filter((key) => key.startsWith("on") || key === "style")).toEqual([]);
      }),
    );
  });

  test("are seen as they are, but for what XML has no character for", () => {
    const named = chart([node("a<b>&\"c'\u0007")], []);
    expect(textIn(readXml(renderChart(stacked(named), NO_MARKS)))).toContain("a<b>&\"c'\ufffd");
  });
});

describe("the reader of these tests", () => {
  test.each([
    ["<a>", "a has no end"],
    ["<a></b>", "a ends as"],
    ["<a b=c/>", "no element at 0"],
    [`<a b="1" b="2"/>`, "b twice in a"],
    ["<a>&</a>", "a bare &"],
    ["<a>&nbsp;</a>", "a bare &"],
    ["<a/><b/>", "more behind the root"],
    ["<a>\u0000</a>", "a character that XML has no place for"],
    [`<a b="<"/>`, "no element at 0"],
    ["<a>]]></a>", "]]> in a text"],
  ])("refuses %s", (text, says) => expect(() => readXml(text)).toThrow(says));
});
