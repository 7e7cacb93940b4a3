/** RFC 9457, with the code of the refusal: README has the table. */
import { z } from "zod";
import { isRefusalCode } from "../../core/refusals.ts";

export const Problem = z.object({
  schema: z.literal("qoc.problem/1"),
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.number(),
  code: z.string().refine(isRefusalCode),
  detail: z.string(),
});
