import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isShown, readablePath, WRITABLE_FOLDERS, writablePath } from "../../../src/agent/desk-paths.ts";

fc.configureGlobal({ seed: 1, numRuns: 2_000 });

const refusedEverywhere = [
  ["..", "leads upwards"],
  ["../other/desk.toml", "leads upwards"],
  ["research/../desk.toml", "leads upwards"],
  ["research/..", "leads upwards"],
  ["/etc/passwd", "absolute"],
  ["//etc/passwd", "absolute"],
  ["", "empty"],
  ["research//nvda.md", "empty part"],
  ["research/./nvda.md", "part `.`"],
  ["research\\..\\desk.toml", "backslash"],
  ["research/nvda.md\0.png", "not seen"],
  ["research/\u202egnp.md", "not seen"],
  ["research/\ud800.md", "not seen"],
  [".q\u200boc/store", "not seen"],
  [".qoc", "closed to agents"],
  [".qoc/store/data.mdb", "closed to agents"],
  ["./.qoc/store", "closed to agents"],
  [".QOC/store", "closed to agents"],
  ["research/.qoc/key", "closed to agents"],
  [".env", "closed to agents"],
  [".env.qoc", "closed to agents"],
  [".ENV", "closed to agents"],
  [".Env.local", "closed to agents"],
  [".\uff45\uff4e\uff56", "closed to agents"],
  ["research/.env.qoc", "closed to agents"],
  [".env.", "ends in a dot"],
  [".qoc ", "ends in a dot or a space"],
  ["a/".repeat(40), "more than 32 parts"],
  ["a".repeat(2_000), "longer than 1024"],
  ["ä".repeat(128), "longer than 255 bytes"],
] as const;

describe("a path of an agent", () => {
  test.each(refusedEverywhere)("%j is refused for reading and for writing", (text, says) => {
    expect(readablePath(text)).toMatchObject({ kind: "refused", says: expect.stringContaining(says) });
    expect(writablePath(text)).toMatchObject({ kind: "refused" });
  });

  test.each([
    [".", "."],
    ["desk.toml", "desk.toml"],
    ["./house-rules.md", "house-rules.md"],
    ["research/", "research"],
    ["orders/executed/a.toml", "orders/executed/a.toml"],
    ["book/quotes.toml", "book/quotes.toml"],
    ["entities/Société.md", "entities/Société.md"],
    ["environment.md", "environment.md"],
  ])("%j may be read, as %j", (text, path) => {
    expect(readablePath(text)).toMatchObject({ kind: "path", text: path });
  });

  test.each([
    "desk.toml",
    "house-rules.md",
    "entities/nvda.md",
    "book/ledger.ndjson",
    "orders/executed/a.toml",
    "orders/rejected/a.toml",
    "orders/a.toml",
    "orders/proposed",
    "research",
    "research/",
    "Research/a.md",
    "orders/Proposed/a.toml",
    "researches/a.md",
    ".",
    "./desk.toml",
  ])("%j may not be written", (text) => {
    expect(writablePath(text)).toMatchObject({ kind: "refused", says: expect.stringContaining("A run writes below") });
  });

  test.each(["research/.gitkeep", "inbox/.tmp-1", "research/.hidden/a.md"])("%j is hidden, and not made", (text) => {
    expect(writablePath(text)).toEqual({ kind: "refused", says: "A run makes no hidden files." });
  });

  test.each(WRITABLE_FOLDERS.map((folder) => `${folder}/page.md`))("%s may be written", (text) => {
    expect(writablePath(text)).toEqual({ kind: "path", text, parts: text.split("/") });
  });
});

const PIECES =
  "/ / / .. . \\ \0 .qoc .env .ENV.x research issues orders proposed executed desk.toml a.md \u2024\u2024 \uff0e\uff0e %2e%2e ~ C:".split(
    " ",
  );
/** Any text, and many made of what matters: separators, dots, hidden names and the folders that may be written to. */
const anyPath = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 9 }).map((parts) => parts.join("")),
);

describe("whatever text an agent gives", () => {
  test("it is refused, or each of its parts is a plain name below the desk that is not hidden", () => {
    let good = 0;
    fc.assert(
      fc.property(anyPath, (text) => {
        const judged = readablePath(text);
        if (judged.kind === "refused") return;
        good += 1;
        const walked = new URL(`file:///desk/${judged.parts.map(encodeURIComponent).join("/")}`).pathname;
        expect(walked).toMatch(/^\/desk\//);
        expect(walked.split("/").length).toBe(Math.max(1, judged.parts.length) + 2);
        for (const part of judged.parts) {
          expect(part).not.toMatch(/^\.{0,2}$|[/\\\0]/);
          expect(part.toLowerCase()).not.toMatch(/^\.(qoc$|env)/);
          expect(isShown(part)).toBe(true);
        }
      }),
    );
    expect(good).toBeGreaterThan(100);
  });

  test("what may be written may be read too, and lies in a folder of the contract", () => {
    let good = 0;
    const below = fc.tuple(fc.constantFrom(...WRITABLE_FOLDERS, "book", "."), anyPath).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(fc.oneof(anyPath, below), (text) => {
        const judged = writablePath(text);
        if (judged.kind === "refused") return;
        good += 1;
        expect(readablePath(text)).toEqual(judged);
        expect(WRITABLE_FOLDERS.some((folder) => judged.text.startsWith(`${folder}/`))).toBe(true);
      }),
    );
    expect(good).toBeGreaterThan(50);
  });
});
