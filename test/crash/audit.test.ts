/** The audit that the crash tests end with finds what it is for: each kind of damage, done to a copy of a sound desk. */
import { chmodSync, copyFileSync, cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { amendmentIdOf } from "../../src/evidence/amendment.ts";
import { quiet } from "../support/control.ts";
import { stop, lastingFolder, up } from "../support/daemon.ts";
import { audit } from "../support/desk-audit.ts";
import { deskFolder, webhookToml } from "../support/desk-folder.ts";
import { createLedger, type Sent } from "../support/ledger.ts";
import { readStoppedDesk } from "../support/stopped-desk.ts";

const NAME = "audited";
const delivery = { webhook: "by-id", delivery_id: "one", body: '{"event":"first"}' };
const conflict = { ...delivery, body: '{"event":"other bytes"}' };

/** What lies in a desk with one run, its one amendment with its notice, and nothing else. */
type Places = {
  readonly dir: string;
  readonly item: string;
  readonly notice: string;
  readonly envelope: string;
  readonly amendment: string;
};

function placesIn(dir: string): Places {
  const evidence = path.join(dir, ".qoc", "evidence");
  const files = readdirSync(evidence).filter((file) => file !== "log");
  const names = files.map((file) => path.basename(file, ".json"));
  const base = names.find((name) => names.includes(amendmentIdOf(name, 1))) ?? "none";
  const pages = readdirSync(path.join(dir, "inbox")).filter((name) => name.endsWith(".md"));
  const page = (isNotice: boolean): string =>
    path.join(dir, "inbox", pages.find((name) => name.includes("-notice-") === isNotice) ?? "none");
  return {
    dir,
    item: page(false),
    notice: page(true),
    envelope: path.join(evidence, `${base}.json`),
    amendment: path.join(evidence, `${amendmentIdOf(base, 1)}.json`),
  };
}

const LOG = path.join(".qoc", "evidence", "log");

describe("an audit", () => {
  const ledger = createLedger();
  let sound: string;
  const older = path.join(lastingFolder(), "older-log");

  beforeAll(async () => {
    sound = deskFolder(NAME, { toml: webhookToml("by-id", 'dedupe = "id+body"') });
    const daemon = await up([sound]);
    const world = { desk: NAME, ingress: () => daemon.ingress, pauseMs: () => 1 };
    await ledger.send(world, delivery, "original");
    await quiet(sound);
    cpSync(path.join(sound, LOG), older, { recursive: true });
    await ledger.send(world, delivery, "original");
    await ledger.send(world, conflict, "conflict");
    await quiet(sound);
    await stop(daemon);
  });

  async function findings(dir: string, sent: readonly Sent[]): Promise<readonly string[]> {
    const desk = await readStoppedDesk(dir, NAME, ["by-id"]);
    try {
      return audit(desk, sent);
    } finally {
      await desk.store.close();
    }
  }

  test("finds nothing in a sound desk", async () => {
    expect(await findings(sound, ledger.sent())).toEqual([]);
  });

  test.each<[string, RegExp, (places: Places) => void]>([
    ["a lost inbox item", /has 0 inbox items/, ({ item }) => rmSync(item)],
    ["a doubled inbox item", /has 2 inbox items/, ({ item }) => copyFileSync(item, `${item}-2.md`)],
    ["a lost notice", /notice 1 of .* has 0 pages/, ({ notice }) => rmSync(notice)],
    ["a doubled notice", /notice 1 of .* has 2 pages/, ({ notice }) => copyFileSync(notice, `${notice}-2.md`)],
    [
      "a notice of nothing",
      /is a notice of nothing/,
      ({ notice }) => overwrite(notice, (text) => text.replace("notice: 1", "notice: 2")),
    ],
    ["a lost envelope", /has no envelope/, ({ envelope }) => rmSync(envelope)],
    ["a half-written envelope", /does not verify/, ({ envelope }) => overwrite(envelope, (text) => text.slice(0, -1))],
    [
      "a changed envelope",
      /does not verify/,
      ({ envelope }) => overwrite(envelope, (text) => text.replace("completed", "cancelled")),
    ],
    ["a lost amendment", /amendment 1 of .* is missing/, ({ amendment }) => rmSync(amendment)],
    [
      "evidence of nothing",
      /is evidence of no run/,
      ({ dir, envelope }) => copyFileSync(envelope, path.join(dir, ".qoc/evidence/more.json")),
    ],
    [
      "a seal that is not logged",
      /is not logged/,
      ({ dir }) => {
        rmSync(path.join(dir, LOG), { recursive: true });
        cpSync(older, path.join(dir, LOG), { recursive: true });
      },
    ],
    ["a temporary", /was left behind/, ({ item }) => writeFileSync(path.join(path.dirname(item), ".tmp-0"), "")],
  ])("finds %s", async (_, says, damage) => {
    const dir = path.join(lastingFolder(), NAME);
    cpSync(sound, dir, { recursive: true });
    damage(placesIn(dir));
    expect((await findings(dir, ledger.sent())).join("\n")).toMatch(says);
  });

  test.each<[string, RegExp, (sent: Sent) => Sent]>([
    [
      "an acknowledged run that is not there",
      /was acknowledged and is not there/,
      (sent) => ({ ...sent, taken: [{ run: "lost", duplicate: false }] }),
    ],
    [
      "one delivery with two runs",
      /was told of 2 runs/,
      (sent) => ({ ...sent, taken: [...sent.taken, { run: "second", duplicate: false }] }),
    ],
    [
      "an uncounted redelivery",
      /not 2 to 2/,
      (sent) => ({ ...sent, taken: [...sent.taken, ...sent.taken.slice(1)], attempts: 3 }),
    ],
  ])("finds %s", async (_, says, told) => {
    const sent = ledger.sent().map((each) => (each.relation === "original" ? told(each) : each));
    expect((await findings(sound, sent)).join("\n")).toMatch(says);
  });
});

function overwrite(file: string, change: (text: string) => string): void {
  chmodSync(file, 0o644);
  writeFileSync(file, change(readFileSync(file, "utf8")));
}
