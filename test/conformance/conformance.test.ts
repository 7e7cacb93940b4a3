import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { verify } from "../../src/evidence/verify.ts";

const here = (path: string): URL => new URL(path, import.meta.url);
const files = readdirSync(here("envelopes/"));
const keys = [readFileSync(here("evidence.pub"), "utf8")];
const codes: Readonly<Record<string, readonly string[]>> = JSON.parse(readFileSync(here("codes.json"), "utf8"));

const judge = (file: string) => verify(readFileSync(here(`envelopes/${file}`)), { keys });
const nameOf = (file: string): string => file.replace(/\.json$/, "");

describe("the conformance envelopes", () => {
  test("are all there", () => {
    expect(files.map(nameOf).toSorted()).toEqual(Object.keys(codes).toSorted());
    expect(files.filter((file) => file.endsWith("_fail.json"))).toHaveLength(25);
    expect(files).toHaveLength(32);
  });

  test.each(files.filter((file) => !file.endsWith("_fail.json")))("%s is accepted", (file) => {
    expect(judge(file)).toMatchObject({ ok: true, level: "E2", codes: [] });
  });

  test.each(files.filter((file) => file.endsWith("_fail.json")))("%s is refused, with its codes", (file) => {
    expect(judge(file).ok).toBe(false);
    expect(judge(file).codes).toEqual(codes[nameOf(file)]);
  });
});
