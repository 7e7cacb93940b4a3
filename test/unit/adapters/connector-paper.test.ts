import { describe, expect, test } from "vitest";
import type { OrderDraft } from "../../../src/orders/draft.ts";
import { logMemoryDisk } from "./log-memory-disk.ts";
import { ledgerOn, orderToSend, paperOn, quote } from "./paper-support.ts";

const submit = (changes: Partial<OrderDraft>, bid = "120.25", ask = "120.50") =>
  paperOn(logMemoryDisk(), new Map([["NVDA", quote(bid, ask)]])).submit(orderToSend(1, changes));

describe("paper fills", () => {
  test.each([
    ["buy", "market", null, "120.5"],
    ["sell", "market", null, "120.25"],
    ["buy", "limit", "120.50", "120.5"],
    ["buy", "limit", "130", "120.5"],
    ["sell", "limit", "120.25", "120.25"],
    ["sell", "limit", "100", "120.25"],
  ] as const)("to %s at %s %s at the price of the quote: %s", async (side, type, limit_price, price) => {
    expect(await submit({ side, type, limit_price })).toEqual({
      kind: "filled",
      fills: [{ quantity: "10", price }],
      reference: "ledger line 1",
    });
  });

  test("nothing at a limit that the quote does not meet, and says that no order rests", async () => {
    expect(await submit({ type: "limit", limit_price: "120.49" })).toEqual({
      kind: "refused",
      reason: "the ask of NVDA is 120.5, which the limit 120.49 does not meet; paper keeps no resting orders",
    });
    expect(await submit({ side: "sell", type: "limit", limit_price: "120.26" })).toEqual({
      kind: "refused",
      reason: "the bid of NVDA is 120.25, which the limit 120.26 does not meet; paper keeps no resting orders",
    });
  });

  test("nothing without a quote, and nothing at a price of nothing", async () => {
    expect(await submit({ symbol: "TSM" })).toEqual({ kind: "refused", reason: "there is no quote of TSM" });
    expect(await submit({ side: "sell" }, "0", "1")).toEqual({
      kind: "refused",
      reason: "the quote of NVDA has no price to sell at",
    });
  });

  test("no draft that is no order", async () => {
    const disk = logMemoryDisk();
    const order = orderToSend(1);
    const rationale = { summary: "a reason", research_ref: null };
    const draft = { kind: "action", action: "deployment", name: "api", fields: {}, rationale } as const;
    expect(await paperOn(disk).submit({ ...order, draft })).toMatchObject({ kind: "refused" });
    expect(ledgerOn(disk).lines).toEqual([]);
  });

  test("writes down what it filled, for whom and when, and leaves no line for what it refused", async () => {
    const disk = logMemoryDisk();
    const paper = paperOn(disk);
    await paper.submit(orderToSend(1, { symbol: "TSM" }));
    const order = orderToSend(2, { quantity: "0.125" });
    await paper.submit(order);
    expect(ledgerOn(disk).lines).toEqual([
      {
        schema: "qoc.ledger/v1",
        n: 1,
        at: "2026-07-05T14:22:00.000Z",
        key: order.key,
        run: order.run,
        draft: 2,
        digest: order.digest,
        symbol: "NVDA",
        side: "buy",
        quantity: "0.125",
        price: "120.5",
        cash: "-15.0625",
        position: "0.125",
        before: "0".repeat(64),
      },
    ]);
  });

  test("asks nothing of an order that it does not know", async () => {
    const disk = logMemoryDisk();
    expect(await paperOn(disk).ask(orderToSend(1).key)).toEqual({ kind: "not_seen" });
    expect(disk.files().size).toBe(0);
  });
});
