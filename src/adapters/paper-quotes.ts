import { QUOTES_FILE, quotesIn } from "../desk/book-files.ts";
import type { OrderFiles } from "../desk/draft-file.ts";
import type { PaperWorld } from "./connector-paper.ts";

/** The quotes of the desk, read anew for each order: a person changes them at any time. */
export const quotesOf =
  (files: Pick<OrderFiles, "look">): PaperWorld["quoteOf"] =>
  (symbol) => {
    const read = quotesIn(files);
    if (read.kind === "invalid")
      return { kind: "none", reason: `the quotes cannot be read: ${read.problems.join("; ")}` };
    return read.quotes.get(symbol) ?? { kind: "none", reason: `${QUOTES_FILE} has no quote of ${symbol}` };
  };
