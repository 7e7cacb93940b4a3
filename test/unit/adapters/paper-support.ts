import { createHash } from "node:crypto";
import { type PaperQuote, paperConnector } from "../../../src/adapters/connector-paper.ts";
import { createPaperLedger } from "../../../src/adapters/paper-ledger.ts";
import { runIdOf, type Sha256, sha256Of } from "../../../src/core/ids.ts";
import { type Connector, orderKeyOf, type OrderToSend } from "../../../src/orders/connector.ts";
import { parseDecimal, ZERO } from "../../../src/orders/decimal.ts";
import type { OrderDraft } from "../../../src/orders/draft.ts";
import { holdingsAfter, type Ledger, readLedger } from "../../../src/orders/ledger.ts";
import type { LogMemoryDisk } from "./log-memory-disk.ts";

export const RUN = runIdOf("11111111-2222-8333-8444-555555555555");
export const DESK = "/desk";
export const LEDGER = "/desk/book/ledger.ndjson";

const hashOf = (text: string): Sha256 => sha256Of(createHash("sha256").update(text).digest("hex"));

/** An order to buy 10 NVDA at the market, but for what is given. */
export function orderToSend(number: number, changes: Partial<OrderDraft> = {}): OrderToSend {
  const draft: OrderDraft = {
    kind: "order",
    connector: "paper",
    symbol: "NVDA",
    side: "buy",
    quantity: "10",
    type: "market",
    limit_price: null,
    time_in_force: "day",
    rationale: { summary: "a reason", research_ref: null },
    ...changes,
  };
  const digest = hashOf(JSON.stringify(draft));
  return { key: orderKeyOf(RUN, number, digest), run: RUN, number, digest, draft };
}

export const quote = (bid: string, ask: string): PaperQuote => ({
  bid: parseDecimal(bid) ?? ZERO,
  ask: parseDecimal(ask) ?? ZERO,
});

/** A paper connector as a process would have it that starts now: NVDA is quoted, and nothing else. */
export function paperOn(disk: LogMemoryDisk, quotes = new Map([["NVDA", quote("120.25", "120.50")]])): Connector {
  return paperConnector({
    ledger: createPaperLedger(DESK, disk),
    quoteOf: (symbol) => quotes.get(symbol) ?? { kind: "none", reason: `there is no quote of ${symbol}` },
    now: () => Date.UTC(2026, 6, 5, 14, 22),
  });
}

/** The ledger that lies on the disk, which must be whole but for its tail. */
export function ledgerOn(disk: LogMemoryDisk): Ledger {
  const read = readLedger(disk.files().get(LEDGER) ?? Buffer.alloc(0));
  if (read.kind === "broken") throw new Error(read.reason);
  return read;
}

export const holdingsOn = (disk: LogMemoryDisk): ReturnType<typeof holdingsAfter> =>
  holdingsAfter({ cash: ZERO, positions: new Map() }, ledgerOn(disk).lines);
