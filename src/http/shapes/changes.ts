/**
 * Live events of `/api/events`. `rows` (the default) has every journal row, `changes` has at most one line for each run in a quarter of a
 * second, for pages that show many runs.
 */
import { z } from "zod";
import { list } from "./values.ts";
import { JournalRow } from "./runs.ts";

export const EventsQuery = z.strictObject({
  run: z.string().max(80).optional(),
  view: z.enum(["rows", "changes"]).default("rows"),
});

/** Data of an event `row`. */
export const LiveRow = z
  .object({ schema: z.literal("qoc.event/1"), workspace: z.string(), run: z.string() })
  .extend(JournalRow.shape);
export type LiveRow = z.infer<typeof LiveRow>;

export const ChangeItem = z.object({
  workspace: z.string(),
  run: z.string(),
  state: z.string(),
  seq: z.number(),
  at: z.string(),
  born: z.boolean(),
});
export type ChangeItem = z.infer<typeof ChangeItem>;
/** Data of an event `changes`. `more` runs changed as well and are not listed: read the list again. */
export const Changes = z.object({
  schema: z.literal("qoc.changes/1"),
  items: list(ChangeItem),
  more: z.number(),
});
export type Changes = z.infer<typeof Changes>;
