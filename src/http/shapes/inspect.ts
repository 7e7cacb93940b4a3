/** What the inspector's routes are asked. */
import { z } from "zod";

/** `context=1`: snapshots have counters, flags and outcomes of the actor. */
export const InspectQuery = z.strictObject({
  context: z
    .enum(["0", "1"])
    .default("0")
    .transform((value) => value === "1"),
});
/** Without `run`: the newest unfinished runs, and whatever happens. */
export const InspectSocketQuery = InspectQuery.extend({ run: z.string().min(1).max(80).optional() });
