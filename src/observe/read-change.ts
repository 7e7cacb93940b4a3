/** What a committed change says to whoever counts or times: names, states and times of ours, and never a word of a payload. Pure. */
import type { Instant } from "../core/ids.ts";
import type { Json } from "../core/observation.ts";
import type { ActorRecord, Change, PendingEffect } from "../engine/ports.ts";

/** `unclear`: it may have acted. `abandoned`: its actor went on without waiting for it. */
export type EffectResult = "performed" | "failed" | "interrupted" | "unclear" | "abandoned";
export type EffectEnded = {
  readonly effect: Pick<PendingEffect, "id" | "name" | "asked_at">;
  readonly at: Instant;
  readonly result: EffectResult;
};

const RESULTS: Readonly<Record<string, EffectResult>> = {
  EFFECT_FAILED: "failed",
  INTERRUPTED: "interrupted",
  ORDER_UNCLEAR: "unclear",
};
const NONE: readonly EffectEnded[] = [];

/** The effects that were pending before this change and are not any more. */
export function effectsEnded({ before, record, entries }: Change): readonly EffectEnded[] {
  if (before === null || before.pending.length === 0 || before.pending === record.pending) return NONE;
  const gone = before.pending.filter(({ id }) => !record.pending.some((still) => still.id === id));
  return gone.map((effect) => {
    const told = entries.find(({ data }) => textAt(data, "effect") === effect.id);
    return told === undefined
      ? { effect, at: record.changed_at, result: "abandoned" }
      : { effect, at: told.at, result: RESULTS[told.event] ?? "performed" };
  });
}

const OUTCOMES: ReadonlySet<string> = new Set([
  "completed",
  "failed",
  "denied",
  "expired",
  "superseded",
  "cancelled",
  "refused",
]);

/** `sealed`: false for a delivery that was refused and of which nothing is kept. */
export type RunEnded = {
  readonly webhook: string;
  readonly outcome: string;
  readonly at: Instant;
  readonly sealed: boolean;
};

/** Undefined for a change that ends no run. A run ends once, whatever is amended behind its seal. */
export function runEnded({ before, record, entries }: Change): RunEnded | undefined {
  if (record.machine !== "delivery") return undefined;
  const sealed = entries.find(({ event }) => event === "SEALED");
  if (sealed === undefined && !(record.state === "refused" && before?.state !== "refused")) return undefined;
  const outcome = inContext(record, "outcome") ?? "refused";
  return {
    webhook: inContext(record, "webhook") ?? "",
    outcome: OUTCOMES.has(outcome) ? outcome : "unknown",
    at: sealed?.at ?? record.changed_at,
    sealed: sealed !== undefined,
  };
}

/** A text of the actor's context. */
const inContext = ({ snapshot }: ActorRecord, name: string): string | null => textAt(at(snapshot, "context"), name);

/** A duration of the policy that a run was born with. */
export function policyMs({ snapshot }: ActorRecord, name: string): number | null {
  const ms = at(at(at(snapshot, "context"), "policy"), name);
  return typeof ms === "number" ? ms : null;
}

function textAt(json: Json | undefined, name: string): string | null {
  const value = at(json, name);
  return typeof value === "string" ? value : null;
}

function at(json: Json | undefined, name: string): Json | undefined {
  if (typeof json !== "object" || json === null || isList(json)) return undefined;
  return Object.hasOwn(json, name) ? json[name] : undefined;
}

const isList = (json: Json): json is readonly Json[] => Array.isArray(json);
