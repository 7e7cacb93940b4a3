import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { PASTED_BYTES_MAX, renderInboxItem } from "../../../src/desk/inbox-item.ts";
import type { InboxJob } from "../../../src/desk/jobs.ts";
import { facts, job, page, parts, RUN, SHA } from "./inbox-pages.ts";

/** The first fenced block as CommonMark reads it: it ends at a line of at least as many backticks and nothing else. */
function fencedBlock(body: string): { readonly inside: string; readonly after: string } {
  const opening = /^(`{3,})json\n/m.exec(body);
  const fence = opening?.[1] ?? "none";
  const inside = body.slice((opening?.index ?? 0) + (opening?.[0].length ?? 0));
  const closing = new RegExp(`(?:^|[\\n\\r]) {0,3}\`{${fence.length},}[ \\t]*(?=[\\n\\r]|$)`).exec(inside);
  const at = closing?.index ?? inside.length;
  return { inside: inside.slice(0, at + 1), after: inside.slice(at + (closing?.[0].length ?? 0)) };
}

const summaryOf = (of: InboxJob): string => parts(page(of)).body.split("\n")[1] ?? "";
/** Whether the plain item's job takes another job's page, once edited, for its own. */
const edited = (of: InboxJob, edit: (text: string) => string): boolean =>
  renderInboxItem(job("{}")).isEdited(Buffer.from(edit(page(of))));

describe("the payload", () => {
  test.each([
    ['{"price": 420.00}', "spaces and digits"],
    ['{\r\n  "a": 1\r\n}\r\n', "CRLF"],
    ['{"a":"\u2028\u2029\u0085\u007f"}', "line separators"],
    ['{"a":"\ufeff\u0000"}'.replace("\u0000", "\\u0000"), "an inner byte order mark and an escaped NUL"],
    ['{"\\u0061":1}', "escapes as they were sent"],
    ['\n\n{"a":"---\\n"}\n\n', "blank lines around"],
  ])("stands in a fenced block exactly as received: %j (%s)", (body) => {
    const { inside } = fencedBlock(parts(page(job(body))).body);
    expect(inside).toBe(body.endsWith("\n") ? body : `${body}\n`);
  });

  test("cannot close its fence, whatever it holds", () => {
    const piece = fc.constantFrom(
      "`",
      "```",
      "````",
      "~~~",
      "\n",
      "\r",
      "\n```\n",
      "\n---\n",
      "</pre>",
      "    ",
      "x",
      "\u2028",
    );
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
    // White space between tokens is where raw line breaks may stand in JSON; inside strings they are escaped.
    const blank = fc.array(fc.constantFrom(" ", "\n", "\r", "\t"), { maxLength: 4 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, text, blank, (name, value, space) => {
        const body = `${space}{${space}${JSON.stringify(name)}:${space}${JSON.stringify(value)}${space}}${space}`;
        const { inside, after } = fencedBlock(parts(page(job(body))).body);
        expect(inside).toBe(body.endsWith("\n") ? body : `${body}\n`);
        expect(after.trim()).toBe("");
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test.each([
    [Buffer.from([0xff, 0xfe, 0x00]), "bytes that are not UTF-8"],
    [Buffer.from("plain text"), "text that is not JSON"],
    [Buffer.from('\ufeff{"a":1}'), "JSON behind a byte order mark"],
    [Buffer.from('{"a":1,"a":2}'), "an object with one name twice"],
    [Buffer.from('{"a":"\u0000"}'), "a raw NUL"],
    [Buffer.alloc(0), "nothing"],
  ])("is described instead when it is %2$s", (body) => {
    const text = page(job(body, { media_type: "text/plain" }));
    expect(text).toContain(`${body.byteLength} bytes of \`text/plain\`, SHA-256 \`${SHA}\``);
    expect(text).toContain(`qoc artifact cat ${SHA}`);
    expect(text).not.toContain("```");
  });

  test("is cut when it is large, between characters, with the command that prints it whole", () => {
    const body = JSON.stringify({ note: `xx${"ü".repeat(PASTED_BYTES_MAX)}` });
    const { inside, after } = fencedBlock(parts(page(job(body))).body);
    expect(Buffer.byteLength(inside)).toBeLessThanOrEqual(PASTED_BYTES_MAX + 1);
    expect(body.startsWith(inside.trimEnd())).toBe(true);
    expect(after).toContain(`The payload has ${Buffer.byteLength(body)} bytes`);
    expect(after).toContain(`qoc artifact cat ${SHA}`);
  });
});

describe("the summary", () => {
  test("names the event, the webhook and the first fields", () => {
    expect(summaryOf(job('{"event":"risk_breach","symbol":"SPY","price":420.00}'))).toBe(
      "`risk_breach` from `risk-breach`, `symbol = SPY`, `price = 420.00`",
    );
  });

  test("is one line in which nothing of the sender's comes to life", () => {
    const hostile = fc.array(fc.constantFrom("`", "\n", "\r", "\u2028", "![x](http://evil)", "<b>", "# ", " "), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(hostile, hostile, (event, value) => {
        const of = job(JSON.stringify({ v: value.join("") }), { facts: facts({ event_type: event.join("") }) });
        const [blank, summary, next] = parts(page(of)).body.split(/\r\n|[\n\r\u2028\u2029\u0085]/);
        expect([blank, next]).toEqual(["", ""]);
        // What is left when the code spans are taken out is ours alone.
        expect(summary?.replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, "")).toMatch(/^(?:|\(empty\)) from (?:, )?$/);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe("a notice", () => {
  const notice = { ordinal: 2, says: "Delivery `a` came again.\nLook at it." };
  const noticed = job("{}", { notice });

  test("stands first in the body, on one line, and in the front matter", () => {
    expect(parts(page(noticed)).body.split("\n").slice(0, 3)).toEqual([
      "",
      "> Delivery `a` came again. Look at it.",
      "",
    ]);
    expect(parse(parts(page(noticed)).head)).toMatchObject({
      kind: "webhook",
      run: RUN,
      notice: 2,
      says: notice.says,
    });
  });

  test("has names that say what it is, and that nothing else of the run has", () => {
    const { names } = renderInboxItem(noticed);
    expect(names).toEqual([
      "2026-07-05T14-22-00Z-risk-breach-0198f000-notice-2.md",
      `2026-07-05T14-22-00Z-risk-breach-${RUN}-notice-2.md`,
    ]);
    const others = [job("{}"), job("{}", { notice: { ...notice, ordinal: 3 } })];
    expect(others.flatMap((other) => renderInboxItem(other).names).filter((name) => names.includes(name))).toEqual([]);
  });

  test("is recognised after a person has worked on it, and not in another notice or the run's item", () => {
    const { isEdited } = renderInboxItem(noticed);
    const found = [noticed, job("{}", { notice: { ...notice, ordinal: 3 } }), job("{}")].map((each) =>
      isEdited(Buffer.from(`${page(each).replace("status: new", "status: done")}\nSeen.\n`)),
    );
    expect(found).toEqual([true, false, false]);
  });
});

describe("the item's file", () => {
  test("is named by time and webhook, then by more and more of the run", () => {
    expect(renderInboxItem(job("{}")).names).toEqual([
      "2026-07-05T14-22-00Z-risk-breach.md",
      "2026-07-05T14-22-00Z-risk-breach-0198f000.md",
      `2026-07-05T14-22-00Z-risk-breach-${RUN}.md`,
    ]);
  });

  test("has the same names and bytes when it is rendered again", () => {
    const [first, again] = [renderInboxItem(job('{"a":1}')), renderInboxItem(job('{"a":1}'))];
    expect([again.names, again.bytes]).toEqual([first.names, first.bytes]);
  });

  describe("is recognised", () => {
    test("after a person has worked on it", () => {
      expect(edited(job("{}"), (text) => `${text.replace("status: new", "status: done")}\nSeen.\n`)).toBe(true);
    });
    test("after an editor has changed its line ends", () => {
      expect(edited(job("{}"), (text) => text.replaceAll("\n", "\r\n"))).toBe(true);
    });
    test("but not another run's item", () => {
      expect(edited(job("{}", { run: RUN.replace("a", "b") }), String)).toBe(false);
    });
    test("but not another run's item whose sender wrote this run into the payload", () => {
      const body = JSON.stringify({ run: RUN, [`x\nrun: "${RUN}"\n`]: `\nrun: "${RUN}"\n` });
      expect(edited(job(body, { run: RUN.replace("a", "b") }), String)).toBe(false);
    });
    test("but not a notice about the same run", () => {
      expect(edited(job("{}", { notice: { ordinal: 1, says: "Look." } }), String)).toBe(false);
    });
    test("but not a person's own note", () => {
      expect(edited(job("{}"), () => `About run: "${RUN}"\n`)).toBe(false);
    });
  });
});
