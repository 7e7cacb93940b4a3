/**
 * What stands between an approved order and its dispatch, whoever approved it. Each guard is a function of the order, the book and the time;
 * they are asked in the order of the list, and the first that blocks has the last word. What a guard needs and does not have blocks, and so
 * does whatever it throws. `max_order_nav`, `max_position_nav` and `day_loss_limit` are fractions of the net asset value. Fees are not counted.
 */
import { assert, reasonOf } from "../core/assert.ts";
import type { Instant } from "../core/ids.ts";
import { type Book, type Quote, worthNow } from "./book.ts";
import {
  absolute,
  add,
  compare,
  type Decimal,
  formatDecimal,
  isMore,
  isPositive,
  multiply,
  negate,
  parseDecimal,
  subtract,
  ZERO,
} from "./decimal.ts";
import type { OrderDraft } from "./draft.ts";
import { closedBecause, type MarketHours } from "./market-hours.ts";

/** What `[risk]` says. One that is null, false or empty stops nothing. */
export type Risk = {
  readonly max_order_nav: string | null;
  readonly max_position_nav: string | null;
  readonly day_loss_limit: string | null;
  readonly buying_power: boolean;
  /** Empty: every symbol that is not on the other list. */
  readonly symbol_allowlist: readonly string[];
  readonly symbol_denylist: readonly string[];
  readonly market_hours: MarketHours | null;
};

export type Guarded =
  | { readonly kind: "pass" }
  /** The reason is a sentence with the numbers that it rests on. */
  | { readonly kind: "block"; readonly guard: GuardName; readonly reason: string };

type Asked = { readonly order: OrderDraft; readonly book: Book; readonly risk: Risk; readonly now: Instant };
/** Why it blocks; null when it does not. */
type Guard = (asked: Asked) => string | null;

/** In the order in which they are asked. */
const guards = {
  "max-order-nav": guardOrder,
  "max-position-nav": guardPosition,
  "day-loss-limit": guardDayLoss,
  "buying-power": guardCash,
  "symbol-allowlist": ({ order, risk }) =>
    risk.symbol_allowlist.length === 0 || risk.symbol_allowlist.includes(order.symbol)
      ? null
      : `${order.symbol} is not among the ${risk.symbol_allowlist.length} symbols that may be ordered`,
  "symbol-denylist": ({ order, risk }) =>
    risk.symbol_denylist.includes(order.symbol) ? `${order.symbol} is never to be ordered` : null,
  "market-hours": ({ risk, now }) => (risk.market_hours === null ? null : closedBecause(risk.market_hours, now)),
} as const satisfies Readonly<Record<string, Guard>>;

export type GuardName = keyof typeof guards;

export const isGuardName = (name: string): name is GuardName => Object.hasOwn(guards, name);
export const GUARD_NAMES: readonly GuardName[] = Object.keys(guards).filter(isGuardName);

/** The first guard that looks at the book; null when none does. */
export function needsBook(risk: Risk): GuardName | null {
  if (risk.max_order_nav !== null) return "max-order-nav";
  if (risk.max_position_nav !== null) return "max-position-nav";
  if (risk.day_loss_limit !== null) return "day-loss-limit";
  return risk.buying_power ? "buying-power" : null;
}

/** Never throws. */
export function checkGuards(order: OrderDraft, book: Book, risk: Risk, now: Instant): Guarded {
  for (const guard of GUARD_NAMES) {
    const reason = reasonToBlock(guards[guard], { order, book, risk, now });
    if (reason !== null) return { kind: "block", guard, reason };
  }
  return { kind: "pass" };
}

function reasonToBlock(guard: Guard, asked: Asked): string | null {
  try {
    return guard(asked);
  } catch (thrown) {
    return thrown instanceof Unknown ? thrown.message : `the guard failed: ${reasonOf(thrown)}`;
  }
}

/** Something that a guard needs is not known. */
class Unknown extends Error {
  constructor(says: string) {
    super(says);
    this.name = "Unknown";
  }
}

function guardOrder(asked: Asked): string | null {
  const { max_order_nav } = asked.risk;
  if (max_order_nav === null) return null;
  const worth = multiply(quantityOf(asked), priceOf(asked));
  return overLimit(asked, "the order", worth, max_order_nav);
}

/** An order that only makes a position smaller is never blocked by its size. */
function guardPosition(asked: Asked): string | null {
  const { order, risk } = asked;
  if (risk.max_position_nav === null) return null;
  const held = heldOf(asked);
  const after = order.side === "buy" ? add(held, quantityOf(asked)) : subtract(held, quantityOf(asked));
  const turns = compare(multiply(held, after), ZERO) < 0;
  if (!turns && !isMore(absolute(after), absolute(held))) return null;
  const worth = multiply(absolute(after), greater(priceOf(asked), quoteOf(asked).ask));
  return overLimit(
    asked,
    `the position of ${formatDecimal(after)} ${order.symbol} behind it`,
    worth,
    risk.max_position_nav,
  );
}

function guardDayLoss(asked: Asked): string | null {
  const { day_loss_limit } = asked.risk;
  if (day_loss_limit === null) return null;
  const before = asked.book.nav_before;
  if (before === null || !isPositive(before))
    throw new Unknown("nobody knows what the desk was worth when the day before ended");
  const loss = subtract(before, netAssets(asked));
  const limit = multiply(fractionOf(day_loss_limit), before);
  if (compare(loss, limit) < 0) return null;
  return `the day's loss is ${formatDecimal(loss)}, and nothing is sent from ${formatDecimal(limit)} on, which is ${day_loss_limit} of ${formatDecimal(before)}`;
}

/** What is sold must be held, or its worth be there in cash. */
function guardCash(asked: Asked): string | null {
  if (!asked.risk.buying_power) return null;
  const { order, book } = asked;
  const quantity = quantityOf(asked);
  const bare = order.side === "buy" ? quantity : subtract(quantity, greater(heldOf(asked), ZERO));
  if (!isPositive(bare)) return null;
  const cost = multiply(bare, priceOf(asked));
  const { cash } = book.holdings;
  if (!isMore(cost, cash)) return null;
  const what = order.side === "buy" ? "the order costs" : "what is sold and not held is worth";
  return `${what} ${formatDecimal(cost)}, and there is ${formatDecimal(cash)} in cash`;
}

function overLimit(asked: Asked, what: string, worth: Decimal, fraction: string): string | null {
  const nav = netAssets(asked);
  const limit = multiply(fractionOf(fraction), nav);
  if (!isMore(worth, limit)) return null;
  return `${what} is worth ${formatDecimal(worth)}, more than ${formatDecimal(limit)}, which is ${fraction} of the net asset value ${formatDecimal(nav)}`;
}

/** The most that a buyer pays; for a seller, whose price has no upper end, the higher of limit and ask. */
function priceOf(asked: Asked): Decimal {
  const { side, limit_price } = asked.order;
  if (limit_price === null) return quoteOf(asked).ask;
  const limit = parseDecimal(limit_price);
  assert(limit !== undefined && isPositive(limit), "a limit price is a decimal above 0");
  return side === "buy" ? limit : greater(limit, quoteOf(asked).ask);
}

function quantityOf({ order }: Asked): Decimal {
  const quantity = parseDecimal(order.quantity);
  assert(quantity !== undefined && isPositive(quantity), "a quantity is a decimal above 0");
  return quantity;
}

const heldOf = ({ order, book }: Asked): Decimal => book.holdings.positions.get(order.symbol) ?? ZERO;

function quoteOf({ order, book }: Asked): Quote {
  const quote = book.quotes.get(order.symbol);
  if (quote === undefined) throw new Unknown(`there is no quote of ${order.symbol}`);
  if (!isPositive(quote.ask)) throw new Unknown(`the quote of ${order.symbol} has no ask`);
  return quote;
}

function netAssets({ book }: Asked): Decimal {
  const now = worthNow(book.holdings, book.quotes);
  if (now.kind === "unpriced")
    throw new Unknown(`the net asset value is not known: there is no quote of ${now.symbol}`);
  if (!isPositive(now.worth)) throw new Unknown(`the net asset value is ${formatDecimal(now.worth)}`);
  return now.worth;
}

function fractionOf(text: string): Decimal {
  const fraction = parseDecimal(text);
  assert(fraction !== undefined && !isPositive(negate(fraction)), "a limit is a decimal of 0 or more");
  return fraction;
}

const greater = (a: Decimal, b: Decimal): Decimal => (isMore(a, b) ? a : b);
