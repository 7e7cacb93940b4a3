/**
 * What a desk holds and what that is worth, as the guards see it: read strictly from texts that a person or a connector gives, exact in every
 * digit. `quotes.toml` has a table [quotes] with `SYMBOL = { bid = "1", ask = "1.1", at = "2026-07-05T14:22:00Z", close = "1" }`, `close` being
 * the price when the day before ended, and not required. `book.toml` and `opening.toml` have `cash`, a table [positions] with `SYMBOL = "100"`,
 * less than zero for what was sold short, and `nav_before`, the net asset value when the day before ended, not required either.
 */
import type { Instant } from "../core/ids.ts";
import { add, compare, type Decimal, isPositive, multiply, parseDecimal, ZERO } from "./decimal.ts";
import { SYMBOL } from "./draft-fields.ts";
import type { Holdings } from "./ledger.ts";
import { readTables, type Scalar, type Table } from "./toml-tables.ts";

export const BOOK_BYTES_MAX = 4 * 1024 * 1024;

export type Quote = {
  readonly bid: Decimal;
  readonly ask: Decimal;
  readonly at: Instant;
  readonly close: Decimal | null;
};
export type Quotes = ReadonlyMap<string, Quote>;

export type Book = {
  readonly holdings: Holdings;
  readonly quotes: Quotes;
  /** The net asset value when the day before ended; null when nobody knows. */
  readonly nav_before: Decimal | null;
};

export type QuotesRead =
  | { readonly kind: "quotes"; readonly quotes: Quotes }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };
export type HoldingsRead =
  | { readonly kind: "holdings"; readonly holdings: Holdings; readonly nav_before: Decimal | null }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/** Never throws. One quote that cannot be read makes the file one that cannot. */
export function readQuotes(bytes: Uint8Array): QuotesRead {
  const read = tablesIn(bytes, ["quotes"]);
  if (read.tables === null) return { kind: "invalid", problems: read.problems };
  const problems = [...read.problems];
  const quotes = new Map<string, Quote>();
  for (const [symbol, found] of membersOf(read.tables, "quotes", problems)) {
    const quote = quoteIn(symbol, found, problems);
    if (quote !== undefined) quotes.set(symbol, quote);
  }
  return problems.length > 0 ? { kind: "invalid", problems } : { kind: "quotes", quotes };
}

/** Never throws. */
export function readHoldings(bytes: Uint8Array): HoldingsRead {
  const read = tablesIn(bytes, ["cash", "positions", "nav_before"]);
  if (read.tables === null) return { kind: "invalid", problems: read.problems };
  const problems = [...read.problems];
  const cash = amountIn(read.tables, "cash", "", problems);
  const before = read.tables.has("nav_before") ? amountIn(read.tables, "nav_before", "", problems) : null;
  const positions = new Map<string, Decimal>();
  for (const [symbol] of membersOf(read.tables, "positions", problems)) {
    const found = read.tables.get("positions");
    if (found?.kind !== "table" || !isSymbol(symbol, "positions", problems)) continue;
    positions.set(symbol, amountIn(found.members, symbol, "positions.", problems));
  }
  if (problems.length > 0) return { kind: "invalid", problems };
  return { kind: "holdings", holdings: { cash, positions }, nav_before: before };
}

export type Worth =
  | { readonly kind: "worth"; readonly worth: Decimal }
  /** Something is held that has no price. */
  | { readonly kind: "unpriced"; readonly symbol: string };

/** What is left when all is sold to the bid and bought back from the ask. What has no bid is worth nothing; without an ask nobody knows. */
export const worthNow = (holdings: Holdings, quotes: Quotes): Worth =>
  worth(holdings, (symbol, held) => {
    const quote = quotes.get(symbol);
    return held.units < 0n ? above0(quote?.ask) : quote?.bid;
  });

/** By the prices of when the day before ended. */
export const worthAtClose = (holdings: Holdings, quotes: Quotes): Worth =>
  worth(holdings, (symbol) => above0(quotes.get(symbol)?.close ?? undefined));

/** A price of 0 says that there is none. */
const above0 = (price: Decimal | undefined): Decimal | undefined =>
  price !== undefined && isPositive(price) ? price : undefined;

function worth({ cash, positions }: Holdings, priceOf: (symbol: string, held: Decimal) => Decimal | undefined): Worth {
  let sum = cash;
  for (const [symbol, held] of positions) {
    if (held.units === 0n) continue;
    const price = priceOf(symbol, held);
    if (price === undefined) return { kind: "unpriced", symbol };
    sum = add(sum, multiply(held, price));
  }
  return { kind: "worth", worth: sum };
}

function quoteIn(symbol: string, found: Scalar, problems: string[]): Quote | undefined {
  if (!isSymbol(symbol, "quotes", problems)) return undefined;
  if (found.kind !== "table") {
    problems.push(`quotes.${symbol} must be { bid, ask, at }`);
    return undefined;
  }
  const at = `quotes.${symbol}.`;
  for (const key of found.members.keys())
    if (!["bid", "ask", "at", "close"].includes(key))
      problems.push(`${at}${JSON.stringify(key)} is no part of a quote`);
  const bid = priceIn(found.members, "bid", at, problems);
  const ask = priceIn(found.members, "ask", at, problems);
  const close = found.members.has("close") ? priceIn(found.members, "close", at, problems) : null;
  if (compare(bid, ask) > 0) problems.push(`${at}bid is more than its ask`);
  return { bid, ask, at: timeIn(found.members.get("at"), `${at}at`, problems), close };
}

function priceIn(members: Table, key: string, path: string, problems: string[]): Decimal {
  const price = amountIn(members, key, path, problems);
  if (price.units < 0n) problems.push(`${path}${key} is less than 0`);
  return price;
}

function amountIn(members: Table, key: string, path: string, problems: string[]): Decimal {
  const found = members.get(key);
  const text = found?.kind === "text" ? found.text : found?.kind === "number" ? found.lexeme : "";
  const amount = parseDecimal(text);
  if (amount === undefined)
    problems.push(`${path}${key} ${found === undefined ? "is missing" : 'must be a plain decimal such as "120.50"'}`);
  return amount ?? ZERO;
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

function timeIn(found: Scalar | undefined, path: string, problems: string[]): Instant {
  const at = found?.kind === "text" && TIME.test(found.text) ? Date.parse(found.text) : NaN;
  if (Number.isNaN(at)) problems.push(`${path} must be a time in UTC, in quotes, such as "2026-07-05T14:22:00Z"`);
  return at;
}

function isSymbol(symbol: string, path: string, problems: string[]): boolean {
  if (SYMBOL.test(symbol)) return true;
  problems.push(`${path} has ${JSON.stringify(symbol.slice(0, 60))}, which is no symbol`);
  return false;
}

function membersOf(tables: Table, name: string, problems: string[]): Table {
  const found = tables.get(name);
  if (found === undefined || found.kind === "table") return found?.members ?? new Map();
  problems.push(`${name} must be a table`);
  return new Map();
}

/** No tables where the bytes are no TOML. */
function tablesIn(
  bytes: Uint8Array,
  known: readonly string[],
): { readonly tables: Table | null; readonly problems: readonly string[] } {
  if (bytes.byteLength > BOOK_BYTES_MAX)
    return { tables: null, problems: [`it has more than ${BOOK_BYTES_MAX} bytes`] };
  const read = readTables(bytes);
  if (read.kind === "invalid") return { tables: null, problems: [read.problem] };
  const others = [...read.tables.keys()].filter((key) => !known.includes(key));
  return { tables: read.tables, problems: others.map((key) => `${JSON.stringify(key.slice(0, 60))} is no key of it`) };
}
