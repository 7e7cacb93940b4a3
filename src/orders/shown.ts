/** A draft and its limits as a person is shown them before deciding. */
import type { Draft } from "./draft.ts";
import { tablesOf } from "./draft-text.ts";
import type { Risk } from "./guards.ts";

/** Every value of the draft by its name, in the order of the file. */
export function shownFields(draft: Draft): readonly (readonly [name: string, value: string])[] {
  const { order, draft: action, rationale } = tablesOf(draft);
  return [order, action, rationale].flatMap((table) =>
    Object.entries(table ?? {}).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[name, String(value)] as const],
    ),
  );
}

/** The guards that will be asked before it is sent, a sentence each. An approval does not go past them. */
export function shownLimits(draft: Draft, risk: Risk): readonly string[] {
  if (draft.kind !== "order") return [];
  const { max_order_nav, max_position_nav, day_loss_limit, symbol_allowlist, symbol_denylist, market_hours } = risk;
  return [
    ...(max_order_nav === null ? [] : [`max-order-nav: at most ${max_order_nav} of the net asset value an order`]),
    ...(max_position_nav === null ? [] : [`max-position-nav: at most ${max_position_nav} of it in one symbol`]),
    ...(day_loss_limit === null
      ? []
      : [`day-loss-limit: nothing is sent once the day has lost ${day_loss_limit} of it`]),
    ...(risk.buying_power ? ["buying-power: the cash at hand has to pay for it"] : []),
    ...(symbol_allowlist.length === 0 ? [] : [`symbol-allowlist: ${symbol_allowlist.length} symbols`]),
    ...(symbol_denylist.length === 0 ? [] : [`symbol-denylist: ${symbol_denylist.length} symbols`]),
    ...(market_hours === null ? [] : [`market-hours: sessions in ${market_hours.zone}`]),
  ];
}
