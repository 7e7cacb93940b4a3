/** The console's static files, built from the sources as they are. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  buildConsole,
  consoleFiles,
  CONSOLE_GZIP_BYTES_MAX,
  type ConsoleFile,
  gzipBytes,
  ON_DEMAND_GZIP_BYTES_MAX,
} from "../../../src/console/build.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

describe("the built console", () => {
  let files: readonly ConsoleFile[];
  beforeAll(async () => {
    files = await consoleFiles();
  });
  const text = (name: string): string => files.find((file) => file.name === name)?.text ?? "";

  test("stays under its bounds: what pages load by themselves, and what they load when it is opened", () => {
    expect(gzipBytes(files.filter((file) => !file.on_demand))).toBeLessThanOrEqual(CONSOLE_GZIP_BYTES_MAX);
    expect(gzipBytes(files.filter((file) => file.on_demand))).toBeLessThanOrEqual(ON_DEMAND_GZIP_BYTES_MAX);
    expect(CONSOLE_GZIP_BYTES_MAX).toBe(61_440);
  });

  test("is written as it was measured, under plain names", async () => {
    const out = path.join(temporaryFolder(), "console");
    expect(await buildConsole(out)).toEqual(files);
    expect(readdirSync(out).toSorted()).toEqual(files.map(({ name }) => name).toSorted());
    for (const file of files) expect(readFileSync(path.join(out, file.name), "utf8")).toBe(file.text);
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["app.js", "app.css", "index.html", "favicon.svg"]),
    );
    for (const { name } of files) expect(name).toMatch(/^[a-z][a-z0-9-]*\.(js|css|html|svg)$/);
  });

  test("every file that a page or a script names is there", () => {
    const named = files.flatMap((file) => [
      ...[...file.text.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, name]) => name),
      ...(file.name.endsWith(".js")
        ? [...file.text.matchAll(/["'`]\.\/([\w-]+\.js)["'`]/g)].map(([, name]) => name)
        : []),
    ]);
    const names = new Set(files.map(({ name }) => name));
    const entries = names.has("inspect.js") ? [] : ["inspect.js"];
    expect(named.filter((name) => !names.has(name ?? "") && !entries.includes(name ?? ""))).toEqual([]);
    expect(named.length).toBeGreaterThan(4);
  });

  test("needs nothing that its policy forbids: no inline script or style, no other origin, no evaluation", () => {
    for (const name of ["index.html", "inspect.html"]) {
      expect(text(name)).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*src=)/);
      expect(text(name)).not.toMatch(/https?:/);
    }
    expect(text("app.css")).not.toMatch(/@import|url\(/);
    for (const { name, text: script } of files.filter((file) => file.name.endsWith(".js"))) {
      expect([name, /\beval\(|new Function\(|sourceMappingURL/.test(script)]).toEqual([name, false]);
    }
  });
});
