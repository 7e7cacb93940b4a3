import { createServer } from "node:net";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/clock.ts";
import { markOf } from "../../../src/agent/environment.ts";
import { endLeftovers } from "../../../src/agent/processes.ts";
import { agentSite, lives, RUN, textOf } from "../../support/agent-site.ts";

/** Leaves a process that prints its pid and does nothing for a minute. */
const CHILD = (options: string): string =>
  `const c = require("child_process").spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setTimeout(() => {}, 60000)"], ${options}); console.log(c.pid);`;

test("what it is fed, what it writes and how it ended come back", async () => {
  const site = agentSite();
  const result = await site.run(
    'process.stdin.on("data", (c) => process.stdout.write(c)); process.stdin.on("end", () => { console.error(process.cwd()); process.exitCode = 3; })',
    { stdin: new TextEncoder().encode("the bundle") },
  );
  expect([textOf(result.stdout), textOf(result.stderr).trim()]).toEqual(["the bundle", site.desk]);
  expect(result).toMatchObject({ exit_code: 3, signal: null, ended_by: "itself", why: null, outlived: 0, left: 0 });
  expect(result.applied).toMatchObject({ sandbox: "none", network: true });
  expect(result.finished_at).toBeGreaterThanOrEqual(result.started_at);
});

test("a process that ends by a signal of its own has that, and no code", async () => {
  const result = await agentSite().run('process.kill(process.pid, "SIGUSR2"); setTimeout(() => {}, 5000)');
  expect(result).toMatchObject({ exit_code: null, signal: "SIGUSR2", ended_by: "itself" });
});

test("a secret of the daemon's is nowhere in the environment of its agent", async () => {
  process.env["QOC_CANARY"] = "canary-7f3a";
  try {
    const site = agentSite({ given: { ...process.env, PATH: "/usr/bin:/bin" } });
    const result = await site.run(
      'console.log(JSON.stringify(process.env)); console.log(require("fs").readFileSync("/proc/self/environ", "latin1"))',
    );
    expect(textOf(result.stdout)).toContain("token-of-this-run");
    expect(textOf(result.stdout)).not.toContain("canary-7f3a");
  } finally {
    delete process.env["QOC_CANARY"];
  }
});

test("nothing of the argv is ever a shell's", async () => {
  const site = agentSite();
  const hostile = "$(touch made) `touch made` ; touch made | touch made\n&& touch made";
  const result = await site.run("", { argv: [process.execPath, "-e", "console.log(process.argv[1])", hostile] });
  expect(textOf(result.stdout)).toBe(`${hostile}\n`);
});

test.each([
  ["in no folder of the PATH", ["no-such-agent"], "no-such-agent is in no folder of the PATH"],
  ["a file that is not there", ["./agent.sh"], "ENOENT"],
  ["a file that may not be executed", ["./desk.toml"], "EACCES"],
  ["a folder", ["./.qoc"], "is not a file"],
  ["nothing", [], "the command has no name"],
])("a command that is %s is a result, not an error", async (_, argv, reason) => {
  const result = await agentSite().launch("", { argv }).result;
  expect(result.kind === "not_started" ? result.reason : "").toContain(reason);
});

test("a file that is no program is a result too", async () => {
  const site = agentSite();
  writeFileSync(path.join(site.desk, "agent"), "\u0000\u0001", { mode: 0o755 });
  // Behind `prlimit` it is that which fails, without it the launch.
  const result = await site.launch("", { argv: ["./agent"] }).result;
  expect(result.kind === "not_started" || result.exit_code !== 0).toBe(true);
});

test("output beyond the bound is counted and read all the same, and binary stays as it is", async () => {
  const result = await agentSite().run(
    'const b = Buffer.alloc(1 << 20, 0xff); let n = 0; const w = () => { while (n < 1024) { n += 1; if (!process.stdout.write(b)) return process.stdout.once("drain", w); } process.stderr.write("done"); }; w();',
    { output_max_bytes: 1000 },
  );
  expect(result.stdout).toEqual(new Uint8Array(1000).fill(0xff));
  expect(result.stdout_cut_bytes).toBe(1024 * 1024 * 1024 - 1000);
  expect(textOf(result.stderr)).toBe("done");
  expect(result).toMatchObject({ exit_code: 0, stderr_cut_bytes: 0 });
});

test("a process that reads nothing of what it is fed, and closes its stdout, is waited for", async () => {
  const result = await agentSite().run(
    'require("fs").closeSync(0); require("fs").closeSync(1); setTimeout(() => process.exit(4), 300)',
    { stdin: new Uint8Array(8 * 1024 * 1024) },
  );
  expect(result).toMatchObject({ exit_code: 4, ended_by: "itself" });
});

test("over time it is asked to end, and may say a last word", async () => {
  const result = await agentSite().run(
    'process.on("SIGTERM", () => { console.log("bye"); process.exit(7); }); setTimeout(() => {}, 60000)',
    { timeout_ms: 2500 },
  );
  expect(result).toMatchObject({ exit_code: 7, ended_by: "timeout", why: "its time was over: 2.5 seconds" });
  expect(textOf(result.stdout)).toBe("bye\n");
});

test("who ignores the request is killed after the grace, and its children with it", async () => {
  const result = await agentSite().run(
    `process.on("SIGTERM", () => {}); ${CHILD('{ stdio: "ignore" }')} setTimeout(() => {}, 60000)`,
    { timeout_ms: 2500 },
  );
  expect(result).toMatchObject({ exit_code: null, signal: "SIGKILL", ended_by: "timeout", left: 0 });
  const child = Number(textOf(result.stdout));
  expect(child).toBeGreaterThan(1);
  expect(lives(child)).toBe(false);
});

test("cancelling ends it with the reason, once; a second word changes nothing", async () => {
  const launched = agentSite().launch("setTimeout(() => {}, 60000)");
  setTimeout(() => {
    launched.cancel("a person cancelled it");
    launched.cancel("somebody else did");
  }, 300);
  const result = await launched.result;
  expect(result).toMatchObject({ ended_by: "cancel", why: "a person cancelled it", signal: "SIGTERM" });
  launched.cancel("too late");
});

test("cancelled before it began, it never begins", async () => {
  const site = agentSite();
  const launched = site.launch('require("fs").writeFileSync("made", "")');
  launched.cancel("a person cancelled it");
  expect(await launched.result).toMatchObject({ kind: "not_started", reason: "a person cancelled it" });
});

test.each([
  ["in its group", '{ stdio: "ignore" }'],
  ["in a session of its own", '{ stdio: "ignore", detached: true }'],
  ["in a session of its own, holding the pipe open", '{ stdio: ["ignore", "inherit", "inherit"], detached: true }'],
])("a child that it leaves behind %s does not outlive it", async (_, options) => {
  const begun = Date.now();
  const result = await agentSite().run(`${CHILD(options)} c.unref(); setTimeout(() => process.exit(0), 100)`);
  expect(result).toMatchObject({ exit_code: 0, ended_by: "itself", outlived: 1, left: 0 });
  expect(lives(Number(textOf(result.stdout)))).toBe(false);
  expect(Date.now() - begun).toBeLessThan(10_000);
});

test("a child that left its session and dropped the run's mark is known by who began it", async () => {
  const result = await agentSite().run(
    `${CHILD('{ stdio: "ignore", detached: true, env: { PATH: process.env.PATH } }')} c.unref(); setTimeout(() => process.exit(0), 1000)`,
  );
  expect(result.outlived).toBe(1);
  expect(lives(Number(textOf(result.stdout)))).toBe(false);
});

test("processes of another run stay", async () => {
  const site = agentSite();
  const other = "0199aaaa-bbbb-8ccc-8ddd-eeeeffff0002";
  expect(other).not.toBe(RUN);
  const { spawn } = await import("node:child_process");
  const bystander = spawn(process.execPath, ["-e", "setTimeout(() => {}, 30000)"], {
    env: { QOC_RUN: other },
    detached: true,
    stdio: "ignore",
  });
  try {
    await site.run("process.exit(0)");
    expect(lives(bystander.pid ?? 0)).toBe(true);
  } finally {
    bystander.kill("SIGKILL");
  }
});

test("a run with more processes than it may have is ended, all of it", async () => {
  // Bounded itself: at most 300, each for 20 seconds.
  const site = agentSite();
  const bomb =
    "const { spawn } = require('child_process'); let n = 0; const fork = () => { for (let i = 0; i < 10 && n < 300; i += 1, n += 1) spawn('/bin/sleep', ['20'], { stdio: 'ignore', detached: n % 2 === 0 }).on('error', () => {}); if (n < 300) setTimeout(fork, 20); else setTimeout(() => {}, 20000) }; fork();";
  const result = await site.run(bomb, {
    limits: { processes: 50, file_bytes: 1 << 20, open_files: 1024, memory_bytes: 2 ** 32 },
  });
  expect(result).toMatchObject({ ended_by: "limit", why: "it had more than 50 processes at a time", left: 0 });
  expect(result.applied.limits).toContainEqual({ name: "processes", max: 50, by: "watch" });
  expect(result.finished_at - result.started_at).toBeLessThan(10_000);
});

test("a storm of processes without parents, each in a session of its own, is ended with the leader", async () => {
  // Bounded itself: seven generations of two are 254 processes, each for 20 seconds.
  const site = agentSite();
  const storm = path.join(site.desk, "storm.sh");
  const again = `setsid sh "$0" $(($1 - 1)) > /dev/null 2>&1 &`;
  writeFileSync(storm, `if [ "$1" -gt 0 ]; then ${again} ${again} fi; exec sleep 20\n`);
  const result = await site.run("", {
    argv: ["/bin/sh", "-c", `setsid sh ${storm} 6 & setsid sh ${storm} 6 & sleep 0.1`],
  });
  expect(result).toMatchObject({ exit_code: 0, left: 0 });
  expect(result.outlived).toBeGreaterThan(2);
  const bundle = path.join(site.folder, "bundle.md");
  expect(await endLeftovers(markOf({ run: RUN, bundle }), systemClock)).toEqual({ ended: 0, left: 0 });
});

test("a file larger than it may write is cut short", async () => {
  const result = await agentSite().run(
    'try { require("fs").writeFileSync("big", Buffer.alloc(3 << 20)); console.log("written") } catch (e) { console.log(e.code) }',
    { limits: { processes: 50, file_bytes: 1 << 20, open_files: 1024, memory_bytes: 2 ** 32 } },
  );
  expect(result.applied.limits).toContainEqual({ name: "file_bytes", max: 1 << 20, by: "rlimit" });
  expect(textOf(result.stdout)).not.toContain("written");
});

test("without a sandbox the network is there, and that is what is told", async () => {
  const server = createServer((socket) => socket.end("hello"));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    const result = await agentSite().run(`require("net").connect(${port}, "127.0.0.1").pipe(process.stdout)`);
    expect(textOf(result.stdout)).toBe("hello");
    expect(result.applied.network).toBe(true);
  } finally {
    server.close();
  }
});
