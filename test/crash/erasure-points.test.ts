/**
 * Kills the daemon at named points of an erasure (the gate takes every second one), one run after the other on one desk. Each next daemon goes on with what the last one
 * left, and may die over that too. In the end every run that a person had erased is erased, whole.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { verifyPack } from "../../src/evidence/pack/verify-pack.ts";
import { ask, quiet } from "../support/control.ts";
import { lastWords } from "../support/crash-points.ts";
import { pointsOf } from "../support/crash-settings.ts";
import { launchFaulty, qoc, stop, up, within } from "../support/daemon.ts";
import { deskFolder, webhookToml } from "../support/desk-folder.ts";
import { erasurePoints } from "../support/erasure-points.ts";
import { readableStore } from "../support/readable-store.ts";
import { post } from "../support/sender.ts";

const NAME = "erasing-desk";
const points = pointsOf(erasurePoints);
const canary = (point: string): string => `canary-of-${point}`;
const runs: string[] = [];
let dir: string;

const Answer = z.object({ state: z.string() });
const erase = async (run: string): Promise<string> =>
  Answer.parse(await ask(dir, `/api/runs/${run}/erase`, { reason: "a crash test" })).state;

beforeAll(async () => {
  dir = deskFolder(NAME, { toml: webhookToml("by-id", 'dedupe = "id+body"') });
  const daemon = await up([dir]);
  for (const point of points) {
    const delivery = { webhook: "by-id", delivery_id: canary(point), body: JSON.stringify({ note: canary(point) }) };
    const { body } = await post(daemon.ingress, NAME, delivery);
    runs.push(String(body["run"]));
    await quiet(dir);
    await post(daemon.ingress, NAME, { ...delivery, body: JSON.stringify({ other: canary(point) }) });
  }
  await quiet(dir);
  await stop(daemon);
}, 60_000);

describe("a daemon killed over an erasure", () => {
  test.each([...points.entries()])("%i: at %s", async (at, point) => {
    const daemon = launchFaulty(dir, { kind: "die", at: point, nth: 1 });
    daemon.says("ready\n").then(
      () => erase(runs[at] ?? "").catch(() => undefined),
      () => undefined,
    );
    const said = await within(daemon.ended, () => `lived on:\n${daemon.stdout()}${daemon.stderr()}`);
    expect(said).toMatchObject({ signal: "SIGKILL", stderr: lastWords(point) });
  });

  test("leaves nothing half-erased to the last one", { timeout: 120_000 }, async () => {
    const daemon = await up([dir]);
    await quiet(dir);
    // Those that were asked for when their daemon had died already are asked for again.
    const before = await Promise.all(runs.map(async (run) => Answer.parse(await ask(dir, `/api/runs/${run}`)).state));
    expect(before.filter((state) => state !== "erased" && state !== "sealed")).toEqual([]);
    const left = runs.filter((_, at) => before[at] === "sealed");
    expect(await Promise.all(left.map(erase))).toEqual(left.map(() => "erased"));
    expect(before.filter((state) => state === "erased").length).toBeGreaterThan(3);
    const audit = await qoc({ cwd: dir }, "log", "audit", "--output", "json");
    expect(JSON.parse(audit.stdout)).toMatchObject({ erased: runs.length, left_out: 0, findings: [] });
    expect(await stop(daemon)).toMatchObject({ code: 0 });

    expect((await readableStore(path.join(dir, ".qoc", "store"))).includes("canary-of")).toBe(false);
    const files = readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.endsWith(path.join(".qoc", "store")))
      .map((entry) => path.join(entry.parentPath, entry.name));
    expect(files.filter((file) => readFileSync(file).includes("canary-of"))).toEqual([]);
    const keys = [readFileSync(path.join(dir, ".qoc", "keys", "evidence.pub"), "utf8")];
    const packs = files.filter((file) => file.endsWith(".erased.json"));
    expect(packs).toHaveLength(2 * runs.length);
    expect(packs.filter((file) => verifyPack(readFileSync(file), { keys }).level !== "E3")).toEqual([]);
  });
});
