import { expect, test } from "vitest";
import type { ActionDraft, OrderDraft } from "../../../src/orders/draft.ts";
import { GUARD_NAMES, type Risk } from "../../../src/orders/guards.ts";
import { shownFields, shownLimits } from "../../../src/orders/shown.ts";

const rationale = { summary: "It is late.", research_ref: null };
const order: OrderDraft = {
  kind: "order",
  connector: "paper",
  symbol: "NVDA",
  side: "buy",
  quantity: "100.0",
  type: "market",
  limit_price: null,
  time_in_force: "day",
  rationale,
};
const action: ActionDraft = {
  kind: "action",
  action: "deployment",
  name: "web-1",
  fields: { canary: false, replicas: "3" },
  rationale,
};
const every: Risk = {
  max_order_nav: "0.05",
  max_position_nav: "0.2",
  day_loss_limit: "0.03",
  buying_power: true,
  symbol_allowlist: ["A", "B"],
  symbol_denylist: ["C"],
  market_hours: { zone: "Europe/Berlin", sessions: [] },
};
const none: Risk = {
  max_order_nav: null,
  max_position_nav: null,
  day_loss_limit: null,
  buying_power: false,
  symbol_allowlist: [],
  symbol_denylist: [],
  market_hours: null,
};

test("what is shown of an order is all that is sent of it, as it was written", () => {
  expect(shownFields(order)).toEqual([
    ["connector", "paper"],
    ["symbol", "NVDA"],
    ["side", "buy"],
    ["quantity", "100.0"],
    ["type", "market"],
    ["time_in_force", "day"],
    ["summary", "It is late."],
  ]);
});

test("what is shown of a draft of another kind is its kind and every field", () => {
  expect(shownFields(action)).toEqual([
    ["kind", "deployment"],
    ["name", "web-1"],
    ["canary", "false"],
    ["replicas", "3"],
    ["summary", "It is late."],
  ]);
});

test("whoever decides is told of every guard that will be asked, in their order, with its number", () => {
  const says = shownLimits(order, every);
  expect(says.map((each) => each.split(":", 1).join())).toEqual(GUARD_NAMES);
  const numbers = ["0.05", "0.2", "0.03", "cash", "2 symbols", "1 symbols", "Europe/Berlin"];
  expect(says.map((each, i) => each.includes(numbers[i] ?? "?"))).toEqual(numbers.map(() => true));
});

test("no guard is named that is not asked", () => {
  expect([shownLimits(order, none), shownLimits(action, every)]).toEqual([[], []]);
});
