/** The MCP SDK takes longer to load than most commands take to run: nothing may load it that does not speak MCP. */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ name, source: readFileSync(path.join("src", name), "utf8") }));
const importing = (what: RegExp): readonly string[] =>
  files
    .filter(({ source }) => what.test(source))
    .map(({ name }) => name)
    .toSorted();

test("one file imports the SDK at once, and that file is only imported when it is needed", () => {
  expect(importing(/from "@modelcontextprotocol\/sdk/)).toEqual(["agent/mcp-server.ts"]);
  expect(importing(/from "[^"]*\/mcp-server\.ts"/)).toEqual([]);
  expect(importing(/import\("[^"]*\/mcp-server\.ts"\)/)).toEqual(["cli/commands/mcp.ts", "http/mcp-answer.ts"]);
});
