import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readDesk } from "../../../src/config/read-desk.ts";
import { readTask } from "../../../src/desk/task-file.ts";
import { SCAFFOLD_RANDOM_BYTES, scaffoldFiles, writeScaffold } from "../../../src/desk/scaffold.ts";

const random = Uint8Array.from({ length: SCAFFOLD_RANDOM_BYTES }, (_, i) => i);
const files = scaffoldFiles("my-desk", random);
const content = (name: string): string => files.find((file) => file.path === name)?.content ?? "";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "qoc-scaffold-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a new desk has the folders of a desk, its rules, its secrets and what git leaves out", () => {
  expect(files.map((file) => file.path)).toEqual([
    "inbox/.gitkeep",
    "issues/.gitkeep",
    "entities/.gitkeep",
    "research/.gitkeep",
    "orders/proposed/.gitkeep",
    "orders/executed/.gitkeep",
    "orders/rejected/.gitkeep",
    "snapshots/.gitkeep",
    "schedules/.gitkeep",
    ".gitignore",
    ".env.qoc",
    "house-rules.md",
    "issues/risk-review.md",
    "desk.toml",
  ]);
  expect(content(".gitignore")).toBe(".qoc/\n.env.qoc\n");
});

test("its secrets are 32 of the random bytes each, in hex", () => {
  expect(content(".env.qoc").match(/^[A-Z_]+=[0-9a-f]{64}$/gm)).toEqual([
    `WEBHOOK_SECRET_PRICE_ALERT=${Buffer.from(random.subarray(0, 32)).toString("hex")}`,
    `WEBHOOK_SECRET_RISK=${Buffer.from(random.subarray(32)).toString("hex")}`,
  ]);
});

test("too few random bytes are refused", () => {
  expect(() => scaffoldFiles("my-desk", new Uint8Array(32))).toThrow("64 random bytes");
});

test("it can be read as it stands, with its secret from .env.qoc", () => {
  writeScaffold(dir, files);
  const loaded = readDesk({ dir, globalFile: null, env: {} });
  expect(loaded).toMatchObject({ kind: "config", desk: { name: "my-desk", webhooks: [{ name: "price-alert" }] } });
});

test("the webhook that is commented out is right when it is taken in", () => {
  writeScaffold(dir, files);
  writeFileSync(path.join(dir, "desk.toml"), content("desk.toml").replace(/^#(?=[a-z[])/gm, ""));
  expect(readDesk({ dir, globalFile: null, env: {} })).toMatchObject({
    desk: {
      agent: { command: { kind: "preset", name: "claude-code" }, sandbox: "bubblewrap", network: true },
      connectors: [{ name: "paper", type: "paper" }],
      webhooks: [{ name: "price-alert" }, { name: "risk-breach", policy: { action: "run", task: "risk-review" } }],
    },
  });
});

test("the task beside it is read as one, and is a draft that no run begins", () => {
  const read = readTask("risk-review", Buffer.from(content("issues/risk-review.md")));
  expect(read).toMatchObject({ kind: "task", task: { status: "draft" } });
  const opened = readTask("risk-review", Buffer.from(content("issues/risk-review.md").replace("draft\n", "open\n")));
  expect(opened).toMatchObject({ kind: "task", task: { status: "open", title: "Review a breached limit" } });
});

test("only its owner can open the secrets", () => {
  writeScaffold(dir, files);
  expect(statSync(path.join(dir, ".env.qoc")).mode & 0o777).toBe(0o600);
});

test("it is written into a folder that does not exist yet", () => {
  const deeper = path.join(dir, "a", "b");
  expect(writeScaffold(deeper, files)).toEqual({ written: files.map((file) => file.path), kept: [], unignored: [] });
  expect(readdirSync(path.join(deeper, "orders")).toSorted()).toEqual(["executed", "proposed", "rejected"]);
});

test("what is there is left as it is and listed", () => {
  writeFileSync(path.join(dir, "desk.toml"), "mine");
  writeFileSync(path.join(dir, ".env.qoc"), "");
  const { written, kept } = writeScaffold(dir, files);
  expect(kept).toEqual([".env.qoc", "desk.toml"]);
  expect(written).not.toContain("desk.toml");
  expect(readFileSync(path.join(dir, "desk.toml"), "utf8")).toBe("mine");
  expect(readFileSync(path.join(dir, ".env.qoc"), "utf8")).toBe("");
});

test("a second call writes nothing and changes no secret", () => {
  writeScaffold(dir, files);
  const again = writeScaffold(dir, scaffoldFiles("other", random.toReversed()));
  expect(again.written).toEqual([]);
  expect(readFileSync(path.join(dir, ".env.qoc"), "utf8")).toBe(content(".env.qoc"));
});

test("a link that leads elsewhere is not written through", () => {
  const elsewhere = path.join(dir, "elsewhere");
  mkdirSync(path.join(dir, "desk"));
  symlinkSync(elsewhere, path.join(dir, "desk", "desk.toml"));
  expect(writeScaffold(path.join(dir, "desk"), files).kept).toEqual(["desk.toml"]);
  expect(readdirSync(dir)).toEqual(["desk"]);
});

test.each([
  ["node_modules\n", [".qoc/", ".env.qoc"]],
  ["/.qoc\n.env.qoc\r\n", []],
  [".qoc/\n", [".env.qoc"]],
])("of a .gitignore that holds %j it is said what it lacks", (text, unignored) => {
  writeFileSync(path.join(dir, ".gitignore"), text);
  expect(writeScaffold(dir, files).unignored).toEqual(unignored);
});

test("a file in the place of a folder is an error", () => {
  writeFileSync(path.join(dir, "inbox"), "");
  expect(() => writeScaffold(dir, files)).toThrow("EEXIST");
  expect(readdirSync(dir)).toEqual(["inbox"]);
});
