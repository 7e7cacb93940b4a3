/** A desk that was put back to an earlier day does not go on with its log as if nothing had been: it says so, and begins another log. */
import { cpSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { readPublishedLog } from "../../src/cli/evidence-log.ts";
import { verify } from "../../src/evidence/verify.ts";
import { fsck } from "../../src/fsck/fsck.ts";
import { quiet } from "../support/control.ts";
import { kill, lastingFolder, qoc, stop, up } from "../support/daemon.ts";
import { deskFolder, webhookToml } from "../support/desk-folder.ts";
import { post } from "../support/sender.ts";

const NAME = "put-back";
const toml = webhookToml("by-id", 'dedupe = "id+body"');
const Shown = z.object({
  items: z.array(z.object({ epoch: z.number(), size: z.number(), reason: z.string().nullable() })),
});

const start = (dir: string) => qoc({ cwd: dir }, "up", "--ingress", "127.0.0.1:0", "--console", "off");
const begin = (dir: string, ...more: readonly string[]) =>
  qoc({ cwd: dir }, "log", "epoch", "--new", "--reason", "the disk was lost", ...more);
const evidenceOf = (dir: string): string => path.join(dir, ".qoc", "evidence");
const envelopesOf = (dir: string): readonly string[] =>
  readdirSync(evidenceOf(dir)).filter((name) => /^[0-9a-f-]{36}\.json$/.test(name));

/** Each delivery is told once; every third comes again with other bytes when it is sealed, and is amended. */
async function deliver(dir: string, ingress: string, from: number, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, at) => from + at);
  for (const [all, more] of [
    [numbers, ""],
    [numbers.filter((n) => n % 3 === 0), ',"other":true'],
  ] as const) {
    for (const n of all) {
      const delivery = { webhook: "by-id", delivery_id: `D-${n}`, body: `{"n":${n}${more}}` };
      expect((await post(ingress, NAME, delivery)).status).toBe(202);
    }
    await quiet(dir);
  }
}

/** The levels of all envelopes with receipts of the log that there is now, held against the key alone. */
function levelsNow(dir: string): readonly string[] {
  const key = readFileSync(path.join(dir, ".qoc", "keys", "evidence.pub"), "utf8");
  const log = readPublishedLog(dir);
  return envelopesOf(dir).map((name) => {
    const bytes = readFileSync(path.join(evidenceOf(dir), name));
    const receipt = log.receiptOf(verify(bytes, {}).document?.integrity.seal_hash ?? "") ?? "none";
    const { ok, level } = verify(bytes, { keys: [key], receipt });
    return ok ? level : "none";
  });
}

let dir: string;
const backup = path.join(lastingFolder(), "backup");
/** Of the day after the backup. */
const later = path.join(lastingFolder(), "later");
const receipts = path.join(lastingFolder(), "receipts");

beforeAll(async () => {
  dir = deskFolder(NAME, { toml });
  const daemon = await up([dir]);
  await deliver(dir, daemon.ingress, 0, 6);
  expect(await qoc({ cwd: dir }, "store", "backup", backup)).toMatchObject({ code: 0 });
  await deliver(dir, daemon.ingress, 6, 20);
  await stop(daemon);
  cpSync(dir, later, { recursive: true });
  cpSync(evidenceOf(dir), receipts, { recursive: true });
}, 60_000);

describe("a desk that is restored from a backup", () => {
  beforeAll(async () => {
    rmSync(path.join(dir, ".qoc"), { recursive: true });
    expect(await qoc({ cwd: dir }, "store", "restore", backup)).toMatchObject({ code: 0 });
  });

  test("does not start, and says what to do", async () => {
    const { code, stderr } = await start(dir);
    expect(code).toBe(65);
    expect(stderr).toContain("LOG_RESTORED");
    expect(stderr).toContain("qoc log epoch --new --reason TEXT");
  });

  test("begins a new log when a person says why, and not without", async () => {
    expect(await qoc({ cwd: dir }, "log", "epoch", "--new", "--yes")).toMatchObject({ code: 64 });
    expect(await begin(dir)).toMatchObject({ code: 64, stderr: expect.stringContaining("--yes") });
    expect(await begin(dir, "--yes")).toMatchObject({ code: 0 });
    const { items } = Shown.parse(JSON.parse((await qoc({ cwd: dir }, "log", "epoch", "--json")).stdout));
    // Six runs and two amendments, and the same again behind the leaf that names them.
    expect(items).toMatchObject([
      { epoch: 1, size: 14, reason: "the disk was lost" },
      { epoch: 2, size: 15, reason: null },
    ]);
  });

  test("then starts, seals on, and every envelope is logged, old and new", async () => {
    const daemon = await up([dir]);
    await deliver(dir, daemon.ingress, 30, 3);
    await stop(daemon);
    expect(envelopesOf(dir)).toHaveLength(6 + 2 + 3 + 1);
    expect(new Set(levelsNow(dir))).toEqual(new Set(["E3"]));
    const [one = ""] = envelopesOf(dir);
    expect(await qoc({ cwd: dir }, "log", "proof", path.join(evidenceOf(dir), one), "--save")).toMatchObject({
      code: 0,
    });
    const saved = readFileSync(path.join(evidenceOf(dir), one.replace(/\.json$/, ".tlog-proof")), "utf8");
    expect(saved).toContain(`localhost/${NAME}/log/2\n`);
    expect(JSON.parse((await qoc({ cwd: dir }, "log", "verify", "--json")).stdout)).toMatchObject({
      ok: true,
      origin: `localhost/${NAME}/log/2`,
    });
  });

  test("says of the old log that it is not looked at, and that a checkpoint is of it", async () => {
    const audit = await qoc({ cwd: dir }, "log", "audit", "--json");
    expect(JSON.parse(audit.stdout)).toMatchObject({ ok: true, not_audited: [{ epoch: 1, size: 14 }] });
    expect((await qoc({ cwd: dir }, "log", "audit")).stdout).toContain("not looked at: the log of epoch 1, 14 leaves");
    const kept = path.join(evidenceOf(later), "log", "checkpoint");
    const { code, stdout } = await qoc({ cwd: dir }, "log", "verify", "--since", kept);
    expect([code, stdout]).toEqual([1, expect.stringContaining(`which is of localhost/${NAME}/log; logs of epochs`)]);
  });

  test("keeps the old log, whose receipts still verify", () => {
    expect(existsSync(path.join(evidenceOf(dir), "logs", "1", "checkpoint"))).toBe(true);
    const key = readFileSync(path.join(dir, ".qoc", "keys", "evidence.pub"), "utf8");
    const old = readdirSync(receipts).filter((name) => name.endsWith(".tlog-proof"));
    const held = old.map((name) => {
      const receipt = readFileSync(path.join(receipts, name), "utf8");
      const envelope = path.join(receipts, name.replace(/\.tlog-proof$/, ".json"));
      return verify(readFileSync(envelope), { keys: [key], receipt }).level;
    });
    expect([held.length, new Set(held)]).toEqual([26 + 9, new Set(["E3"])]);
  });

  test("starts again and again, and nothing in it is wrong", async () => {
    for (const end of [kill, stop]) {
      const daemon = await up([dir]);
      await deliver(dir, daemon.ingress, end === kill ? 50 : 60, 2);
      await end(daemon);
    }
    expect(await qoc({ cwd: dir }, "log", "audit")).toMatchObject({ code: 0 });
    const { counts, errors, envelopes } = await fsck({ dir, workspace: NAME });
    expect([counts.map(({ code }) => code), errors, envelopes]).toEqual([[], 0, 18]);
  });
});

describe("folders that were copied by hand", () => {
  const runtime = (of: string, name: string): string => path.join(of, ".qoc", name);
  /** The desk of the later day, with these folders as they were when the backup was made. */
  function mixed(...names: readonly string[]): string {
    const copy = path.join(lastingFolder(), NAME);
    cpSync(later, copy, { recursive: true });
    for (const name of names) {
      rmSync(runtime(copy, name), { recursive: true });
      cpSync(path.join(backup, name), runtime(copy, name), { recursive: true });
    }
    return copy;
  }

  test("are refused where the store is older than its log", async () => {
    const copy = mixed("store");
    expect(await start(copy)).toMatchObject({ code: 65, stderr: expect.stringContaining("LOG_AHEAD_OF_STORE") });
  });

  test("are refused where the log is older than the store", async () => {
    const copy = mixed("log-state", "evidence");
    expect(await start(copy)).toMatchObject({ code: 65, stderr: expect.stringContaining("LOG_BEHIND_STORE") });
  });

  test("are refused where the log is gone", async () => {
    const copy = mixed();
    rmSync(runtime(copy, "log-state"), { recursive: true });
    rmSync(path.join(evidenceOf(copy), "log"), { recursive: true });
    expect(await start(copy)).toMatchObject({ code: 65, stderr: expect.stringContaining("LOG_BEHIND_STORE") });
  });

  test("start where nothing was mixed", async () => {
    expect(await stop(await up([mixed()]))).toMatchObject({ code: 0 });
  });

  test("get a new log that leaves out what the older store does not know, and keeps it aside", async () => {
    const copy = mixed("store");
    const { stdout } = await begin(copy, "--yes", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ epoch: 2, prev: { epoch: 1, size: 26 * 2 + 9 }, set_aside: 20 + 7 });
    expect(readdirSync(path.join(evidenceOf(copy), "logs", "1", "set-aside"))).toHaveLength(2 * 27);
    const daemon = await up([copy]);
    await deliver(copy, daemon.ingress, 6, 20);
    await stop(daemon);
    expect(envelopesOf(copy)).toHaveLength(26 + 9);
  });
});

describe("a new epoch that was broken off", () => {
  test.each(["plan", "moved"])("(%s) is finished by the same command, and no daemon starts before", async (step) => {
    const copy = path.join(lastingFolder(), NAME);
    cpSync(later, copy, { recursive: true });
    const state = path.join(copy, ".qoc", "log-state");
    const root = Buffer.alloc(32).toString("base64");
    const plan = { epoch: 2, ended: 1, size: 61, root, reason: "of before", begun_at: "2026-07-05T12:00:00.000Z" };
    writeFileSync(path.join(state, "next"), JSON.stringify(plan));
    if (step === "moved") {
      cpSync(path.join(evidenceOf(copy), "log"), path.join(evidenceOf(copy), "logs", "1"), { recursive: true });
      rmSync(path.join(evidenceOf(copy), "log"), { recursive: true });
      renameSync(path.join(state, "signed"), path.join(state, "signed-was"));
    }
    expect(await start(copy)).toMatchObject({ code: 65, stderr: expect.stringContaining("EPOCH_UNFINISHED") });
    expect(await begin(copy, "--yes")).toMatchObject({ code: 0 });
    const { items } = Shown.parse(JSON.parse((await qoc({ cwd: copy }, "log", "epoch", "--json")).stdout));
    expect(items[0]?.reason).toBe("of before");
    await stop(await up([copy]));
  });
});
