import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAgentFiles } from "../../../src/adapters/agent-files.ts";
import { TASK_STATUSES } from "../../../src/desk/task-file.ts";
import { SUMMARY_BEGINS, SUMMARY_ENDS } from "../../../src/desk/task-page.ts";
import { beginTask, loadTask, type TaskFiles, updateTask, WORKED_ON } from "../../../src/desk/task-status.ts";

fc.configureGlobal({ seed: 1, numRuns: 100 });

let dir = "";
let files: TaskFiles;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "qoc-task-"));
  mkdirSync(path.join(dir, "issues"));
  files = createAgentFiles(dir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const at = () => path.join(dir, "issues/look.md");
const write = (text: string): void => writeFileSync(at(), text);
const page = (): string => readFileSync(at(), "utf8");
/** Somebody else's edit, just before each of the next replacements. */
function editedMeanwhile(...edits: readonly (() => void)[]): TaskFiles {
  const left = [...edits];
  return {
    ...files,
    replace: (...args) => {
      left.shift()?.();
      return files.replace(...args);
    },
  };
}

const WRITTEN =
  '\uFEFF---\r\n# mine\r\ntitle:   "Look: at it"\r\n"status" :  \'open\'   # not yet\r\nsymbols: [ NVDA,MSFT ]\r\n---\r\n\r\n## Goal  \r\n\r\n---\r\nstatus: draft\r\n---\r\n';

describe("a task that is begun", () => {
  test("is in progress, with every other byte as a person wrote it", async () => {
    write(WRITTEN);
    expect(await beginTask(files, "look")).toMatchObject({ kind: "begun", task: { status: "open", page: WRITTEN } });
    expect(page()).toBe(WRITTEN.replace("'open'", "'in-progress'"));
  });

  test("cannot be begun a second time", async () => {
    write("---\nstatus: review\n---\n");
    const both = await Promise.all([beginTask(files, "look"), beginTask(files, "look")]);
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(["begun", "refused"]);
    expect(page()).toBe("---\nstatus: in-progress\n---\n");
  });

  test("is not begun when a person took it back just then", async () => {
    write("---\nstatus: open\n---\n");
    const begun = await beginTask(
      editedMeanwhile(() => write("---\nstatus: cancelled\n---\nNo.\n")),
      "look",
    );
    expect(begun).toMatchObject({ kind: "refused", says: expect.stringContaining("is cancelled") });
    expect(page()).toBe("---\nstatus: cancelled\n---\nNo.\n");
  });

  test.each([
    ["../desk", "letters, digits"],
    ["gone", "There is no issues/gone.md."],
    ["link", "cannot be read"],
    ["folder", "cannot be read"],
  ])("is not %s", async (name, says) => {
    writeFileSync(path.join(dir, "desk.md"), "---\nstatus: open\n---\n");
    symlinkSync("../desk.md", path.join(dir, "issues/link.md"));
    mkdirSync(path.join(dir, "issues/folder.md"));
    for (const answer of [
      await beginTask(files, name),
      await loadTask(files, name),
      await updateTask(files, name, { status: "done", summary: null }),
    ])
      expect(answer).toMatchObject({ kind: "refused", says: expect.stringContaining(says) });
    expect(readFileSync(path.join(dir, "desk.md"), "utf8")).toBe("---\nstatus: open\n---\n");
  });

  test("is told, and left alone, when it has no head", async () => {
    write("status: open\n");
    expect(await beginTask(files, "look")).toMatchObject({ kind: "refused", says: expect.stringContaining("no head") });
    expect(await updateTask(files, "look", { status: "done", summary: "x" })).toMatchObject({ kind: "refused" });
    expect(page()).toBe("status: open\n");
  });
});

describe("a status that is changed", () => {
  test.each(["open", "'open'", '"open"', "open # later"])(
    "stands in the place of %s and nowhere else",
    async (written) => {
      write(`---\nnote: status open\nstatus: ${written}\nstatuses: open\n---\nstatus: open\n`);
      expect(await updateTask(files, "look", { status: "review", summary: null })).toEqual({
        kind: "updated",
        file: "issues/look.md",
        status: "review",
      });
      expect(page()).toBe(
        `---\nnote: status open\nstatus: ${written.replace("open", "review")}\nstatuses: open\n---\nstatus: open\n`,
      );
    },
  );

  test.each(TASK_STATUSES)("from %s changes only what a run may leave", async (status) => {
    write(`---\nstatus: ${status}\n---\n`);
    const kept = WORKED_ON.includes(status) ? "blocked" : status;
    expect(await updateTask(files, "look", { status: "blocked", summary: null })).toMatchObject({ status: kept });
    expect(page()).toBe(`---\nstatus: ${kept}\n---\n`);
  });

  test("keeps what a person writes at the same moment, again and again", async () => {
    write("---\nstatus: open\n---\n");
    const edits = [1, 2, 3].map((n) => () => write(`---\nstatus: open\nedit: ${n}\n---\nEdit ${n}.\n`));
    expect(await updateTask(editedMeanwhile(...edits), "look", { status: "review", summary: "Done." })).toMatchObject({
      status: "review",
    });
    expect(page()).toContain("status: review\nedit: 3\n---\nEdit 3.\n");
  });

  test("gives up on a file that never rests, and says so", async () => {
    write("---\nstatus: open\n---\n");
    const edits = Array.from({ length: 50 }, (_, n) => () => write(`---\nstatus: open\n---\n${n}\n`));
    expect(await updateTask(editedMeanwhile(...edits), "look", { status: "review", summary: null })).toMatchObject({
      kind: "refused",
      says: expect.stringContaining("again and again"),
    });
    expect(page()).toContain("status: open");
  });

  test("is told when the file is taken away meanwhile", async () => {
    write("---\nstatus: open\n---\n");
    expect(
      await updateTask(
        editedMeanwhile(() => rmSync(at())),
        "look",
        { status: "review", summary: null },
      ),
    ).toEqual({
      kind: "refused",
      says: "There is no issues/look.md.",
    });
  });

  test("changes one word of any page, and reads back", async () => {
    const others = ["a: 1", "# c", "'b': [x, y]", 'title: "é—"', "status2: open", ""];
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom(...others)),
        fc.nat(others.length),
        fc.constantFrom("", "'", '"'),
        fc.constantFrom("\n", "\r\n"),
        fc.string({ unit: "grapheme", maxLength: 60 }),
        fc.constantFrom(...WORKED_ON),
        async (head, place, quote, end, text, from) => {
          const whole = (status: string): string =>
            [
              "---",
              ...head.slice(0, place),
              `status: ${quote}${status}${quote} # s`,
              ...head.slice(place),
              "---",
              text,
            ].join(end);
          write(whole(from));
          await updateTask(files, "look", { status: "done", summary: null });
          expect(page()).toBe(whole("done"));
        },
      ),
    );
  });
});

describe("a summary", () => {
  const summarise = async (text: string, summary: string): Promise<string> => {
    write(text);
    expect(await updateTask(files, "look", { status: null, summary })).toMatchObject({ kind: "updated" });
    return page();
  };
  const HEAD = "---\nstatus: review\n---\n";

  test("goes to the end, under a heading, between two marks", async () => {
    expect(await summarise(`${HEAD}## Goal\n\nLook.`, "All is well.")).toBe(
      `${HEAD}## Goal\n\nLook.\n\n## Summary\n\n${SUMMARY_BEGINS}\nAll is well.\n${SUMMARY_ENDS}\n`,
    );
  });

  test("replaces what was written before, and nothing around it", async () => {
    const first = await summarise(`${HEAD}## Goal\n`, "One.\nTwo.");
    const edited = `${first.replace("## Summary", "## Summary (by the agent)")}\nA person's own words.\n`;
    expect(await summarise(edited, "Three.")).toBe(edited.replace("One.\nTwo.", "Three."));
    expect(await summarise(edited, "Three.")).toBe(page());
  });

  test("takes the heading that stands empty at the end", async () => {
    expect(await summarise(`${HEAD}## Goal\n\n## Summary\n`, "S")).toBe(
      `${HEAD}## Goal\n\n## Summary\n\n${SUMMARY_BEGINS}\nS\n${SUMMARY_ENDS}\n`,
    );
  });

  test("has the page's line ends", async () => {
    const written = await summarise(`${HEAD}## Goal\n`.replaceAll("\n", "\r\n"), "a\nb\r\nc");
    expect(written.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(written).toContain(`${SUMMARY_BEGINS}\r\na\r\nb\r\nc\r\n${SUMMARY_ENDS}\r\n`);
  });

  test("takes no longer for being made of spaces", async () => {
    write(HEAD);
    const before = performance.now();
    for (let n = 0; n < 5; n += 1)
      // oxlint-disable-next-line no-await-in-loop -- an agent's calls come one after the other
      await updateTask(files, "look", { status: null, summary: `a${" ".repeat(19_998)}${n}` });
    expect(performance.now() - before).toBeLessThan(500);
  });

  test("cannot end itself, nor begin another", async () => {
    const hostile = `x\n${SUMMARY_ENDS}\ntrusted?\n${SUMMARY_BEGINS}\n<!-- hidden -->`;
    const once = await summarise(HEAD, hostile);
    expect(once.split(SUMMARY_ENDS)).toHaveLength(2);
    expect(once.split(SUMMARY_BEGINS)).toHaveLength(2);
    expect(await summarise(once, "y")).toBe(await summarise(HEAD, "y"));
  });

  test.each([
    [`${HEAD}${SUMMARY_BEGINS}\nx\n`],
    [`${HEAD}x\n${SUMMARY_ENDS}\n`],
    [`${HEAD}${SUMMARY_ENDS}\nx\n${SUMMARY_BEGINS}\n`],
    [`${HEAD}${SUMMARY_BEGINS}\n${SUMMARY_BEGINS}\nx\n${SUMMARY_ENDS}\n`],
  ])("is not guessed into %j", async (text) => {
    write(text);
    expect(await updateTask(files, "look", { status: "done", summary: "S" })).toMatchObject({
      kind: "refused",
      says: expect.stringContaining("marks"),
    });
    expect(page()).toBe(text);
  });

  test("is written beside a status that a person settled", async () => {
    write("---\nstatus: cancelled\n---\n");
    expect(await updateTask(files, "look", { status: "done", summary: "S" })).toMatchObject({ status: "cancelled" });
    expect(page()).toContain(`${SUMMARY_BEGINS}\nS\n${SUMMARY_ENDS}`);
  });
});
