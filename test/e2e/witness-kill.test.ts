/** A witness is killed over and over while two histories of one log ask it: what got out is of one history that only grows. */
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { writeAddCheckpoint } from "../../src/evidence/log/add-checkpoint.ts";
import { openNote, readVkey } from "../../src/evidence/log/note.ts";
import { kill, lastingFolder, qoc, QOC, startProcess } from "../support/daemon.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { historyOf, logSigner } from "../unit/witness/witness-support.ts";

const KILLS = 8;
const FORKED_AT = 4;
const histories = ["one", "two"].map((name) => historyOf(name, FORKED_AT, 2_000));
const here = { cwd: "/" };

test("kill -9 leaves it no way to cosign a second history", async () => {
  const random = seededRandom(7);
  const folder = path.join(lastingFolder(), "witness");
  const { stdout: vkey } = await qoc(here, "witness", "init", folder, "--name", "witness.example/w1");
  expect(await qoc(here, "witness", "add", folder, logSigner.vkey)).toMatchObject({ code: 0 });
  const verifiers = [vkey.trim()].flatMap((text) => readVkey(text) ?? []);
  /** Sizes and roots in the order of their requests; one request is answered before the next is made. */
  const cosigned: { readonly size: number; readonly root: string }[] = [];
  let [known, refused, lost] = [0, 0, 0];

  async function askOnce(url: string, which: number): Promise<void> {
    const history = histories[which % 2];
    if (history === undefined) throw new Error("there are two");
    const size = known + 1;
    const note = history.note(size);
    const body = writeAddCheckpoint({ old: known, proof: history.proof(known, size), note });
    const response = await fetch(`${url}/add-checkpoint`, { method: "POST", body }).catch(() => undefined);
    const text = await response?.text().catch(() => undefined);
    if (response === undefined || text === undefined) {
      lost += 1;
      return;
    }
    if (response.status === 409 && response.headers.get("content-type") === "text/x.tlog.size") known = Number(text);
    if (response.status === 409 || response.status === 422) refused += 1;
    if (response.status !== 200) return;
    expect(openNote(`${note.slice(0, note.lastIndexOf("\n\n") + 2)}${text}`, verifiers).kind).toBe("note");
    known = size;
    cosigned.push({ size, root: Buffer.from(history.root(size)).toString("hex") });
  }

  for (let life = 0; life < KILLS; life += 1) {
    const living = startProcess(process.execPath, [QOC, "witness", "serve", folder, "--listen", "127.0.0.1:0"], here);
    await living.says("ready\n");
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(living.stdout())?.[0] ?? "";
    // One history first; then both. The last request of each life is killed, at once or while it is worked on.
    const which = (): number => (life === 0 ? 0 : random.between(0, 1));
    for (let left = random.between(6, 20); left > 0; left -= 1) await askOnce(url, which());
    const last = askOnce(url, which());
    if (life % 2 === 1) await pause(random.between(1, 6));
    await kill(living);
    await last;
  }
  const [one] = histories;
  const strange = cosigned.filter(({ size, root }) => Buffer.from(one?.root(size) ?? []).toString("hex") !== root);
  const sizes = cosigned.map(({ size }) => size);
  expect(strange).toEqual([]);
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  expect([sizes.length > 20, refused > 5, lost > 0]).toEqual([true, true, true]);
}, 60_000);
