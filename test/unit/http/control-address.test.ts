import { existsSync, mkdirSync, readdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  agentSocketPath,
  controlSocketPath,
  prepareControlSocket,
  readDaemonFile,
  removeDaemonFile,
  writeDaemonFile,
} from "../../../src/http/control-address.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "qoc-addr-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const deep = (): string => {
  const folder = path.join(dir, ...Array.from({ length: 8 }, () => "a-long-folder-name"));
  mkdirSync(folder, { recursive: true });
  return folder;
};

describe("where the control socket is", () => {
  test("in the user's runtime folder when there is one", () => {
    const socket = controlSocketPath("equity-desk", dir, { env: { XDG_RUNTIME_DIR: "/run/user/1000" }, tmp: "/tmp" });
    expect(socket).toMatch(/^\/run\/user\/1000\/qoc\/equity-desk-[0-9a-f]{10}\.sock$/);
  });

  test("two desks of one name have two sockets", () => {
    const other = mkdtempSync(path.join(tmpdir(), "qoc-addr-"));
    const place = { env: { XDG_RUNTIME_DIR: "/run/user/1000" }, tmp: "/tmp" };
    expect(controlSocketPath("desk", dir, place)).not.toBe(controlSocketPath("desk", other, place));
    rmSync(other, { recursive: true });
  });

  test("else in the desk", () => {
    expect(controlSocketPath("desk", dir, { env: {}, tmp: "/tmp" })).toBe(path.join(dir, ".qoc", "control.sock"));
  });

  test("never longer than a socket's path may be", () => {
    const socket = controlSocketPath("desk", deep(), { env: { XDG_RUNTIME_DIR: `/${"r".repeat(100)}` }, tmp: "/tmp" });
    expect(socket).toMatch(/^\/tmp\/qoc-/);
    expect(Buffer.byteLength(socket)).toBeLessThan(104);
  });

  test("beside the agents' own, which has no longer a path", () => {
    const [home, run] = [{}, { XDG_RUNTIME_DIR: "/run/user/1000" }].map((env) =>
      controlSocketPath("d", dir, { env, tmp: "/tmp" }),
    );
    expect(agentSocketPath(home ?? "")).toBe(path.join(dir, ".qoc", "agents.sock"));
    for (const socket of [home ?? "", run ?? ""]) {
      expect(path.dirname(agentSocketPath(socket))).toBe(path.dirname(socket));
      expect(agentSocketPath(socket)).not.toBe(socket);
      expect(agentSocketPath(socket).length).toBeLessThanOrEqual(socket.length);
    }
  });
});

describe("the socket's folder", () => {
  test("is made for its user alone, and what a killed daemon left is cleared", () => {
    const socket = path.join(dir, "run", "c.sock");
    mkdirSync(path.dirname(socket), { mode: 0o755 });
    writeFileSync(socket, "");
    prepareControlSocket(socket);
    expect(statSync(path.dirname(socket)).mode & 0o777).toBe(0o700);
    expect(existsSync(socket)).toBe(false);
  });

  test("is refused when it is a link", () => {
    mkdirSync(path.join(dir, "real"));
    symlinkSync(path.join(dir, "real"), path.join(dir, "link"));
    expect(() => prepareControlSocket(path.join(dir, "link", "c.sock"))).toThrow("not a folder of this user");
  });
});

describe("daemon.json", () => {
  const content = {
    pid: process.pid,
    socket: "/s",
    ingress: "http://127.0.0.1:7430",
    console: null,
    started_at: "2026-07-05T13:45:01.124Z",
  };

  test("is read as it was written, by its user alone", () => {
    writeDaemonFile(dir, content);
    expect(readDaemonFile(dir)).toEqual(content);
    expect(statSync(path.join(dir, ".qoc", "daemon.json")).mode & 0o777).toBe(0o600);
  });

  test("leaves nothing else behind, also where a daemon died over writing it", () => {
    mkdirSync(path.join(dir, ".qoc"));
    writeFileSync(path.join(dir, ".qoc", "daemon.json.part"), "half of it, and longer than the whole ".repeat(20));
    writeDaemonFile(dir, content);
    expect(readdirSync(path.join(dir, ".qoc"))).toEqual(["daemon.json"]);
    expect(readDaemonFile(dir)).toEqual(content);
  });

  test("is removed by its own daemon only", () => {
    writeDaemonFile(dir, content);
    removeDaemonFile(dir, process.pid + 1);
    expect(readDaemonFile(dir)).toEqual(content);
    removeDaemonFile(dir, process.pid);
    expect(readDaemonFile(dir)).toBeUndefined();
  });

  test.each(["", "{", "[]", '{"pid":-1}'])("%j is nothing", (text) => {
    mkdirSync(path.join(dir, ".qoc"));
    writeFileSync(path.join(dir, ".qoc", "daemon.json"), text);
    expect(readDaemonFile(dir)).toBeUndefined();
  });
});
