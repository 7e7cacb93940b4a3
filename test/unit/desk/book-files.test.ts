import { describe, expect, test } from "vitest";
import { runIdOf } from "../../../src/core/ids.ts";
import { guardOver, openingIn, quotesIn, readBook } from "../../../src/desk/book-files.ts";
import type { OrderFiles } from "../../../src/desk/draft-file.ts";
import { formatDecimal } from "../../../src/orders/decimal.ts";
import type { OrderDraft } from "../../../src/orders/draft.ts";
import type { Guarded, Risk } from "../../../src/orders/guards.ts";
import { nextLine, readLedger } from "../../../src/orders/ledger.ts";

const NOW = Date.parse("2026-07-07T02:00:00Z");
const RUN = runIdOf("00000000-0000-8000-8000-000000000001");
const quotesAt = (close: string): string =>
  `[quotes]\nNVDA = { bid = "99", ask = "101", at = "2026-07-06T20:00:00Z"${close} }\n`;
const QUOTES = quotesAt(', close = "110"');

/** Fills of 10 NVDA at 100, at these times. */
function ledgerOf(...times: readonly string[]): string {
  let text = "";
  for (const [i, at] of times.entries()) {
    const ledger = readLedger(Buffer.from(text));
    if (ledger.kind === "broken") throw new Error(ledger.reason);
    const key = String(i).repeat(64);
    const fill = { at, key, run: RUN, draft: i + 1, digest: key, symbol: "NVDA", side: "buy" } as const;
    text += Buffer.from(nextLine(ledger, { ...fill, quantity: "10", price: "100" }).bytes).toString();
  }
  return text;
}

const LINK = "link";
const filesOf = (texts: Readonly<Record<string, string>>): Pick<OrderFiles, "look"> => ({
  look: (file) => {
    const text = texts[file];
    if (text === LINK) return { kind: "unsafe", says: "it is a link" };
    return text === undefined ? { kind: "none" } : { kind: "file", bytes: Buffer.from(text) };
  },
});
/** Cash, each position, and what there was before, in words. */
function bookIn(texts: Readonly<Record<string, string>>, of: "paper" | "command", zone = "UTC"): readonly string[] {
  const read = readBook(filesOf(texts), of, zone, NOW);
  if (read.kind === "invalid") return read.problems;
  const { holdings, nav_before } = read.book;
  return [
    formatDecimal(holdings.cash),
    ...[...holdings.positions].map(([symbol, held]) => `${formatDecimal(held)} ${symbol}`),
    nav_before === null ? "unknown" : formatDecimal(nav_before),
  ];
}

describe("the book of paper", () => {
  const opening = 'cash = "5000"\n[positions]\nNVDA = "1"\n';
  test("is what it began with and the ledger, and before today what the ledger was then", () => {
    const ledger = ledgerOf("2026-07-06T15:00:00.000Z", "2026-07-07T00:30:00.000Z");
    const files = { "book/opening.toml": opening, "book/ledger.ndjson": ledger, "book/quotes.toml": QUOTES };
    expect(bookIn(files, "paper")).toEqual(["3000", "21 NVDA", "5210"]);
    // In New York both fills are of one day, the sixth, which has not ended yet.
    expect(bookIn(files, "paper", "America/New_York")).toEqual(["3000", "21 NVDA", "5110"]);
  });
  test("is nothing where there are no files", () => {
    expect(bookIn({}, "paper")).toEqual(["0", "0"]);
    expect(openingIn(filesOf({}))).toMatchObject({ kind: "holdings", holdings: { cash: { units: 0n } } });
    expect(quotesIn(filesOf({}))).toEqual({ kind: "quotes", quotes: new Map() });
  });
  test("does not know what there was before without the prices of then", () => {
    const files = { "book/opening.toml": opening, "book/quotes.toml": quotesAt("") };
    expect(bookIn(files, "paper")).toEqual(["5000", "1 NVDA", "unknown"]);
  });
  test("is none where the ledger is broken", () => {
    expect(bookIn({ "book/ledger.ndjson": "{}\n" }, "paper")).toEqual([
      "book/ledger.ndjson: line 1 of the ledger is none of a ledger",
    ]);
  });
});

describe("the book of a command", () => {
  test("is what its file says", () => {
    const text = 'cash = "7"\nnav_before = "9"\n[positions]\nNVDA = "-2"\n';
    expect(bookIn({ "book/book.toml": text }, "command")).toEqual(["7", "-2 NVDA", "9"]);
  });
  test.each([
    [{}, ["book/book.toml is missing"]],
    [{ "book/book.toml": "cash = 1e3" }, ['book/book.toml: cash must be a plain decimal such as "120.50"']],
    [{ "book/book.toml": LINK }, ["book/book.toml: it is a link"]],
    [
      { "book/book.toml": 'cash = "1"', "book/quotes.toml": "quotes = 1" },
      ["book/quotes.toml: quotes must be a table"],
    ],
  ])("is none of %j", (files, problems) => {
    expect(bookIn(files, "command")).toEqual(problems);
  });
});

describe("the guards over the book", () => {
  const risk: Risk = {
    max_order_nav: null,
    max_position_nav: null,
    day_loss_limit: null,
    buying_power: false,
    symbol_allowlist: [],
    symbol_denylist: ["AMD"],
    market_hours: null,
  };
  const order = (symbol: string, connector = "paper"): OrderDraft => ({
    kind: "order",
    connector,
    symbol,
    side: "buy",
    quantity: "10",
    type: "market",
    limit_price: null,
    time_in_force: "day",
    rationale: { summary: "x", research_ref: null },
  });
  const connectors = [
    { name: "paper", type: "paper" },
    { name: "venue", type: "command" },
  ] as const;
  const guarded = (texts: Readonly<Record<string, string>>, changes: Partial<Risk>, of: OrderDraft): Guarded =>
    guardOver({ files: filesOf(texts), connectors, risk: { ...risk, ...changes }, now: () => NOW })(of);

  test("ask for no book where no limit needs one", () => {
    expect(guarded({ "book/quotes.toml": LINK }, {}, order("NVDA"))).toEqual({ kind: "pass" });
    expect(guarded({ "book/quotes.toml": LINK }, {}, order("AMD"))).toMatchObject({ guard: "symbol-denylist" });
  });
  test("block where one does and the book cannot be read", () => {
    expect(guarded({ "book/quotes.toml": LINK }, { buying_power: true }, order("NVDA"))).toEqual({
      kind: "block",
      guard: "buying-power",
      reason: "the book cannot be read: book/quotes.toml: it is a link",
    });
  });
  test("take the book of the order's own connector", () => {
    const texts = { "book/opening.toml": 'cash = "5"', "book/book.toml": 'cash = "5000"', "book/quotes.toml": QUOTES };
    expect(guarded(texts, { buying_power: true }, order("NVDA"))).toMatchObject({ kind: "block" });
    expect(guarded(texts, { buying_power: true }, order("NVDA", "venue"))).toEqual({ kind: "pass" });
  });
});
