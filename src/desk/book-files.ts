/**
 * The book of a desk as its files say: `book/quotes.toml` for everyone; for the paper connector `book/opening.toml` and the ledger, for a
 * command connector `book/book.toml`, which a person or the connector keeps. And the guards over it, as they are asked before each dispatch.
 */
import type { Instant } from "../core/ids.ts";
import {
  BOOK_BYTES_MAX,
  type Book,
  type HoldingsRead,
  type Quotes,
  type QuotesRead,
  readHoldings,
  readQuotes,
  worthAtClose,
} from "../orders/book.ts";
import { type Decimal, ZERO } from "../orders/decimal.ts";
import type { OrderDraft } from "../orders/draft.ts";
import { checkGuards, type Guarded, needsBook, type Risk } from "../orders/guards.ts";
import { type Holdings, holdingsAfter, readLedger, type LedgerLine } from "../orders/ledger.ts";
import { localDates } from "../orders/market-hours.ts";
import type { OrderFiles } from "./draft-file.ts";

export const QUOTES_FILE = "book/quotes.toml";
export const OPENING_FILE = "book/opening.toml";
export const BOOK_FILE = "book/book.toml";
const LEDGER_FILE = "book/ledger.ndjson";
const LEDGER_BYTES_MAX = 64 * 1024 * 1024;

type Files = Pick<OrderFiles, "look">;

export type BookRead =
  | { readonly kind: "book"; readonly book: Book }
  /** Each problem begins with the file. */
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

const NOTHING: Holdings = { cash: ZERO, positions: new Map() };

/** @param zone in which the day before `now` ended */
export function readBook(files: Files, of: "paper" | "command", zone: string, now: Instant): BookRead {
  const quotes = quotesIn(files);
  if (quotes.kind === "invalid") return quotes;
  if (of === "paper") return paperBook(files, quotes.quotes, zone, now);
  const read = holdingsIn(files, BOOK_FILE);
  if (read === undefined) return { kind: "invalid", problems: [`${BOOK_FILE} is missing`] };
  if (read.kind === "invalid") return read;
  const { holdings, nav_before } = read;
  return { kind: "book", book: { holdings, quotes: quotes.quotes, nav_before } };
}

/** None where there is no file. */
export function quotesIn(files: Files): QuotesRead {
  const found = files.look(QUOTES_FILE, BOOK_BYTES_MAX);
  if (found.kind === "none") return { kind: "quotes", quotes: new Map() };
  const read = found.kind === "unsafe" ? unsafe(found.says) : readQuotes(found.bytes);
  return read.kind === "invalid" ? named(QUOTES_FILE, read.problems) : read;
}

/** What the paper desk begins with; nothing where there is no file. */
export const openingIn = (files: Files): HoldingsRead =>
  holdingsIn(files, OPENING_FILE) ?? { kind: "holdings", holdings: NOTHING, nav_before: null };

function holdingsIn(files: Files, file: string): HoldingsRead | undefined {
  const found = files.look(file, BOOK_BYTES_MAX);
  if (found.kind === "none") return undefined;
  const read = found.kind === "unsafe" ? unsafe(found.says) : readHoldings(found.bytes);
  return read.kind === "invalid" ? named(file, read.problems) : read;
}

function paperBook(files: Files, quotes: Quotes, zone: string, now: Instant): BookRead {
  const opening = openingIn(files);
  if (opening.kind === "invalid") return opening;
  const found = files.look(LEDGER_FILE, LEDGER_BYTES_MAX);
  if (found.kind === "unsafe") return named(LEDGER_FILE, [found.says]);
  const ledger = readLedger(found.kind === "none" ? new Uint8Array() : found.bytes);
  if (ledger.kind === "broken") return named(LEDGER_FILE, [ledger.reason]);
  const holdings = holdingsAfter(opening.holdings, ledger.lines);
  const before = holdingsAfter(opening.holdings, linesBefore(ledger.lines, zone, now));
  return { kind: "book", book: { holdings, quotes, nav_before: worthBefore(before, quotes) } };
}

function linesBefore(lines: readonly LedgerLine[], zone: string, now: Instant): readonly LedgerLine[] {
  const dateOf = localDates(zone);
  const today = dateOf(now);
  return lines.filter(({ at }) => dateOf(Date.parse(at)) < today);
}

/** What was held when the day before ended, by the prices of then; null when a price of then is missing. */
function worthBefore(held: Holdings, quotes: Quotes): Decimal | null {
  const worth = worthAtClose(held, quotes);
  return worth.kind === "worth" ? worth.worth : null;
}

type Invalid = { readonly kind: "invalid"; readonly problems: readonly string[] };
const unsafe = (says: string): Invalid => ({ kind: "invalid", problems: [says] });
const named = (file: string, problems: readonly string[]): Invalid => ({
  kind: "invalid",
  problems: problems.map((problem) => `${file}: ${problem}`),
});

export type GuardWorld = {
  readonly files: Files;
  readonly connectors: readonly { readonly name: string; readonly type: "paper" | "command" }[];
  readonly risk: Risk;
  readonly now: () => Instant;
};

/** The guards over the book as it is when they are asked. A book that cannot be read blocks where one of them needs it. */
export function guardOver({ files, connectors, risk, now }: GuardWorld): (order: OrderDraft) => Guarded {
  return (order) => {
    const at = now();
    const guard = needsBook(risk);
    if (guard === null) return checkGuards(order, { holdings: NOTHING, quotes: new Map(), nav_before: null }, risk, at);
    const of = connectors.find(({ name }) => name === order.connector)?.type ?? "command";
    const read = readBook(files, of, risk.market_hours?.zone ?? "UTC", at);
    if (read.kind === "book") return checkGuards(order, read.book, risk, at);
    return { kind: "block", guard, reason: `the book cannot be read: ${read.problems.join("; ")}` };
  };
}
