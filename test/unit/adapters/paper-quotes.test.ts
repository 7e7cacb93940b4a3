import { describe, expect, test } from "vitest";
import { quotesOf } from "../../../src/adapters/paper-quotes.ts";
import { quote } from "./paper-support.ts";

/** `book/quotes.toml` holds this text; null where there is no such file. */
const filesWith = (text: string | null): Parameters<typeof quotesOf>[0] => ({
  look: (file) =>
    text !== null && file === "book/quotes.toml" ? { kind: "file", bytes: Buffer.from(text) } : { kind: "none" },
});

describe("the quotes of paper", () => {
  test("are those of the file as it is when it is asked", () => {
    let text = '[quotes]\nNVDA = { bid = "120.25", ask = "120.50", at = "2026-07-05T14:22:00Z" }\n';
    const quoteOf = quotesOf({ look: (file, max) => filesWith(text).look(file, max) });
    expect(quoteOf("NVDA")).toMatchObject(quote("120.25", "120.50"));
    text = text.replace("120.50", "121.00");
    expect(quoteOf("NVDA")).toMatchObject(quote("120.25", "121.00"));
  });

  test.each([
    [null, "book/quotes.toml has no quote of NVDA"],
    ["[quotes]\n", "book/quotes.toml has no quote of NVDA"],
    ["[quotes]\nNVDA = 5\n", "the quotes cannot be read: book/quotes.toml: quotes.NVDA must be { bid, ask, at }"],
  ])("are none where the file is %j, with the reason", (text, reason) => {
    expect(quotesOf(filesWith(text))("NVDA")).toEqual({ kind: "none", reason });
  });
});
