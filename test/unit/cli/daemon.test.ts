import { EventEmitter, once } from "node:events";
import { rmSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Parts, Running, StartOptions } from "../../../src/cli/parts.ts";
import { nodeCheck } from "../../../src/cli/checks.ts";
import { createSignatureHealth } from "../../../src/http/signature-health.ts";
import { AT, aRun, aTarget, runNumber, storeOf } from "../http/desk-with-runs.ts";
import { type World, cliWorld } from "./cli-world.ts";

let world: World;
beforeEach(() => {
  world = cliWorld();
});
afterEach(() => world.close());

/** A daemon that serves nothing, and what was asked of it. */
function aDaemon() {
  const asked: { start?: StartOptions; stops: number[] } = { stops: [] };
  const target = aTarget([aRun()]);
  const closing = new EventEmitter();
  const closed = once(closing, "close").then(() => undefined);
  const start = (options: StartOptions): Promise<Running> => {
    asked.start = options;
    return Promise.resolve({
      target,
      drainMs: 20_000,
      closed,
      reload: target.reload,
      stop: (drainMs) => {
        asked.stops.push(drainMs);
        closing.emit("close");
        return closed;
      },
    });
  };
  const parts: Partial<Parts> = { start };
  return { asked, target, parts };
}

describe("qoc up", () => {
  const stopping = AbortSignal.abort(143);

  test("serves the desk found from here, with the flags over the file", async () => {
    const { asked, parts } = aDaemon();
    await world.qoc("up --ingress 127.0.0.1:0 --console off", { parts, stopping, env: { HOME: "/home/me" } });
    expect(asked.start).toMatchObject({
      dirs: [world.dir],
      ingress: "127.0.0.1:0",
      console: "off",
      globalFile: "/home/me/.qoc/config.toml",
    });
  });

  test("says once that it is ready: version, store, each URL, whether its secret is set", async () => {
    const { parts } = aDaemon();
    const { stdout } = await world.qoc("up", { parts, stopping });
    expect(stdout).toContain("qoc 0.1.0, process 4242");
    expect(stdout).toContain("store open, nothing was under way");
    expect(stdout).toMatch(
      /price-alert\s+inbox\s+secret set\s+http:\/\/127\.0\.0\.1:7430\/webhook\/equity-desk\/price-alert/,
    );
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("ready");
  });

  test("a signal drains for the configured time, or the flag's, and the end is 0", async () => {
    for (const [flags, drain] of [
      ["", 20_000],
      [" --drain 5s", 5000],
    ] as const) {
      const { asked, parts } = aDaemon();
      const { exit, stderr } = await world.qoc(`up${flags}`, { parts, stopping });
      expect([exit, asked.stops, stderr]).toEqual([
        0,
        [drain],
        expect.stringContaining("a second signal stops at once"),
      ]);
    }
  });

  test("prints one line a transition on a terminal", async () => {
    const { target, parts } = aDaemon();
    const stop = new AbortController();
    const up = world.qoc("up", { parts, terminal: true, stopping: stop.signal, env: { NO_COLOR: "1" } });
    await Promise.resolve();
    const telling = setInterval(() => {
      const { record, journal } = aRun({ run: runNumber(8) });
      target.tell({ record, entries: journal });
      stop.abort(130);
    }, 5);
    const { stdout } = await up;
    clearInterval(telling);
    expect(stdout).toMatch(/^00000008 {2}0 {2}13:45:01\.124/m);
  });

  test("an error of the start is its answer", async () => {
    const busy = Object.assign(new Error("listen EADDRINUSE"), { code: "EADDRINUSE" });
    expect((await world.qoc("up", { parts: { start: () => Promise.reject(busy) } })).exit).toBe(75);
  });
});

describe("qoc ready", () => {
  test.each([
    [true, 0],
    [false, 1],
  ])("a daemon whose checks are %s gives %i", async (ok, exit) => {
    await world.daemon([], { ready: () => Promise.resolve([{ name: "disk", ok, says: "12 MiB free" }]) });
    const ended = await world.qoc("ready");
    expect([ended.exit, ended.stdout]).toEqual([exit, ok ? "ready\n" : "not ready\n  disk: 12 MiB free\n"]);
  });

  test("waits until it is", async () => {
    let looks = 0;
    await world.daemon([], {
      ready: () => Promise.resolve([{ name: "doors", ok: ++looks > 3, says: "opening" }]),
    });
    expect([(await world.qoc("ready --wait 20s")).exit, looks]).toEqual([0, 4]);
  });
});

describe("qoc stop", () => {
  test("asks for a drain and waits until nothing answers", async () => {
    const folder = path.join(world.dir, ".qoc");
    const target = await world.daemon([], {
      stop: (drainMs) => drained.push(drainMs) && rmSync(path.join(folder, "c.sock")),
    });
    const drained: number[] = [];
    expect(target.stops).toEqual([]);
    const { exit, stdout } = await world.qoc("stop --drain 3s");
    expect([exit, stdout, drained]).toEqual([0, "stopped\n", [3000]]);
  });
});

describe("qoc status", () => {
  test("of a running daemon has the fixed form", async () => {
    await world.daemon([aRun({ state: "stuck" })]);
    const { exit, json } = await world.qoc("status --json");
    expect(exit).toBe(0);
    expect(json()).toMatchObject({
      schema: "qoc.status/1",
      pid: 4242,
      ready: true,
      workspaces: [{ runs: { stuck: 1 } }],
    });
  });

  test("of a stopped desk is read from its store", async () => {
    const { exit, stdout, stderr } = await world.qoc("status", { runs: [aRun({ state: "stuck" })] });
    expect([exit, stdout]).toEqual([0, expect.stringContaining("stopped")]);
    expect(stdout).toContain("1 stuck");
    expect(stderr).toContain("The daemon is not running");
  });

  test("of a daemon that was killed is that of a stopped desk", async () => {
    await world.daemon([]);
    rmSync(path.join(world.dir, ".qoc", "c.sock"));
    expect((await world.qoc("status --json")).json()).toMatchObject({ pid: null, started_at: null, ready: false });
  });

  test("with a broken desk.toml is 78, and still says how the daemon is", async () => {
    await world.daemon([]);
    world.write("desk.toml", "nonsense = 1\n");
    const { exit, stdout, stderr } = await world.qoc("status");
    expect([exit, stdout]).toEqual([78, expect.stringContaining("ready")]);
    expect(stderr).toContain("nonsense");
  });
});

describe("qoc doctor", () => {
  test("finds nothing wrong with a good desk", async () => {
    await world.daemon([], { desks: () => [] });
    world.write(
      "desk.toml",
      'name = "equity-desk"\n[[webhook]]\nname = "price-alert"\nsecret = "env:WEBHOOK_SECRET_PRICE_ALERT"\naction = "inbox"\n',
    );
    const { exit, stdout } = await world.qoc("doctor");
    expect([exit, stdout]).toEqual([0, expect.stringContaining("✓ ok  configuration")]);
  });

  test("an env file that others can open is wrong, with the command that mends it", async () => {
    world.write(".env.qoc", "WEBHOOK_SECRET_PRICE_ALERT=a\nWEBHOOK_SECRET_RISK=b\n", 0o644);
    const { exit, stdout } = await world.qoc("doctor");
    expect(exit).toBe(1);
    expect(stdout).toContain(`chmod 600 ${path.join(world.dir, ".env.qoc")}`);
  });

  test("a stopped daemon is worth a look and not wrong", async () => {
    const { exit, json } = await world.qoc("doctor --json");
    expect([exit, json()]).toMatchObject([
      0,
      { items: expect.arrayContaining([expect.objectContaining({ name: "daemon", verdict: "warning" })]) },
    ]);
  });

  test("runs that need a person are pointed at", async () => {
    await serving(aTarget([aRun({ state: "stuck" })]));
    expect((await world.qoc("doctor")).stdout).toContain("qoc runs list --needs-me");
  });

  test.each([
    ["20.19.0", "ok"],
    ["22.1.0", "ok"],
    ["20.18.9", "wrong"],
    ["18.20.0", "wrong"],
  ])("Node %s is %s", (version, verdict) => {
    expect(nodeCheck(version).verdict).toBe(verdict);
  });
});

const WHY = { kind: "secret", sure: "proved", says: "it is signed with another secret", try: "set it" } as const;
const GUESS = { kind: "unsigned", sure: "possible", says: "it has no header", try: "nothing" } as const;

/** The desk of this world as `target` has it. */
const serving = (target: ReturnType<typeof aTarget>) =>
  world.daemon([], { desks: () => target.desks().map((desk) => ({ ...desk, dir: world.dir })) });

/** A desk whose webhook price-alert was told of these signatures, in this order. */
async function withSignatures(hadRuns: boolean, told: readonly ("holds" | typeof WHY | typeof GUESS)[]) {
  let now = AT;
  const health = createSignatureHealth({ now: () => now, hadRuns: () => hadRuns });
  for (const one of told) {
    now += 60_000;
    if (one === "holds") health.verified("price-alert");
    else health.failed("price-alert", { fault: "MISMATCH", kind: "signed" }, () => one);
  }
  await serving(aTarget([], { signatures: health.snapshot }));
}

describe("failing signatures", () => {
  test("of a webhook that used to verify are a warning with count, time, likeliest cause and what to do", async () => {
    await withSignatures(false, ["holds", WHY, GUESS]);
    const { exit, stdout } = await world.qoc("doctor");
    expect([exit, stdout]).toEqual([
      0,
      expect.stringContaining(
        "! look  signatures: price-alert used to verify and fails now: 2 failures since 2026-07-05 13:47 UTC; " +
          "likeliest cause (proved): it is signed with another secret\n        try: set it\n",
      ),
    ]);
  });

  test("count as a loss when only an earlier life of the daemon verified any", async () => {
    await withSignatures(true, [GUESS]);
    expect((await world.qoc("doctor")).stdout).toContain("! look  signatures: price-alert used to verify");
  });

  test("of a webhook that never verified are no warning, and are told as what they are", async () => {
    await withSignatures(false, [GUESS, GUESS, GUESS]);
    const { stdout } = await world.qoc("doctor");
    expect(stdout).toContain(
      "✓ ok  signatures: price-alert: 3 unsigned or wrongly signed requests; none ever verified; of one: it has no header",
    );
  });

  test("of a webhook that never verified are a warning once it is proved who signs them", async () => {
    await withSignatures(false, [WHY]);
    expect((await world.qoc("doctor")).stdout).toContain("! look  signatures: price-alert never verified: 1 failure");
  });

  test("that hold again are nothing to look at", async () => {
    await withSignatures(false, ["holds", WHY, "holds"]);
    const { stdout } = await world.qoc("doctor");
    expect(stdout).toContain("✓ ok  signatures: no webhook fails now");
  });

  test("are one line of the status, and strangers are none", async () => {
    await withSignatures(false, ["holds", WHY]);
    expect((await world.qoc("status")).stdout).toContain(
      "  signatures fail: price-alert 1 time since 2026-07-05 13:47 UTC: qoc doctor says why\n",
    );
    await world.close();
    world = cliWorld();
    await withSignatures(false, [GUESS]);
    expect((await world.qoc("status")).stdout).not.toContain("signatures fail:");
  });

  test("stand in the status for programs", async () => {
    await withSignatures(false, ["holds", WHY]);
    expect((await world.qoc("status --json")).json()).toMatchObject({
      workspaces: [{ webhooks: [{ name: "price-alert", signatures: { used_to_verify: true, cause: WHY } }, {}] }],
    });
  });
});

describe("qoc store", () => {
  test("stats has what the store says", async () => {
    expect((await world.qoc("store stats --json", { runs: [aRun()] })).json()).toMatchObject({
      schema: "qoc.store.stats/1",
      actors: 1,
    });
  });

  test("a backup is the daemon's work while one runs, and else is made here", async () => {
    await world.daemon([]);
    expect((await world.qoc("store backup copy --json")).json()).toMatchObject({
      bytes: 4096,
      to: path.join(world.dir, "copy"),
    });
    rmSync(path.join(world.dir, ".qoc", "daemon.json"));
    const parts = { backup: () => Promise.resolve({ bytes: 7 }) };
    expect((await world.qoc("store backup copy --json", { parts })).json()).toMatchObject({ bytes: 7 });
  });

  test("nothing is restored below a running daemon", async () => {
    await world.daemon([]);
    const { exit, stderr } = await world.qoc("store restore copy");
    expect([exit, stderr]).toEqual([75, expect.stringContaining("DAEMON_RUNNING")]);
  });

  test("a restore says what it took", async () => {
    const parts = { restore: () => Promise.resolve({ bytes: 7 }) };
    expect((await world.qoc("store restore copy", { parts })).stdout).toBe(
      `7 bytes from ${path.join(world.dir, "copy")}\n`,
    );
  });
});

describe("qoc artifact cat", () => {
  const sha = "a".repeat(64);

  test("prints the exact bytes", async () => {
    const store = { ...storeOf([]), artifact: () => Buffer.from("raw\u001b[2J"), close: () => Promise.resolve() };
    const parts = { openStore: () => Promise.resolve(store) };
    expect((await world.qoc(`artifact cat sha256:${sha}`, { parts })).stdout).toBe("raw\u001b[2J");
  });

  test("of a hash that nothing has is 66", async () => {
    expect((await world.qoc(`artifact cat ${sha}`)).exit).toBe(66);
  });
});
