/** A desk that changed its key twice: who has the very first public key and the receipts can check all that it ever sealed. */
import { generateKeyPairSync } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { signerOf } from "../../src/evidence/keys.ts";
import { writeCheckpoint } from "../../src/evidence/log/checkpoint.ts";
import { writeKeyLeaf } from "../../src/evidence/log/key-leaf.ts";
import { leafBytes } from "../../src/evidence/log/leaf.ts";
import { signerOf as noteSignerOf, signNote } from "../../src/evidence/log/note.ts";
import { writeProof } from "../../src/evidence/log/proof.ts";
import { leafHash } from "../../src/evidence/log/tree.ts";
import { quiet } from "../support/control.ts";
import { kill, lastingFolder, qoc, QOC, startProcess, stop, up, type Place } from "../support/daemon.ts";
import { deskFolder, webhookToml } from "../support/desk-folder.ts";
import { post } from "../support/sender.ts";

const NAME = "turning-desk";
const ORIGIN = `localhost/${NAME}`;
const Keys = z.object({
  items: z.array(z.object({ keyid: z.string(), state: z.string(), leaf: z.number().nullable() })),
});
const Verdict = z.object({ ok: z.boolean(), codes: z.array(z.string()) });

let dir: string;
let place: Place;
/** Kept by a reader on the first day, outside of the desk. */
let firstKey: string;
let firstCheckpoint: string;
/** Envelopes in the order in which they were sealed, one under each key. */
const sealed: string[] = [];
let amendment: string;
let whileRunning: { readonly code: number | null; readonly stderr: string };

const keys = (name = ""): string => path.join(dir, ".qoc", "keys", name);
const envelopes = (): readonly string[] =>
  readdirSync(path.join(dir, ".qoc", "evidence"))
    .filter((name) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json$/.test(name))
    .map((name) => path.join(dir, ".qoc", "evidence", name));
const listed = async () => Keys.parse(JSON.parse((await qoc(place, "keys", "list", "--json")).stdout)).items;
const verdictOf = async (...args: readonly string[]) =>
  Verdict.parse(JSON.parse((await qoc(place, "envelope", "verify", ...args, "--json")).stdout));

/** One life of the daemon, in which these deliveries come. Gives the files that it sealed. */
async function live(...deliveries: readonly (readonly [id: string, body: string])[]): Promise<readonly string[]> {
  const daemon = await up([dir]);
  const before = envelopes();
  for (const [delivery_id, body] of deliveries)
    await post(daemon.ingress, NAME, { webhook: "by-id", delivery_id, body });
  await quiet(dir);
  if (sealed.length === 0) whileRunning = await qoc(place, "keys", "rotate");
  await stop(daemon);
  return envelopes().filter((file) => !before.includes(file));
}

async function rotate(): Promise<void> {
  expect(await qoc(place, "keys", "rotate")).toMatchObject({ code: 0 });
}

beforeAll(async () => {
  dir = deskFolder(NAME, { toml: webhookToml("by-id", 'dedupe = "id+body"') });
  place = { cwd: dir };
  const outside = lastingFolder();
  sealed.push(...(await live(["D-1", "1"])));
  firstKey = path.join(outside, "first.pub");
  cpSync(keys("evidence.pub"), firstKey);
  firstCheckpoint = path.join(outside, "checkpoint");
  writeFileSync(firstCheckpoint, (await qoc(place, "log", "checkpoint")).stdout);
  await rotate();
  sealed.push(...(await live(["D-2", "2"])));
  await rotate();
  [amendment = ""] = await live(["D-1", "another one"]);
  sealed.push(...(await live(["D-3", "3"])));
}, 120_000);

describe("a desk whose key was rotated twice", () => {
  test("sealed under each of its keys", () => {
    const keyids = sealed.map((file) => JSON.parse(readFileSync(file, "utf8")).integrity.dsse.signatures[0].keyid);
    expect([sealed.length, new Set(keyids).size]).toEqual([3, 3]);
  });

  test("refuses another rotation while its daemon runs", () => {
    expect([whileRunning.code, whileRunning.stderr]).toEqual([75, expect.stringContaining("DAEMON_RUNNING")]);
  });

  test("lists its keys, each behind the one that authorised it", async () => {
    const items = await listed();
    expect(items.map(({ state }) => state)).toEqual(["retired", "retired", "current"]);
    expect(items.map(({ leaf }) => leaf !== null)).toEqual([false, true, true]);
  });

  test("has one private half left", () => {
    const files = readdirSync(keys(), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const signing = files.filter((entry) =>
      readFileSync(path.join(entry.parentPath, entry.name), "latin1").includes("PRIVATE KEY"),
    );
    expect(signing.map(({ name }) => name)).toEqual(["evidence.key"]);
  });

  test("verifies all that it sealed from the first public key and what lies beside the envelopes", async () => {
    for (const file of [...sealed, amendment]) {
      expect(await verdictOf(file, "--key", firstKey)).toEqual({ ok: true, codes: [] });
      expect(await verdictOf(file)).toEqual({ ok: true, codes: [] });
    }
  });

  test("verifies elsewhere, from the first public key and the receipts alone", async () => {
    const elsewhere = lastingFolder();
    const [, second, third] = await listed();
    const receipts = [second, third].flatMap((key) => ["--key-receipt", keys(`${key?.keyid}.tlog-proof`)]);
    for (const [at, file] of sealed.entries()) {
      const copy = path.join(elsewhere, path.basename(file));
      cpSync(file, copy);
      expect(await verdictOf(copy, "--key", firstKey, ...receipts)).toEqual({ ok: true, codes: [] });
      const alone = await verdictOf(copy, "--key", firstKey);
      expect(alone).toEqual(at === 0 ? { ok: true, codes: [] } : { ok: false, codes: ["KEY_UNKNOWN"] });
    }
  });

  test("has every seal in its log, which goes on from a checkpoint of the first key", async () => {
    for (const file of sealed) expect(await qoc(place, "log", "verify", file)).toMatchObject({ code: 0 });
    const last = await qoc(place, "log", "verify", sealed[2] ?? "", "--since", firstCheckpoint, "--json");
    expect(JSON.parse(last.stdout)).toMatchObject({ ok: true, level: "E4" });
  });

  test("exports a pack of what an earlier key sealed, which strangers can check", async () => {
    const out = path.join(lastingFolder(), "pack.json");
    const [, second, third] = await listed();
    const receipts = [second, third].flatMap((key) => ["--key-receipt", keys(`${key?.keyid}.tlog-proof`)]);
    expect(await qoc(place, "envelope", "export", "--public", sealed[0] ?? "", "--out", out)).toMatchObject({
      code: 0,
    });
    expect(await verdictOf(out, "--key", firstKey, ...receipts)).toEqual({ ok: true, codes: [] });
  });
});

describe("what is not authorised", () => {
  test("is unknown: the new key's receipt is gone", async () => {
    const copy = lastingFolder();
    for (const folder of ["keys", "evidence"])
      cpSync(path.join(dir, ".qoc", folder), path.join(copy, folder), { recursive: true });
    const [, , third] = await listed();
    rmSync(path.join(copy, "keys", `${third?.keyid}.tlog-proof`));
    const [first = "", second = "", last = ""] = sealed.map((file) => path.join(copy, "evidence", path.basename(file)));
    for (const trust of [[], ["--key", firstKey]]) {
      // The receipt of its leaf is by the same key.
      expect(await verdictOf(last, ...trust)).toEqual({ ok: false, codes: ["KEY_UNKNOWN", "LOG_PROOF_INVALID"] });
      for (const file of [first, second]) expect(await verdictOf(file, ...trust)).toEqual({ ok: true, codes: [] });
    }
  });

  test("is refused: a key leaf by another key, in a log of its own", async () => {
    const pem = String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
    const forger = signerOf(pem);
    const [first] = await listed();
    const leaf = leafBytes({
      ...writeKeyLeaf({ origin: ORIGIN, old: forger, next: forger }),
      prev: first?.keyid ?? "",
    });
    const note = noteSignerOf(`${ORIGIN}/log`, generateKeyPairSync("ed25519").privateKey);
    const root = leafHash(leaf);
    const checkpoint = signNote(writeCheckpoint({ origin: `${ORIGIN}/log`, size: 1, root }), [note]);
    const forged = path.join(lastingFolder(), "forged.tlog-proof");
    writeFileSync(forged, writeProof({ index: 0, hashes: [], checkpoint, extra: leaf }));
    const { ok, codes } = await verdictOf(sealed[1] ?? "", "--key", firstKey, "--key-receipt", forged);
    expect(ok).toBe(false);
    expect(codes).toEqual(expect.arrayContaining(["KEY_UNAUTHORISED", "KEY_UNKNOWN"]));
  });

  test("does not start: the first key pair, put back", async () => {
    const copy = lastingFolder();
    cpSync(keys(), copy, { recursive: true });
    cpSync(firstKey, keys("evidence.pub"));
    const { code, stderr } = await qoc(place, "up", "--ingress", "127.0.0.1:0", "--console", "off");
    cpSync(path.join(copy, "evidence.pub"), keys("evidence.pub"));
    expect([code, stderr]).toEqual([65, expect.stringContaining("KEYS_REFUSED")]);
  });
});

const moments: readonly (readonly [when: string, count: () => number])[] = [
  ["when the new key is on the disk", () => readdirSync(keys()).filter((name) => name === "next.key").length],
  ["when its leaf is in the log", () => statSync(path.join(dir, ".qoc", "log-state", "leaves")).size],
  ["when its receipt is there", () => readdirSync(keys()).filter((name) => name.endsWith(".tlog-proof")).length],
  ["when the old key has retired", () => readdirSync(keys("retired")).filter((name) => name.endsWith(".pub")).length],
];

test.each(moments)(
  "a rotation that is killed %s leaves a desk that starts and is believed",
  async (when, count) => {
    const before = count();
    const child = startProcess(process.execPath, [QOC, "keys", "rotate"], place);
    let isOver = false;
    void child.ended.then(() => (isOver = true));
    while (count() === before && !isOver) await turn();
    await kill(child);
    const [file = ""] = await live([when.replaceAll(" ", "-"), when]);
    for (const each of [file, ...sealed, amendment])
      expect(await verdictOf(each, "--key", firstKey)).toEqual({ ok: true, codes: [] });
    expect(readdirSync(keys()).filter((name) => /next|tmp/.test(name))).toEqual([]);
  },
  60_000,
);
