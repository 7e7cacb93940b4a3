import { describe, expect, test } from "vitest";
import { readHoldings, readQuotes, worthAtClose, worthNow } from "../../../src/orders/book.ts";
import { formatDecimal } from "../../../src/orders/decimal.ts";

const quotesOf = (text: string) => readQuotes(Buffer.from(text));
const holdingsOf = (text: string) => readHoldings(Buffer.from(text));
const AT = 'at = "2026-07-05T14:22:00Z"';

describe("quotes", () => {
  test("are read with every digit, whether they stand in quotes or not", () => {
    const read = quotesOf(
      `[quotes]\nNVDA = { bid = "120.40", ask = 120.500000000000000001, ${AT} }\n"BRK.B" = { bid = 1, ask = 1, ${AT}, close = "2" }\n`,
    );
    const quotes = read.kind === "quotes" ? read.quotes : new Map();
    expect([...quotes.keys()]).toEqual(["NVDA", "BRK.B"]);
    expect(formatDecimal(quotes.get("NVDA").ask)).toBe("120.500000000000000001");
    expect(quotes.get("NVDA")).toMatchObject({ at: Date.parse("2026-07-05T14:22:00Z"), close: null });
    expect(formatDecimal(quotes.get("BRK.B").close)).toBe("2");
  });
  test("of an empty file are none", () => expect(quotesOf("")).toEqual({ kind: "quotes", quotes: new Map() }));
  test.each([
    [`NVDA = { bid = "2", ask = "1", ${AT} }`, "quotes.NVDA.bid is more than its ask"],
    [`NVDA = { bid = "-1", ask = "1", ${AT} }`, "quotes.NVDA.bid is less than 0"],
    [`NVDA = { ask = "1", ${AT} }`, "quotes.NVDA.bid is missing"],
    [`NVDA = { bid = nan, ask = "1", ${AT} }`, 'quotes.NVDA.bid must be a plain decimal such as "120.50"'],
    [`NVDA = { bid = "1", ask = "1", ${AT}, mid = "1" }`, 'quotes.NVDA."mid" is no part of a quote'],
    [
      'NVDA = { bid = "1", ask = "1" }',
      'quotes.NVDA.at must be a time in UTC, in quotes, such as "2026-07-05T14:22:00Z"',
    ],
    ["NVDA = 5", "quotes.NVDA must be { bid, ask, at }"],
    [`"../x" = { bid = "1", ask = "1", ${AT} }`, 'quotes has "../x", which is no symbol'],
    ["[other]", '"other" is no key of it'],
  ])("with %s are refused", (line, says) => {
    expect(quotesOf(`[quotes]\n${line}\n`)).toEqual({ kind: "invalid", problems: [says] });
  });
});

describe("holdings", () => {
  test("are cash, positions and what there was before", () => {
    const read = holdingsOf('cash = "-10.50"\nnav_before = "7"\n[positions]\nNVDA = "-3"\n');
    expect(read).toMatchObject({ kind: "holdings", nav_before: { units: 7n, scale: 0 } });
  });
  test.each([
    ["", "cash is missing"],
    ['cash = "lots"', 'cash must be a plain decimal such as "120.50"'],
    ['cash = "1"\npositions = 5', "positions must be a table"],
    ['cash = "1"\n[positions]\nNVDA = true', 'positions.NVDA must be a plain decimal such as "120.50"'],
    ['cash = "1"\nmargin = "5"', '"margin" is no key of it'],
    ["cash = ", "it is not TOML: invalid value"],
  ])("of %j are refused", (text, says) => {
    expect(holdingsOf(text)).toEqual({
      kind: "invalid",
      problems: [says],
    });
  });
});

test("what is held is worth its bid, what is owed its ask, and nothing without a price", () => {
  const held = holdingsOf('cash = "100"\n[positions]\nNVDA = "2"\nAMD = "-2"\nOLD = "0"\n');
  const read = quotesOf(
    `[quotes]\nNVDA = { bid = "9", ask = "11", ${AT}, close = "10" }\nAMD = { bid = "4", ask = "6", ${AT} }\n`,
  );
  const { holdings } = held.kind === "holdings" ? held : { holdings: undefined };
  const { quotes } = read.kind === "quotes" ? read : { quotes: undefined };
  if (holdings === undefined || quotes === undefined) throw new Error("both are read");
  expect(worthNow(holdings, quotes)).toMatchObject({ kind: "worth", worth: { units: 106n } });
  expect(worthAtClose(holdings, quotes)).toEqual({ kind: "unpriced", symbol: "AMD" });
});

test("a price of 0 is none: it makes no debt worth nothing, and no yesterday cheap", () => {
  const read = quotesOf(`[quotes]\nNVDA = { bid = 0, ask = 0, close = 0, ${AT} }\n`);
  const worthOf = (position: string) => {
    const held = holdingsOf(`cash = 100\n[positions]\nNVDA = "${position}"\n`);
    if (held.kind === "invalid" || read.kind === "invalid") throw new Error("both are read");
    return [worthNow(held.holdings, read.quotes), worthAtClose(held.holdings, read.quotes)];
  };
  const unpriced = { kind: "unpriced", symbol: "NVDA" };
  expect(worthOf("-10")).toEqual([unpriced, unpriced]);
  expect(worthOf("10")).toMatchObject([{ kind: "worth", worth: { units: 100n } }, unpriced]);
});
