/**
 * The spans of a run, made from committed changes alone. Everything a span says stands in the record before the change or in the change
 * itself, so nothing is remembered between two, and after a restart a run goes on in the same trace: its id is the run's. Pure.
 */
import { createHash } from "node:crypto";
import { type Address, type Instant, isUuid, nameOf } from "../core/ids.ts";
import type { ActorRecord, Change } from "../engine/ports.ts";
import { effectsEnded, policyMs, runEnded } from "./read-change.ts";

/** Ids of ours and names of the program and of the configuration; never a word of a payload. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export type MadeSpan = {
  readonly name: string;
  /** 32 and 16 hex digits (W3C Trace Context). The parent is null for the span of the run itself. */
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_id: string | null;
  readonly from: Instant;
  readonly to: Instant;
  readonly failed: boolean;
  readonly attributes: SpanAttributes;
};

/** The states that a run waits in, with the length of the timer that runs meanwhile: so the beginning of the wait is known. */
const WAITS: readonly {
  readonly state: string;
  readonly name: string;
  readonly delay: string;
  readonly policy: string;
}[] = [
  {
    state: "awaiting-approval",
    name: "wait for approval",
    delay: ".approvalTimeout.",
    policy: "approval_timeout_ms",
  },
  {
    state: "held.for-predecessor",
    name: "wait for predecessor",
    delay: ".holdTimeout.",
    policy: "hold_timeout_ms",
  },
  { state: "held.for-context", name: "wait for context", delay: ".contextTimeout.", policy: "context_timeout_ms" },
];

/** The spans that end with this change. None for an actor that belongs to no run, as a subject does. */
export function spansOf(workspace: string, change: Change): readonly MadeSpan[] {
  const { record } = change;
  const run = runIn(record.address);
  if (run === undefined) return [];
  const about = { "qoc.workspace": workspace, "qoc.run": run, "qoc.machine": record.machine };
  const root = spanIdOf(`run ${run}`);
  const child = (of: string, span: Pick<MadeSpan, "name" | "from" | "to" | "failed" | "attributes">): MadeSpan => ({
    trace_id: traceIdOf(run),
    span_id: spanIdOf(of),
    parent_id: root,
    ...span,
    attributes: { ...about, ...span.attributes },
  });
  const effects = effectsEnded(change).map(({ effect, at, result }) =>
    child(`effect ${effect.id}`, {
      name: effect.name,
      from: effect.asked_at,
      to: at,
      failed: result === "failed" || result === "interrupted" || result === "unclear",
      attributes: { "qoc.effect": effect.name, "qoc.effect.id": effect.id, "qoc.result": result },
    }),
  );
  const wait = waitEnded(change);
  const waits =
    wait === undefined
      ? []
      : [
          child(`wait ${record.address} ${wait.name} ${wait.from}`, {
            name: wait.name,
            from: wait.from,
            to: wait.to,
            failed: false,
            attributes: { "qoc.event": wait.event, "qoc.state": record.state },
          }),
        ];
  return [...effects, ...waits, ...runSpan(change, child, root)];
}

function runSpan(
  change: Change,
  child: (of: string, span: Pick<MadeSpan, "name" | "from" | "to" | "failed" | "attributes">) => MadeSpan,
  root: string,
): readonly MadeSpan[] {
  const ended = runEnded(change);
  if (ended === undefined) return [];
  const { webhook, outcome, at } = ended;
  const { record } = change;
  const span = child("", {
    name: "run",
    from: record.born_at,
    to: at,
    failed: outcome === "failed",
    attributes: {
      "qoc.webhook": webhook,
      "qoc.outcome": outcome,
      "qoc.state": record.state,
      "qoc.transitions": record.sequence,
    },
  });
  return [{ ...span, span_id: root, parent_id: null }];
}

/** From the request's headers to the delivery's being durable: nothing in the journal says it, the ingress does. */
export function receivingSpan(
  workspace: string,
  webhook: string,
  run: string,
  ended: Instant,
  tookMs: number,
): MadeSpan {
  return {
    name: "receive",
    trace_id: traceIdOf(run),
    span_id: spanIdOf(`receive ${run} ${ended} ${tookMs}`),
    parent_id: spanIdOf(`run ${run}`),
    from: ended - tookMs,
    to: ended,
    failed: false,
    attributes: { "qoc.workspace": workspace, "qoc.run": run, "qoc.webhook": webhook },
  };
}

type Waited = { readonly name: string; readonly from: Instant; readonly to: Instant; readonly event: string };

function waitEnded({ before, record, entries }: Change): Waited | undefined {
  if (before === null || before.machine !== "delivery") return undefined;
  const wait = WAITS.find(({ state }) => isIn(before, state) && !isIn(record, state));
  const last = entries.find(
    ({ from, to }) => wait !== undefined && isBelow(from, wait.state) && !isBelow(to, wait.state),
  );
  if (wait === undefined || last === undefined) return undefined;
  const due = before.timers.find(({ id }) => id.includes(wait.delay))?.at;
  const ms = policyMs(before, wait.policy);
  // Without its timer nothing says when the wait began, but for when the actor last moved.
  const from = due === undefined || ms === null ? before.changed_at : due - ms;
  return { name: wait.name, from, to: Math.max(from, last.at), event: last.event };
}

const isIn = ({ state }: ActorRecord, top: string): boolean => isBelow(state, top);
const isBelow = (state: string | null, top: string): boolean =>
  state === top || (state?.startsWith(`${top}.`) ?? false);

/** Deliveries, their orders, notices and notifications are addressed by the run. */
function runIn(address: Address): string | undefined {
  const [run] = nameOf(address).split("/", 1);
  return run !== undefined && isUuid(run) ? run : undefined;
}

/** A run id has 128 bits, as a trace id has: whoever has the one can look for the other. */
const traceIdOf = (run: string): string => run.replaceAll("-", "");
const spanIdOf = (of: string): string => createHash("sha256").update(`qoc span ${of}`).digest("hex").slice(0, 16);
