/** Values that many answers have. */
import { z } from "zod";

/** ISO 8601 in UTC with milliseconds. */
export const Time = z.iso.datetime({ precision: 3 });
export const Hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe("SHA-256 in lower-case hex");
/** A full id, an unambiguous beginning or end of one, `@last` or `@needs-me`. */
export const RunParams = z.object({ id: z.string().min(1).max(80) });
/** Behind this page; null on the last. */
export const Next = z.string().nullable();
export const Reason = z.string().trim().min(1).max(1000);
/** Of answers: nobody changes them. */
export const list = <Item extends z.ZodType>(item: Item) => z.array(item).readonly();
/** A name and its value, verbatim: of hostile input a name is never a key. */
export const Field = z.tuple([z.string(), z.string()]).readonly();
export type Field = z.infer<typeof Field>;
