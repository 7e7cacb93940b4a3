import { existsSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { casesIn, expectations, logNames, readPolicy } from "./cases.ts";
import { all, OWNED_FOLDERS } from "./generator/all.ts";
import { CONFORMANCE, readCase } from "./generator/case.ts";
import { judgeLog } from "./library-log.ts";
import { judge, policyOf } from "./library.ts";

const alone = { file: "", keys: ["evidence.pub"] };
const cases = [...casesIn("envelopes"), ...casesIn("packs"), ...casesIn("policies")].map(({ name, bytes }) => {
  const policy = name.startsWith("policies/") ? readPolicy(bytes) : alone;
  return { name, bytes: policy === alone ? bytes : readCase(policy.file), policy: policyOf(policy) };
});
const isBad = (name: string): boolean => name.endsWith("_fail");

describe("the conformance cases", () => {
  test("are all there, and codes.json names each of them and nothing else", () => {
    expect([...cases.map(({ name }) => name), ...logNames()].toSorted()).toEqual(Object.keys(expectations).toSorted());
    for (const [folder, good, bad] of [
      ["envelopes", 10, 34],
      ["packs", 13, 39],
      ["policies", 21, 39],
      ["logs", 5, 23],
    ] as const) {
      const names = Object.keys(expectations).filter((name) => name.startsWith(`${folder}/`));
      expect([folder, names.filter((name) => !isBad(name)).length, names.filter(isBad).length]).toEqual([
        folder,
        good,
        bad,
      ]);
    }
  });

  test("are what their generator makes, byte by byte", () => {
    const { files } = all();
    const found = OWNED_FOLDERS.flatMap((folder) =>
      readdirSync(`${CONFORMANCE}${folder}`, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => `${entry.parentPath}/${entry.name}`.replace(CONFORMANCE, "")),
    );
    const owned = Object.keys(files).filter((path) => OWNED_FOLDERS.some((folder) => path.startsWith(`${folder}/`)));
    expect(found.toSorted()).toEqual(owned.toSorted());
    for (const [path, content] of Object.entries(files))
      expect([path, Buffer.from(content).equals(readCase(path))]).toEqual([path, true]);
  });

  test.each(cases.filter(({ name }) => !isBad(name)))("$name is accepted", ({ name, bytes, policy }) => {
    expect(expectations[name]?.codes).toEqual([]);
    expect(judge(bytes, policy)).toMatchObject({ ok: true, level: expectations[name]?.level, codes: [] });
  });

  test.each(cases.filter(({ name }) => isBad(name)))("$name is refused, with its codes", ({ name, bytes, policy }) => {
    const { ok, level, codes } = judge(bytes, policy);
    expect({ ok, level, codes }).toEqual({
      ok: false,
      level: expectations[name]?.level,
      codes: expectations[name]?.codes.toSorted(),
    });
  });

  test.each(logNames())("%s is judged as codes.json has it", (name) => {
    expect(existsSync(`${CONFORMANCE}${name}/checkpoint`)).toBe(true);
    expect(judgeLog(`${CONFORMANCE}${name}`)).toEqual(expectations[name]?.codes);
    expect(judgeLog(`${CONFORMANCE}${name}`).length > 0).toBe(isBad(name));
  });
});
