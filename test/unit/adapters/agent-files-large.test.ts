import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { createAgentFiles } from "../../../src/adapters/agent-files.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("while a large folder is gone through, others have their turn, and the first names are given all the same", async () => {
  const desk = temporaryFolder();
  mkdirSync(path.join(desk, "inbox"));
  for (let i = 12_499; i >= 10_000; i -= 1) writeFileSync(path.join(desk, `inbox/${i}.md`), "");
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const page = { after: "10000.md", entries_max: 2, looked_max: 10_000 };
  const listed = await createAgentFiles(desk).list({ text: "inbox", parts: ["inbox"] }, page);
  isOver = true;
  expect(listed).toMatchObject({ more: true, looked: 2_500, entries: [{ name: "10001.md" }, { name: "10002.md" }] });
  expect(turns).toBeGreaterThanOrEqual(2);
});
