import * as fc from "fast-check";
import { parse } from "smol-toml";

/** TOML documents written in every style that TOML has: what a file in the wild may look like, not what a printer makes. */
const blank = fc.constantFrom("", " ", "\t ");
const comment = fc.constantFrom("", " # a = 1", ' # "', " # ]}", "#'''");
const lineEnd = fc.constantFrom("\n", "\r\n", "\n\n");

const bareKey = fc.stringMatching(/^[a-z0-9_-]{1,4}$/);
const plain = fc.string({ maxLength: 6 }).map((text) => text.replace(/[\p{Cc}\p{Surrogate}'"\\]/gu, "_"));
const basic = fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text.replace(/[\p{Surrogate}\u007F]/gu, "_")));
const quotedKey = fc.oneof(
  basic,
  plain.map((text) => `'${text}'`),
);
const key = fc.oneof({ weight: 4, arbitrary: bareKey }, { weight: 1, arbitrary: quotedKey });

const scalar = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map(String),
  fc.constantFrom("true", "false", "0x1F", "1_000", "1.5e3", "inf"),
  fc.constantFrom("1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00.5+01:00"),
  basic,
  plain.map((text) => `'${text}'`),
  fc.tuple(plain, fc.constantFrom("", '"', '""')).map(([text, tail]) => `"""\n${text}\n[x]\ny = 1 # z\\""" ${tail}"""`),
  fc.tuple(plain, fc.constantFrom("", "'", "''")).map(([text, tail]) => `'''${text}\n[[x]]\\${tail}'''`),
);

const { value } = fc.letrec<{ value: string; list: string; table: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, tie("list"), tie("table")),
  list: fc
    .tuple(fc.array(fc.tuple(tie("value"), blank, comment, lineEnd), { maxLength: 3 }), fc.boolean())
    .map(([members, comma]) => {
      const written = members.map(
        ([each, gap, note, end], i) => `${gap}${each}${comma || i < members.length - 1 ? "," : ""}${note}${end}`,
      );
      return `[${written.join("")}]`;
    }),
  table: fc
    .uniqueArray(fc.tuple(key, blank, tie("value")), { maxLength: 3, selector: ([name]) => name })
    .map((members) => `{ ${members.map(([name, gap, each]) => `${name}${gap}=${gap}${each}`).join(`, `)} }`),
}));

const pair = fc
  .tuple(fc.array(key, { minLength: 1, maxLength: 3 }), blank, value, comment, lineEnd)
  .map(([keys, gap, each, note, end]) => `${gap}${keys.join(`${gap}.${gap}`)}${gap}=${gap}${each}${note}${end}`);
const header = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom("a", "b"), key), { minLength: 1, maxLength: 3 }),
    fc.boolean(),
    blank,
    comment,
    lineEnd,
  )
  .map(([keys, isList, gap, note, end]) => {
    const [open, close] = isList ? ["[[", "]]"] : ["[", "]"];
    return `${gap}${open}${gap}${keys.join(`${gap}.`)}${gap}${close}${note}${end}`;
  });

function accepts(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A line that would make the document invalid (a key twice, a table again) is left out. */
export const tomlText: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 3, arbitrary: pair }, { weight: 2, arbitrary: header }), { maxLength: 12 })
  .map((lines) => lines.reduce((text, line) => (accepts(text + line) ? text + line : text), ""));
