import { describe, expect, test } from "vitest";
import { readAddCheckpoint } from "../../../src/evidence/log/add-checkpoint.ts";
import { openNote, signerOf, signNote } from "../../../src/evidence/log/note.ts";
import { keyOf } from "../evidence/log/note-vectors.ts";
import { logMemoryDisk } from "../adapters/log-memory-disk.ts";
import {
  cosignedIn,
  FOLDER,
  historyOf,
  LOG,
  logSigner,
  verifierOf,
  WITNESS,
  witnessOn,
  witnessVerifier,
} from "./witness-support.ts";

const honest = historyOf("honest", 40, 40);
const other = historyOf("other", 5, 40);

/** A witness that has cosigned the first `size` leaves of the honest history. */
async function witnessAt(size: number) {
  const disk = logMemoryDisk();
  const witness = witnessOn(disk);
  await witness.memory.begin(LOG);
  const { status } = size === 0 ? { status: 200 } : await witness.ask(honest.request(0, size));
  expect(status).toBe(200);
  return { ...witness, disk };
}
const lines = (...all: readonly string[]): Buffer => Buffer.from(all.join("\n"));

describe("a witness cosigns", () => {
  test("the first checkpoint that it sees, whatever its size", async () => {
    const { ask } = await witnessAt(0);
    const request = honest.request(0, 7);
    const { status, type, body } = await ask(request);
    expect([status, type]).toEqual([200, "text/plain; charset=utf-8"]);
    expect(body).toMatch(/^\u2014 witness\.example\/w1 [A-Za-z0-9+/]+=*\n$/);
    expect(cosignedIn(request, body)).toMatchObject({ origin: LOG, size: 7 });
    expect(openNote(`${honest.note(7)}${body}`, [verifierOf(logSigner.vkey), witnessVerifier])).toMatchObject({
      by: [LOG, WITNESS],
    });
  });

  test("the empty tree, and what follows it", async () => {
    const { ask } = await witnessAt(0);
    expect([(await ask(honest.request(0, 0))).status, (await ask(honest.request(0, 3))).status]).toEqual([200, 200]);
  });

  test("every size after every smaller one", async () => {
    const { ask } = await witnessAt(1);
    for (let size = 2; size <= 20; size += 1) expect((await ask(honest.request(size - 1, size))).status).toBe(200);
  });

  test("the same checkpoint again: an answer may have been lost", async () => {
    const { ask } = await witnessAt(9);
    expect((await ask(honest.request(9, 9))).status).toBe(200);
  });

  test("under a second key of the log, and a note with signatures of strangers", async () => {
    const { ask } = await witnessAt(4);
    const text = honest.note(8).split("\n\n")[0] ?? "";
    const note = signNote(`${text}\n`, [signerOf("stranger", keyOf(23)), signerOf(LOG, keyOf(24)), logSigner]);
    const request = honest.request(4, 8).toString().replace(honest.note(8), note);
    expect((await ask(Buffer.from(request))).status).toBe(200);
  });

  test("an extension line along with the rest", async () => {
    const { ask } = await witnessAt(0);
    const note = signNote(`${honest.note(2).split("\n\n")[0] ?? ""}\nextension\n`, [logSigner]);
    const request = Buffer.from(`old 0\n\n${note}`);
    const { status, body } = await ask(request);
    expect([status, cosignedIn(request, body)?.size]).toEqual([200, 2]);
  });
});

describe("a witness refuses", () => {
  test.each([
    ["nothing", ""],
    ["no old size", lines("", honest.note(3))],
    ["an old size with a leading zero", lines("old 03", "", honest.note(3))],
    ["an old size with a sign", lines("old +3", "", honest.note(3))],
    ["an old size beyond 2^53 - 1", lines("old 9007199254740992", "", honest.note(3))],
    ["a carriage return", lines("old 0\r", "", honest.note(3))],
    ["a hash that is short", lines("old 0", "AAAA", "", honest.note(3))],
    ["a hash with bits too many", lines("old 0", `${"A".repeat(42)}B=`, "", honest.note(3))],
    ["64 hashes", lines("old 0", ...Array.from({ length: 64 }, () => `${"A".repeat(43)}=`), "", honest.note(3))],
    ["bytes that are no UTF-8", Buffer.concat([lines("old 0", "", honest.note(3)), Buffer.of(0xff)])],
    [
      "more bytes than a request may have",
      Buffer.concat([lines("old 0", "", honest.note(3)), Buffer.alloc(300_000, 10)]),
    ],
  ])("with 400: %s", async (_, body) => {
    expect(await (await witnessAt(0)).ask(Buffer.from(body))).toMatchObject({ status: 400 });
  });

  test("with 404 a log that it does not know, whoever signed, and looks for no file of that name", async () => {
    const { ask, disk } = await witnessAt(0);
    const [before, names] = [disk.steps(), [...disk.files().keys()]];
    for (const origin of ["localhost/other/log", "../../../etc/passwd", "x".repeat(10_000), ""]) {
      const note = honest.note(3).replaceAll(LOG, origin);
      expect(await ask(Buffer.from(`old 0\n\n${note}`))).toMatchObject({ status: 404 });
    }
    expect([disk.steps(), [...disk.files().keys()]]).toEqual([before, names]);
  });

  test.each([
    ["another key of the same name", historyOf("honest", 40, 40, keyOf(23)).note(3)],
    [
      "a changed root",
      honest
        .note(3)
        .replace(Buffer.from(honest.root(3)).toString("base64"), Buffer.from(honest.root(4)).toString("base64")),
    ],
    ["a changed size", honest.note(3).replace("\n3\n", "\n4\n")],
    ["no signature", `${honest.note(3).split("\n\n")[0] ?? ""}\n\n`],
  ])("with 403 a checkpoint signed by %s", async (_, note) => {
    expect(await (await witnessAt(0)).ask(Buffer.from(`old 0\n\n${note}`))).toMatchObject({ status: 403 });
  });

  test("with 400 an old size beyond the checkpoint's", async () => {
    const { ask } = await witnessAt(9);
    const answer = await ask(Buffer.from(`old 9\n\n${honest.note(8)}`));
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining("OLD_SIZE_BEYOND") });
  });

  test("with 409 and its own size a request that begins elsewhere, before and behind", async () => {
    const { ask } = await witnessAt(9);
    for (const old of [0, 8, 10])
      expect(await ask(honest.request(old, 12))).toEqual({ status: 409, type: "text/x.tlog.size", body: "9\n" });
  });

  test("with 409 another root for the size that it cosigned, and keeps the proof of it", async () => {
    const { ask, disk, complaints } = await witnessAt(9);
    expect(await ask(other.request(9, 9))).toMatchObject({ status: 409, type: "text/plain; charset=utf-8" });
    expect(complaints).toEqual([expect.stringContaining("size 9")]);
    const kept = [...disk.files()].filter(([path]) => path.startsWith(`${FOLDER}/contradictions/`));
    expect(kept.map(([, bytes]) => bytes.toString())).toEqual([other.note(9)]);
  });

  test("and complains once of what is sent again and again, until the log has gone on", async () => {
    const { ask, complaints } = await witnessAt(9);
    for (let round = 0; round < 5; round += 1) {
      for (const size of [12, 13, 14]) await ask(other.request(9, size));
      await ask(honest.request(9, 9));
    }
    expect(complaints).toEqual([expect.stringContaining("size 12")]);
    await ask(other.request(9, 9));
    await ask(other.request(9, 9));
    expect(complaints).toEqual([expect.stringContaining("size 12"), expect.stringContaining("size 9")]);
    await ask(honest.request(9, 10));
    await ask(other.request(10, 12));
    expect(complaints).toHaveLength(3);
  });

  test("with 422 a tree that does not continue the one that it cosigned, and a proof of another pair", async () => {
    const { ask } = await witnessAt(9);
    const { proof = [] } = readAddCheckpoint(honest.request(9, 12)) ?? {};
    expect((await ask(other.request(9, 12))).status).toBe(422);
    expect(
      (await ask(Buffer.from(honest.request(9, 12).toString().replace(honest.note(12), other.note(12))))).status,
    ).toBe(422);
    expect(
      (await ask(Buffer.from(honest.request(9, 12).toString().replace(honest.note(12), honest.note(13))))).status,
    ).toBe(422);
    for (const hash of proof) {
      const without = honest
        .request(9, 12)
        .toString()
        .replace(`${Buffer.from(hash).toString("base64")}\n`, "");
      expect((await ask(Buffer.from(without))).status).toBe(422);
    }
    expect((await ask(honest.request(9, 12))).status).toBe(200);
  });

  test("with 422 a proof where none belongs", async () => {
    const stray = `${Buffer.alloc(32).toString("base64")}\n`;
    const first = await witnessAt(0);
    expect((await first.ask(Buffer.from(`old 0\n${stray}\n${honest.note(3)}`))).status).toBe(422);
    const again = await witnessAt(3);
    expect((await again.ask(Buffer.from(`old 3\n${stray}\n${honest.note(3)}`))).status).toBe(422);
  });
});

describe("what was cosigned", () => {
  test("is remembered by the next process", async () => {
    const { disk } = await witnessAt(9);
    const { ask } = witnessOn(disk.after("kill"));
    expect(await ask(honest.request(0, 12))).toMatchObject({ status: 409, body: "9\n" });
  });

  test("is not forgotten when the log is added again", async () => {
    const { ask, memory } = await witnessAt(9);
    await memory.begin(LOG);
    expect(await ask(honest.request(0, 12))).toMatchObject({ status: 409, body: "9\n" });
  });

  const stateOf = (disk: ReturnType<typeof logMemoryDisk>): string =>
    [...disk.files().keys()].find((path) => path.includes("/cosigned/")) ?? "";

  test.each([
    ["missing", (disk: ReturnType<typeof logMemoryDisk>) => disk.drop(stateOf(disk))],
    ["empty", (disk: ReturnType<typeof logMemoryDisk>) => disk.put(stateOf(disk), Buffer.alloc(0))],
    [
      "torn",
      (disk: ReturnType<typeof logMemoryDisk>) =>
        disk.put(stateOf(disk), (disk.files().get(stateOf(disk)) ?? Buffer.alloc(0)).subarray(0, 150)),
    ],
    [
      "altered",
      (disk: ReturnType<typeof logMemoryDisk>) =>
        disk.put(
          stateOf(disk),
          Buffer.from((disk.files().get(stateOf(disk)) ?? "").toString().replace("\n9\n", "\n8\n")),
        ),
    ],
  ])("keeps the witness from cosigning anything when it is %s", async (_, damage) => {
    const { ask, disk, complaints } = await witnessAt(9);
    damage(disk);
    expect(await ask(honest.request(9, 12))).toMatchObject({ status: 500 });
    expect(await ask(honest.request(0, 12))).toMatchObject({ status: 500 });
    expect(complaints[0]).toContain(LOG);
  });

  test("no byte of its file can change unseen", async () => {
    const { ask, disk } = await witnessAt(9);
    const whole = disk.files().get(stateOf(disk)) ?? Buffer.alloc(0);
    expect(whole.length).toBeGreaterThan(200);
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      disk.put(stateOf(disk), changed);
      expect((await ask(honest.request(9, 9))).status).toBe(500);
    }
  });
});

describe("requests for one log", () => {
  test("never interleave: of many that go on from one size, one is cosigned", async () => {
    const { ask } = await witnessAt(5);
    const sizes = Array.from({ length: 20 }, (_, n) => 6 + n);
    const answers = await Promise.all(sizes.map((size) => ask((size % 2 === 0 ? honest : other).request(5, size))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
  });

  test("beyond a bound are told to come again", async () => {
    const { ask } = await witnessAt(5);
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(honest.request(5, 6))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409, 503]));
    expect((await ask(honest.request(6, 7))).status).toBe(200);
  });
});
