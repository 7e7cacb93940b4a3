import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  describeDraft,
  digestOf,
  draftFileName,
  isDraftFileName,
  readDraft,
  type ActionDraft,
  type DraftKind,
  type DraftRead,
  type OrderDraft,
} from "../../../src/orders/draft.ts";
import { tablesOf, writeDraft } from "../../../src/orders/draft-text.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

const deployment: DraftKind = {
  kind: "deployment",
  fields: [
    { name: "image", type: "text", required: true },
    { name: "replicas", type: "integer", required: true },
    { name: "share", type: "decimal", required: false },
    { name: "canary", type: "boolean", required: false },
    { name: "stage", type: ["staging", "production"], required: false },
  ],
};
const read = (text: string): DraftRead => readDraft(Buffer.from(text), [deployment]);
const problemsOf = (text: string): readonly string[] => {
  const found = read(text);
  return found.kind === "invalid" ? found.problems : [];
};
const digestIn = (text: string): string => {
  const found = read(text);
  if (found.kind === "invalid") throw new Error(found.problems.join("; "));
  return found.digest;
};

const ORDER = `[order]
connector = "paper"
symbol = "NVDA"
side = "buy"
quantity = 100
type = "limit"
limit_price = 120.50
time_in_force = "day"

[rationale]
summary = "It breached the limit."
research_ref = "research/nvda.md"
`;
const DEPLOYMENT = `[draft]
kind = "deployment"
name = "web-1"
image = "registry/web:7"
replicas = 3

[rationale]
summary = "The fix is in."
`;
const order: OrderDraft = {
  kind: "order",
  connector: "paper",
  symbol: "NVDA",
  side: "buy",
  quantity: "100",
  type: "limit",
  limit_price: "120.50",
  time_in_force: "day",
  rationale: { summary: "It breached the limit.", research_ref: "research/nvda.md" },
};
const action: ActionDraft = {
  kind: "action",
  action: "deployment",
  name: "web-1",
  fields: { image: "registry/web:7", replicas: "3" },
  rationale: { summary: "The fix is in.", research_ref: null },
};

describe("an order", () => {
  test("is read with its numbers as they were written", () => {
    expect(read(ORDER)).toEqual({
      kind: "draft",
      draft: order,
      digest: digestOf(order),
      says: "buy 100 NVDA at 120.50 limit, day, through paper",
    });
  });

  test("keeps every digit of a number that a double would lose", () => {
    const found = read(ORDER.replace("120.50", "12345678901234567.123456789012345678"));
    expect(found).toMatchObject({ draft: { limit_price: "12345678901234567.123456789012345678" } });
  });

  test.each([
    ["a comment", ORDER.replace("= 120.50", "= 120.50 # limit_price = 999.99")],
    ["a text of many lines", ORDER.replace('"It breached the limit."', '"""\nlimit_price = 999.99\nquantity = 7\n"""')],
    ["a literal text", ORDER.replace('"It breached the limit."', "'''\nlimit_price = 999.99 \"\"\" '''")],
    ["a text with a quote in it", ORDER.replace('"It breached the limit."', String.raw`"\" limit_price = 999.99"`)],
  ])("takes no number out of %s", (_where, text) => {
    expect(read(text)).toMatchObject({ kind: "draft", draft: { limit_price: "120.50", quantity: "100" } });
  });

  test("without a limit is sold at market, for the day unless it says otherwise", () => {
    const text = ORDER.replace('"limit"', '"market"').replace(/limit_price.*\ntime_in_force.*\n/, "");
    expect(read(text)).toMatchObject({ says: "buy 100 NVDA at market, day, through paper" });
  });

  test("names every problem that it has", () => {
    const text = `[order]
connector = "Paper!"
symbol = "../NVDA"
side = "short"
quantity = -5
type = "limit"
venue = "x"
[rationale]
summary = " "
why = "x"
[outcome]
end = "executed"
`;
    expect(problemsOf(text)).toEqual([
      '"outcome" is no table of a draft',
      "rationale.summary is empty",
      'rationale has no key "why"',
      "order.limit_price is missing",
      "order.connector must be a name: up to 63 of a-z, 0-9 and -, not beginning with -",
      "order.symbol must be a symbol: up to 24 of A-Z, 0-9, . and -, with a letter or digit at both ends",
      'order.side must be one of "buy", "sell"',
      "order.quantity must be a plain decimal such as 120.50: up to 20 digits before the point and 18 behind it, more than 0",
      'order has no key "venue"',
    ]);
  });

  test.each(["0", "0.000", "-1", "1e3", "inf", "nan", "0x10", "1_000", "true", '"1,000"', '" 1"', "[1]", "1979-05-27"])(
    "of %s pieces is refused",
    (quantity) => {
      expect(problemsOf(ORDER.replace("= 100", `= ${quantity}`))).toEqual([
        expect.stringMatching(/^order\.quantity must be a plain decimal/),
      ]);
    },
  );

  test("at market has no limit price", () => {
    expect(problemsOf(ORDER.replace('"limit"', '"market"'))).toEqual([
      "order.limit_price belongs to a limit order only",
    ]);
  });

  test.each(["\\u202e", "\\u0000", "\\u001b[2J", "\\u200b", "\\u00ad", "\\u061c", "\\u3164", "\\r"])(
    "hides nothing in its summary: %s",
    (unseen) => {
      expect(problemsOf(ORDER.replace("It breached", `It${unseen}breached`))).toEqual([
        "rationale.summary has characters that cannot be seen",
      ]);
    },
  );
});

describe("a file", () => {
  test.each([
    ["no TOML", "[order", /^it is not TOML: /],
    ["a key twice", `${ORDER}summary = "again"\n`, /^it is not TOML: /],
    ["empty", "", /^it needs one of the tables/],
    ["both", ORDER + DEPLOYMENT.replace(/\[rationale\][\s\S]*/, ""), /^it needs one of the tables/],
    ["too large", `#${"x".repeat(64 * 1024)}\n${ORDER}`, /^it has more than 65536 bytes/],
    ["no table", 'order = "buy"\n[rationale]\nsummary = "x"\n', /^order must be a table/],
    ["a prototype", `${ORDER}[__proto__]\nx = 1\n`, /is no table of a draft$/],
  ])("that is %s is refused with a sentence", (_what, text, says) => {
    expect(problemsOf(text)[0]).toMatch(says);
  });

  test("of one long text is read in no time", () => {
    const long = 'quantity = 7 \\\\ "" '.repeat(2_500);
    const begun = performance.now();
    const found = read(ORDER.replace('"It breached the limit."', `"""${long}"""`));
    expect(found).toMatchObject({ problems: ["rationale.summary has more than 4000 characters"] });
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  test("that is not UTF-8 is refused", () => {
    expect(readDraft(Uint8Array.of(0xff, 0xfe), [])).toEqual({ kind: "invalid", problems: ["it is not UTF-8"] });
  });

  test("of any bytes is read or refused, and never throws", () => {
    const pieces = fc.constantFrom(
      ...ORDER.split(/\b/),
      '"',
      "'",
      "[",
      "]",
      "{",
      "}",
      "=",
      "#",
      "\n",
      "\\",
      '"""',
      "'''",
      "\u{1f600}",
      "\ud800",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.array(pieces).map((all) => Buffer.from(all.join(""))),
        ),
        (bytes) => {
          expect(["draft", "invalid"]).toContain(readDraft(bytes, [deployment]).kind);
        },
      ),
    );
  });
});

describe("a draft of a configured kind", () => {
  test("is read by the kind's own fields", () => {
    expect(read(DEPLOYMENT)).toEqual({
      kind: "draft",
      draft: action,
      digest: digestOf(action),
      says: 'deployment web-1, image = "registry/web:7", replicas = "3"',
    });
  });

  test("holds all that its fields allow", () => {
    const text = DEPLOYMENT.replace("replicas = 3", 'replicas = 3\nshare = 0.250\ncanary = true\nstage = "staging"');
    expect(read(text)).toMatchObject({ draft: { fields: { share: "0.250", canary: true, stage: "staging" } } });
  });

  test.each([
    ["replicas = 3", "replicas = 3.5", "draft.replicas must be a whole number of up to 18 digits"],
    ["replicas = 3", "", "draft.replicas is missing"],
    ["replicas = 3", 'replicas = 3\nstage = "moon"', 'draft.stage must be one of "staging", "production"'],
    ["replicas = 3", 'replicas = 3\ncanary = "yes"', "draft.canary must be true or false"],
    ["replicas = 3", "replicas = 3\nforce = true", 'draft has no key "force"'],
    ["deployment", "erasure", "draft.kind is no kind of draft that desk.toml has"],
    ["web-1", "../web", "draft.name must be a name: up to 63 of a-z, 0-9 and -, not beginning with -"],
  ])("with %s as %s is refused", (before, after, says) => {
    expect(problemsOf(DEPLOYMENT.replace(before, after))).toEqual([says]);
  });
});

describe("the digest", () => {
  test("is of the draft, with its schema's name before it", () => {
    const text =
      '{"connector":"paper","kind":"order","limit_price":"120.50","quantity":"100","rationale":{"research_ref":"research/nvda.md","summary":"It breached the limit."},"side":"buy","symbol":"NVDA","time_in_force":"day","type":"limit"}';
    expect(digestOf(order)).toBe(createHash("sha256").update(`qoc.draft/v1\n${text}`).digest("hex"));
  });

  test("does not change with comments, layout, the order of keys and the way a text is quoted", () => {
    const lines = ORDER.split("\n").slice(1, 8);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(lines, { minLength: lines.length }),
        fc.array(fc.constantFrom("# quantity = 7", "", "   ", "#"), { maxLength: 5 }),
        fc.constantFrom("=", " = ", "\t=\t"),
        fc.boolean(),
        (shuffled, noise, equals, quoted) => {
          const body = shuffled.flatMap((line, i) => [noise[i] ?? "", line.replace(" = ", equals)]).join("\n");
          const layout = `[rationale]\nresearch_ref = 'research/nvda.md'\nsummary = 'It breached the limit.'\n[order]\n${body}\n`;
          const text = quoted ? layout.replace(/(limit_price\s*=\s*)([0-9.]+)/, '$1"$2"') : layout;
          expect(digestIn(text)).toBe(digestOf(order));
        },
      ),
    );
  });

  const changes: readonly (readonly [string, Partial<OrderDraft>])[] = [
    ["connector", { connector: "live" }],
    ["symbol", { symbol: "AMD" }],
    ["side", { side: "sell" }],
    ["quantity", { quantity: "101" }],
    ["quantity's digits", { quantity: "100.0" }],
    ["type", { type: "market", limit_price: null }],
    ["limit price", { limit_price: "120.51" }],
    ["time in force", { time_in_force: "gtc" }],
    ["summary", { rationale: { summary: "other", research_ref: order.rationale.research_ref } }],
    ["reference", { rationale: { summary: order.rationale.summary, research_ref: null } }],
  ];
  test.each(changes)("changes with the %s", (_what, change) => {
    expect(digestOf({ ...order, ...change })).not.toBe(digestOf(order));
  });

  test("of two different orders is never the same", () => {
    const any = fc.record({ quantity: fc.integer({ min: 1 }).map(String), symbol: fc.stringMatching(/^[A-Z]{1,3}$/) });
    fc.assert(
      fc.property(any, any, (a, b) => {
        const same = a.quantity === b.quantity && a.symbol === b.symbol;
        expect(digestOf({ ...order, ...a }) === digestOf({ ...order, ...b })).toBe(same);
      }),
    );
  });
});

describe("the text of a draft", () => {
  test.each([order, action])("is read as that draft", (draft) => {
    expect(read(writeDraft(tablesOf(draft)))).toMatchObject({ kind: "draft", draft, says: describeDraft(draft) });
  });

  test("lets no value be anything but a value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (hostile) => {
        const found = read(writeDraft({ order: { ...tablesOf(order).order, venue: hostile, [hostile]: hostile } }));
        expect(found.kind).toBe("invalid");
        const rationale = { summary: hostile, research_ref: null };
        const plain = read(writeDraft({ ...tablesOf(order), rationale }));
        expect(plain.kind === "draft" ? plain.draft : order).toEqual(
          plain.kind === "draft" ? { ...order, rationale } : order,
        );
      }),
    );
  });
});

describe("the name of a draft's file", () => {
  const at = Date.parse("2026-07-05T14:22:00.123Z");
  test("says when, what and which way", () => {
    expect(draftFileName(at, order)).toBe("20260705T142200Z_NVDA_buy.toml");
    expect(draftFileName(at, order, 2)).toBe("20260705T142200Z_NVDA_buy_2.toml");
    expect(draftFileName(at, action)).toBe("20260705T142200Z_deployment_web-1.toml");
    expect([draftFileName(at, order, 12), draftFileName(at, action)].every(isDraftFileName)).toBe(true);
  });

  test.each(["../x.toml", "a/b.toml", ".x.toml", "x.toml\n", "x.tom", "", "a b.toml", "-x.toml"])(
    "is never %j",
    (name) => {
      expect(isDraftFileName(name)).toBe(false);
    },
  );
});
