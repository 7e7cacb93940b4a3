import { expect, test } from "vitest";
import { openToOthers, parseEnvFile } from "../../../src/config/env-file.ts";
import { desk, deskOf, problemsOf, webhook } from "./load-text.ts";

test.each([
  ["A=b", "b"],
  ["A = b", "b"],
  ["export A=b", "b"],
  ["  A=b  ", "b"],
  ["A=b=c#d", "b=c#d"],
  ["A=", ""],
  ["A='b c \\n'", "b c \\n"],
  ['A="b \\"c\\" \\\\ \\n$D"', 'b "c" \\ \n$D'],
  ['A="b" # a comment', "b"],
  ["\uFEFFA=b\r\n", "b"],
  ["# A=x\n\nA=b", "b"],
])("%j sets A to %j", (text, value) => {
  expect(parseEnvFile(".env.qoc", text)).toEqual({ values: { A: value }, problems: [] });
});

test.each([
  ["hunter2", 1, null, "this line is not KEY=VALUE"],
  ["A-B=hunter2", 1, null, "this line is not KEY=VALUE"],
  ["A=hunter2 # what", 1, "A", "needs quotes"],
  ['\nA="hunter2', 2, "A", "needs quotes"],
  ["A=hunter'2", 1, "A", "needs quotes"],
  ['A="hunter2" x', 1, "A", "needs quotes"],
  ["A=1\nA=hunter2", 2, "A", "is set twice in this file"],
])("%j is refused at line %d without repeating it", (text, line, key, says) => {
  const { problems } = parseEnvFile(".env.qoc", text);
  expect(problems).toEqual([expect.objectContaining({ file: ".env.qoc", line, key, seen: null })]);
  expect(problems[0]?.says).toContain(says);
  expect(JSON.stringify(problems)).not.toContain("hunter");
});

test("a line that is wrong points behind its indentation", () => {
  expect(parseEnvFile(".env.qoc", "  nonsense").problems[0]?.column).toBe(3);
});

test.each([0o600, 0o400, 0o100_600])("the mode %o keeps others out", (mode) => {
  expect(openToOthers(".env.qoc", mode)).toBeNull();
});

test.each([0o640, 0o604, 0o660, 0o777])("the mode %o is told with the command that mends it", (mode) => {
  expect(openToOthers("my desk/.env.qoc", mode)).toMatchObject({
    says: "is open to others; run: chmod 600 'my desk/.env.qoc'",
    seen: `mode 0${mode.toString(8)}`,
  });
});

test("its values lie under the environment's", () => {
  const text = desk(webhook());
  const secret = (env: Readonly<Record<string, string>>): Uint8Array | undefined =>
    deskOf(text, { env, envFile: "S=file" }).webhooks[0]?.secrets[0]?.reveal();
  expect(secret({})).toEqual(new TextEncoder().encode("file"));
  expect(secret({ S: "real" })).toEqual(new TextEncoder().encode("real"));
});

test("its problems come together with the desk's", () => {
  const files = problemsOf(desk("[daemon]\ndrain = 1\n"), { envFile: "nonsense" }).map(({ file }) => file);
  expect(files).toEqual([".env.qoc", "desk.toml"]);
});
