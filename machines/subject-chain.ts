/**
 * Order within a chain of changes, each of which names the state before it and the state after it: pushes to a ref. Nobody numbers
 * them, so what is said is what the links prove. Where a loss leaves two loose ends and no time tells them apart, it is `unknown`.
 */
import type { OrderSignal, OrderVerdict } from "../src/core/delivery.ts";

type Chained = Extract<OrderSignal, { kind: "chain" }>;
export type Link = Pick<Chained, "before" | "after" | "mark">;
type Head = { readonly commit: string | null } | null;

export function standing(links: readonly Link[], head: Head, link: Chained): OrderVerdict {
  const { before, after, forced } = link;
  if (head === null) return before === null ? "in_order" : "unknown";
  const continues = before === head.commit;
  if (continues && before === null) return "in_order";
  if (links.some((known) => known.before === before && known.after === after)) return "stale";
  const seen = statesOf(links);
  if (after !== null && (seen.after.has(after) || seen.before.has(after))) {
    // Back to where it was, or what follows this link is here already.
    return continues && (seen.after.has(after) || leadsTo(links, after, before)) ? "forked" : "stale";
  }
  if (before === null) return isOlder(links, link) ? "stale" : "unknown";
  const isKnown = continues || seen.before.has(before) || seen.after.has(before);
  if (!isKnown) return isOlder(links, link) ? "stale" : "gap";
  if (forced) return "forked";
  if (continues) return isWhole(links) || isNewest(links, link) ? "in_order" : "unknown";
  if (after !== null && seen.before.has(before)) return "forked";
  if (isNewest(links, link)) return "in_order";
  return isOlder(links, link) ? "stale" : "unknown";
}

/** Where the chain has come to once this link, the last of `links`, has arrived. */
export function headAfter(links: readonly Link[], head: Head, { after }: Chained, verdict: OrderVerdict): Head {
  if (head === null || verdict === "in_order" || verdict === "forked" || verdict === "gap") return { commit: after };
  // A late link may have joined what was apart: then the one loose end is the head again.
  const [end, ...more] = looseEnds(links);
  return end !== undefined && more.length === 0 && head.commit !== null ? { commit: end } : head;
}

function statesOf(links: readonly Link[]): {
  readonly before: ReadonlySet<string | null>;
  readonly after: ReadonlySet<string | null>;
} {
  return { before: new Set(links.map(({ before }) => before)), after: new Set(links.map(({ after }) => after)) };
}

function looseEnds(links: readonly Link[]): readonly string[] {
  const { before, after } = statesOf(links);
  return [...after].filter((state): state is string => state !== null && !before.has(state));
}

/** Whether the links go on from one state to the other. A state is passed once: links may go round in circles. */
function leadsTo(links: readonly Link[], from: string, to: string | null): boolean {
  const reached = new Set<string | null>([from]);
  for (const state of reached) for (const link of links) if (link.before === state) reached.add(link.after);
  return reached.has(to);
}

const isWhole = (links: readonly Link[]): boolean => looseEnds(links).length <= 1;
const isNewest = (links: readonly Link[], { mark }: Link): boolean =>
  mark !== null && links.every((known) => known.mark !== null && known.mark < mark);
const isOlder = (links: readonly Link[], { mark }: Link): boolean =>
  mark !== null && links.some((known) => known.mark !== null && known.mark > mark);
