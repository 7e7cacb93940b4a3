import { createHash } from "node:crypto";
import * as fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { ToolAnswer } from "../../../src/agent/tool-door.ts";
import { TOOL_NAMES } from "../../../src/core/agent-run.ts";
import { NEXT_RUN, RUN, worldWith, type World } from "./tool-world.ts";

let world: World;
beforeEach(() => {
  world = worldWith();
});
afterEach(() => world.remove());

const call = (tool: string, args: unknown = {}): Promise<ToolAnswer> => world.box.call(tool, args);
const refusal = (says: string) => ({ ok: false, refusal: expect.stringContaining(says) });
const headOf = (page: string): unknown => parse(page.split("---\n")[1] ?? "");
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const order = {
  connector: "paper",
  symbol: "NVDA",
  side: "buy",
  quantity: "100",
  type: "limit",
  limit_price: "120.50",
};
const rationale = { summary: "Exposure is under target." };

test("every tool is described with a schema of an object, and there is none that approves", () => {
  expect(world.box.tools.map(({ name }) => name)).toEqual(TOOL_NAMES);
  for (const { description, input } of world.box.tools) {
    expect(description.length).toBeGreaterThan(20);
    expect(input).toMatchObject({ type: "object", additionalProperties: false });
  }
  expect(JSON.stringify(world.box.tools)).not.toContain("approve");
});

describe("status", () => {
  test("tells the run, its task, its own drafts, earlier ones, and what is left", async () => {
    await call("orders_propose", { order, rationale });
    const answer = await call("status");
    expect(answer).toMatchObject({
      ok: true,
      structured: {
        run: RUN,
        task: "risk-review",
        workspace: "momentum",
        state: "executing",
        runs_queued: 2,
        drafts_waiting: [{ run: NEXT_RUN, file: "orders/proposed/earlier.toml" }],
        proposed: [{ file: "orders/proposed/20260705T142200Z_NVDA_buy.toml" }],
        left: { calls: 1_998, files: 499 },
      },
    });
    expect(answer).toMatchObject({ text: expect.stringContaining("buy 100 NVDA at 120.50 limit") });
  });
});

describe("read_file", () => {
  test("gives a whole text as it is", async () => {
    world.put("research/a.md", "# A\n\nÄ\n");
    expect(await call("read_file", { path: "research/a.md" })).toEqual({
      ok: true,
      text: "# A\n\nÄ\n",
      structured: { path: "research/a.md", size: 8, offset: 0, bytes: 8, next_offset: null, encoding: "text" },
    });
  });

  test("slices put together are the file, also where a cut goes through a character", async () => {
    const whole = "ä€😀".repeat(50);
    world.put("research/a.md", whole);
    let [text, offset]: [string, number | null] = ["", 0];
    while (offset !== null) {
      const answer = await call("read_file", { path: "research/a.md", offset, limit: 7 });
      expect(answer).toMatchObject({ ok: true, structured: { encoding: "text" } });
      if (!answer.ok) break;
      text += answer.text.split("\n").at(-1);
      const next = answer.structured?.["next_offset"];
      expect(answer.text.includes("[left out: ")).toBe(next !== null);
      offset = typeof next === "number" ? next : null;
    }
    expect(text).toBe(whole);
  });

  test.each([
    ["bytes that are not UTF-8", Buffer.from([0xff, 0xfe, 0x41])],
    ["a text with control characters", Buffer.from("a\u001b[2Jb")],
  ])("%s are given in base64, and that is said", async (_what, bytes) => {
    fs.writeFileSync(path.join(world.desk, "research/a.bin"), bytes);
    expect(await call("read_file", { path: "research/a.bin" })).toMatchObject({
      text: `[research/a.bin is not text; in base64]\n${bytes.toString("base64")}`,
      structured: { encoding: "base64", bytes: bytes.byteLength },
    });
  });

  test("an answer stays under its bound, whatever the file is", async () => {
    for (const byte of ["a", "\n", "\u00ff", "\u0001", "€"]) {
      world.put("research/large", byte.repeat(1_000_000));
      const answer = await call("read_file", { path: "research/large" });
      expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(300 * 1024);
      expect(answer).toMatchObject({ ok: true, text: expect.stringMatching(/^\[bytes 0 to|^\[.*base64/) });
      expect(answer).toMatchObject({ text: expect.stringContaining("[left out: ") });
    }
  });

  test.each([
    ["desk.toml", { ok: true, text: 'name = "momentum"\n' }],
    [".env.qoc", refusal("closed to agents")],
    [".ENV.QOC", refusal("closed to agents")],
    [".qoc/key", refusal("closed to agents")],
    ["../outside", refusal("leads upwards")],
    ["/etc/passwd", refusal("absolute")],
    ["research/none.md", refusal("There is no none.md.")],
  ])("%s is answered as the contract says", async (file, answer) => {
    expect(await call("read_file", { path: file })).toMatchObject(answer);
  });

  test.each([{}, { path: 1 }, { path: "a", more: 1 }, { path: "a", offset: -1 }, { path: "a", offset: 0.5 }, null, []])(
    "the arguments %j are refused",
    async (args) => {
      expect(await call("read_file", args)).toMatchObject(refusal("The arguments are wrong"));
    },
  );
});

describe("list_files", () => {
  test("lists the desk, and what lies below as deep as it was asked to", async () => {
    world.put("research/a.md", "12");
    expect(await call("list_files", { path: "research" })).toEqual({
      ok: true,
      text: "1 entries in research\nfile\t2\tresearch/a.md",
      structured: {
        path: "research",
        entries: [{ path: "research/a.md", kind: "file", size: 2 }],
        left_out: false,
      },
    });
    const answer = await call("list_files", { depth: 2 });
    expect(JSON.stringify(answer)).toContain("research/a.md");
    expect(JSON.stringify(answer)).not.toMatch(/\.qoc|\.env/);
  });

  test("says that something was left out of a long list, and goes on behind a name", async () => {
    for (let i = 0; i < 1_100; i += 1) world.put(`research/${"n".repeat(60)}${1_000 + i}.md`, "");
    const first = await call("list_files", { path: "research" });
    expect(first).toMatchObject({ ok: true, structured: { left_out: true, entries: { length: 1_000 } } });
    expect(first).toMatchObject({ text: expect.stringContaining("[more entries are left out") });
    const after = `${"n".repeat(60)}1999.md`;
    expect(await call("list_files", { path: "research", after })).toMatchObject({
      structured: { left_out: false, entries: { length: 100 } },
    });
  });

  test("stays under the bound of an answer when names are long", async () => {
    for (let i = 0; i < 1_000; i += 1) world.put(`research/${"ä".repeat(110)}${1_000 + i}.md`, "");
    const answer = await call("list_files", { path: "research" });
    expect(answer).toMatchObject({ ok: true, structured: { left_out: true } });
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(512 * 1024);
  });

  test("goes through no link", async () => {
    fs.writeFileSync(path.join(world.above, "secret.md"), "x");
    fs.symlinkSync(world.above, path.join(world.desk, "research/out"));
    const answer = await call("list_files", { depth: 5 });
    expect(answer).toMatchObject({ ok: true, text: expect.stringContaining("link\t-\tresearch/out") });
    expect(JSON.stringify(answer)).not.toContain("secret.md");
  });
});

describe("research_write", () => {
  test("makes a page, and puts another in its place as long as it is the run's own", async () => {
    expect(await call("research_write", { name: "nvda", content: "first" })).toMatchObject({
      ok: true,
      structured: { file: "research/nvda.md", sha256: sha256("first\n") },
    });
    expect(await call("research_write", { name: "nvda.md", content: "second" })).toMatchObject({ ok: true });
    expect(world.text("research/nvda.md")).toBe("second\n");
    world.put("research/nvda.md", "a person's");
    expect(await call("research_write", { name: "nvda", content: "third" })).toMatchObject(
      refusal("changed by somebody else"),
    );
    expect(world.text("research/nvda.md")).toBe("a person's");
  });

  test("leaves what others wrote as it is", async () => {
    world.put("research/house.md", "a person's");
    expect(await call("research_write", { name: "house", content: "x" })).toMatchObject(refusal("already"));
    expect(world.text("research/house.md")).toBe("a person's");
  });

  test.each(["../desk", "a/b", ".env", ".hidden", "", "a\0", "desk.toml/../x", "a ", "\u202ea", "x".repeat(101)])(
    "the name %j is refused",
    async (name) => {
      expect(await call("research_write", { name, content: "x" })).toMatchObject({ ok: false });
      expect(world.names("research")).toEqual([]);
      expect(world.text("desk.toml")).toBe('name = "momentum"\n');
    },
  );

  test("a folder that was made a link meanwhile leads nowhere", async () => {
    fs.rmdirSync(path.join(world.desk, "research"));
    fs.symlinkSync(path.join(world.desk, ".qoc"), path.join(world.desk, "research"));
    expect(await call("research_write", { name: "key2", content: "x" })).toMatchObject(refusal("link"));
    expect(world.names(".qoc")).toEqual(["key"]);
  });
});

describe("inbox_write", () => {
  test("writes an item that says who wrote it, and a second one beside it", async () => {
    const item = { kind: "question", title: "Is this: right?", body: "---\nkind: webhook\n---\n" };
    expect(await call("inbox_write", item)).toMatchObject({ ok: true });
    expect(await call("inbox_write", item)).toMatchObject({ ok: true });
    const [first = "", second = ""] = world.names("inbox").toReversed();
    expect([first, second]).toEqual([
      "2026-07-05T14-22-00Z-agent-0190aaaa.md",
      "2026-07-05T14-22-00Z-agent-0190aaaa-2.md",
    ]);
    expect(headOf(world.text(`inbox/${first}`))).toEqual({
      kind: "question",
      status: "new",
      title: "Is this: right?",
      by: "agent",
      run: RUN,
      task: "risk-review",
      written_at: "2026-07-05T14:22:00.000Z",
    });
    expect(world.text(`inbox/${first}`)).toContain(`> The agent of run \`${RUN}\` wrote this`);
  });

  test.each([
    { kind: "webhook", title: "a", body: "b" },
    { kind: "fill", title: "a", body: "b" },
    { kind: "note", title: "a\nkind: webhook", body: "b" },
    { kind: "note", title: "", body: "b" },
    { kind: "note", title: "a", body: "\u001b]0;owned\u0007" },
  ])("%j is refused and leaves nothing", async (args) => {
    expect(await call("inbox_write", args)).toMatchObject(refusal("The arguments are wrong"));
    expect(world.names("inbox")).toEqual([]);
  });
});

describe("snapshot", () => {
  test("writes pages of its own, named by time and task", async () => {
    await call("snapshot", { title: "Before", text: "flat" });
    await call("snapshot", { title: "Behind", text: "long" });
    expect(world.names("snapshots")).toEqual([
      "20260705-1422-risk-review-note-2.md",
      "20260705-1422-risk-review-note.md",
    ]);
    expect(world.text("snapshots/20260705-1422-risk-review-note.md")).toContain("\n# Before\n\nflat\n");
  });
});

describe("issue_update", () => {
  const page = (status: string): string => `---\nstatus: ${status} # mine\n---\n# Review\n`;

  test("changes status and summary of the run's own task, and nothing else of it", async () => {
    world.put("issues/risk-review.md", page("in-progress"));
    world.put("issues/other.md", page("open"));
    expect(await call("issue_update", { status: "review", summary: "All is within limits." })).toMatchObject({
      ok: true,
      structured: { file: "issues/risk-review.md", status: "review" },
    });
    expect(world.text("issues/risk-review.md").startsWith(page("review"))).toBe(true);
    expect(world.text("issues/risk-review.md")).toContain("All is within limits.");
    expect(world.text("issues/other.md")).toBe(page("open"));
  });

  test.each([{}, { status: "draft" }, { status: "open" }, { task: "other", status: "done" }, { summary: " " }])(
    "%j is refused and changes nothing",
    async (args) => {
      world.put("issues/risk-review.md", page("in-progress"));
      expect(await call("issue_update", args)).toMatchObject({ ok: false });
      expect(world.text("issues/risk-review.md")).toBe(page("in-progress"));
    },
  );

  test("leaves what a person decided meanwhile, and says so", async () => {
    world.put("issues/risk-review.md", page("cancelled"));
    expect(await call("issue_update", { status: "done" })).toMatchObject({
      ok: true,
      text: expect.stringContaining("A person has set that"),
      structured: { status: "cancelled" },
    });
    expect(world.text("issues/risk-review.md")).toBe(page("cancelled"));
  });

  test("a task's file that is a link is not written through", async () => {
    fs.writeFileSync(path.join(world.above, "outside.md"), page("open"));
    fs.rmSync(path.join(world.desk, "issues/risk-review.md"));
    fs.symlinkSync(path.join(world.above, "outside.md"), path.join(world.desk, "issues/risk-review.md"));
    expect(await call("issue_update", { status: "done" })).toMatchObject(refusal("link"));
    expect(fs.readFileSync(path.join(world.above, "outside.md"), "utf8")).toBe(page("open"));
  });
});
