/** Each kind of damage, done to a copy of a sound desk, is named by its code. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeStored, encodeRecord, encodeStored } from "../../../src/adapters/store-lmdb-codec.ts";
import { openTables, type Table, type Tables } from "../../../src/adapters/store-lmdb-env.ts";
import { addressKey, hitKey, number8, rowPrefix } from "../../../src/adapters/store-lmdb-keys.ts";
import { deliveryAddress, effectIdOf, runIdOf } from "../../../src/core/ids.ts";
import type { ActorRecord } from "../../../src/engine/ports.ts";
import { withInboxStatus } from "../../../src/desk/inbox-page.ts";
import { fsck } from "../../../src/fsck/fsck.ts";
import { fsckCodes, type FsckCode } from "../../../src/fsck/findings.ts";
import { liveThrough, WORKSPACE } from "../../support/lived-desk.ts";

/** Paths below `.qoc`. */
type Desk = { readonly path: (...names: readonly string[]) => string; readonly inbox: string };
type Damage = readonly [what: string, codes: readonly FsckCode[], damage: (desk: Desk) => void | Promise<void>];

const root = mkdtempSync(join(tmpdir(), "qoc-test-"));
const sound = join(root, "desk");
let copied = 0;

beforeAll(async () => {
  mkdirSync(sound);
  await liveThrough(sound);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function codesAfter(damage: Damage[2]): Promise<readonly string[]> {
  const dir = join(root, String((copied += 1)));
  cpSync(sound, dir, { recursive: true });
  await damage({ path: (...names) => join(dir, ".qoc", ...names), inbox: join(dir, "inbox") });
  const { counts, errors } = await fsck({ dir, workspace: WORKSPACE });
  const codes = counts.map(({ code }) => code);
  expect(errors > 0).toBe(codes.some((code) => fsckCodes[code][0] === "error"));
  return codes;
}

test("a copy of the desk is sound", async () => expect(await codesAfter(() => undefined)).toEqual([]));

test("so is one without the private key, whose signatures are verified instead of made again", async () => {
  const without = (desk: Desk): void => rmSync(desk.path("keys", "evidence.key"));
  expect(await codesAfter(without)).toEqual([]);
  const damaged = (desk: Desk): void => {
    without(desk);
    change(envelope(desk), withAnotherSignature);
  };
  expect(await codesAfter(damaged)).toEqual(["ENVELOPE_SIGNATURE_INVALID"]);
});

function change(file: string, by: (bytes: Buffer) => Buffer): void {
  const bytes = by(readFileSync(file));
  chmodSync(file, 0o644);
  writeFileSync(file, bytes);
}

/** Turns one bit of the byte in the middle. */
const flip = (file: string): void =>
  change(file, (bytes) => {
    const at = bytes.length >> 1;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  });

const filesIn = (folder: string, form: RegExp): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => form.test(name))
    .toSorted()
    .map((name) => join(folder, name));
const firstIn = (folder: string, form: RegExp): string => filesIn(folder, form)[0] ?? "none";
const ENVELOPE = /^[0-9a-f-]{36}\.json$/;
const isAmendment = (file: string): boolean => readFileSync(file, "latin1").includes('"kind":"amendment"');
const documentsIn = (desk: Desk, amendments: boolean): readonly string[] =>
  filesIn(desk.path("evidence"), ENVELOPE).filter((file) => isAmendment(file) === amendments);
const envelope = (desk: Desk): string => documentsIn(desk, false)[0] ?? "none";
const amendment = (desk: Desk): string => documentsIn(desk, true)[0] ?? "none";
const log = (desk: Desk): string => desk.path("evidence", "log");
/** The one file of a level that the newest checkpoint needs. */
const widest = (desk: Desk, level: string): string => {
  const partials = join(log(desk), "tile", level, "000.p");
  return join(partials, String(Math.max(...readdirSync(partials).map(Number))));
};

const withAnotherSignature = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString().replace(/"sig":"../, (text) => (text.endsWith("AA") ? '"sig":"BB' : '"sig":"AA')));

describe("damaged files are named:", () => {
  test.each<Damage>([
    ["an envelope with another bit", ["ENVELOPE_CHANGED"], (desk) => flip(envelope(desk))],
    ["an envelope that is gone", ["ENVELOPE_MISSING"], (desk) => rmSync(envelope(desk))],
    ["an amendment with another bit", ["ENVELOPE_CHANGED"], (desk) => flip(amendment(desk))],
    ["an amendment that is gone", ["ENVELOPE_MISSING"], (desk) => rmSync(amendment(desk))],
    [
      "an envelope with another signature",
      ["ENVELOPE_SIGNATURE_INVALID"],
      (desk) => change(envelope(desk), withAnotherSignature),
    ],
    [
      "an envelope of another desk",
      ["ENVELOPE_STRAY"],
      (desk) => cpSync(envelope(desk), desk.path("evidence", "00000000-0000-7000-8000-000000000000.json")),
    ],
    ["a file that is none of ours", ["FILE_UNKNOWN"], (desk) => writeFileSync(desk.path("evidence", "notes.txt"), "")],
    [
      "a receipt with another bit",
      ["RECEIPT_INVALID"],
      (desk) => flip(firstIn(desk.path("evidence"), /\.tlog-proof$/)),
    ],
    [
      "a receipt of which a power cut left the name",
      ["RECEIPT_MISSING"],
      (desk) => writeFileSync(firstIn(desk.path("evidence"), /\.tlog-proof$/), ""),
    ],
    [
      "the marker of a restored backup",
      ["EPOCH_NEEDED"],
      (desk) => writeFileSync(desk.path("log-state", "restored"), "2026-11-22T00:00:00.000Z\n"),
    ],
    ["a receipt that is gone", ["RECEIPT_MISSING"], (desk) => rmSync(firstIn(desk.path("evidence"), /\.tlog-proof$/))],
    [
      "a receipt of another envelope",
      ["RECEIPT_INVALID"],
      (desk) => {
        const [one = "", two = ""] = documentsIn(desk, false).map((file) => file.replace(".json", ".tlog-proof"));
        cpSync(one, two);
      },
    ],
    [
      "a large artifact with another bit",
      ["ARTIFACT_CHANGED"],
      (desk) => flip(firstIn(desk.path("artifacts"), /[0-9a-f]{64}$/)),
    ],
    [
      "a large artifact that is gone",
      ["ARTIFACT_MISSING"],
      (desk) => rmSync(firstIn(desk.path("artifacts"), /[0-9a-f]{64}$/)),
    ],
    [
      "an inbox item that was marked as done is none",
      [],
      (desk) => change(firstIn(desk.inbox, /\.md$/), (bytes) => Buffer.from(withInboxStatus(bytes, "done") ?? [])),
    ],
    ["an inbox item that is gone", ["INBOX_ITEM_GONE"], (desk) => rmSync(firstIn(desk.inbox, /\.md$/))],
    [
      "an inbox item that was edited",
      ["INBOX_ITEM_EDITED"],
      (desk) =>
        change(filesIn(desk.inbox, /\.md$/).find((file) => !file.includes("notice")) ?? "", (bytes) =>
          Buffer.concat([bytes, Buffer.from("done")]),
        ),
    ],
  ])("%s", async (_, codes, damage) => expect(await codesAfter(damage)).toEqual(codes));
});

describe("a damaged log is named:", () => {
  test.each<Damage>([
    ["a tile with another bit", ["LOG_TILE_CHANGED"], (desk) => flip(widest(desk, "0"))],
    ["a tile that is gone", ["LOG_TILE_MISSING"], (desk) => rmSync(widest(desk, "0"))],
    ["entries with another bit", ["LOG_TILE_CHANGED"], (desk) => flip(widest(desk, "entries"))],
    ["entries that are gone", ["LOG_TILE_MISSING"], (desk) => rmSync(widest(desk, "entries"))],
    [
      "a tile of an earlier size with another bit",
      ["LOG_TILE_CHANGED"],
      (desk) => {
        const partial = join(log(desk), "tile", "0", "000.p", "3");
        cpSync(widest(desk, "0"), partial);
        change(partial, (bytes) => bytes.subarray(1, 1 + 3 * 32));
      },
    ],
    [
      "a tile beyond the signed size",
      ["LOG_TILE_STRAY"],
      (desk) => writeFileSync(join(log(desk), "tile", "0", "000.p", "200"), Buffer.alloc(200 * 32)),
    ],
    ["a checkpoint with another bit", ["LOG_CHECKPOINT_INVALID"], (desk) => flip(join(log(desk), "checkpoint"))],
    ["a checkpoint that is gone", ["LOG_MISSING"], (desk) => rmSync(join(log(desk), "checkpoint"))],
    ["a signed checkpoint with another bit", ["LOG_SIGNED_INVALID"], (desk) => flip(desk.path("log-state", "signed"))],
    ["a signed checkpoint that is gone", ["LOG_MISSING"], (desk) => rmSync(desk.path("log-state", "signed"))],
    [
      "a published checkpoint that is behind",
      ["LOG_UNPUBLISHED"],
      (desk) => {
        const [receipt = ""] = filesIn(desk.path("evidence"), /\.tlog-proof$/).map((file) =>
          readFileSync(file, "utf8"),
        );
        writeFileSync(join(log(desk), "checkpoint"), receipt.slice(receipt.indexOf("\n\n") + 2));
      },
    ],
    [
      "leaves with another bit",
      ["LOG_LEAVES_DAMAGED", "LOG_TIP_DIFFERS", "SEAL_NOT_LOGGED"],
      (desk) => flip(desk.path("log-state", "leaves")),
    ],
    [
      "leaves that are torn",
      ["LOG_LEAVES_DAMAGED", "LOG_TIP_DIFFERS"],
      (desk) => change(desk.path("log-state", "leaves"), (bytes) => bytes.subarray(0, bytes.length - 200)),
    ],
  ])("%s", async (_, codes, damage) => expect(await codesAfter(damage)).toEqual(codes));
});

/** Changes rows of the store behind its back. */
async function inStore(desk: Desk, act: (tables: Tables) => void | Promise<void>): Promise<void> {
  const tables = openTables(desk.path("store"));
  await act(tables);
  await tables.root.close();
}
const firstRow = (table: Table): { readonly key: Buffer; readonly value: Buffer } => {
  for (const { key, value } of table.getRange({ limit: 1 }))
    return { key: Buffer.from(key), value: Buffer.from(value) };
  throw new Error("the table is empty");
};
const removeFirst = async (table: Table): Promise<void> => void (await table.remove(firstRow(table).key));

/** Another record in the place of the first one that fits. */
async function changeRecord(
  { actors }: Tables,
  fits: (record: ActorRecord) => boolean,
  by: (record: ActorRecord) => ActorRecord,
  version?: number,
): Promise<void> {
  for (const { key, value } of actors.getRange({})) {
    const { record, positions } = decodeStored(value);
    if (!fits(record)) continue;
    const encoded = encodeRecord(by(record));
    await actors.put(Buffer.from(key), encodeStored(positions, encoded), version ?? encoded.version);
    return;
  }
}
const isSealed = ({ state }: ActorRecord): boolean => state === "sealed";
const isHeld = ({ state }: ActorRecord): boolean => state.startsWith("held");

describe("a damaged store is named:", () => {
  test.each<Damage>([
    [
      "a row of the index that is gone",
      ["INDEX_ROW_MISSING"],
      (desk) => inStore(desk, ({ index }) => removeFirst(index)),
    ],
    [
      "every row of the index that is gone",
      ["INDEX_ROW_MISSING"],
      (desk) => inStore(desk, ({ index }) => index.clearAsync().then(() => undefined)),
    ],
    [
      "a row of the index that leads to nothing",
      ["INDEX_ROW_STRAY"],
      (desk) =>
        inStore(desk, async ({ index }) => {
          const address = deliveryAddress(runIdOf("00000000-0000-8000-8000-000000000000"));
          await index.put(hitKey(rowPrefix({ name: "webhook", key: "a/b" }), { at: 1, address }), Buffer.alloc(0));
        }),
    ],
    [
      "a row of the index that is one too many",
      ["INDEX_ROW_STRAY"],
      (desk) =>
        inStore(desk, async ({ index, actors }) => {
          for (const { value } of actors.getRange({})) {
            const { address, born_at: at, state } = decodeStored(value).record;
            if (state !== "sealed") continue;
            for (const name of ["subject", "dedupe", "body"] as const)
              await index.put(hitKey(rowPrefix({ name, key: "of the test" }), { at, address }), Buffer.alloc(0));
            return;
          }
        }),
    ],
    ["a timer that is not listed", ["TIMER_ROW_MISSING"], (desk) => inStore(desk, ({ due }) => removeFirst(due))],
    [
      "a timer that nobody set",
      ["TIMER_ROW_STRAY"],
      (desk) =>
        inStore(desk, async ({ due }) => {
          const { key, value } = firstRow(due);
          key[key.length - 1] = (key.at(-1) ?? 0) ^ 1;
          await due.put(key, Buffer.from(value.toString().replace(/,\d+\]$/, ",77]")));
        }),
    ],
    [
      "an effect that nobody asked for",
      ["EFFECT_ROW_STRAY"],
      (desk) =>
        inStore(desk, async ({ open, actors }) => {
          const { address } = decodeStored(firstRow(actors).value).record;
          await open.put(Buffer.alloc(28, 1), Buffer.from(JSON.stringify(["sealRun", address, `${address}#1:0`])));
        }),
    ],
    [
      "an actor that is not listed as unfinished",
      ["UNFINISHED_ROW_MISSING"],
      (desk) => inStore(desk, ({ unfinished }) => removeFirst(unfinished)),
    ],
    [
      "an actor that is listed as unfinished",
      ["UNFINISHED_ROW_STRAY"],
      (desk) =>
        inStore(desk, async ({ unfinished, actors }) => {
          const { key, value } = firstRow(actors);
          await unfinished.put(key, addressKey(decodeStored(value).record.address));
        }),
    ],
    ["an address that is not found", ["NAME_ROW_WRONG"], (desk) => inStore(desk, ({ names }) => removeFirst(names))],
    [
      "a record that was changed",
      ["RECORD_CHANGED", "RECORD_DIFFERS"],
      (desk) =>
        inStore(desk, (tables) => changeRecord(tables, isSealed, (record) => ({ ...record, changed_at: 7 }), 12345)),
    ],
    [
      "a record that was changed with care",
      ["RECORD_DIFFERS"],
      (desk) => inStore(desk, (tables) => changeRecord(tables, isSealed, (record) => ({ ...record, changed_at: 7 }))),
    ],
    [
      "a state that was changed with care",
      ["RECORD_DIFFERS"],
      (desk) =>
        inStore(desk, (tables) =>
          changeRecord(tables, isHeld, (record) => ({ ...record, state: "held.for-predecessor" })),
        ),
    ],
    [
      "a pending effect without its row",
      ["RECORD_DIFFERS", "EFFECT_ROW_MISSING"],
      (desk) =>
        inStore(desk, (tables) =>
          changeRecord(tables, isHeld, (record) => ({
            ...record,
            pending: [
              {
                id: effectIdOf(record.address, 0, 0),
                name: "sealRun",
                lane: "sealRun",
                params: {},
                asked_at: 1,
                started: false,
              },
            ],
          })),
        ),
    ],
    [
      "a record that cannot be read",
      ["RECORD_UNREADABLE", "STRAYS_UNJUDGED"],
      (desk) => inStore(desk, async ({ actors }) => void (await actors.put(firstRow(actors).key, Buffer.from("{"), 1))),
    ],
    [
      "an entry that is gone",
      ["JOURNAL_GAP", "STRAYS_UNJUDGED"],
      (desk) => inStore(desk, ({ journal }) => removeFirst(journal)),
    ],
    [
      "an entry that was changed",
      ["JOURNAL_DIFFERS", "STRAYS_UNJUDGED"],
      (desk) =>
        inStore(desk, async ({ journal }) => {
          const { key, value } = firstRow(journal);
          await journal.put(
            key,
            Buffer.from(value.toString().replace('"signature_verified",true', '"signature_verified",false')),
          );
        }),
    ],
    [
      "an artifact that is not found",
      ["ARTIFACT_MISSING"],
      (desk) => inStore(desk, ({ artifacts }) => removeFirst(artifacts)),
    ],
    [
      "an artifact with other bytes",
      ["ARTIFACT_CHANGED"],
      (desk) => inStore(desk, async ({ bytes }) => void (await bytes.put(firstRow(bytes).key, Buffer.from("other")))),
    ],
    [
      "an artifact that nothing names",
      ["ARTIFACT_CHANGED", "ARTIFACT_UNNAMED"],
      (desk) =>
        inStore(desk, async ({ artifacts, bytes }) => {
          await bytes.put(number8(9999), Buffer.from("kept ahead"));
          await artifacts.put(Buffer.alloc(32, 7), number8(9999));
        }),
    ],
  ])("%s", async (_, codes, damage) => expect(await codesAfter(damage)).toEqual(codes));
});
