import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { standingsText, type Standing } from "../../../src/desk/witness-standing.ts";
import { cosignerOf, signerOf, signNote } from "../../../src/evidence/log/note.ts";
import { keyOf } from "../evidence/log/note-vectors.ts";
import { historyOf, LOG, logSigner, witnessKey, WITNESS, witnessVerifier } from "../witness/witness-support.ts";
import { cliWorld, type World } from "./cli-world.ts";

let world: World;
beforeEach(() => {
  world = cliWorld();
});
afterEach(() => world.close());

const init = (): Promise<unknown> => world.qoc("witness init w --name witness.example/w1");

describe("qoc witness init", () => {
  test("makes a key that nobody else may read, and prints the vkey alone", async () => {
    const { exit, stdout } = await world.qoc("witness init w --name witness.example/w1");
    expect([exit, stdout]).toEqual([
      0,
      expect.stringMatching(/^witness\.example\/w1\+[0-9a-f]{8}\+B[A-Za-z0-9+/]{43}\n$/),
    ]);
    expect(statSync(path.join(world.dir, "w", "witness.key")).mode & 0o777).toBe(0o600);
    expect(readFileSync(path.join(world.dir, "w", "witness.vkey"), "utf8")).toBe(stdout);
  });

  test("says it as JSON, and nothing of the private half anywhere", async () => {
    const ended = await world.qoc("witness init w --name witness.example/w1 --json");
    expect(ended.json()).toMatchObject({ schema: "qoc.witness.init/1", name: "witness.example/w1" });
    const [, secret = ""] = readFileSync(path.join(world.dir, "w", "witness.key"), "utf8").split("\n");
    expect(secret.length).toBeGreaterThan(40);
    expect(ended.stdout + ended.stderr).not.toContain(secret);
  });

  test("leaves a witness that is there as it is", async () => {
    await init();
    const key = readFileSync(path.join(world.dir, "w", "witness.key"));
    const { exit, stderr } = await world.qoc("witness init w --name other");
    expect([exit, stderr]).toEqual([73, expect.stringContaining("WITNESS_EXISTS")]);
    expect(readFileSync(path.join(world.dir, "w", "witness.key")).equals(key)).toBe(true);
  });

  test.each(["'a b'", "a+b", "''", `'${"x".repeat(256)}'`, "caf\u00e9"])("refuses the name %s", async (name) => {
    expect((await world.qoc(`witness init w --name ${name}`)).exit).toBe(64);
    expect(existsSync(path.join(world.dir, "w", "witness.key"))).toBe(false);
  });
});

describe("qoc witness add", () => {
  test("allows a log, once", async () => {
    await init();
    const first = await world.qoc(`witness add w ${logSigner.vkey} --json`);
    expect(first.json()).toMatchObject({ schema: "qoc.witness.add/1", origin: LOG, added: true });
    expect((await world.qoc(`witness add w ${logSigner.vkey} --json`)).json()).toMatchObject({ added: false });
    expect(readFileSync(path.join(world.dir, "w", "logs"), "utf8")).toBe(`${logSigner.vkey}\n`);
  });

  test("loses none of two that are added at a time", async () => {
    await init();
    const vkeys = [1, 2, 3].map((seed) => signerOf(`localhost/desk-${seed}/log`, keyOf(seed)).vkey);
    const ended = await Promise.all(vkeys.map((vkey) => world.qoc(`witness add w ${vkey}`)));
    const added = vkeys.filter((_, n) => ended[n]?.exit === 0);
    expect(added.length).toBeGreaterThan(0);
    expect(ended.filter(({ exit }) => exit !== 0).every(({ exit }) => exit === 75)).toBe(true);
    expect(
      readFileSync(path.join(world.dir, "w", "logs"), "utf8")
        .trim()
        .split("\n")
        .toSorted(),
    ).toEqual(added.toSorted());
  });

  test.each([
    ["nonsense", "nonsense"],
    ["a witness's", witnessVerifier.vkey],
    ["one of another name than its id", logSigner.vkey.replace("localhost", "elsewhere")],
  ])("refuses %s as a log's vkey", async (_, vkey) => {
    await init();
    expect((await world.qoc(`witness add w ${vkey}`)).exit).toBe(64);
  });

  test("refuses a folder without a witness", async () => {
    const { exit, stderr } = await world.qoc(`witness add nowhere ${logSigner.vkey}`);
    expect([exit, stderr]).toEqual([65, expect.stringContaining("qoc witness init")]);
  });
});

describe("qoc witness serve", () => {
  test("says where it is and whom it watches, and stops when it is told to", async () => {
    await init();
    await world.qoc(`witness add w ${logSigner.vkey}`);
    const stopping = new AbortController();
    const heard = (stdout: string): void => {
      if (stdout.includes("ready")) stopping.abort(130);
    };
    const ended = await world.qoc("witness serve w --listen 127.0.0.1:0", { stopping: stopping.signal, heard });
    expect(ended.stdout).toMatch(/^witness\.example\/w1 on http:\/\/127\.0\.0\.1:\d+\n/);
    expect(ended.stdout).toContain(`  ${LOG}\nready\n`);
    const again = await world.qoc("witness serve w --listen 127.0.0.1:0 --json", { stopping: AbortSignal.abort(130) });
    expect(again.json()).toMatchObject({ schema: "qoc.witness.serve/1", ready: true, logs: [LOG] });
  });

  test("gives the folder up when the reader of its output has gone", async () => {
    await init();
    expect((await world.qoc("witness serve w --listen 127.0.0.1:0", { brokenAfter: 0 })).exit).toBe(0);
    const again = await world.qoc("witness serve w --listen 127.0.0.1:0", { stopping: AbortSignal.abort(130) });
    expect(again.stdout).toContain("ready");
  });

  test.each([
    ["witness serve w --listen nowhere", 64],
    ["witness serve nowhere", 65],
    ["witness serve", 64],
    ["witness", 64],
  ])("qoc %s exits with %i", async (args, exit) => {
    await init();
    expect((await world.qoc(args)).exit).toBe(exit);
  });
});

describe("a desk with a witness", () => {
  const witnessToml = `\n[[evidence.witness]]\nurl = "https://witness.example"\nkey = "${witnessVerifier.vkey}"\n`;
  beforeEach(() => {
    world.write("desk.toml", readFileSync(path.join(world.dir, "desk.toml"), "utf8") + witnessToml);
  });
  const standing = (fault: Standing["fault"], says: string): string =>
    standingsText([{ key: witnessVerifier.vkey, origin: LOG, fault, says, at: "2026-11-22T04:00:00.000Z" }]);
  const doctor = async (): Promise<readonly unknown[]> => {
    const { items } = (await world.qoc("doctor --json")).json();
    return Array.isArray(items) ? items.filter(({ name }) => name === `witness ${WITNESS}`) : [];
  };

  test("is told by doctor when nothing was cosigned yet, and how much was", async () => {
    expect(await doctor()).toMatchObject([{ verdict: "warning", says: "has cosigned nothing yet" }]);
    const text = `${historyOf("honest", 9, 9).note(9).split("\n\n")[0] ?? ""}\n`;
    world.write(".qoc/evidence/log/witnessed", signNote(text, [logSigner, cosignerOf(WITNESS, witnessKey, 1)]));
    expect(await doctor()).toMatchObject([{ verdict: "ok", says: "has cosigned the first 9 leaves" }]);
    world.write(".qoc/evidence/log/witnessed", signNote(text, [logSigner, cosignerOf(WITNESS, keyOf(99), 1)]));
    expect(await doctor()).toMatchObject([{ verdict: "warning" }]);
  });

  test("is told by doctor and by status when a witness contradicts its log, and doctor exits with 1", async () => {
    world.write(".qoc/log-state/witnesses", standing("contradicts", "two histories \u001b[2J"));
    const { exit, stdout } = await world.qoc("doctor");
    expect([exit, stdout]).toEqual([1, expect.stringContaining("CONTRADICTS THIS LOG: two histories")]);
    expect(stdout).not.toContain("\u001b");
    const status = await world.qoc("status");
    expect([status.exit, status.stderr]).toEqual([0, expect.stringContaining("CONTRADICTS THIS LOG")]);
  });

  test("is not told of a log that ended: what was said of it is not of the one that goes on", async () => {
    world.write(".qoc/log-state/witnesses", standing("contradicts", "the log went back"));
    const note = historyOf("honest", 9, 9).note(9);
    world.write(".qoc/evidence/log/checkpoint", note);
    expect(await doctor()).toMatchObject([{ verdict: "wrong" }]);
    world.write(".qoc/evidence/log/checkpoint", note.replace(LOG, `${LOG}/2`));
    expect(await doctor()).toMatchObject([{ verdict: "warning", says: "has cosigned nothing yet" }]);
    expect((await world.qoc("status")).stderr).not.toContain("CONTRADICTS");
  });

  test("is told by doctor that one is away, and status keeps still about it", async () => {
    world.write(".qoc/log-state/witnesses", standing("unreachable", "connection refused"));
    expect(await doctor()).toMatchObject([{ verdict: "warning", says: expect.stringContaining("connection refused") }]);
    expect((await world.qoc("status")).stderr).not.toContain("witness");
  });

  test("is not misled by a file that says something else", async () => {
    world.write(".qoc/log-state/witnesses", '[{"fault":"contradicts"}]');
    expect(await doctor()).toMatchObject([{ verdict: "warning", says: "has cosigned nothing yet" }]);
    rmSync(path.join(world.dir, ".qoc", "log-state", "witnesses"));
  });
});
