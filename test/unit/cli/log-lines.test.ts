import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { linesFrom, tailOf } from "../../../src/cli/log-lines.ts";

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "qoc-lines-"));
  file = path.join(dir, "daemon.ndjson");
  writeFileSync(file, "one\ntwo\n");
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Follows from `from`, doing the next of `steps` each time it has seen all there is; gives what it saw before and behind each. */
async function followed(from: number, ...steps: readonly (() => void)[]): Promise<readonly (readonly string[])[]> {
  const seen: string[][] = [[]];
  const stopping = new AbortController();
  const left = [...steps];
  const sleep = (): Promise<void> => {
    const next = left.shift();
    if (next === undefined) stopping.abort();
    else next();
    seen.push([]);
    return Promise.resolve();
  };
  for await (const line of linesFrom(file, from, { sleep, stopping: stopping.signal })) seen.at(-1)?.push(line);
  return seen.slice(0, -1);
}
const all = async (...args: Parameters<typeof followed>): Promise<readonly string[]> =>
  (await followed(...args)).flat();

describe("a log that is followed", () => {
  test("gives whole lines as they come, each once", async () => {
    const seen = await followed(
      8,
      () => appendFileSync(file, "three\nfo"),
      () => appendFileSync(file, "ur\n"),
      () => undefined,
    );
    expect(seen).toEqual([[], ["three"], ["four"], []]);
  });

  test("goes on in the next file when it is rotated away, and loses nothing of the old one", async () => {
    const seen = await all(8, () => {
      appendFileSync(file, "last of the old\n");
      renameSync(file, `${file}.1`);
      appendFileSync(`${file}.1`, "written by who still had it open\n");
      writeFileSync(file, "first of the new, which is longer than the old one was\n");
    });
    expect(seen).toEqual([
      "last of the old",
      "written by who still had it open",
      "first of the new, which is longer than the old one was",
    ]);
  });

  test("waits where there is no file for a while", async () => {
    const seen = await all(
      8,
      () => renameSync(file, `${file}.1`),
      () => appendFileSync(`${file}.1`, "late\n"),
      () => writeFileSync(file, "new\n"),
    );
    expect(seen).toEqual(["late", "new"]);
  });

  test("is begun anew when it is cut off in its place", async () => {
    const seen = await all(8, () => {
      truncateSync(file, 0);
      appendFileSync(file, "anew\n");
    });
    expect(seen).toEqual(["anew"]);
  });

  test("keeps characters whole that lie across a block's end", async () => {
    const line = `${"x".repeat(64 * 1024 - 1)}€ and on`;
    expect(await all(8, () => appendFileSync(file, `${line}\n`))).toEqual([line]);
  });

  test("lets go of what grows without an end", async () => {
    const seen = await all(
      8,
      () => appendFileSync(file, "x".repeat(3 * 1024 * 1024)),
      () => appendFileSync(file, "\nwell again\n"),
    );
    expect(seen.at(-1)).toBe("well again");
    expect(seen.join("").length).toBeLessThan(1024 * 1024 + 100);
  });
});

describe("the last lines", () => {
  test("end where the last whole one ends, so that one under way is given once, and whole", async () => {
    appendFileSync(file, "thr");
    const { lines, end } = tailOf(file, 10, () => true);
    expect(lines).toEqual(["one", "two"]);
    expect(await all(end, () => appendFileSync(file, "ee\n"))).toEqual(["three"]);
  });

  test("are found from the end of a long file", () => {
    writeFileSync(file, Array.from({ length: 50_000 }, (_, n) => `line ${n}\n`).join(""));
    expect(tailOf(file, 2, () => true).lines).toEqual(["line 49998", "line 49999"]);
    expect(tailOf(file, 2, (line) => line.endsWith("00")).lines).toEqual(["line 49800", "line 49900"]);
    expect(tailOf(file, 1, (line) => line === "line 0").lines).toEqual(["line 0"]);
  });

  test("of an empty log are none", () => {
    writeFileSync(file, "");
    expect(tailOf(file, 5, () => true)).toEqual({ lines: [], end: 0 });
  });
});
