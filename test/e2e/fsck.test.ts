/** `qoc fsck` as a person types it: on a desk that was killed over its work, under a running daemon, and on one that is damaged. */
import { cpSync, readdirSync, rmSync, truncateSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { quiet } from "../support/control.ts";
import { kill, lastingFolder, qoc, stop, up, type Daemon } from "../support/daemon.ts";
import { deskFolder, webhookToml } from "../support/desk-folder.ts";
import { post } from "../support/sender.ts";

const Report = z.object({
  schema: z.literal("qoc.fsck.list/1"),
  actors: z.number(),
  envelopes: z.number(),
  leaves: z.number(),
  errors: z.number(),
  items: z.array(
    z.object({ code: z.string(), weight: z.enum(["error", "note"]), at: z.string(), try: z.string().nullable() }),
  ),
});

const NAME = "checked";
let dir: string;
const fsck = async (of: string) => {
  const { code, stdout, stderr } = await qoc({ cwd: of }, "fsck", "--json");
  expect(stderr).toBe("");
  return { code, report: Report.parse(JSON.parse(stdout)) };
};
const send = (daemon: Daemon, id: string, body: string) =>
  post(daemon.ingress, NAME, { webhook: "by-id", delivery_id: id, body }).catch(() => undefined);

beforeAll(async () => {
  dir = deskFolder(NAME, { toml: webhookToml("by-id", 'dedupe = "id+body"') });
  for (let life = 0; life < 3; life += 1) {
    const daemon = await up([dir]);
    await send(daemon, `D-${life}`, `{"life":${life}}`);
    const under_way = [1, 2, 3].map((n) => send(daemon, `D-${life}-${n}`, `{"life":${life},"n":${n}}`));
    await kill(daemon);
    await Promise.all(under_way);
  }
  const daemon = await up([dir]);
  await quiet(dir);
  await send(daemon, "D-0", "a conflict");
  await quiet(dir);
  expect(await qoc({ cwd: dir }, "fsck")).toMatchObject({
    code: 75,
    stderr: expect.stringContaining("DAEMON_RUNNING"),
  });
  await stop(daemon);
}, 60_000);

test("finds nothing in a desk that was killed three times, and says how much it looked at", async () => {
  const { code, report } = await fsck(dir);
  expect([code, report.errors, report.items]).toEqual([0, 0, []]);
  expect(report.envelopes).toBeGreaterThanOrEqual(4);
  expect(report.leaves).toBe(2 * report.envelopes - 1);
  expect((await qoc({ cwd: dir }, "fsck")).stdout).toContain("nothing is wrong");
});

test("names what differs, where, and what to do, and exits 1", async () => {
  const copy = path.join(lastingFolder(), NAME);
  cpSync(dir, copy, { recursive: true });
  const evidence = path.join(copy, ".qoc", "evidence");
  const lost = readdirSync(evidence).find((name) => /^[0-9a-f-]{36}\.json$/.test(name)) ?? "none";
  rmSync(path.join(evidence, lost));
  const { code, report } = await fsck(copy);
  expect([code, report.errors]).toEqual([1, 1]);
  expect(report.items).toMatchObject([
    { code: "ENVELOPE_MISSING", weight: "error", at: `.qoc/evidence/${lost}`, try: "put it back from a backup" },
  ]);
  expect((await qoc({ cwd: copy }, "fsck")).stdout).toContain(`.qoc/evidence/${lost}`);
});

test("says that a store cannot be read whose file was cut off, instead of dying over it", async () => {
  const copy = path.join(lastingFolder(), NAME);
  cpSync(dir, copy, { recursive: true });
  truncateSync(path.join(copy, ".qoc", "store", "data.mdb"), 20_000);
  const { code, stderr } = await qoc({ cwd: copy }, "fsck");
  expect([code, stderr]).toEqual([65, expect.stringContaining("DESK_UNREADABLE")]);
});
