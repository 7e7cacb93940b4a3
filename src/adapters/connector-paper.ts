/**
 * The built-in connector: fills against the quote that a person gives in `book/quotes.toml`, at once and whole or not at all. It keeps no resting
 * orders. What it filled is in the ledger before it says so, and the ledger is all it knows: so it can always tell.
 */
import { reasonOf } from "../core/assert.ts";
import type { Instant } from "../core/ids.ts";
import type { Acknowledgement, Answer, Connector, OrderToSend } from "../orders/connector.ts";
import { compare, type Decimal, formatDecimal, parseDecimal, ZERO } from "../orders/decimal.ts";
import type { OrderDraft } from "../orders/draft.ts";
import type { LedgerFill, LedgerLine } from "../orders/ledger.ts";
import { type FillRefused, LedgerBroken, type PaperLedger } from "./paper-ledger.ts";

export type PaperQuote = { readonly bid: Decimal; readonly ask: Decimal };

/** `quoteOf` reads the file as it is when it is called; it says why there is none. */
export type PaperWorld = {
  readonly ledger: PaperLedger;
  readonly quoteOf: (symbol: string) => PaperQuote | { readonly kind: "none"; readonly reason: string };
  readonly now: () => Instant;
};

export function paperConnector(world: PaperWorld): Connector {
  return {
    submit: (order) => submit(world, order),
    ask: async (key): Promise<Answer> => {
      try {
        const line = await world.ledger.find(key);
        return line === undefined ? { kind: "not_seen" } : filled(line);
      } catch (thrown) {
        return { kind: "cannot_tell", reason: reasonOf(thrown) };
      }
    },
  };
}

/** Whatever fails behind the first byte that was written rejects, and so leaves open whether the line is there. */
async function submit({ ledger, quoteOf, now }: PaperWorld, order: OrderToSend): Promise<Acknowledgement> {
  const { draft } = order;
  if (draft.kind !== "order") return refuse("paper takes orders, and no other draft");
  try {
    const line = await ledger.fill(order.key, () => {
      const quote = quoteOf(draft.symbol);
      return "kind" in quote ? refuse(quote.reason) : fillAt(order, draft, quote, now());
    });
    return "kind" in line ? line : filled(line);
  } catch (thrown) {
    if (thrown instanceof LedgerBroken) return refuse(`nothing was filled: ${thrown.message}`);
    throw thrown;
  }
}

/** A buyer pays the ask and a seller gets the bid, whatever better limit was given. */
function fillAt(
  { key, run, number, digest }: OrderToSend,
  { symbol, side, quantity, limit_price }: OrderDraft,
  { bid, ask }: PaperQuote,
  now: Instant,
): LedgerFill | FillRefused {
  const price = side === "buy" ? ask : bid;
  if (compare(price, ZERO) <= 0) return refuse(`the quote of ${symbol} has no price to ${side} at`);
  const limit = limit_price === null ? undefined : parseDecimal(limit_price);
  const gap = limit === undefined ? 0 : compare(price, limit);
  if (side === "buy" ? gap > 0 : gap < 0)
    return refuse(
      `the ${side === "buy" ? "ask" : "bid"} of ${symbol} is ${formatDecimal(price)}, which the limit ${limit_price} does not meet; paper keeps no resting orders`,
    );
  const at = new Date(now).toISOString();
  return { at, key, run, draft: number, digest, symbol, side, quantity, price: formatDecimal(price) };
}

const refuse = (reason: string): FillRefused => ({ kind: "refused", reason });

const filled = ({ n, quantity, price }: LedgerLine): Acknowledgement => ({
  kind: "filled",
  fills: [{ quantity, price }],
  reference: `ledger line ${n}`,
});
