/** Pages of the inbox as people, agents and strangers leave them. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { INBOX_STATUSES } from "../../../src/core/inbox.ts";
import { frontMatter } from "../../../src/desk/front-matter.ts";
import { readFrontMatter } from "../../../src/desk/front-matter-reading.ts";
import { renderInboxItem } from "../../../src/desk/inbox-item.ts";
import { inEachStatus, readInboxPage, withInboxStatus } from "../../../src/desk/inbox-page.ts";
import { job, RUN } from "./inbox-pages.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const page = (head: string, text = "Text\n"): Buffer => Buffer.from(`---\n${head}\n---\n${text}`);
const fieldsOf = (head: string) => readFrontMatter(page(head).toString()).fields;

describe("a head", () => {
  test("gives texts as they were written: numbers verbatim, nulls left out, what is within by its path", () => {
    expect(
      fieldsOf(
        'kind: webhook\nprice: 420.00\nbig: 12345678901234567890\nno: null\n"a b": "q\\"x"\nfields:\n  n: 1e3\n  l: [x, 2]',
      ),
    ).toEqual([
      ["kind", "webhook"],
      ["price", "420.00"],
      ["big", "12345678901234567890"],
      ["a b", 'q"x'],
      ["fields.n", "1e3"],
      ["fields.l.0", "x"],
      ["fields.l.1", "2"],
    ]);
  });

  test("of ours reads back as it was written, whatever a sender's texts hold", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), { maxLength: 8 }),
        (given) => {
          const unique = [...new Map(given)].filter(([name]) => name !== "");
          const text = frontMatter(unique);
          expect(readFrontMatter(text).fields).toEqual(unique);
        },
      ),
    );
  });

  test.each([
    [
      "aliases that would grow",
      `a: &a [x,x]\nb: &b [*a,*a,*a]\nc: [${"*b,".repeat(500)}]`,
      [
        ["a.0", "x"],
        ["a.1", "x"],
      ],
    ],
    ["a billion laughs in keys", "a: &a x\n*a : y", undefined],
    ["nesting without an end", `a: ${"[".repeat(10_000)}`, undefined],
    ["a key twice", "status: new\nstatus: done", undefined],
    ["a tag", 'a: !!js/function "x"', [["a", "x"]]],
    ["a list instead of a mapping", "- a\n- b", undefined],
    [
      "a merge key",
      "<<: {status: new}\nstatus: done",
      [
        ["<<.status", "new"],
        ["status", "done"],
      ],
    ],
    [
      "a prototype",
      "__proto__: x\nconstructor: y",
      [
        ["__proto__", "x"],
        ["constructor", "y"],
      ],
    ],
  ])("with %s gives fields or none, and follows nothing", (_, head, fields) => {
    expect(fieldsOf(head)).toEqual(fields);
  });

  test("is never read for longer than a moment, and never throws", () => {
    const soup = fc.array(
      fc.constantFrom("a", ":", " ", "\n", "- ", "[", "{", "&a ", "*a ", "? ", '"', "|", "#", "\t", "---", "…"),
      {
        maxLength: 400,
      },
    );
    fc.assert(
      fc.property(soup, fc.boolean(), (parts, cut) => {
        const { fields, text } = readFrontMatter(`---\n${parts.join("")}\n---\n`, { cut });
        expect(fields === undefined || Array.isArray(fields)).toBe(true);
        expect(typeof text).toBe("string");
      }),
    );
    const began = performance.now();
    readFrontMatter(page(`a: [${"1,".repeat(1_000_000)}]`).toString());
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test("that is cut counts as far as its entries are whole", () => {
    const whole = "---\nkind: webhook\nstatus: new\nfields:\n  a: 1\n  b: 2";
    expect(readFrontMatter(whole, { cut: true }).fields).toEqual([
      ["kind", "webhook"],
      ["status", "new"],
    ]);
    expect(readFrontMatter(whole).fields).toBeUndefined();
    expect(readFrontMatter("---\nkind", { cut: true }).fields).toBeUndefined();
    expect(readFrontMatter("no head", { cut: true })).toEqual({ fields: undefined, text: "no head" });
  });

  test("is read without the sender's fields where only the rest is wanted", () => {
    const text = page("kind: webhook\nfields:\n  status: lies\n\n  b: 2\nlast: yes").toString();
    expect(readFrontMatter(text, { brief: true }).fields).toEqual([
      ["kind", "webhook"],
      ["last", "yes"],
    ]);
  });
});

describe("a page", () => {
  test("of ours says what it is, when, and of which run", () => {
    const item = renderInboxItem(job('{"a":1}'));
    expect(readInboxPage("2026-07-05T14-22-00Z-risk-breach.md", item.bytes)).toMatchObject({
      kind: "webhook",
      status: "new",
      title: "risk_breach from risk-breach",
      at: Date.UTC(2026, 6, 5, 14, 22, 0, 120),
      run: RUN,
    });
  });

  test("without a head, of bytes that are no text, or empty, is called by its file and dated by its name", () => {
    for (const bytes of [Buffer.from("just words"), Buffer.from([0, 255, 254, 0x2d]), Buffer.alloc(0)])
      expect(readInboxPage("2026-07-05T14-22-00Z-x.md", bytes)).toMatchObject({
        status: null,
        title: "2026-07-05T14-22-00Z-x",
        at: Date.UTC(2026, 6, 5, 14, 22),
        fields: [],
      });
    expect(readInboxPage("9999-99-99T99-99-99Z.md", page("received_at: +275760-09-13T00:00:00Z")).at).toBeNull();
  });

  test("has a title of bounded length", () => {
    expect(readInboxPage("a.md", page(`title: ${"x".repeat(5_000)}`)).title).toHaveLength(200);
  });
});

describe("another status", () => {
  test("changes that line and no other byte, also of what is no UTF-8", () => {
    const text = Buffer.concat([page("kind: x\nstatus: new # seen\nlast: 1"), Buffer.from([0xff, 0x00, 0xc3])]);
    const changed = withInboxStatus(text, "done");
    expect(Buffer.from(changed ?? []).toString("latin1")).toBe(
      text.toString("latin1").replace("status: new # seen", "status: done"),
    );
  });

  test("keeps line ends as they are", () => {
    const changed = withInboxStatus(Buffer.from("---\r\nstatus: new\r\n---\r\nText\r\n"), "open");
    expect(Buffer.from(changed ?? []).toString()).toBe("---\r\nstatus: open\r\n---\r\nText\r\n");
  });

  test.each([
    ["no head", Buffer.from("status: new\n")],
    ["a broken head", page("{[\nstatus: new")],
    ["no status", page("kind: x")],
    ["two", page("status: new\nstatus: open")],
    ["one over several lines", page("status: >\n  new\nkind: x")],
    ["one within a text", page('says: "a\nstatus: new\n b"\nkind: x')],
    ["one that others point at", page("status: &s new\nother: *s")],
    ["one in the text below alone", page("kind: x", "status: new\n")],
    ["nothing", Buffer.alloc(0)],
  ])("is refused where there is %s", (_, bytes) => {
    expect(withInboxStatus(bytes, "done")).toBeUndefined();
  });

  test("of a page of ours leads back to its first bytes", () => {
    const { bytes } = renderInboxItem(job('{"status":"new","fields":{"status":"x"}}'));
    for (const status of INBOX_STATUSES) {
      const changed = withInboxStatus(bytes, status) ?? Buffer.alloc(0);
      expect(readInboxPage("a.md", changed).status).toBe(status);
      expect(inEachStatus(changed).map((each) => Buffer.from(each))).toContainEqual(Buffer.from(bytes));
    }
  });
});
