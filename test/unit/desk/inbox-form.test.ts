import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { FIELDS_MAX, PASTED_BYTES_MAX } from "../../../src/desk/inbox-item.ts";
import type { InboxJob } from "../../../src/desk/jobs.ts";
import { job, page, parts, SHA } from "./inbox-pages.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const FORM = "application/x-www-form-urlencoded";
const form = (body: string | Uint8Array): InboxJob => job(body, { media_type: FORM });
const encoded = (...fields: readonly (readonly [string, string])[]): InboxJob =>
  form(new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString());

/** What stands in each fenced block, as CommonMark reads the page, and what stands outside of them. */
function readOut(of: InboxJob): { readonly blocks: readonly string[]; readonly outside: string } {
  const blocks: string[] = [];
  const outside: string[] = [];
  let open: { readonly fence: string; readonly lines: string[] } | undefined;
  for (const line of parts(page(of)).body.split(/\r\n|[\n\r]/)) {
    const fence = /^ {0,3}(`{3,})[ \t]*(json|text)?$/.exec(line);
    if (open === undefined) {
      if (fence?.[1] !== undefined) open = { fence: fence[1], lines: [] };
      else outside.push(line);
    } else if (fence?.[1] !== undefined && fence[2] === undefined && fence[1].length >= open.fence.length) {
      blocks.push(open.lines.join("\n"));
      open = undefined;
    } else open.lines.push(line);
  }
  expect(open).toBeUndefined();
  return { blocks, outside: outside.join("\n") };
}
const fieldsOf = (of: InboxJob): unknown => {
  const head: ReadonlyMap<unknown, unknown> = parse(parts(page(of)).head, { mapAsMap: true });
  const fields = head.get("fields");
  return fields instanceof Map ? Object.fromEntries(fields) : fields;
};

describe("JSON in the field payload of a form", () => {
  const json = '{ "type":"block_actions", "price": 420.00, "size": 12345678901234567890 }';

  test("is shown exactly as it stands in the field", () => {
    expect(readOut(encoded(["payload", json])).blocks).toEqual([json]);
  });

  test("gives the front matter its scalars, numbers as they were written", () => {
    const { head } = parts(page(encoded(["payload", json])));
    expect(head).toContain("price: 420.00\n");
    expect(head).toContain("size: 12345678901234567890\n");
    expect(fieldsOf(encoded(["payload", json]))).toMatchObject({ type: "block_actions" });
  });

  test("says that it was sent as a form, and how to see the form", () => {
    const { outside } = readOut(encoded(["payload", json]));
    expect(outside).toContain(`It was sent as a form. Print it with \`qoc artifact cat ${SHA}\`.`);
    expect(outside).not.toContain("not shown");
  });

  test("has what stood beside it in a list of its own, and not among its fields", () => {
    const of = encoded(["payload", json], ["token", "a b"], ["token", "c"]);
    expect(readOut(of).blocks).toEqual([json, "token: a b\ntoken: c"]);
    expect(fieldsOf(of)).not.toHaveProperty("token");
  });

  test("is cut when it is large, between characters", () => {
    const large = JSON.stringify({ note: "ü".repeat(PASTED_BYTES_MAX) });
    const { blocks, outside } = readOut(encoded(["payload", large]));
    expect(Buffer.byteLength(blocks[0] ?? "")).toBeLessThanOrEqual(PASTED_BYTES_MAX);
    expect(large.startsWith(blocks[0] ?? "none")).toBe(true);
    expect(outside).toContain(`The payload has ${Buffer.byteLength(large)} bytes; it is cut above.`);
  });

  test.each([
    ["is not JSON", [["payload", "{"]], 'payload: "{"'],
    ["has one name twice", [["payload", '{"a":1,"a":2}']], String.raw`payload: "{\"a\":1,\"a\":2}"`],
    [
      "stands there twice",
      [
        ["payload", "{}"],
        ["payload", "[]"],
      ],
      'payload: "{}"\npayload: "[]"',
    ],
    ["is called otherwise", [["data", "{}"]], 'data: "{}"'],
  ] as const)("is a field like others when it %s", (_name, fields, listed) => {
    expect(readOut(encoded(...fields)).blocks).toEqual([listed]);
  });
});

describe("a form", () => {
  const command = encoded(["command", "/deploy"], ["text", "web now"], ["user_id", "U0ADA"], ["size", "420.00"]);

  test("is shown as a list of its fields in their order", () => {
    const { blocks, outside } = readOut(command);
    expect(blocks).toEqual(['command: "/deploy"\ntext: web now\nuser_id: U0ADA\nsize: "420.00"']);
    expect(outside).toContain(`qoc artifact cat ${SHA}`);
    expect(outside).not.toContain("not shown");
  });

  test("has its fields in the front matter, all of them texts", () => {
    expect(fieldsOf(command)).toEqual({ command: "/deploy", text: "web now", user_id: "U0ADA", size: "420.00" });
  });

  test("is summed up by its first fields", () => {
    expect(readOut(command).outside).toContain(
      "`command = /deploy`, `text = web now`, `user_id = U0ADA`, `size = 420.00`",
    );
  });

  test("is one with parameters behind its media type, however that is written", () => {
    const of = job("a=1", { media_type: "Application/X-WWW-Form-Urlencoded; charset=UTF-8" });
    expect(readOut(of).blocks).toEqual(['a: "1"']);
  });

  test("with a name many times lists every value, and has none of them in the front matter", () => {
    const of = form("a=1&b=2&a=3");
    expect(readOut(of).blocks).toEqual(['a: "1"\na: "3"\nb: "2"']);
    expect(fieldsOf(of)).toEqual({ b: "2" });
  });

  test("with more fields than the front matter takes lists them all, and says how many it left out above", () => {
    const of = form(Array.from({ length: FIELDS_MAX + 7 }, (_, i) => `f${i}=v`).join("&"));
    expect(readOut(of).blocks[0]?.split("\n")).toHaveLength(FIELDS_MAX + 7);
    expect(parse(parts(page(of)).head)).toMatchObject({ fields_omitted: 7 });
  });

  test("that is large is cut", () => {
    const { blocks, outside } = readOut(form(`a=${"x".repeat(PASTED_BYTES_MAX)}`));
    expect(blocks[0]).toHaveLength(PASTED_BYTES_MAX);
    expect(outside).toContain(`The list has ${PASTED_BYTES_MAX + 3} bytes; it is cut above.`);
  });

  test.each([
    ["bytes that are not UTF-8", Buffer.from([0x61, 0x3d, 0xff]), "is a form that cannot be read"],
    ["too many fields", Buffer.from("a&".repeat(10_001)), "is a form that cannot be read"],
    ["nothing", Buffer.alloc(0), "is a form without fields"],
  ])("of %s is described", (_name, body, because) => {
    const { blocks, outside } = readOut(form(body));
    expect(blocks).toEqual([]);
    expect(outside).toContain(`The body ${because} and is not shown: ${body.byteLength} bytes of \`${FORM}\``);
  });
});

test("JSON that was sent under a form's media type is shown as JSON", () => {
  const { blocks, outside } = readOut(form('{"price": 420.00}'));
  expect(blocks).toEqual(['{"price": 420.00}']);
  expect(outside).not.toContain("form");
});

test("whatever the names and values of a form: one line of the list gives back one of them, and nothing comes to life", () => {
  const piece = fc.constantFrom(
    "`",
    "```",
    "~~~",
    "\n",
    "\r\n",
    "\n```\n",
    "\n---\n",
    "\u2028",
    "\u202e",
    "<b>",
    "![x](http://evil)",
    ": ",
    "\nrun: x",
    "payload",
    "__proto__",
    "\u0000",
    "é",
    " ",
    "#",
  );
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
  const field = fc.tuple(text, text).filter(([name]) => name !== "payload");
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 8 }), (fields) => {
      const of = encoded(...fields);
      const { blocks, outside } = readOut(of);
      const lines = blocks.join("\n").split(/[\n\r\u2028\u2029\u0085]/);
      const read = lines.flatMap((line): unknown[] => [...parse(line, { mapAsMap: true })]);
      const byName = (a: unknown, b: unknown): number => JSON.stringify(a).localeCompare(JSON.stringify(b));
      expect(read.toSorted(byName)).toEqual(fields.toSorted(byName));
      expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      // What is left when the code spans are taken out is ours alone.
      expect(outside.replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, "")).not.toMatch(/evil|<b>|run: x/);
      expect(parse(parts(page(of)).head)).toHaveProperty("run", of.run);
    }),
  );
});

test("a body too large to be read is shown by its beginning, with its whole length", () => {
  const beginning = '{"event":"large","text":"xxx';
  const text = page(job(beginning, { body_bytes: 25_000_000 }));
  expect(text).toContain(beginning);
  expect(text).toContain("The payload has 25000000 bytes; it is cut above.");
});

test("a body too large to be read that is no JSON is described", () => {
  const text = page(job("a=1&b=", { body_bytes: 25_000_000, media_type: "application/x-www-form-urlencoded" }));
  expect(text).toContain("The body is too large to be read here and is not shown: 25000000 bytes");
});
