/** Every seal of a desk is in its log, and anybody can check that from files alone: after kill -9, after tampering, and against a checkpoint kept earlier. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { quiet } from "../support/control.ts";
import { kill, qoc, stop, up, type Place } from "../support/daemon.ts";
import { deskFolder, webhookToml } from "../support/desk-folder.ts";
import { post } from "../support/sender.ts";

const Listed = z.object({ items: z.array(z.object({ kind: z.string(), file: z.string() })) });

let dir: string;
let place: Place;
/** The first envelope as it lay before anything came after it. */
let base: readonly { readonly file: string; readonly ino: number; readonly bytes: Buffer }[];
const sealedFiles = (): readonly string[] => {
  const folder = path.join(dir, ".qoc", "evidence");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => path.join(folder, name));
};
const kept = (): string => path.join(dir, "kept-checkpoint");
const send = (ingress: string, id: string, body: string) =>
  post(ingress, "logged-desk", { webhook: "by-id", delivery_id: id, body });
const json = async (...args: readonly string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await qoc(place, ...args, "--output", "json")).stdout);

beforeAll(async () => {
  dir = deskFolder("logged-desk", { toml: webhookToml("by-id", 'dedupe = "id+body"') });
  place = { cwd: dir };
  const first = await up([dir]);
  await send(first.ingress, "D-1", "1");
  await quiet(dir);
  base = sealedFiles().map((file) => ({ file, ino: statSync(file).ino, bytes: readFileSync(file) }));
  writeFileSync(kept(), (await qoc(place, "log", "checkpoint")).stdout);
  await Promise.all([send(first.ingress, "D-2", "2"), send(first.ingress, "D-3", "3")]);
  await kill(first);
  const second = await up([dir]);
  await send(second.ingress, "D-1", "another one");
  await quiet(dir);
  await stop(second);
}, 60_000);

describe("the log of a desk that was killed over its work", () => {
  test("has a leaf for every envelope and every amendment, and one for every delivery", async () => {
    expect(sealedFiles()).toHaveLength(4);
    expect(await json("log", "verify")).toMatchObject({ ok: true, origin: "localhost/logged-desk/log", size: 7 });
    expect(await json("log", "audit")).toMatchObject({ ok: true, received: 3, sealed: 3, open: 0, amendments: 1 });
  });

  test("leaves an envelope that was amended the same file, byte for byte", () => {
    expect(base).toHaveLength(1);
    for (const { file, ino, bytes } of base) {
      expect([statSync(file).ino, readFileSync(file).equals(bytes)]).toEqual([ino, true]);
    }
  });

  test("holds each run, at E3 by itself and at E4 against a checkpoint that was kept", async () => {
    const { items } = Listed.parse(await json("envelope", "list"));
    const bases = items.filter(({ kind }) => kind === "envelope");
    expect(bases).toHaveLength(3);
    for (const { file } of bases) expect(await json("log", "verify", file)).toMatchObject({ ok: true, level: "E3" });
    expect(await json("log", "verify", "@last", "--since", kept())).toMatchObject({ ok: true, level: "E4" });
  });

  test("gives a receipt that a public pack carries and a verifier counts", async () => {
    expect(await qoc(place, "log", "proof", "@last", "--save")).toMatchObject({ code: 0 });
    const out = path.join(dir, "pack.json");
    expect(await qoc(place, "envelope", "export", "--public", "@last", "--out", out)).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(out, "utf8")).tlog_proof).toContain("c2sp.org/tlog-proof@v1");
    const key = path.join(dir, ".qoc", "keys", "evidence.pub");
    expect(await qoc(place, "envelope", "verify", out, "--key", key)).toMatchObject({ code: 0 });
  });

  test("is refused when a tile was changed", async () => {
    const tile = path.join(dir, ".qoc", "evidence", "log", "tile", "0", "000.p", "7");
    const whole = readFileSync(tile);
    writeFileSync(tile, Buffer.concat([Buffer.of((whole[0] ?? 0) ^ 1), whole.subarray(1)]));
    const { code, stderr } = await qoc(place, "log", "verify", "@last");
    writeFileSync(tile, whole);
    expect([code, stderr]).toEqual([65, expect.stringContaining("another root than the checkpoint")]);
  });

  test("does not go on from a checkpoint of another log", async () => {
    const other = path.join(dir, "other-checkpoint");
    writeFileSync(other, readFileSync(kept(), "utf8").replace("logged-desk", "other-desk"));
    expect(await qoc(place, "log", "verify", "--since", other)).toMatchObject({ code: 1 });
  });

  test("makes the daemon refuse to start when its own files went back, and says why", async () => {
    const state = path.join(dir, ".qoc", "log-state");
    const signed = path.join(state, "signed");
    const now = readFileSync(signed);
    writeFileSync(signed, readFileSync(kept()));
    const { code, stderr } = await qoc(place, "up", "--ingress", "127.0.0.1:0", "--console", "off");
    writeFileSync(signed, now);
    expect([code, stderr]).toEqual([65, expect.stringContaining("LOG_REFUSED")]);
  });
});
