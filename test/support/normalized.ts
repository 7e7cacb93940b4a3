/** What a preset finds in a body that stands in the test itself, and how the orders of one subject compare. */
import type { Facts, OrderSignal } from "../../src/core/delivery.ts";
import { sha256OfBytes } from "../../src/ingress/artifacts.ts";
import { readPayload } from "../../src/providers/payload.ts";
import type { Provider } from "../../src/providers/provider.ts";

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** A text is sent as it is, anything else as JSON. */
export function normalized(provider: Provider, body: unknown, headers: Headers = {}): Facts {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const sent = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), typeof value === "string" ? [value] : value] as const,
  );
  const delivery = { headers: new Map(sent), sha256: sha256OfBytes(bytes), payload: readPayload(bytes) };
  return provider.normalize(delivery, { event: "/event" });
}

/** By mark, then by rank; links and nothing do not compare. */
function compared(before: OrderSignal | null, after: OrderSignal | null): "later" | "earlier" | "unknown" {
  if (before?.kind !== "mark" || after?.kind !== "mark") return "unknown";
  if (before.mark !== after.mark) return before.mark < after.mark ? "later" : "earlier";
  if (before.rank === after.rank) return "unknown";
  return before.rank < after.rank ? "later" : "earlier";
}

/** Each delivery against the one before it. */
export const told = (orders: readonly (OrderSignal | null)[]): readonly string[] =>
  orders.slice(1).map((order, index) => compared(orders[index] ?? null, order));
