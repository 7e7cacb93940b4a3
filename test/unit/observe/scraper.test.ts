import { expect, test } from "vitest";
import { Secret } from "../../../src/config/secrets.ts";
import { scraperBy } from "../../../src/observe/scraper.ts";

test("the scraper's token is the whole of it, and nothing else is", () => {
  const isScraper = scraperBy(new Secret(Buffer.from("scraper-4f1c9a2b7e"), "env:T"));
  expect(isScraper("scraper-4f1c9a2b7e")).toBe(true);
  for (const token of ["", "scraper-4f1c9a2b7", "scraper-4f1c9a2b7e ", "SCRAPER-4f1c9a2b7e", "env:T"])
    expect(isScraper(token)).toBe(false);
});

test("without a secret no token is, not even an empty one", () => {
  expect(scraperBy(null)("")).toBe(false);
  expect(scraperBy(null)("null")).toBe(false);
});
