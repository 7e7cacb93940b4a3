/** That nothing was left out: what a desk's log says was received, against what the desk has; and what lies beside each envelope. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openStore } from "../../src/adapters/store-lmdb.ts";
import { amendmentIdOf } from "../../src/evidence/amendment.ts";
import { envelopeNamed } from "../../src/evidence/file-names.ts";
import { readLeaf } from "../../src/evidence/log/leaf.ts";
import { readProof } from "../../src/evidence/log/proof.ts";
import { verify } from "../../src/evidence/verify.ts";
import { quiet } from "../support/control.ts";
import { kill, qoc, stop, up, type Daemon, type Place } from "../support/daemon.ts";
import { deskFolder, webhookToml } from "../support/desk-folder.ts";
import { post } from "../support/sender.ts";

const NAME = "audited-desk";
const RUNS = 60;
let dir: string;
let place: Place;

const evidence = (): string => path.join(dir, ".qoc", "evidence");
const sealedIds = (): readonly string[] => readdirSync(evidence()).flatMap((name) => envelopeNamed(name) ?? []);
const send = (ingress: string, id: string, body = id) =>
  post(ingress, NAME, { webhook: "by-id", delivery_id: id, body });

async function audit(): Promise<Record<string, unknown>> {
  const { code, stdout } = await qoc(place, "log", "audit", "--output", "json");
  return { code, ...JSON.parse(stdout) };
}

/** Receipts are written behind everything else: soon, not at once. Gives the ids that have none even so. */
async function withoutReceipts(): Promise<readonly string[]> {
  const without = (): readonly string[] =>
    sealedIds().filter((id) => !existsSync(path.join(evidence(), `${id}.tlog-proof`)));
  for (let look = 0; look < 100 && without().length > 0; look += 1) await new Promise((go) => setTimeout(go, 100));
  return without();
}

beforeAll(async () => {
  dir = deskFolder(NAME, { toml: webhookToml("by-id", 'dedupe = "id+body"') });
  place = { cwd: dir };
});

describe("a desk that is killed twice under load", () => {
  let daemon: Daemon;

  test(
    "has nothing left out while it works, nor after it died, nor when it has caught up",
    { timeout: 60_000 },
    async () => {
      const sent = async (from: number, count: number): Promise<void> => {
        await Promise.all(Array.from({ length: count }, (_, n) => send(daemon.ingress, `D-${from + n}`)));
      };
      daemon = await up([dir]);
      await sent(0, RUNS / 3);
      expect(await audit()).toMatchObject({ code: 0, ok: true });
      await sent(RUNS / 3, RUNS / 3);
      await kill(daemon);
      expect(await audit()).toMatchObject({ code: 0, findings: [] });
      daemon = await up([dir]);
      await sent((2 * RUNS) / 3, RUNS / 3);
      await kill(daemon);
      daemon = await up([dir]);
      await send(daemon.ingress, "D-0", "other bytes");
      await quiet(dir);
      expect(await audit()).toMatchObject({ code: 0, received: RUNS, sealed: RUNS, open: 0, erased: 0, amendments: 1 });
    },
  );

  test(
    "has a receipt beside each envelope and amendment, with which the library gives E3",
    { timeout: 30_000 },
    async () => {
      expect(await withoutReceipts()).toEqual([]);
      const key = readFileSync(path.join(dir, ".qoc", "keys", "evidence.pub"), "utf8");
      for (const id of sealedIds()) {
        const bytes = readFileSync(path.join(evidence(), `${id}.json`));
        const receipt = readFileSync(path.join(evidence(), `${id}.tlog-proof`), "utf8");
        expect(verify(bytes, { keys: [key], receipt })).toMatchObject({ ok: true, level: "E3" });
      }
    },
  );

  test("lists an envelope with its amendment, and finds both in the log", async () => {
    const base = sealedIds().find((id) => sealedIds().includes(amendmentIdOf(id, 1))) ?? "";
    const file = path.join(evidence(), `${base}.json`);
    const { stdout } = await qoc(place, "envelope", "show", file, "--list", "--output", "json");
    const { items } = JSON.parse(stdout);
    expect(items).toMatchObject([
      { ordinal: 0, evidence_id: base },
      {
        ordinal: 1,
        evidence_id: amendmentIdOf(base, 1),
        adds: { observations: expect.arrayContaining(["conflict_received"]) },
      },
    ]);
    const proof = readProof(readFileSync(path.join(evidence(), `${amendmentIdOf(base, 1)}.tlog-proof`), "utf8"));
    expect([proof?.index, readLeaf(proof?.extra ?? new Uint8Array())]).toEqual([
      items[1].index,
      { kind: "amendment", seal: items[1].seal_hash, of: items[0].index },
    ]);
    const list = JSON.parse((await qoc(place, "envelope", "list", "-n", "100", "--output", "json")).stdout);
    expect(list.items.filter(({ amendments }: { amendments: number }) => amendments > 0)).toMatchObject([
      { evidence_id: base, amendments: 1 },
    ]);
  });

  test("has the receipts again that somebody took away, after its next start", { timeout: 30_000 }, async () => {
    await stop(daemon);
    for (const name of readdirSync(evidence())) if (name.endsWith(".tlog-proof")) rmSync(path.join(evidence(), name));
    const again = await up([dir]);
    expect(await withoutReceipts()).toEqual([]);
    await stop(again);
  });
});

describe("a desk from which somebody takes a run away", () => {
  test("names the envelope that is not there, and where its seal is logged", async () => {
    const [id = ""] = sealedIds().filter((each) => !sealedIds().includes(amendmentIdOf(each, 1)));
    const file = path.join(evidence(), `${id}.json`);
    const { integrity } = JSON.parse(readFileSync(file, "utf8"));
    renameSync(file, `${file}.away`);
    const found = await audit();
    renameSync(`${file}.away`, file);
    expect(found).toMatchObject({ code: 1, ok: false, left_out: 1 });
    expect(found["findings"]).toMatchObject([
      { code: "LEFT_OUT", run: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      { code: "ENVELOPE_MISSING", about: integrity.seal_hash },
    ]);
  });

  test("names the delivery by its leaf when the store does not know it either", async () => {
    const store = path.join(dir, ".qoc", "store");
    renameSync(store, `${store}-away`);
    await (await openStore(store)).close();
    const [id = ""] = sealedIds().filter((each) => !sealedIds().includes(amendmentIdOf(each, 1)));
    const file = path.join(evidence(), `${id}.json`);
    renameSync(file, `${file}.away`);
    const { code, stdout } = await qoc(place, "log", "audit");
    renameSync(`${file}.away`, file);
    rmSync(store, { recursive: true });
    renameSync(`${store}-away`, store);
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/LEFT_OUT +leaf \d+ +[0-9a-f]{64} +A delivery was accepted/),
    ]);
    expect(stdout).toContain(`received ${RUNS} = sealed ${RUNS - 1} + open 0 + erased 0 + left out 1`);
  });
});
