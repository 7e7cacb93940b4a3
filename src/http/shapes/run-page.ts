/** All that the page of one run shows, in one answer: `qoc.runs.page/1`. */
import { z } from "zod";
import { DraftsView } from "./drafts.ts";
import { RunDetail, Why } from "./runs.ts";
import { Field, Hash, list, Time } from "./values.ts";

/** What the live chart is drawn from, beside the journal. */
export const ChartNow = z.object({
  machine: z.string(),
  version: z.string(),
  /** Hash of the machine's definition that the run was stepped by last. */
  definition: z.string(),
  state: z.string(),
  /** `event` as a journal row would name it. */
  timers: list(z.object({ event: z.string(), at: Time })),
  /** Effects asked for and not answered yet. */
  pending: list(z.object({ name: z.string(), asked_at: Time, started: z.boolean() })),
});
export type ChartNow = z.infer<typeof ChartNow>;

/** A delivery as received, beside what was made of it. */
export const DeliveryShown = z.object({
  headers: list(Field),
  body: z.object({
    sha256: Hash,
    media_type: z.string(),
    bytes: z.number(),
    /** The text as received, or its beginning; null for bytes that are no UTF-8, and for those that are gone. */
    text: z.string().nullable(),
    /** Whether `text` is a beginning only. */
    cut: z.boolean(),
    /** Why there is no text; null where there is. */
    because: z.string().nullable(),
    /** Whether values were masked before the bytes were stored. */
    filtered: z.boolean(),
  }),
  /** The normalized facts, numbers verbatim. */
  facts: list(Field),
  signature: z.object({
    verified: z.boolean(),
    scheme: z.string().nullable(),
    /** Which of the webhook's secrets, counted from 1; null when none did. */
    secret: z.number().nullable(),
    says: z.string(),
  }),
});
export type DeliveryShown = z.infer<typeof DeliveryShown>;

/** What the run's state allows a person to tell it, and what comes of it. */
export const ActionAllowed = z.object({
  action: z.enum(["resume", "cancel", "release", "release_as_new", "settle_executed", "settle_failed"]),
  says: z.string(),
});
export type ActionAllowed = z.infer<typeof ActionAllowed>;

export const RunPage = z.object({
  now: Time,
  run: RunDetail,
  why: Why,
  chart: ChartNow,
  /** Null for a run that no delivery began, and for an erased one. */
  delivery: DeliveryShown.nullable(),
  drafts: DraftsView.nullable(),
  actions: list(ActionAllowed),
});
export type RunPage = z.infer<typeof RunPage>;
