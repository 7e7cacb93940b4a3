/** How the deliveries about one subject stand to each other. Pure, and without XState. */
import type { OrderSignal, OrderVerdict, SubjectEvent } from "../src/core/delivery.ts";
import type { Address, RunId } from "../src/core/ids.ts";

export type Arrived = Extract<SubjectEvent, { type: "ARRIVED" }>;

/** A run that is held, or may come to be: the delivery decides that by its policy. */
type Waiting =
  | { readonly kind: "predecessor"; readonly run: RunId; readonly delivery: Address; readonly before: string }
  | { readonly kind: "context"; readonly run: RunId; readonly delivery: Address };

export type SubjectContext = {
  /** The commit that the chain has come to. */
  readonly head: string | null;
  /** Commits that the chain went through, latest last. */
  readonly known: readonly string[];
  /** The highest mark so far. */
  readonly high_water: Extract<OrderSignal, { kind: "mark" }> | null;
  readonly waiting: readonly Waiting[];
};

export const unheardOf: SubjectContext = { head: null, known: [], high_water: null, waiting: [] };

/** A chain that is older than this looks unknown again: its deliveries are a gap, not stale. */
const KNOWN_MAX = 64;
/** The run that is pushed out goes on by its own hold time-out. */
const WAITING_MAX = 64;

export function verdictOf(context: SubjectContext, signal: OrderSignal | null): OrderVerdict {
  if (signal === null) return "unknown";
  return signal.kind === "mark" ? byMark(context.high_water, signal) : byChain(context, signal.before, signal.after);
}

/** Equal marks say nothing: many senders count whole seconds. */
function byMark(high: SubjectContext["high_water"], { mark, rank }: { mark: string; rank: number }): OrderVerdict {
  if (high === null || mark > high.mark) return "in_order";
  if (mark < high.mark) return "stale";
  if (rank === high.rank) return "unknown";
  return rank > high.rank ? "in_order" : "stale";
}

/** The first link that is heard of says nothing about those before it, unless it says that there are none. */
function byChain({ head, known }: SubjectContext, before: string | null, after: string): OrderVerdict {
  if (head === null) return before === null ? "in_order" : "unknown";
  if (before === head) return "in_order";
  if (known.includes(after)) return "stale";
  if (before === null) return "unknown";
  return known.includes(before) ? "forked" : "gap";
}

export function remember(context: SubjectContext, event: Arrived): SubjectContext {
  const verdict = verdictOf(context, event.order);
  const waiting = [...context.waiting.filter((run) => !isReleasedBy(run, event)), ...waitsOf(event, verdict)];
  return { ...context, ...series(context, event.order, verdict), waiting: waiting.slice(-WAITING_MAX) };
}

/** What an arrival tells of the series; a stale one moves nothing on. */
function series(context: SubjectContext, order: OrderSignal | null, verdict: OrderVerdict): Partial<SubjectContext> {
  if (order === null) return {};
  if (order.kind === "mark") return verdict === "in_order" ? { high_water: order } : {};
  const { before, after } = order;
  const passed = before === null ? [after] : [before, after];
  const known = [...context.known.filter((commit) => !passed.includes(commit)), ...passed].slice(-KNOWN_MAX);
  return { known, head: verdict === "stale" ? context.head : after };
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

type TellOrder = { readonly to: Address; readonly run: RunId; readonly order: OrderVerdict };
type TellPredecessor = { readonly to: Address; readonly by_run: RunId };
type TellContext = { readonly to: Address; readonly by_run: RunId; readonly commit_sha: string };

/** What the subject tells a delivery that may be held; `to` is the delivery's address. */
export type Tell =
  | { readonly type: "tellPredecessorArrived"; readonly params: TellPredecessor }
  | { readonly type: "tellContextArrived"; readonly params: TellContext };

/** Whom this arrival sets free. */
export function released(context: SubjectContext, event: Arrived): readonly Tell[] {
  const { run: by_run, commit_sha } = event;
  return context.waiting
    .filter((run) => isReleasedBy(run, event))
    .map(({ kind, delivery: to }) =>
      kind === "context" && commit_sha !== null
        ? { type: "tellContextArrived", params: { to, by_run, commit_sha } }
        : { type: "tellPredecessorArrived", params: { to, by_run } },
    );
}

type Effect<P> = (at: unknown, params: P) => void;
const tell = (): void => undefined;

/** An effect does nothing in the machine: its name and parameters are the telling. */
export const tells: {
  readonly tellOrder: Effect<TellOrder>;
  readonly tellPredecessorArrived: Effect<TellPredecessor>;
  readonly tellContextArrived: Effect<TellContext>;
} = { tellOrder: tell, tellPredecessorArrived: tell, tellContextArrived: tell };
