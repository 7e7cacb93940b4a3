import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isMap, isScalar, parse, parseDocument } from "yaml";
import { sha256Of } from "../../../src/core/ids.ts";
import { FIELD_NAME_CHARACTERS_MAX, FIELD_VALUE_CHARACTERS_MAX, FIELDS_MAX } from "../../../src/desk/inbox-item.ts";
import type { InboxJob } from "../../../src/desk/jobs.ts";
import { facts, job, page, parts, RUN, SHA } from "./inbox-pages.ts";

/** The payload's fields, as the YAML library of the page's own making reads them back. */
function fieldsOf(of: InboxJob): ReadonlyMap<unknown, unknown> {
  const head: ReadonlyMap<unknown, unknown> = parse(parts(page(of)).head, { mapAsMap: true });
  const fields = head.get("fields");
  if (!(fields instanceof Map)) throw new Error("the item has no fields");
  return fields;
}
const source = (node: unknown): string => (isScalar(node) ? (node.source ?? "") : "");
/** Each field's value as it is written in the YAML. */
function writtenFields(of: InboxJob): ReadonlyMap<string, string> {
  const map = parseDocument(parts(page(of)).head).get("fields");
  if (!isMap(map)) throw new Error("the item has no fields");
  return new Map(map.items.map(({ key, value }) => [source(key), source(value)]));
}

test("says what came, when, and which run it belongs to", () => {
  expect(parse(parts(page(job('{"symbol":"SPY"}'))).head)).toEqual({
    kind: "webhook",
    status: "new",
    webhook: "risk-breach",
    event: "risk_breach",
    received_at: "2026-07-05T14:22:00.120Z",
    run: RUN,
    delivery_id: "delivery-1",
    sha256: SHA,
    fields: { symbol: "SPY" },
  });
});

test("has null for an event without a name", () => {
  expect(parse(parts(page(job("{}", { facts: facts({ event_type: null }) }))).head)).toHaveProperty("event", null);
});

test("keeps a hash that reads as a number a text", () => {
  expect(parse(parts(page(job("{}", { sha256: sha256Of(`1e${"5".repeat(62)}`) }))).head)).toHaveProperty(
    "sha256",
    `1e${"5".repeat(62)}`,
  );
});

test.each(["420.00", "12345678901234567890", "-0", "1E400", "0.10", "1e-7"])(
  "writes the number %s verbatim",
  (number) => {
    expect(writtenFields(job(`{"n":${number}}`)).get("n")).toBe(number);
    expect(typeof fieldsOf(job(`{"n":${number}}`)).get("n")).toBe("number");
  },
);

test.each([
  "420.00",
  "true",
  "null",
  "yes",
  "off",
  "~",
  "",
  " padded ",
  "0x1F",
  "1_000",
  "12:30:45",
  "<<",
  "- a",
  "#",
  ": ",
  "&a",
  "*a",
  "!t",
  "%",
  "@",
])("keeps the text %j a text, also under YAML 1.1", (text) => {
  const { head } = parts(page(job(JSON.stringify({ text }))));
  expect(parse(head)).toHaveProperty("fields.text", text);
  expect(parse(head, { version: "1.1" })).toHaveProperty("fields.text", text);
});

test("takes the payload's own scalars and leaves lists and objects to the payload", () => {
  const body = '{"a":"x","b":true,"c":null,"d":1,"e":[1],"f":{"g":1}}';
  expect(Object.fromEntries(fieldsOf(job(body)))).toEqual({ a: "x", b: true, c: null, d: 1 });
});

test.each(["[1,2]", "42", '"text"', "null"])("has no fields for the payload %s", (body) => {
  expect(fieldsOf(job(body)).size).toBe(0);
});

test.each([
  "__proto__",
  "constructor",
  "toJSON",
  "<<",
  "a\nstatus: done",
  "---\n",
  "\n---\n",
  "...",
  "? ",
  "a: b",
  "#",
  "",
  " ",
  "\u0000\u0001\u001b[31m",
  "\u0085\u2028\u2029",
  "\ufeff",
  "\u202egnp.exe",
  "\ud83d\ude00",
  '"',
  "'",
  "\\",
  "\t",
  "\r\n",
  "null",
  "1",
  "k".repeat(FIELD_NAME_CHARACTERS_MAX),
  "\n".repeat(FIELD_NAME_CHARACTERS_MAX),
])("holds the name %j as data", (name) => {
  const read = parse(parts(page(job(`{${JSON.stringify(name)}:"x"}`))).head, { mapAsMap: true });
  expect(read.get("fields")).toEqual(new Map([[name, "x"]]));
  expect(read.get("status")).toBe("new");
});

test("holds any JSON object's scalars, read back equal", () => {
  // Any 16 bits at a time: control characters, separators, and halves of surrogate pairs too.
  const unit = fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0xffff }));
  const text = fc.array(unit, { maxLength: 12 }).map((units) => String.fromCharCode(...units));
  const scalar = fc.oneof(text, fc.boolean(), fc.constant(null), fc.integer());
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(text, scalar), { maxLength: 12, selector: ([name]) => name }), (members) => {
      const body = `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
      expect(fieldsOf(job(body))).toEqual(new Map(members));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("holds no character that a reader could take for a line break or that turns the writing", () => {
  const { head } = parts(page(job(JSON.stringify({ "\u2028\u202e": "\u0085\u2029\ufeff\u0000\r\u009b" }))));
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  expect(head).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\ufeff]/);
});

test("cuts a long value and says how long it was", () => {
  const value = String(fieldsOf(job(JSON.stringify({ note: "x".repeat(5_000) }))).get("note"));
  expect(value).toBe(`${"x".repeat(FIELD_VALUE_CHARACTERS_MAX)}… (cut: 5000 characters)`);
});

test("never cuts through a character", () => {
  const value = String(fieldsOf(job(JSON.stringify({ note: `x${"😀".repeat(2_000)}` }))).get("note"));
  expect(value).toMatch(/^x(?:😀)+… \(cut/u);
});

test("makes a text of a number that is too long to show, because its beginning is another number", () => {
  expect(typeof fieldsOf(job(`{"n":${"1".repeat(3_000)}}`)).get("n")).toBe("string");
});

test("stops after so many fields and says how many more there were", () => {
  const body = JSON.stringify(Object.fromEntries(Array.from({ length: FIELDS_MAX + 7 }, (_, i) => [`f${i}`, i])));
  expect(fieldsOf(job(body)).size).toBe(FIELDS_MAX);
  expect(parse(parts(page(job(body))).head)).toHaveProperty("fields_omitted", 7);
});

test("counts a field whose name is too long among those left out", () => {
  const body = JSON.stringify({ ["k".repeat(FIELD_NAME_CHARACTERS_MAX + 1)]: 1, short: 2 });
  expect([...fieldsOf(job(body))]).toEqual([["short", 2]]);
  expect(parse(parts(page(job(body))).head)).toHaveProperty("fields_omitted", 1);
});
