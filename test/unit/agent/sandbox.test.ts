import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { sandboxArgv } from "../../../src/agent/sandbox.ts";
import { agentSite, type AgentSite, GIVEN, lives, sandboxHere, textOf } from "../../support/agent-site.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Tries each expression and prints what came of it: the value, or the code of the error. */
const tries = (...expressions: readonly string[]): string =>
  `const fs = require("fs"); const out = []; for (const f of [${expressions.map((each) => `() => ${each}`).join(", ")}]) { try { const v = f(); out.push(v === undefined ? "done" : v); } catch (e) { out.push(e.code ?? String(e)); } } console.log(JSON.stringify(out));`;
async function tried(site: AgentSite, ...expressions: readonly string[]): Promise<unknown> {
  const result = await site.run(tries(...expressions));
  expect(textOf(result.stderr)).toBe("");
  return JSON.parse(textOf(result.stdout));
}

const here = await sandboxHere();

describe.runIf(here)("in the sandbox", () => {
  test("the desk is to be read and its working folders to be written, and nothing else of it", async () => {
    const site = agentSite({ sandboxed: true });
    mkdirSync(path.join(site.desk, "entities"));
    expect(
      await tried(
        site,
        'fs.readFileSync("desk.toml", "utf8")',
        'fs.writeFileSync("issues/look.md", "a")',
        'fs.writeFileSync("inbox/a.md", "a")',
        'fs.writeFileSync("orders/proposed/a.toml", "a")',
        'fs.writeFileSync("research/a.md", "a")',
        'fs.writeFileSync("snapshots/a.md", "a")',
        'fs.writeFileSync("desk.toml", "a")',
        'fs.appendFileSync("desk.toml", "a")',
        'fs.rmSync("desk.toml")',
        'fs.renameSync("desk.toml", "issues/desk.toml")',
        'fs.writeFileSync("entities/a.md", "a")',
        'fs.writeFileSync("new.md", "a")',
        'fs.mkdirSync("orders/executed")',
        'fs.renameSync("orders", "other")',
      ),
    ).toEqual([
      "[workspace]\n",
      ...Array.from({ length: 5 }, () => "done"),
      "EROFS",
      "EROFS",
      "EROFS",
      "EXDEV",
      "EROFS",
      "EROFS",
      "EROFS",
      expect.stringMatching(/^(EROFS|EBUSY)$/),
    ]);
    expect(readFileSync(path.join(site.desk, "issues", "look.md"), "utf8")).toBe("a");
    expect(readFileSync(path.join(site.desk, "desk.toml"), "utf8")).toBe("[workspace]\n");
  });

  test("nothing of .qoc is there but the run's own folder and the socket, none of it to be written", async () => {
    const site = agentSite({ sandboxed: true });
    writeFileSync(path.join(site.desk, ".qoc", "keys"), "secret");
    writeFileSync(path.join(site.folder, "bundle.md"), "the bundle");
    expect(
      await tried(
        site,
        'fs.readdirSync(".qoc")',
        'fs.readFileSync(".qoc/keys", "utf8")',
        'fs.readFileSync(process.env.QOC_BUNDLE, "utf8")',
        'fs.writeFileSync(".qoc/a", "a")',
        'fs.writeFileSync(process.env.QOC_BUNDLE, "a")',
        'fs.writeFileSync(".qoc/runs/a", "a")',
      ),
    ).toEqual([["runs"], "ENOENT", "the bundle", "EROFS", "EROFS", "EROFS"]);
  });

  test("no .env file can be read, by its name or through a link", async () => {
    const site = agentSite({ sandboxed: true });
    mkdirSync(path.join(site.desk, "secrets"));
    mkdirSync(path.join(site.desk, ".envrc.d"));
    writeFileSync(path.join(site.desk, ".envrc.d", "a"), "SECRET=1");
    writeFileSync(path.join(site.desk, ".env.qoc"), "SECRET=1");
    mkdirSync(path.join(site.desk, "research", "app"), { recursive: true });
    for (const folder of ["secrets", "research/app"]) writeFileSync(path.join(site.desk, folder, ".env"), "SECRET=1");
    writeFileSync(path.join(site.desk, "secrets", "real"), "SECRET=1");
    symlinkSync("secrets/real", path.join(site.desk, ".env.local"));
    expect(
      await tried(
        site,
        'fs.readFileSync(".env.qoc", "utf8")',
        'fs.readFileSync(".env.local", "utf8")',
        'fs.readFileSync("secrets/.env", "utf8")',
        'fs.readFileSync("research/app/.env", "utf8")',
        'fs.readFileSync("secrets/real", "utf8")',
        'fs.readdirSync(".envrc.d")',
        'fs.rmSync(".env.qoc")',
        'fs.renameSync(".env.qoc", "issues/e")',
        'fs.linkSync(".env.qoc", "issues/e")',
      ),
    ).toEqual([
      "EACCES",
      "EACCES",
      "EACCES",
      "EACCES",
      "EACCES",
      [],
      expect.any(String),
      expect.any(String),
      expect.any(String),
    ]);
    expect(readFileSync(path.join(site.desk, ".env.qoc"), "utf8")).toBe("SECRET=1");
    expect(existsSync(path.join(site.desk, "issues", "e"))).toBe(false);
  });

  test("a link that it makes leads to nothing outside", async () => {
    const outside = temporaryFolder();
    writeFileSync(path.join(outside, "private"), "private");
    const site = agentSite({ sandboxed: true });
    expect(
      await tried(
        site,
        `fs.symlinkSync(${JSON.stringify(outside)}, "research/out")`,
        'fs.readFileSync("research/out/private", "utf8")',
        'fs.symlinkSync("../.qoc", "research/in")',
        'fs.readdirSync("research/in")',
        'fs.existsSync("/etc/passwd") || fs.existsSync("/etc/shadow") || fs.existsSync("/var") || fs.existsSync("/home")',
        "fs.readdirSync(process.env.HOME)",
        'fs.writeFileSync(process.env.HOME + "/a", "a")',
        'fs.readdirSync("/tmp").filter((name) => !process.cwd().startsWith("/tmp/" + name))',
      ),
    ).toEqual(["done", "ENOENT", "done", ["runs"], false, [], "done", []]);
    expect(existsSync("/root/a")).toBe(false);
  });

  test("it is no other user's, sees no other process, and has no other file open", async () => {
    const site = agentSite({ sandboxed: true });
    const [uid, pids, open] = JSON.parse(
      textOf(
        (
          await site.run(
            tries(
              "process.getuid()",
              'fs.readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)).length',
              'fs.readdirSync("/proc/self/fd").map((fd) => { try { return fs.readlinkSync("/proc/self/fd/" + fd) } catch { return "" } }).filter((to) => to.startsWith("/") && !to.startsWith("/dev/") && !to.startsWith("/proc/"))',
            ),
          )
        ).stdout,
      ),
    );
    expect(uid).not.toBe(0);
    expect(pids).toBe(2);
    expect(open).toEqual([]);
  });

  test.each([
    ["is off unless it is wanted", false, "", /ECONNREFUSED|ENETUNREACH|EADDRNOTAVAIL/],
    ["is there when it is wanted", true, "hello", /^$/],
  ])("the network %s", async (_, network, says, fails) => {
    const server = createServer((socket) => socket.end("hello"));
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      const site = agentSite({ sandboxed: true });
      const result = await site.run(
        `require("net").connect(${port}, "127.0.0.1").on("error", (e) => process.stderr.write(e.code)).pipe(process.stdout)`,
        { sandbox: { network, folder: site.folder, socket: site.socket, reads: [], credentials: [] } },
      );
      expect(textOf(result.stdout)).toBe(says);
      expect(textOf(result.stderr)).toMatch(fails);
      expect(result.applied).toMatchObject({ sandbox: "bubblewrap", network });
    } finally {
      server.close();
    }
  });

  test("the control socket answers, without a network", async () => {
    const site = agentSite({ sandboxed: true });
    const server = createServer((socket) => socket.end("hello"));
    await new Promise<void>((resolve) => {
      server.listen(site.socket, resolve);
    });
    try {
      const result = await site.run('require("net").connect(process.env.QOC_SOCKET).pipe(process.stdout)');
      expect(textOf(result.stdout)).toBe("hello");
    } finally {
      server.close();
    }
  });

  test("codes and signals come through", async () => {
    const site = agentSite({ sandboxed: true });
    expect(await site.run("process.exit(9)")).toMatchObject({ exit_code: 9, signal: null, ended_by: "itself" });
    expect(await site.run('process.kill(process.pid, "SIGKILL")')).toMatchObject({ exit_code: 137, signal: null });
  });

  test("over time it is asked to end from within, and may say a last word", async () => {
    const result = await agentSite({ sandboxed: true }).run(
      'process.on("SIGTERM", () => { console.log("bye"); process.exit(7); }); setTimeout(() => {}, 60000)',
      { timeout_ms: 2500 },
    );
    expect(textOf(result.stdout)).toBe("bye\n");
    expect(result).toMatchObject({ exit_code: 7, ended_by: "timeout", left: 0 });
  });

  test("nothing outlives it, whatever session it is in and whatever it ignores", async () => {
    const marker = `qoc-outlives-${process.pid}`;
    const child = `const c = require("child_process").spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setTimeout(() => {}, 60000)", "${marker}"], { stdio: ["ignore", "inherit", "inherit"], detached: true, env: {} }); c.unref();`;
    const ended = await agentSite({ sandboxed: true }).run(`${child} setTimeout(() => process.exit(0), 300)`);
    expect(ended).toMatchObject({ exit_code: 0, left: 0 });
    const ignored = await agentSite({ sandboxed: true }).run(
      `${child} process.on("SIGTERM", () => {}); setTimeout(() => {}, 60000)`,
      { timeout_ms: 2500 },
    );
    expect(ignored).toMatchObject({ signal: "SIGKILL", ended_by: "timeout", left: 0 });
    expect(pidsWith(marker)).toEqual([]);
  });

  test("a run with more processes than it may have is ended, all of it", async () => {
    // Bounded itself: at most 300, each for 20 seconds.
    const bomb =
      "const { spawn } = require('child_process'); let n = 0; const fork = () => { for (let i = 0; i < 10 && n < 300; i += 1, n += 1) spawn('/bin/sleep', ['20'], { stdio: 'ignore', detached: true, env: {} }).on('error', () => {}); if (n < 300) setTimeout(fork, 20); else setTimeout(() => {}, 20000) }; fork();";
    const result = await agentSite({ sandboxed: true }).run(bomb, {
      limits: { processes: 50, file_bytes: 1 << 20, open_files: 1024, memory_bytes: 2 ** 32 },
      timeout_ms: 10_000,
    });
    expect(result.left).toBe(0);
    const held = result.applied.limits.find(({ name }) => name === "processes");
    expect(held?.max).toBe(50);
    // Root is not held by the kernel, and then the watch ends it; anyone else is refused the 51st.
    expect(result.ended_by).toBe(held?.by === "watch" ? "limit" : "timeout");
  });

  test("a working folder that is a link makes no sandbox, and no run", async () => {
    const outside = temporaryFolder();
    const site = agentSite({ sandboxed: true });
    symlinkSync(outside, path.join(site.desk, "research"));
    const result = await site.launch('require("fs").writeFileSync("research/a", "a")').result;
    expect(result).toMatchObject({
      kind: "not_started",
      reason: "the sandbox cannot be made: research is a symbolic link, or lies behind one",
    });
  });

  test("a sandbox that cannot be made is told as that, not as an agent that failed", async () => {
    const site = agentSite({ sandboxed: true });
    const result = await site.launch("", {
      sandbox: { network: false, folder: "/no/such/folder", socket: site.socket, reads: [], credentials: [] },
    }).result;
    expect(result).toMatchObject({ kind: "not_started" });
    expect(result.kind === "not_started" ? result.reason : "").toContain("the sandbox cannot be made: bwrap: ");
  });

  test("a script of the desk's own runs, and one elsewhere with what lies beside it", async () => {
    const site = agentSite({ sandboxed: true });
    writeFileSync(path.join(site.desk, "agent.sh"), "#!/bin/sh\necho of the desk\n", { mode: 0o755 });
    expect(textOf((await site.run("", { argv: ["./agent.sh"] })).stdout)).toBe("of the desk\n");
    const elsewhere = path.join(temporaryFolder(), "tool");
    mkdirSync(elsewhere);
    writeFileSync(path.join(elsewhere, "agent"), '#!/bin/sh\ncat "$(dirname "$0")/beside"\n', { mode: 0o755 });
    writeFileSync(path.join(elsewhere, "beside"), "beside it\n");
    expect(textOf((await site.run("", { argv: [path.join(elsewhere, "agent")] })).stdout)).toBe("beside it\n");
  });

  test("of a home, the files that sign in are there and no more", async () => {
    const home = temporaryFolder();
    mkdirSync(path.join(home, ".claude"));
    writeFileSync(path.join(home, ".claude", ".credentials.json"), "key");
    writeFileSync(path.join(home, ".claude", "settings.json"), "{}");
    const site = agentSite({ sandboxed: true, given: { ...GIVEN, HOME: home } });
    const files = [path.join(home, ".claude", ".credentials.json"), path.join(home, ".claude", "absent.json")];
    const result = await site.run(
      tries(
        'fs.readFileSync(process.env.HOME + "/.claude/.credentials.json", "utf8")',
        'fs.readdirSync(process.env.HOME + "/.claude")',
        'fs.writeFileSync(process.env.HOME + "/.claude/.credentials.json", "mine")',
        'fs.writeFileSync(process.env.HOME + "/.claude/settings.json", "mine")',
      ),
      { sandbox: { network: false, folder: site.folder, socket: site.socket, reads: [], credentials: files } },
    );
    expect(JSON.parse(textOf(result.stdout))).toEqual(["key", [".credentials.json"], "EROFS", "done"]);
    expect(readFileSync(path.join(home, ".claude", "settings.json"), "utf8")).toBe("{}");
  });
});

describe("its command line", () => {
  const argvOf = (command: string): readonly string[] => {
    const desk = temporaryFolder();
    mkdirSync(path.join(desk, ".qoc"));
    const made = sandboxArgv({
      desk,
      home: "/home/me",
      folder: path.join(desk, ".qoc", "runs", "r"),
      socket: "/run/user/1/qoc/s",
      command: [command],
      reads: [],
      credentials: [],
      network: false,
      root: false,
    });
    return made.kind === "argv" ? made.argv : [];
  };
  test.each([
    ["a home", "/home/me/agent", ["/home/me/agent"]],
    ["what holds a home", "/home/agent", ["/home/agent"]],
    ["the top of the disk", "/srv/agent", ["/srv/agent"]],
    ["a folder for it alone", "/home/me/agent/bin/agent", ["/home/me/agent/bin"]],
    ["the system", "/usr/local/bin/agent", []],
  ])("a command that lies in %s shows no more than it must", (_, command, shown) => {
    const argv = argvOf(command);
    const bound = argv.filter((each, i) => argv[i - 1] === "--ro-bind-try" && !each.startsWith("/etc/"));
    expect(bound.filter((each) => each !== "/run/user/1/qoc/s")).toEqual(shown);
  });
  test("no namespace is shared, and no privilege kept", () => {
    expect(argvOf("/usr/bin/true")).toEqual(expect.arrayContaining(["--unshare-all", "--unshare-user", "--cap-drop"]));
    expect(argvOf("/usr/bin/true")).not.toContain("--share-net");
  });
});

function pidsWith(text: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(text) && lives(pid);
      } catch {
        return false;
      }
    });
}
