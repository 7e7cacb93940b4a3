import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HEAD_CHARACTERS_MAX, readHead } from "../../../src/desk/page-head.ts";
import {
  isTaskName,
  missingTask,
  readTask,
  TASK_BYTES_MAX,
  TASK_STATUSES,
  whyNotRun,
} from "../../../src/desk/task-file.ts";

fc.configureGlobal({ seed: 1, numRuns: 500 });

const page = (head: string, body = "## Goal\n\nLook.\n"): string => `---\n${head}\n---\n${body}`;
const read = (text: string) => readTask("look", Buffer.from(text));
const said = (text: string): string => {
  const answer = read(text);
  return answer.kind === "refused" ? answer.says : "(read)";
};

describe("a task's file", () => {
  test("is read with its status, its title and its context files", () => {
    const head =
      'id: 7\ntitle: "Review: the book"\nstatus: open\nsymbols: [NVDA, MSFT]\ncontext_files:\n  - research/a.md\n  - book/b.toml';
    expect(read(page(head))).toMatchObject({
      kind: "task",
      task: {
        name: "look",
        file: "issues/look.md",
        status: "open",
        title: "Review: the book",
        context_files: ["research/a.md", "book/b.toml"],
        page: page(head),
      },
    });
  });

  test.each(TASK_STATUSES)("has the status %s plain and in quotes, with either line end and a comment", (status) => {
    for (const written of [status, `"${status}"`, `'${status}'`, `${status} # a comment`])
      for (const line of ["\n", "\r\n"])
        expect(read(["---", `status: ${written}`, "---", ""].join(line))).toMatchObject({ task: { status } });
  });

  test.each([
    ["## Goal\n", "has no head"],
    ["", "has no head"],
    ["---\nstatus: open\n", "head without an end"],
    [page("title: x"), "has no status"],
    [page("status:"), "has no status"],
    [page("status: opened"), 'the status "opened"'],
    [page("status: [open]"), "(not a word)"],
    [page('status: "\\u001b[2J"'), "(not a word)"],
    [page("status: |\n  open"), "(not a word)"],
    [page("status: >-\n  open"), "not written on one line"],
    [page("- status: open"), "no list of keys"],
    [page("just text"), "no list of keys"],
    [page("status: open\nstatus: done"), "DUPLICATE_KEY"],
    [page("status: open\na: b: c"), "no YAML"],
    [page("status: &a open"), "an anchor"],
    [page("status: open\na: &x [1]\nb: *x"), "an anchor"],
    [page("status: !!str open"), "a tag"],
    [page("status: open\na: !!js/function 'x'"), "a tag"],
    [page("status: open\na: !!binary aGk="), "a tag"],
    [page("base: 1\n<<: {status: open}"), "a merge"],
    [page("%YAML 1.1\nstatus: open"), "directives"],
    [page("status: open\n...\nmore: 1"), "several documents"],
    [page("status: open\n? {a: b}\n: c"), "NON_STRING_KEY"],
    [page(`status: open\na: ${"[".repeat(5000)}`), "nested too deeply"],
    [
      page(`status: open\n${Array.from({ length: 40 }, (_, n) => `${" ".repeat(n)}a:`).join("\n")}`),
      "nested too deeply",
    ],
    [page(`status: open\na: "${"x".repeat(HEAD_CHARACTERS_MAX)}"`), `more than ${HEAD_CHARACTERS_MAX} characters`],
    [page("status: open\ncontext_files: [../x.md]"), "context_files"],
    [page("status: open\ncontext_files: [/etc/passwd]"), "context_files"],
    [page("status: open\ncontext_files: [.env.qoc]"), "context_files"],
    [page("status: open\ncontext_files: [research/.qoc/x]"), "context_files"],
    [page("status: open\ncontext_files: [7]"), "context_files"],
    [page(`status: open\ncontext_files: [${"a, ".repeat(51)}]`), "more than 50"],
  ])("is refused in a sentence: %j", (text, says) => {
    expect(said(text)).toContain(says);
    expect(said(text)).toMatch(/^issues\/look\.md .*\.$/);
  });

  test("is refused when a few lines would become billions of values", () => {
    const lines = ["a0: &a0 [lol]", ...Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)];
    const before = performance.now();
    expect(said(page(`status: open\n${lines.join("\n")}`))).toContain("an anchor");
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test("is refused when it is too large or no UTF-8", () => {
    expect(readTask("look", new Uint8Array(TASK_BYTES_MAX + 1))).toMatchObject({ kind: "refused" });
    expect(readTask("look", Uint8Array.from([...Buffer.from("---\nstatus: open\n---\n"), 0xff]))).toMatchObject({
      says: "issues/look.md is not UTF-8.",
    });
  });

  test("is never read by a throw, whatever its head holds", () => {
    const hostile = fc.array(
      fc.oneof(
        fc.constantFrom(
          "status: open",
          "&a ",
          "*a",
          "<<: ",
          "!!set ",
          "- ",
          "? ",
          ": ",
          "[",
          "{",
          "|",
          ">",
          "%TAG ! x",
          "'",
          '"',
          "\t",
          "#",
          "\r",
          "\u2028",
          "\0",
          "\ud800",
        ),
        fc.string({ unit: "binary", maxLength: 12 }),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(hostile, fc.constantFrom("\n", " ", "", "\n  "), (parts, joint) => {
        const answer = readTask("look", Buffer.from(page(parts.join(joint))));
        const isAnswered =
          answer.kind === "task" ? TASK_STATUSES.includes(answer.task.status) : answer.says.endsWith(".");
        expect(isAnswered).toBe(true);
      }),
    );
  });
});

describe("a task's name", () => {
  test.each(["risk-review", "A.b_c", "2026-07"])("may be %s", (name) => expect(isTaskName(name)).toBe(true));
  test.each(["", ".", "..", "../x", "a/b", "a\\b", "/a", ".env", "a\0", "a\n", "ä", "a".repeat(129)])(
    "is not %j",
    (name) => {
      expect(isTaskName(name)).toBe(false);
      expect(missingTask(name)).not.toContain(".md");
    },
  );
});

test("a task that is open or in review is run; of every other one a person is told why not", () => {
  const reasons = TASK_STATUSES.map((status) => [status, whyNotRun({ file: "issues/look.md", status })] as const);
  expect(reasons.filter(([, reason]) => reason === null).map(([status]) => status)).toEqual(["open", "review"]);
  for (const [status, reason] of reasons.filter(([, each]) => each !== null))
    expect(reason).toMatch(new RegExp(`^issues/look\\.md is (a )?${status.replace("-", ".")}.*open\\.$`));
});

test("a page without a head is told from one whose head is wrong", () => {
  expect(readHead("# Note\n---\nstatus: new\n---\n")).toEqual({ kind: "none" });
  expect(readHead("---\n---\nbody")).toMatchObject({ kind: "head", body: "body", raw: "" });
  expect(readHead("\uFEFF---\na: 1\n---\nbody")).toMatchObject({ kind: "head", raw: "a: 1\n", body: "body" });
});
