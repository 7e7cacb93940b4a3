import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { DeskBusy, deskHolder, lockDesk } from "../../../src/adapters/desk-lock.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const LOCKING = join(import.meta.dirname, "../../support/locking-process.ts");

type Piped = ChildProcessByStdio<Writable, Readable, null>;
type Starter = { readonly child: Piped; readonly go: () => Promise<string> };

/** A process that tries to take the lock when it is told to, says what came of it, and keeps it. */
const starter = (runtime: string): Promise<Starter> =>
  started(spawn(process.execPath, ["--import", "tsx", LOCKING, runtime], { stdio: ["pipe", "pipe", "inherit"] }));

async function started(child: Piped): Promise<Starter> {
  onTestFinished(() => void child.kill("SIGKILL"));
  const [ready]: unknown[] = await once(child.stdout, "data");
  expect(String(ready)).toBe("ready\n");
  return {
    child,
    go: async () => {
      child.stdin.write("go\n");
      const [said]: unknown[] = await once(child.stdout, "data");
      return String(said).trim();
    },
  };
}

describe("the lock of a desk", () => {
  test("refuses a second daemon with the first one's pid", () => {
    const runtime = join(temporaryFolder(), ".qoc");
    const lock = lockDesk(runtime);
    expect(() => lockDesk(runtime)).toThrow(DeskBusy);
    expect(() => lockDesk(runtime)).toThrow(`a daemon with pid ${process.pid} works on this desk`);
    expect(deskHolder(runtime)).toBe(process.pid);
    lock.release();
  });

  test("can be taken again when it was released, and a second release takes it from nobody", () => {
    const runtime = join(temporaryFolder(), ".qoc");
    const first = lockDesk(runtime);
    first.release();
    expect(deskHolder(runtime)).toBeUndefined();
    const second = lockDesk(runtime);
    first.release();
    expect(deskHolder(runtime)).toBe(process.pid);
    second.release();
  });

  test("leaves one file, however often it was taken", () => {
    const runtime = join(temporaryFolder(), ".qoc");
    for (let times = 0; times < 5; times += 1) lockDesk(runtime).release();
    expect(readdirSync(runtime)).toEqual(["daemon.lock.5"]);
  });

  test("is refused while another process holds it, and free at once when that was killed", async () => {
    const runtime = join(temporaryFolder(), ".qoc");
    const { child, go } = await starter(runtime);
    expect(await go()).toBe("locked");
    expect(() => lockDesk(runtime)).toThrow(`a daemon with pid ${child.pid} works on this desk`);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(deskHolder(runtime)).toBeUndefined();
    lockDesk(runtime).release();
  });

  test("is free when its holder was killed and its parent does not fetch it", async () => {
    const runtime = join(temporaryFolder(), ".qoc");
    const careless = [
      "-c",
      'exec 3<&0; "$@" <&3 & exec sleep 60',
      "sh",
      process.execPath,
      "--import",
      "tsx",
      LOCKING,
      runtime,
    ];
    const { child, go } = await started(spawn("sh", careless, { stdio: ["pipe", "pipe", "inherit"] }));
    expect(await go()).toBe("locked");
    const holder = deskHolder(runtime) ?? 0;
    expect(holder).not.toBe(child.pid);
    process.kill(holder, "SIGKILL");
    await expect.poll(() => deskHolder(runtime)).toBeUndefined();
    lockDesk(runtime).release();
  });

  test("of several that start at once over a stale lock, one gets it", { timeout: 30_000 }, async () => {
    const runtime = join(temporaryFolder(), ".qoc");
    const dead = await starter(runtime);
    expect(await dead.go()).toBe("locked");
    dead.child.kill("SIGKILL");
    await once(dead.child, "exit");
    const starters = await Promise.all([1, 2, 3, 4].map(() => starter(runtime)));
    const said = await Promise.all(starters.map(({ go }) => go()));
    const winner = starters[said.indexOf("locked")]?.child.pid;
    expect(said.toSorted()).toEqual([...Array.from({ length: 3 }, () => `busy ${winner}`), "locked"]);
  });

  test.each([
    ["a process that is gone", { pid: 2 ** 22 + 1, began: "boot 1" }],
    ["another process that has the pid by now", { pid: process.pid, began: "boot 1" }],
  ])("of %s is stale", (_, holder) => {
    const runtime = temporaryFolder();
    writeFileSync(join(runtime, "daemon.lock.41"), JSON.stringify(holder));
    const lock = lockDesk(runtime);
    expect(readdirSync(runtime)).toEqual(["daemon.lock.42"]);
    lock.release();
  });

  test("takes away what starters that are gone left half-written, and nobody else's", () => {
    const runtime = temporaryFolder();
    const [left, begun] = [`lock.${2 ** 22 + 1}.0a.part`, `lock.${process.ppid}.0a.part`];
    for (const name of [left, begun]) writeFileSync(join(runtime, name), "{");
    const lock = lockDesk(runtime);
    expect(readdirSync(runtime)).toEqual(["daemon.lock.1", begun]);
    lock.release();
  });

  test("does not mind other files of the folder", () => {
    const runtime = temporaryFolder();
    mkdirSync(join(runtime, "store"));
    for (const name of ["daemon.lock", "daemon.lock.", "daemon.lock.007", "daemon.lock.x", "lock.x.part"]) {
      writeFileSync(join(runtime, name), "{}");
    }
    lockDesk(runtime).release();
    expect(readdirSync(runtime)).toContain("daemon.lock.1");
  });
});
