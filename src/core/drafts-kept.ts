/** The drafts of a run as its record keeps them: what `machines/delivery-context.ts` remembers, read back. */
import { z } from "zod";
import { sha256Of } from "./ids.ts";
import type { Json } from "./observation.ts";

const sha256 = z.string().transform((text) => sha256Of(text));
const DraftKept = z.object({
  draft: z.number(),
  file: z.string(),
  digest: sha256,
  content: sha256,
  approvals: z.array(z.object({ by: z.string().nullable() })),
  decided: z.enum(["approved", "rejected", "withdrawn"]).nullable(),
  outcome: z.enum(["executed", "failed", "blocked", "unknown"]).nullable(),
});
export type DraftKept = z.infer<typeof DraftKept>;
const Snapshot = z.object({
  context: z.object({ drafts: z.array(DraftKept).catch([]), outcome: z.string().nullable().catch(null) }),
});

/** None for a record that keeps none, and for one of another machine. `outcome`: of the run, once it is decided. */
export const draftsKept = (snapshot: Json): z.infer<typeof Snapshot>["context"] =>
  Snapshot.safeParse(snapshot).data?.context ?? { drafts: [], outcome: null };
