/** The inbox over the API: two desks, pages, and hostile items. */
import fastify from "fastify";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { addInboxRoutes } from "../../../src/http/inbox-routes.ts";
import { InboxFile, InboxPage } from "../../../src/http/shapes/inbox.ts";
import { createInboxes } from "../../../src/main-inbox.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { AT, aTarget, runNumber } from "./desk-with-runs.ts";

let dirs: Record<"one" | "two", string>;
let ask: (
  url: string,
  payload?: object,
) => Promise<{ readonly status: number; readonly body: { readonly code?: string } }>;

beforeEach(() => {
  const root = temporaryFolder();
  dirs = { one: join(root, "one"), two: join(root, "two") };
  for (const dir of Object.values(dirs)) mkdirSync(join(dir, "inbox"), { recursive: true });
  const given = aTarget([]);
  const [desk] = given.desks();
  if (desk === undefined) throw new Error("a target has a desk");
  const app = fastify();
  addInboxRoutes(app, {
    target: { ...given, desks: () => Object.entries(dirs).map(([name, dir]) => ({ ...desk, name, dir })) },
    clock: { now: () => AT },
    entropy: { bytes: (count) => new Uint8Array(count) },
    complain: (_says, reason) => {
      throw reason;
    },
    inboxOf: createInboxes().inboxOf,
  });
  ask = async (url, payload) => {
    const answer = await app.inject({
      url,
      method: payload === undefined ? "GET" : "POST",
      ...(payload && { payload }),
    });
    return { status: answer.statusCode, body: answer.json() };
  };
});

const write = (desk: "one" | "two", name: string, text: string) => writeFileSync(join(dirs[desk], "inbox", name), text);
const page = (status: string, title = "T") =>
  `---\nkind: webhook\nstatus: ${status}\ntitle: ${JSON.stringify(title)}\n---\nText\n`;
async function pages(query: string): Promise<readonly InboxPage[]> {
  const found: InboxPage[] = [];
  for (let cursor: string | null = ""; cursor !== null; cursor = found.at(-1)?.next ?? null) {
    const { status, body } = await ask(`/api/inbox?${query}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    expect({ status, body }).toMatchObject({ status: 200, body: { schema: "qoc.inbox.page/1" } });
    found.push(InboxPage.parse(body));
  }
  return found;
}

describe("GET /api/inbox", () => {
  test("merges the desks by file name, newest first, and pages through each item once", async () => {
    for (const n of [1, 2, 3, 4, 5]) write(n % 2 === 0 ? "one" : "two", `${n}.md`, page("new"));
    for (const desk of ["one", "two"] as const) write(desk, "3-same.md", page("new"));
    const all = await pages("limit=2");
    expect(all.flatMap(({ items }) => items.map(({ workspace, file }) => `${workspace} ${file}`))).toEqual([
      "two inbox/5.md",
      "one inbox/4.md",
      "two inbox/3.md",
      "one inbox/3-same.md",
      "two inbox/3-same.md",
      "one inbox/2.md",
      "two inbox/1.md",
    ]);
    expect(all.reduce((sum, { looked }) => sum + looked, 0)).toBe(7);
  });

  test("filters by status and workspace, and says how many it hides", async () => {
    for (let n = 0; n < 30; n += 1) write("one", `${String(n).padStart(2, "0")}.md`, page(n === 3 ? "blocked" : "new"));
    write("two", "x.md", page("blocked"));
    const [first, ...others] = await pages("status=blocked&workspace=one");
    expect([first?.items.map(({ file }) => file), first?.looked, others]).toEqual([["inbox/03.md"], 30, []]);
  });

  test("looks at no more than some hundred files a page, and goes on from there", { timeout: 30_000 }, async () => {
    for (let n = 0; n < 900; n += 1) write("one", `${String(n).padStart(4, "0")}.md`, page(n === 0 ? "done" : "new"));
    const found = await pages("status=done");
    expect(found.map(({ looked }) => looked)).toEqual([400, 400, 100]);
    expect(found.flatMap(({ items }) => items.map(({ file }) => file))).toEqual(["inbox/0000.md"]);
  });

  test("shows what cannot be read as that, and a run only where it could be one", async () => {
    write("one", "3.md", "---\n{[\n---\n");
    write("one", "2.md", `---\nstatus: new\nrun: ${runNumber(7)}\nsays: "<b>x</b>"\n---\n`);
    write("one", "1.md", "---\nstatus: new\nrun: ../../etc\nkind: null\n---\n");
    const [first] = await pages("");
    expect(first?.items).toMatchObject([
      { status: "unreadable", kind: "other", title: "3", run: null },
      { status: "new", title: "<b>x</b>", run: runNumber(7) },
      { run: null, kind: "other" },
    ]);
  });

  test.each(["cursor=x", "status=other", "limit=0", "limit=1000", "unknown=1"])("refuses %s", async (query) => {
    expect(await ask(`/api/inbox?${query}`)).toMatchObject({ status: 400, body: { code: "REQUEST_MALFORMED" } });
  });
});

describe("one item", () => {
  const item = (file: string, workspace = "one") =>
    ask(`/api/inbox/item?workspace=${workspace}&file=${encodeURIComponent(file)}`);

  test("comes with its fields as texts and its Markdown as written", async () => {
    write("one", "a.md", "---\nstatus: new\nprice: 420.00\n---\n# <script>\r\n");
    const { status, body } = await item("inbox/a.md");
    expect(status).toBe(200);
    expect(InboxFile.parse(body)).toMatchObject({
      fields: [
        ["status", "new"],
        ["price", "420.00"],
      ],
      text: "# <script>\r\n",
      cut: false,
    });
  });

  test.each([
    ["inbox/../../two/inbox/a.md", "one", 400],
    ["inbox/a.md\n", "one", 400],
    ["../one/desk.toml", "one", 400],
    ["inbox/none.md", "one", 404],
    ["inbox/a.md", "three", 404],
  ])("%j of %s is refused", async (file, workspace, status) => {
    expect(await item(file, workspace)).toMatchObject({ status });
  });
});

describe("POST /api/inbox/status", () => {
  test("changes the file, and the list shows it at once", async () => {
    write("one", "a.md", page("new"));
    await pages("");
    const body = { workspace: "one", file: "inbox/a.md", status: "done" };
    expect(await ask("/api/inbox/status", body)).toEqual({
      status: 200,
      body: { schema: "qoc.inbox.status/1", ...body },
    });
    expect(readFileSync(join(dirs.one, "inbox", "a.md"), "utf8")).toBe(page("done"));
    expect((await pages(""))[0]?.items).toMatchObject([{ status: "done" }]);
  });

  test.each([
    [{ workspace: "one", file: "inbox/a.md", status: "new\nkind: lies" }, 400],
    [{ workspace: "one", file: "inbox/../desk.toml", status: "done" }, 400],
    [{ workspace: "two", file: "inbox/a.md", status: "done" }, 404],
    [{ workspace: "none", file: "inbox/a.md", status: "done" }, 404],
    [{ workspace: "one", file: "inbox/b.md", status: "done" }, 409],
  ])("refuses %j", async (body, status) => {
    write("one", "a.md", page("new"));
    write("one", "b.md", "no head");
    expect(await ask("/api/inbox/status", body)).toMatchObject({ status });
    expect(readFileSync(join(dirs.one, "inbox", "a.md"), "utf8")).toBe(page("new"));
  });
});

test("what needs a person has the times of new items as the API writes them", async () => {
  write("one", "2026-07-05T14-22-00Z-x.md", page("new", "Look"));
  expect(await createInboxes().newInboxItems(dirs.one, 5)).toEqual({
    items: [{ file: "inbox/2026-07-05T14-22-00Z-x.md", title: "Look", at: "2026-07-05T14:22:00.000Z" }],
    count: 1,
    more: false,
  });
});

test("a question of approval is no new item beside the run that waits for it, nor once it is decided", async () => {
  write("one", "2026-07-05T14-23-00Z-x.md", "---\nkind: approval\nstatus: new\ntitle: Drafted\n---\n\ntext\n");
  expect(await createInboxes().newInboxItems(dirs.one, 5)).toEqual({ items: [], count: 0, more: false });
});
