/** How the deliveries about one subject stand to each other. Pure, and without XState. */
import type { OrderSignal, OrderVerdict, SubjectEvent } from "../src/core/delivery.ts";
import type { Address, RunId } from "../src/core/ids.ts";
import { headAfter, standing, type Link } from "./subject-chain.ts";

export type Arrived = SubjectEvent;

/** A run that is held, or may come to be: the delivery decides that by its policy. */
type Waiting =
  | { readonly kind: "predecessor"; readonly run: RunId; readonly delivery: Address; readonly before: string }
  | { readonly kind: "context"; readonly run: RunId; readonly delivery: Address };

export type SubjectContext = {
  /** Links of the chain in the order they arrived, latest last. */
  readonly links: readonly Link[];
  /** Where the chain has come to; `commit` null where it was deleted. Null while no link has arrived. */
  readonly head: { readonly commit: string | null } | null;
  /** The highest mark so far. */
  readonly high_water: Extract<OrderSignal, { kind: "mark" }> | null;
  readonly waiting: readonly Waiting[];
};

export const unheardOf: SubjectContext = { links: [], head: null, high_water: null, waiting: [] };

/** A link that is older than this has been forgotten: what follows it looks like a gap. */
const LINKS_MAX = 32;
/** The run that is pushed out goes on by its own time-out. */
const WAITING_MAX = 64;

export function verdictOf({ links, head, high_water }: SubjectContext, signal: OrderSignal | null): OrderVerdict {
  if (signal === null) return "unknown";
  return signal.kind === "mark" ? byMark(high_water, signal) : standing(links, head, signal);
}

/** Equal marks say nothing: many senders count whole seconds. */
function byMark(high: SubjectContext["high_water"], { mark, rank }: { mark: string; rank: number }): OrderVerdict {
  if (high === null || mark > high.mark) return "in_order";
  if (mark < high.mark) return "stale";
  if (rank === high.rank) return "unknown";
  return rank > high.rank ? "in_order" : "stale";
}

export function remember(context: SubjectContext, event: Arrived): SubjectContext {
  const verdict = verdictOf(context, event.order);
  const waiting = [...context.waiting.filter((run) => !isReleasedBy(run, event)), ...waitsOf(event, verdict)];
  return { ...context, ...series(context, event.order, verdict), waiting: waiting.slice(-WAITING_MAX) };
}

/** What an arrival tells of the series. */
function series(context: SubjectContext, order: OrderSignal | null, verdict: OrderVerdict): Partial<SubjectContext> {
  if (order === null) return {};
  if (order.kind === "mark") return verdict === "in_order" ? { high_water: order } : {};
  const { before, after, mark } = order;
  const links = [...context.links, { before, after, mark }].slice(-LINKS_MAX);
  return { links, head: headAfter(links, context.head, order, verdict) };
}

function waitsOf({ run, delivery, order, commit_sha, waits }: Arrived, verdict: OrderVerdict): readonly Waiting[] {
  if (!waits) return [];
  const before = verdict === "gap" && order?.kind === "chain" ? order.before : null;
  return [
    ...(before === null ? [] : [{ kind: "predecessor" as const, run, delivery, before }]),
    ...(commit_sha === null ? [{ kind: "context" as const, run, delivery }] : []),
  ];
}

function isReleasedBy(run: Waiting, { order, commit_sha }: Arrived): boolean {
  if (run.kind === "context") return commit_sha !== null;
  return order?.kind === "chain" && order.after === run.before;
}

/** What the subject tells a delivery. The engine takes it in with the same commit: `tell` is a word of its own. */
export type Tell = {
  readonly type: "tell";
  readonly params: { readonly to: Address; readonly event: Told };
};
type Told =
  | { readonly type: "RECORDED"; readonly order: OrderVerdict }
  | { readonly type: "PREDECESSOR_ARRIVED"; readonly by_run: RunId }
  | { readonly type: "CONTEXT_ARRIVED"; readonly by_run: RunId; readonly commit_sha: string };

/** How the delivery that has arrived stands to the others; completes the `RECORDED` that it is told of. */
export const ordered = ({ delivery: to }: Arrived, order: OrderVerdict): Tell["params"] => ({
  to,
  event: { type: "RECORDED", order },
});

/** What is told to those whom this arrival sets free. */
export function released(context: SubjectContext, event: Arrived): readonly Tell[] {
  const { run: by_run, commit_sha } = event;
  return context.waiting
    .filter((run) => isReleasedBy(run, event))
    .map(({ kind, delivery: to }): Tell => {
      const told: Told =
        kind === "context" && commit_sha !== null
          ? { type: "CONTEXT_ARRIVED", by_run, commit_sha }
          : { type: "PREDECESSOR_ARRIVED", by_run };
      return { type: "tell", params: { to, event: told } };
    });
}
