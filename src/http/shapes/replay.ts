/** A run as of a row of its journal: `qoc.runs.replay/1`. Made by telling the machine again what it was told. */
import { z } from "zod";
import { ChartNow } from "./run-page.ts";
import { OUTCOMES } from "./runs.ts";
import { Field, list, Time } from "./values.ts";

export const ReplayQuery = z.strictObject({ seq: z.coerce.number().int().min(0).max(1_000_000) });

export const RunReplay = z.object({
  run: z.string(),
  seq: z.number(),
  /** Rows of the journal. */
  of: z.number(),
  at: Time,
  event: z.string(),
  by: z.string(),
  /** With the timers and the effects that were pending then. */
  chart: ChartNow,
  outcome: z.enum(OUTCOMES).nullable(),
  duplicates: z.number(),
  /** What was known of the delivery by then, numbers verbatim. */
  facts: list(Field),
  drafts: list(z.object({ draft: z.number(), file: z.string(), became: z.string() })),
});
export type RunReplay = z.infer<typeof RunReplay>;
