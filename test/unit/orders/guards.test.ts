import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Book, readHoldings, readQuotes } from "../../../src/orders/book.ts";
import type { OrderDraft } from "../../../src/orders/draft.ts";
import { checkGuards, GUARD_NAMES, needsBook, type Guarded, type Risk } from "../../../src/orders/guards.ts";

fc.configureGlobal({ seed: 1, numRuns: 150 });

const NOON = Date.parse("2026-07-06T16:00:00Z");
const none: Risk = {
  max_order_nav: null,
  max_position_nav: null,
  day_loss_limit: null,
  buying_power: false,
  symbol_allowlist: [],
  symbol_denylist: [],
  market_hours: null,
};
const buy = (changes: Partial<OrderDraft> = {}): OrderDraft => ({
  kind: "order",
  connector: "paper",
  symbol: "NVDA",
  side: "buy",
  quantity: "10",
  type: "market",
  limit_price: null,
  time_in_force: "day",
  rationale: { summary: "x", research_ref: null },
  ...changes,
});
const QUOTES = `[quotes]
NVDA = { bid = "99", ask = "100", at = "2026-07-06T15:59:00Z" }
AMD = { bid = "50", ask = "51", at = "2026-07-06T15:59:00Z" }
`;
function bookOf(holdings: string, quotes = QUOTES): Book {
  const held = readHoldings(Buffer.from(holdings));
  const priced = readQuotes(Buffer.from(quotes));
  if (held.kind === "invalid" || priced.kind === "invalid") throw new Error("the book of a test is a book");
  return { holdings: held.holdings, nav_before: held.nav_before, quotes: priced.quotes };
}
/** Worth 10,000: 8,020 in cash, and 20 NVDA to the bid of 99. */
const book = bookOf('cash = "8020"\nnav_before = "10000"\n[positions]\nNVDA = "20"\n');
const check = (risk: Partial<Risk>, order: OrderDraft = buy(), of: Book = book, now = NOON): Guarded =>
  checkGuards(order, of, { ...none, ...risk }, now);
const blocked = (guard: string, reason: string | RegExp) => ({
  kind: "block",
  guard,
  reason: typeof reason === "string" ? reason : expect.stringMatching(reason),
});
const PASS = { kind: "pass" };

test("guards are asked in the order that the desk's documents name", () => {
  expect(GUARD_NAMES).toEqual([
    "max-order-nav",
    "max-position-nav",
    "day-loss-limit",
    "buying-power",
    "symbol-allowlist",
    "symbol-denylist",
    "market-hours",
  ]);
});

test("without a limit everything passes, also without a book", () => {
  const empty: Book = {
    holdings: { cash: book.holdings.cash, positions: new Map() },
    quotes: new Map(),
    nav_before: null,
  };
  expect(check({}, buy({ quantity: "99999999999999999999" }), empty)).toEqual(PASS);
});

test("the first guard that blocks has the last word", () => {
  expect(check({ max_order_nav: "0.01", symbol_denylist: ["NVDA"] })).toMatchObject({ guard: "max-order-nav" });
  expect(check({ max_order_nav: "1", symbol_denylist: ["NVDA"] })).toMatchObject({ guard: "symbol-denylist" });
});

test("who needs the book is known before it is read", () => {
  expect(needsBook({ ...none, symbol_denylist: ["A"] })).toBeNull();
  expect(needsBook({ ...none, buying_power: true })).toBe("buying-power");
  expect(needsBook({ ...none, day_loss_limit: "0.1", buying_power: true })).toBe("day-loss-limit");
});

describe("max-order-nav", () => {
  test("lets an order through that is worth exactly the limit, and none that is worth more", () => {
    expect(check({ max_order_nav: "0.1" }, buy({ quantity: "10" }))).toEqual(PASS);
    expect(check({ max_order_nav: "0.1" }, buy({ quantity: "10.000000000000000001" }))).toEqual(
      blocked(
        "max-order-nav",
        "the order is worth 1000.0000000000000001, more than 1000, which is 0.1 of the net asset value 10000",
      ),
    );
  });
  test("takes a buyer's limit as the price, and a seller's when it is above the ask", () => {
    const limit = (side: "buy" | "sell", limit_price: string) =>
      check({ max_order_nav: "0.1" }, buy({ side, type: "limit", limit_price })).kind;
    expect([limit("buy", "100"), limit("buy", "101"), limit("sell", "1"), limit("sell", "101")]).toEqual([
      "pass",
      "block",
      "pass",
      "block",
    ]);
  });
  test("counts what is sold like what is bought", () => {
    expect(check({ max_order_nav: "0.1" }, buy({ side: "sell", quantity: "11" }))).toMatchObject({ kind: "block" });
  });
  test.each([
    ["no quote of the symbol", buy({ symbol: "TSLA" }), book, "there is no quote of TSLA"],
    [
      "no quote of something that is held",
      buy(),
      bookOf('cash = "1"\n[positions]\nTSLA = "1"\n'),
      "the net asset value is not known: there is no quote of TSLA",
    ],
    ["no value at all", buy(), bookOf('cash = "0"\n'), "the net asset value is 0"],
    ["debts", buy(), bookOf('cash = "-5"\n'), "the net asset value is -5"],
    [
      "an ask of nothing",
      buy(),
      bookOf('cash = "1"\n', '[quotes]\nNVDA = { bid = "0", ask = "0", at = "2026-07-06T15:59:00Z" }\n'),
      "the quote of NVDA has no ask",
    ],
  ])("blocks where there is %s", (_what, order, of, reason) => {
    expect(check({ max_order_nav: "0.1" }, order, of)).toEqual(blocked("max-order-nav", reason));
  });
  test("never lets a larger order through where a smaller was blocked", () => {
    const quantity = fc.bigInt({ min: 1n, max: 10n ** 19n });
    const passes = (units: bigint, fraction: string, side: "buy" | "sell") =>
      check({ max_order_nav: fraction }, buy({ quantity: String(units), side })).kind === "pass";
    fc.assert(
      fc.property(
        quantity,
        quantity,
        fc.constantFrom("0", "0.05", "1", "99999"),
        fc.constantFrom("buy" as const, "sell" as const),
        (a, b, fraction, side) => {
          const [small, large] = a < b ? [a, b] : [b, a];
          expect(passes(large, fraction, side) && !passes(small, fraction, side)).toBe(false);
          expect(passes(large, "0", side)).toBe(false);
        },
      ),
    );
  });
});

describe("max-position-nav", () => {
  test("counts what is held already", () => {
    expect(check({ max_position_nav: "0.3" }, buy({ quantity: "10" }))).toEqual(PASS);
    expect(check({ max_position_nav: "0.3" }, buy({ quantity: "11" }))).toEqual(
      blocked(
        "max-position-nav",
        "the position of 31 NVDA behind it is worth 3100, more than 3000, which is 0.3 of the net asset value 10000",
      ),
    );
  });
  test("never blocks what only makes a position smaller, whatever it is worth and with no quote at all", () => {
    const unquoted = bookOf('cash = "1"\n[positions]\nNVDA = "20"\n', "");
    expect(check({ max_position_nav: "0" }, buy({ side: "sell", quantity: "20" }), unquoted)).toEqual(PASS);
  });
  test("blocks a sale of more than is held by what is then owed", () => {
    const risk = { max_position_nav: "0.1" };
    expect(check(risk, buy({ side: "sell", quantity: "30" }))).toEqual(PASS);
    expect(check(risk, buy({ side: "sell", quantity: "31" }))).toMatchObject({
      kind: "block",
      guard: "max-position-nav",
    });
  });
  test("lets a short position be bought back, and not turned into a larger long one", () => {
    const short = bookOf('cash = "12000"\n[positions]\nNVDA = "-20"\n');
    expect(check({ max_position_nav: "0" }, buy({ quantity: "20" }), short)).toEqual(PASS);
    expect(check({ max_position_nav: "0" }, buy({ quantity: "21" }), short)).toMatchObject({ kind: "block" });
  });
});

describe("day-loss-limit", () => {
  const lost = (cash: string): Book => bookOf(`cash = "${cash}"\nnav_before = "10000"\n`);
  test("stops everything from the limit on", () => {
    expect(check({ day_loss_limit: "0.05" }, buy(), lost("9500.01"))).toEqual(PASS);
    expect(check({ day_loss_limit: "0.05" }, buy({ side: "sell" }), lost("9500"))).toEqual(
      blocked("day-loss-limit", "the day's loss is 500, and nothing is sent from 500 on, which is 0.05 of 10000"),
    );
  });
  test("blocks when nobody knows what there was before", () => {
    expect(check({ day_loss_limit: "0.05" }, buy(), bookOf('cash = "1"\n'))).toEqual(
      blocked("day-loss-limit", "nobody knows what the desk was worth when the day before ended"),
    );
  });
});

describe("buying-power", () => {
  test("spends the last cent, and not one more", () => {
    const order = buy({ type: "limit", limit_price: "802" });
    expect(check({ buying_power: true }, order)).toEqual(PASS);
    expect(check({ buying_power: true }, { ...order, limit_price: "802.01" })).toEqual(
      blocked("buying-power", "the order costs 8020.1, and there is 8020 in cash"),
    );
  });
  test("asks nothing of a sale of what is held, and cash for what is not", () => {
    const poor = bookOf('cash = "0"\n[positions]\nNVDA = "20"\n');
    expect(check({ buying_power: true }, buy({ side: "sell", quantity: "20" }), poor)).toEqual(PASS);
    expect(check({ buying_power: true }, buy({ side: "sell", quantity: "21" }), poor)).toEqual(
      blocked("buying-power", "what is sold and not held is worth 100, and there is 0 in cash"),
    );
  });
});

describe("the lists", () => {
  test("let through what may be ordered, and nothing that may not", () => {
    expect(check({ symbol_allowlist: ["NVDA"] })).toEqual(PASS);
    expect(check({ symbol_allowlist: ["AMD"] })).toEqual(
      blocked("symbol-allowlist", "NVDA is not among the 1 symbols that may be ordered"),
    );
    expect(check({ symbol_allowlist: ["NVDA"], symbol_denylist: ["NVDA"] })).toEqual(
      blocked("symbol-denylist", "NVDA is never to be ordered"),
    );
  });
});

describe("market-hours", () => {
  const market_hours: Risk["market_hours"] = {
    zone: "America/New_York",
    sessions: [{ days: ["mon", "tue", "wed", "thu", "fri"], open: "09:30", close: "16:00" }],
  };
  test.each([
    ["2026-07-06T13:29:59Z", "mon 09:29"],
    ["2026-07-06T20:00:00Z", "mon 16:00"],
    ["2026-07-05T16:00:00Z", "sun 12:00"],
    ["2026-12-07T14:29:00Z", "mon 09:29"],
    ["2026-07-07T04:00:00Z", "tue 00:00"],
  ])("is closed at %s", (now, says) => {
    expect(check({ market_hours }, buy(), book, Date.parse(now))).toEqual(
      blocked("market-hours", `the market is closed: it is ${says} in America/New_York`),
    );
  });
  test.each(["2026-07-06T13:30:00Z", "2026-07-06T19:59:59Z", "2026-12-07T14:30:00Z"])("is open at %s", (now) => {
    expect(check({ market_hours }, buy(), book, Date.parse(now))).toEqual(PASS);
  });
  test("holds to the end of the day where it closes at 24:00", () => {
    const late: Risk["market_hours"] = { zone: "UTC", sessions: [{ days: ["mon"], open: "00:00", close: "24:00" }] };
    expect(check({ market_hours: late }, buy(), book, Date.parse("2026-07-06T23:59:59Z"))).toEqual(PASS);
    expect(check({ market_hours: late }, buy(), book, Date.parse("2026-07-07T00:00:00Z")).kind).toBe("block");
  });
  test("of no known zone blocks", () => {
    expect(check({ market_hours: { zone: "Mars/Olympus", sessions: [] } })).toEqual(
      blocked("market-hours", /^the guard failed: /),
    );
  });
});

test("no guard throws, and none passes what is no number", () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      "NaN",
      "Infinity",
      "-1",
      "0",
      "",
      "1e9",
      "0x1",
      "1_0",
      "99999999999999999999999999",
      "__proto__",
      "1\n",
    ),
    fc.string({ unit: "binary-ascii" }),
  );
  const every: Risk = {
    ...none,
    max_order_nav: "1",
    max_position_nav: "1",
    day_loss_limit: "0.5",
    buying_power: true,
    symbol_allowlist: ["NVDA"],
  };
  fc.assert(
    fc.property(hostile, hostile, hostile, (quantity, limit_price, symbol) => {
      const isNumber = /^(?:[1-9]\d{0,19}|0)(?:\.\d{1,18})?$/.test(quantity) && /[1-9]/.test(quantity);
      expect(check(every, buy({ quantity })).kind === "pass" && !isNumber).toBe(false);
      expect(check(every, buy({ quantity, type: "limit", limit_price })).kind === "pass" && !isNumber).toBe(false);
      expect(check(every, buy({ type: "limit", limit_price: quantity })).kind === "pass" && !isNumber).toBe(false);
      expect(check(every, buy({ symbol }))).toMatchObject({ kind: "block" });
      const limits = [{ max_order_nav: quantity }, { max_position_nav: quantity }, { day_loss_limit: quantity }];
      expect(limits.some((limit) => check(limit).kind === "pass") && !/^(?:0|[1-9]\d*)(?:\.\d+)?$/.test(quantity)).toBe(
        false,
      );
    }),
  );
});
