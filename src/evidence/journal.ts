/** What a seal is made from: a journal, and how its entries' data is read. A field that is not as promised is a bug of ours. */
import { assert } from "../core/assert.ts";
import type { DeliveryInput } from "../core/delivery.ts";
import { sha256Of, type Instant } from "../core/ids.ts";
import type { ArtifactRef, ExecutionStep, Json, Observation } from "../core/observation.ts";

/** One entry of a journal, as far as evidence reads it. */
export type Transition = {
  readonly at: Instant;
  readonly event: string;
  readonly to: string;
  readonly observations: readonly Observation[];
  readonly data: Json;
};

/** Where an amendment stands: behind which envelope, as which, after which. */
export type Amends = {
  readonly evidence_id: string;
  readonly seal_hash: string;
  readonly ordinal: number;
  readonly prev_seal_hash: string;
};

export type SealInput = {
  readonly birth: DeliveryInput;
  readonly machine: { readonly id: string; readonly version: string; readonly definition: string };
  /** Up to and with the entry into `sealing`; for an amendment, the entries that it amends with. */
  readonly entries: readonly Transition[];
  readonly amends: Amends | null;
};

/** An entry with its place, which is the number of its link. */
export type Placed = { readonly link: number; readonly entry: Transition };

type JsonObject = { readonly [key: string]: Json };

/** The first entry that was caused by this event. */
export function firstOf(entries: readonly Transition[], event: string): Placed | undefined {
  const link = entries.findIndex((entry) => entry.event === event);
  const entry = entries[link];
  return entry && { link, entry };
}

export function member(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A text of the journal; undefined for one that is null or absent. */
export function textIn(value: Json | undefined, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === "string" ? found : undefined;
}

export function artifactsIn(data: Json): readonly ArtifactRef[] {
  return itemsIn(data, "artifacts").map((item) => ({
    sha256: sha256Of(wanted(item, "sha256")),
    kind: wanted(item, "kind"),
    media_type: wanted(item, "media_type"),
    bytes: countIn(item, "bytes"),
    class: member(item, "class") === "public" ? "public" : "internal",
  }));
}

/** What a redelivery's artifacts had masked, as a document lists it. */
export function maskedIn({ event, data }: Pick<Transition, "event" | "data">): readonly Json[] {
  if (event !== "REDELIVERED") return [];
  return itemsIn(member(data, "filtered") ?? null, "redactions").map((masked) => ({
    rule_id: wanted(masked, "rule_id"),
    path: wanted(masked, "path"),
    match_type: wanted(masked, "match_type"),
    match_count: countIn(masked, "match_count"),
    masked_len: countIn(masked, "masked_len"),
    timestamp: isoOf(countIn(data, "received_at")),
  }));
}

const REPORTS_STEP: ReadonlySet<string> = new Set([
  "EFFECT_DONE",
  "EFFECT_FAILED",
  "ORDER_SETTLED",
  "ORDER_UNCLEAR",
  "DECIDED",
  "REPORTED",
]);

/** The step that an outcome event reports, or undefined when it reports none. */
export function stepIn({ event, data }: Transition): ExecutionStep | undefined {
  if (!REPORTS_STEP.has(event)) return undefined;
  const step = member(data, "step");
  if (!isJsonObject(step)) return undefined;
  const exit = member(step, "exit_code");
  return {
    kind: wanted(step, "kind"),
    status: statusIn(step),
    exit_code: typeof exit === "number" ? exit : null,
    started_at: wanted(step, "started_at"),
    finished_at: wanted(step, "finished_at"),
    artifacts: itemsIn(step, "artifacts").map((sha256) => sha256Of(typeof sha256 === "string" ? sha256 : "")),
  };
}

export const isoOf = (at: Instant): string => new Date(at).toISOString();

const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function statusIn(step: Json): ExecutionStep["status"] {
  const status = member(step, "status");
  assert(
    status === "succeeded" || status === "failed" || status === "interrupted" || status === "cancelled",
    "a step has a known status",
  );
  return status;
}

function itemsIn(value: Json, name: string): readonly Json[] {
  const found = member(value, name);
  return isList(found) ? found : [];
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

function countIn(value: Json, name: string): number {
  const found = member(value, name);
  assert(typeof found === "number", `the journal has a number ${name}`);
  return found;
}

function wanted(value: Json, name: string): string {
  const found = textIn(value, name);
  assert(found !== undefined, `the journal has a text ${name}`);
  return found;
}
