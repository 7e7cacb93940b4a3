/** What `qoc init` makes: the files of a desk that answers its first webhook as it stands. */
import { closeSync, constants, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { assert } from "../core/assert.ts";

const SECRET_BYTES = 32;
/** One secret for the webhook of a new desk, one for the webhook that stands there commented out. */
export const SCAFFOLD_RANDOM_BYTES = 2 * SECRET_BYTES;

export type ScaffoldFile = { readonly path: string; readonly mode: number; readonly content: string };

const FOLDERS = [
  "inbox",
  "issues",
  "entities",
  "research",
  "orders/proposed",
  "orders/executed",
  "orders/rejected",
  "snapshots",
  "schedules",
] as const;

/** What git must never hold: the runtime's own data, and the secrets. */
const IGNORED = [".qoc/", ".env.qoc"] as const;

/**
 * @param name a name that the configuration accepts
 * @param random `SCAFFOLD_RANDOM_BYTES` bytes that nobody can guess
 */
export function scaffoldFiles(name: string, random: Uint8Array): readonly ScaffoldFile[] {
  assert(random.length === SCAFFOLD_RANDOM_BYTES, `a desk takes ${SCAFFOLD_RANDOM_BYTES} random bytes`);
  const hex = Buffer.from(random).toString("hex");
  return [
    ...FOLDERS.map((folder) => ({ path: `${folder}/.gitkeep`, mode: 0o644, content: "" })),
    { path: ".gitignore", mode: 0o644, content: `${IGNORED.join("\n")}\n` },
    { path: ".env.qoc", mode: 0o600, content: envFile(hex.slice(0, 2 * SECRET_BYTES), hex.slice(2 * SECRET_BYTES)) },
    { path: "house-rules.md", mode: 0o644, content: HOUSE_RULES },
    { path: "issues/risk-review.md", mode: 0o644, content: RISK_REVIEW },
    { path: "desk.toml", mode: 0o644, content: deskToml(name) },
  ];
}

const deskToml = (
  name: string,
): string => `# Every key, its default and its reason: desk.toml.example in the package of qoc.
name = ${JSON.stringify(name)}

# POST /webhook/${name}/price-alert writes an item into inbox/.
[[webhook]]
name = "price-alert"
secret = "env:WEBHOOK_SECRET_PRICE_ALERT"
action = "inbox"

# POST /webhook/${name}/risk-breach starts the task of issues/risk-review.md, once its status is open: this agent works on it.
#[agent]
#command = "claude-code"
#sandbox = "bubblewrap"
#network = true

#[[webhook]]
#name = "risk-breach"
#secret = "env:WEBHOOK_SECRET_RISK"
#action = "run"
#task = "risk-review"

# Where the orders go that it drafts and a person approves. First: qoc approver add NAME
#[[connector]]
#name = "paper"
#type = "paper"
`;

const envFile = (
  priceAlert: string,
  risk: string,
): string => `# Secrets that webhooks are signed with. Keep this file to yourself (mode 0600) and out of git.
# A variable of the environment goes before the line here that has its name.
WEBHOOK_SECRET_PRICE_ALERT=${priceAlert}
WEBHOOK_SECRET_RISK=${risk}
`;

const HOUSE_RULES = `# House rules

What every run on this desk is told first, word for word. For example:

- Propose orders; never assume that one was approved.
- When nothing needs doing, say so and stop.
`;

const RISK_REVIEW = `---
title: Review a breached limit
# open: a run may begin; draft, done and cancelled: none does
status: draft
---

## Goal

Say which limit was breached, and draft the smallest order that brings the book back under it.

## Acceptance

- [ ] research/ says how the figures were found
- [ ] at most one order is drafted
`;

export type Scaffolded = {
  readonly written: readonly string[];
  /** Files that were there before and have been left as they were. */
  readonly kept: readonly string[];
  /** Lines that a `.gitignore` which was there before lacks: without them git may take up secrets. */
  readonly unignored: readonly string[];
};

/**
 * Makes what is missing and overwrites nothing, links included. `desk.toml` comes last, so that a folder which has one is a
 * whole desk: after a crash the same call completes it. A file cut short by a crash counts as there.
 * @throws the file system's error, with what was written before left in place
 */
export function writeScaffold(dir: string, files: readonly ScaffoldFile[]): Scaffolded {
  const written: string[] = [];
  const kept: string[] = [];
  for (const file of files) (createFile(dir, file) ? written : kept).push(file.path);
  return { written, kept, unignored: kept.includes(".gitignore") ? unignored(path.join(dir, ".gitignore")) : [] };
}

/** False when there is something at that path already. */
function createFile(dir: string, file: ScaffoldFile): boolean {
  const target = path.join(dir, file.path);
  mkdirSync(path.dirname(target), { recursive: true });
  const handle = openNew(target, file.mode);
  if (handle === null) return false;
  try {
    writeFileSync(handle, file.content);
    fsyncSync(handle);
  } catch (thrown) {
    // A full disk: half a file would count as there at the next call.
    rmSync(target);
    throw thrown;
  } finally {
    closeSync(handle);
  }
  return true;
}

function openNew(target: string, mode: number): number | null {
  try {
    return openSync(target, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, mode);
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") return null;
    throw thrown;
  }
}

function unignored(file: string): readonly string[] {
  const lines = new Set(
    readFileSync(file, "utf8")
      .split(/\r?\n/)
      .map((line) => line.trim().replace(/^\/|\/$/g, "")),
  );
  return IGNORED.filter((each) => !lines.has(each.replace(/\/$/, "")));
}
