/** What a run wrote into the desk's folders: kept by whoever wrote it, so that an erasure finds it again and knows what a person has changed. */
import { z } from "zod";
import { sha256Of, type Sha256 } from "./ids.ts";
import type { Json } from "./observation.ts";

/** A file by its path below the desk, and the hash of the bytes that it was given. */
export type FileWritten = { readonly file: string; readonly content: Sha256 };

const Told = z.object({
  wrote: z.array(z.object({ file: z.string(), content: z.string().transform((text) => sha256Of(text)) })),
});

/** In the order in which they were written; a file that was written again stands there again. */
export const filesWrittenIn = (journal: readonly { readonly data: Json }[]): readonly FileWritten[] =>
  journal.flatMap(({ data }) => Told.safeParse(data).data?.wrote ?? []);
