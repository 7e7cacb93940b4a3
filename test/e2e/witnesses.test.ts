/** Two witnesses as processes watch a real desk: one is killed and comes back, and a desk with two histories is refused. */
import { generateKeyPairSync } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { readCheckpoint } from "../../src/evidence/log/checkpoint.ts";
import { cosignerOf, openNote, readVkey } from "../../src/evidence/log/note.ts";
import { readProof } from "../../src/evidence/log/proof.ts";
import { quiet } from "../support/control.ts";
import {
  type Child,
  type Daemon,
  kill,
  lastingFolder,
  qoc,
  QOC,
  startProcess,
  stop,
  up,
  within,
} from "../support/daemon.ts";
import { deskFolder, webhookToml, writeToml } from "../support/desk-folder.ts";
import { post } from "../support/sender.ts";

const DESK = "watched-desk";
const ORIGIN = `localhost/${DESK}/log`;

type Watching = { readonly folder: string; readonly name: string; readonly vkey: string; port: string; child: Child };

const here = { cwd: "/" };
const serve = (folder: string, port: string): Child =>
  startProcess(process.execPath, [QOC, "witness", "serve", folder, "--listen", `127.0.0.1:${port}`], here);

async function witness(name: string): Promise<Watching> {
  const folder = path.join(lastingFolder(), "witness");
  const made = await qoc(here, "witness", "init", folder, "--name", name);
  expect([made.code, made.stderr]).toEqual([0, ""]);
  const child = serve(folder, "0");
  await child.says("ready\n");
  const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(child.stdout())?.[1] ?? "";
  return { folder, name, vkey: made.stdout.trim(), port, child };
}

/** Lets the witness go and come again at the same place. */
async function serveAgain(watching: Watching): Promise<void> {
  watching.child = serve(watching.folder, watching.port);
  await watching.child.says("ready\n");
}

let dir: string;
let first: Watching;
let second: Watching;
let daemon: Daemon;

const toml = (): string =>
  [
    webhookToml("by-id", 'dedupe = "id+body"'),
    ...[first, second].map(
      ({ port, vkey }) => `[[evidence.witness]]\nurl = "http://127.0.0.1:${port}"\nkey = "${vkey}"\n`,
    ),
  ].join("\n");
const noteOf = (name: string, of = dir): string => {
  const file = path.join(of, ".qoc", "evidence", "log", name);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
};
const sizeOf = (note: string): number => readCheckpoint(note.split("\n\n")[0] + "\n")?.size ?? 0;
const logVkey = (): string => readFileSync(path.join(dir, ".qoc", "keys", "log.vkey"), "utf8").trim();
const keysOf = (...vkeys: readonly string[]) => vkeys.flatMap((vkey) => readVkey(vkey) ?? []);
/** Who signed a note, the log among them. */
function signersOf(note: string): readonly string[] {
  const opened = openNote(note, keysOf(logVkey(), first.vkey, second.vkey));
  return opened.kind === "note" ? opened.by : [];
}
async function until(holds: () => boolean, says: () => string): Promise<void> {
  const look = async (): Promise<void> => {
    while (!holds()) await pause(50);
  };
  await within(look(), () => `did not come about: ${says()}`);
}
const send = (id: string, to = daemon) =>
  post(to.ingress, DESK, { webhook: "by-id", delivery_id: id, body: `"${id}"` });
const doctor = async (of = dir): Promise<string> => (await qoc({ cwd: of }, "doctor")).stdout;
const isWhole = (...names: readonly string[]): boolean =>
  sizeOf(noteOf("witnessed")) === sizeOf(noteOf("checkpoint")) &&
  names.every((name) => signersOf(noteOf("witnessed")).includes(name));

beforeAll(async () => {
  first = await witness("witness.example/first");
  second = await witness("witness.example/second");
  dir = deskFolder(DESK, {});
  writeToml(dir, DESK, toml());
  daemon = await up([dir]);
  for (const { folder, child } of [first, second]) {
    expect(await qoc(here, "witness", "add", folder, logVkey())).toMatchObject({ code: 0 });
    child.signal("SIGHUP");
  }
}, 60_000);

const contradicts = (log: string, name: string): boolean =>
  log.split("\n").some((line) => line.includes("A WITNESS CONTRADICTS THE EVIDENCE LOG") && line.includes(name));

describe("a desk with two witnesses", () => {
  test("has each checkpoint cosigned by both, the log's own signature first", async () => {
    await send("D-1");
    await quiet(dir);
    await until(
      () => isWhole(first.name, second.name),
      () => noteOf("witnessed"),
    );
    expect(signersOf(noteOf("witnessed"))).toEqual([ORIGIN, first.name, second.name]);
    expect(await doctor()).toContain(
      `witness ${first.name}: has cosigned the first ${sizeOf(noteOf("checkpoint"))} leaves`,
    );
  });

  test("gives receipts under the cosigned checkpoint", async () => {
    const { code, stdout } = await qoc({ cwd: dir }, "log", "proof", "@last");
    expect([code, signersOf(readProof(stdout)?.checkpoint ?? "")]).toEqual([0, [ORIGIN, first.name, second.name]]);
    expect(await qoc({ cwd: dir }, "log", "verify", "@last")).toMatchObject({ code: 0 });
    const receipt = path.join(lastingFolder(), "receipt");
    writeFileSync(receipt, stdout);
    const counting = (...more: readonly string[]) =>
      qoc({ cwd: dir }, "envelope", "verify", "@last", "--receipt", receipt, "--json", ...more);
    const both = await counting("--witness", first.vkey, "--witness", second.vkey, "--witnesses-min", "2");
    expect([both.code, JSON.parse(both.stdout)]).toMatchObject([
      0,
      { level: "E3", witnesses: [first.name, second.name] },
    ]);
    const stranger = cosignerOf("witness.example/stranger", generateKeyPairSync("ed25519").privateKey, 0).vkey;
    const missing = await counting("--witness", first.vkey, "--witness", stranger, "--witnesses-min", "2");
    expect([missing.code, JSON.parse(missing.stdout)]).toMatchObject([
      1,
      { codes: ["WITNESSES_MISSING"], witnesses: [first.name] },
    ]);
  });

  test("seals on and has the other cosign while one is killed, and says so", async () => {
    await kill(second.child);
    await send("D-2");
    await quiet(dir);
    await until(
      () => isWhole(first.name),
      () => noteOf("witnessed"),
    );
    expect(signersOf(noteOf("witnessed"))).toEqual([ORIGIN, first.name]);
    const standings = path.join(dir, ".qoc", "log-state", "witnesses");
    await until(
      () => existsSync(standings),
      () => "no standings",
    );
    expect(await doctor()).toContain(`witness ${second.name}: does not cosign`);
  });

  test("is cosigned by both again when it is back, from where it was", async () => {
    await serveAgain(second);
    await send("D-3");
    await quiet(dir);
    await until(
      () => isWhole(first.name, second.name),
      () => noteOf("witnessed"),
    );
    expect(await doctor()).toContain(`witness ${second.name}: has cosigned`);
  });

  test("stops at once while a witness is away, and goes on with what it knew", async () => {
    await kill(second.child);
    await send("D-4");
    const begun = Date.now();
    expect(await stop(daemon)).toMatchObject({ code: 0 });
    expect(Date.now() - begun).toBeLessThan(5_000);
    await serveAgain(second);
    daemon = await up([dir]);
    await until(
      () => isWhole(first.name, second.name),
      () => noteOf("witnessed"),
    );
  });
});

describe("a desk with two histories", () => {
  let copy: string;

  test("is refused by the witnesses with the one that they saw second, and is told loudly", async () => {
    await stop(daemon);
    copy = path.join(lastingFolder(), DESK);
    cpSync(dir, copy, { recursive: true, filter: (from) => !from.includes("daemon.lock") });
    daemon = await up([dir]);
    await send("D-5");
    await quiet(dir);
    await until(
      () => isWhole(first.name, second.name),
      () => noteOf("witnessed"),
    );
    await stop(daemon);

    const forked = await up([copy]);
    for (const id of ["E-5", "E-6"]) await send(id, forked);
    await quiet(copy);
    const log = path.join(copy, ".qoc", "log", "daemon.ndjson");
    await until(
      () => [first, second].every(({ name }) => contradicts(readFileSync(log, "utf8"), name)),
      () => readFileSync(log, "utf8"),
    );
    const { code, stdout } = await qoc({ cwd: copy }, "doctor");
    expect([code, stdout]).toEqual([1, expect.stringContaining(`witness ${first.name}: CONTRADICTS THIS LOG`)]);
    expect(stdout).toContain(`witness ${second.name}: CONTRADICTS THIS LOG`);
    expect((await qoc({ cwd: copy }, "status")).stderr).toContain("CONTRADICTS THIS LOG");
    await stop(forked);
    expect(sizeOf(noteOf("witnessed", copy))).toBeLessThan(sizeOf(noteOf("checkpoint", copy)));
    // No witness has cosigned anything of the second history.
    for (const { folder } of [first, second]) {
      const [state = ""] = readdirSync(path.join(folder, "cosigned")).map((name) =>
        readFileSync(path.join(folder, "cosigned", name), "utf8"),
      );
      expect(state).toContain(noteOf("witnessed").split("\n\n")[0]);
    }
  });

  test("is still told of it when it is asked without its daemon", async () => {
    expect(await qoc({ cwd: copy }, "doctor")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("CONTRADICTS THIS LOG"),
    });
  });
});

describe("a witness", () => {
  test("is served by one process alone", async () => {
    const { code, stderr } = await qoc(here, "witness", "serve", first.folder, "--listen", "127.0.0.1:0");
    expect([code, stderr]).toEqual([75, expect.stringContaining("WITNESS_BUSY")]);
  });

  test("does not start without its memory", async () => {
    await kill(first.child);
    const [name = ""] = readdirSync(path.join(first.folder, "cosigned"));
    const file = path.join(first.folder, "cosigned", name);
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, 100));
    const { code, stderr } = await qoc(here, "witness", "serve", first.folder, "--listen", "127.0.0.1:0");
    writeFileSync(file, whole);
    expect([code, stderr]).toEqual([65, expect.stringContaining("WITNESS_UNUSABLE")]);
    await serveAgain(first);
  });
});
