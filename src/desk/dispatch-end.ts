import { createHash } from "node:crypto";
import { canonical } from "../core/canonical.ts";
import type { DeliveryEvent } from "../core/delivery.ts";
import { type Instant, type Sha256, sha256Of } from "../core/ids.ts";
import type { ExecutionStep } from "../core/observation.ts";
import type { Artifact, EffectCall, EffectOutcome } from "../engine/ports.ts";
import type { Answer } from "../orders/connector.ts";
import type { DispatchAsked } from "./dispatch-asked.ts";

/** What the connector said, and to which of the two: to being handed the order, or to being asked for it. */
export type Said = {
  readonly connector: string;
  readonly key: Sha256;
  readonly to: "submit" | "ask";
  readonly answer: Answer;
};

/** `said` is null where the connector said nothing: it was not reached, or what it did is not known. */
export type DispatchEnd =
  | {
      readonly kind: "settled";
      readonly outcome: "executed" | "failed" | "blocked";
      readonly reason: string | null;
      readonly said: Said | null;
    }
  | { readonly kind: "unclear"; readonly reason: string; readonly said: Said | null };

type Span = { readonly began: Instant; readonly ended: Instant };

/** What the run is told of it, with what the connector said as an artifact. */
export function tellEnd({ id }: EffectCall, { draft }: DispatchAsked, end: DispatchEnd, span: Span): EffectOutcome {
  const artifacts = end.said === null ? [] : [acknowledgementOf(end.said)];
  const refs = artifacts.map(({ ref }) => ref);
  const told = {
    effect: id,
    draft,
    step: stepOf(
      end,
      span,
      refs.map(({ sha256 }) => sha256),
    ),
    artifacts: refs,
  };
  const event: DeliveryEvent =
    end.kind === "settled"
      ? { type: "ORDER_SETTLED", ...told, outcome: end.outcome, reason: end.reason }
      : { type: "ORDER_UNCLEAR", ...told, reason: end.reason };
  return { event, artifacts };
}

function acknowledgementOf(said: Said): Artifact {
  const bytes = Buffer.from(canonical({ schema: "qoc.acknowledgement/v1", ...said }));
  const sha256 = sha256Of(createHash("sha256").update(bytes).digest("hex"));
  const form = { kind: "order_acknowledgement", media_type: "application/json", class: "internal" } as const;
  return { ref: { sha256, ...form, bytes: bytes.length }, bytes };
}

/** An order that a guard or a missing approval held back was not dispatched, and so is no step that was taken. */
function stepOf(end: DispatchEnd, { began, ended }: Span, artifacts: readonly Sha256[]): ExecutionStep | null {
  if (end.kind === "settled" && end.outcome === "blocked") return null;
  return {
    kind: "order_dispatch",
    status: end.kind === "unclear" ? "interrupted" : end.outcome === "executed" ? "succeeded" : "failed",
    exit_code: null,
    started_at: new Date(began).toISOString(),
    finished_at: new Date(ended).toISOString(),
    artifacts,
  };
}
