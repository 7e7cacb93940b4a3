/** Many runs on one desk: first come, first served, in flat memory, in a bounded queue, beside a daemon that goes on answering. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { filesIn, textIn } from "../support/agent-desk.ts";
import { ask, quiet } from "../support/control.ts";
import { type Daemon, stop, up } from "../support/daemon.ts";
import { webhookToml } from "../support/desk-folder.ts";
import { cancelRun, journalOf, until } from "../support/order-desk.ts";
import { type Answer, post } from "../support/sender.ts";
import { SHELL_DESK, shellDesk } from "../support/shell-desk.ts";

/** `QUEUE_RUNS=1000` for the long form. */
const RUNS = Number(process.env["QUEUE_RUNS"] ?? 120);
/** Of them, so many come at one moment, with as many again for which there is no room. */
const BURST = 20;
/** A run takes a twentieth of a second on a machine with nothing else to do. */
const LONG_MS = RUNS * 400 + 60_000;
/** What the daemon may have more in the last third of the queue than in the first: less than a tenth of a MiB a run of the long form. */
const GROWTH_BYTES_MAX = 64 * 1024 * 1024;

const queueDesk = (script: string, tasks: readonly string[], agent: string): string =>
  shellDesk({ script, tasks, agent, toml: webhookToml("note") });

const Status = z.object({ workspaces: z.array(z.object({ runs: z.object({ unfinished: z.number() }) })) });
const unfinished = async (dir: string): Promise<number> =>
  Status.parse(await ask(dir, "/api/status")).workspaces[0]?.runs.unfinished ?? 0;
const runOf = ({ body }: Answer): string => String(body["run"]);
const linesOf = (dir: string, file: string): readonly string[] =>
  filesIn(dir, ".").includes(file) ? textIn(dir, file).trim().split("\n") : [];
const rssOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;

const send = (daemon: Daemon, name: string, n: number): Promise<Answer> =>
  post(daemon.ingress, SHELL_DESK, { webhook: name, delivery_id: `${name}-${n}`, body: `{"n":${n}}` });

describe(`${RUNS} runs that wait on one desk`, () => {
  let dir: string;
  let daemon: Daemon;
  /** In the order of their 202s. */
  const inTurn: string[] = [];
  let burst: readonly Answer[];

  beforeAll(async () => {
    // The first run waits until all have come.
    dir = queueDesk(
      'echo "$QOC_RUN" >> order.txt\nuntil [ -e go ]; do sleep 0.05; done\n',
      ["go"],
      `queue_max = ${RUNS}`,
    );
    daemon = await up([dir]);
    for (let n = 0; n < RUNS - BURST; n += 1) {
      const answer = await send(daemon, "go", n);
      expect([n, answer.status]).toEqual([n, 202]);
      inTurn.push(runOf(answer));
    }
    const more = Array.from({ length: 2 * BURST }, (_, n) => send(daemon, "go", RUNS + n));
    burst = await Promise.all(more);
  }, LONG_MS);

  test("the queue takes as many as it may hold, and tells the others when to come again", async () => {
    const refused = burst.filter(({ status }) => status !== 202);
    expect(refused).toHaveLength(BURST);
    expect(new Set(refused.map(({ status, headers }) => `${status} ${headers.get("retry-after")}`))).toEqual(
      new Set(["503 30"]),
    );
    // The last 202 may be older than the record of its run by a moment.
    await until(async () => ((await unfinished(dir)) === RUNS ? true : undefined), "take all of them in");
    const again = await send(daemon, "go", 3);
    expect([again.status, again.body["duplicate"], runOf(again)]).toEqual([202, true, inTurn[3]]);
    expect((await send(daemon, "note", 0)).status).toBe(202);
  });

  test("one that waits can be cancelled, and is never begun", async () => {
    const run = inTurn[5] ?? "";
    expect((await cancelRun({ dir }, run)).status).toBe(200);
    await until(async () => ((await journalOf({ dir }, run)).state === "sealed" ? true : undefined), "end it");
    expect((await journalOf({ dir }, run)).outcome).toBe("cancelled");
    const instead = await send(daemon, "go", 10 * RUNS);
    expect(instead.status).toBe(202);
  });

  /** Resolves once the item of such a delivery is written: how it was answered, and whether the queue is still worked on. */
  async function noted(n: number): Promise<readonly [status: number, isBusy: boolean]> {
    const items = filesIn(dir, "inbox").length;
    const { status } = await send(daemon, "note", n);
    await until(async () => (filesIn(dir, "inbox").length > items ? true : undefined), "write the item");
    return [status, (await unfinished(dir)) > 0];
  }

  test(
    "all are run, each once and in the order of their 202s, in flat memory, beside whatever else comes",
    async () => {
      const rss: number[] = [];
      const waits: number[] = [];
      const notes: (readonly [status: number, isBusy: boolean])[] = [];
      writeFileSync(path.join(dir, "go"), "");
      for (let left = RUNS; left > 0; left = await unfinished(dir)) {
        rss.push(rssOf(daemon.pid));
        const began = performance.now();
        expect(await ask(dir, "/readyz")).toMatchObject({ ready: true });
        if (notes.length * 4 < rss.length && left > RUNS / 10) {
          notes.push(await noted(notes.length + 1));
        }
        waits.push(performance.now() - began);
        await new Promise((again) => setTimeout(again, RUNS / 4));
      }
      const order = linesOf(dir, "order.txt");
      const cancelled = inTurn[5];
      expect(order.slice(0, inTurn.length - 1)).toEqual(inTurn.filter((run) => run !== cancelled));
      expect([order.length, new Set(order).size]).toEqual([RUNS, RUNS]);
      expect(notes.length).toBeGreaterThan(0);
      expect(notes.filter(([status, isBusy]) => status !== 202 || !isBusy)).toEqual([]);
      expect(Math.max(...waits)).toBeLessThan(5_000);
      const third = Math.floor(rss.length / 3);
      const growth = mean(rss.slice(-third)) - mean(rss.slice(0, third));
      expect(growth).toBeLessThan(GROWTH_BYTES_MAX);
      if (process.env["QUEUE_RUNS"] !== undefined)
        process.stdout.write(`rss +${Math.round(growth / 1024)} KiB, longest wait ${Math.max(...waits)} ms\n`);
    },
    LONG_MS,
  );

  test(
    "those that were told to come again are taken then, and nothing is lost",
    async () => {
      const again = await Promise.all(burst.map((_, n) => send(daemon, "go", RUNS + n)));
      expect(again.map(({ status }) => status)).toEqual(burst.map(() => 202));
      expect(again.filter(({ body }) => body["duplicate"] === true)).toHaveLength(BURST);
      await until(async () => ((await unfinished(dir)) === 0 ? true : undefined), "run them");
      await quiet(dir);
      const order = linesOf(dir, "order.txt");
      expect([order.length, new Set(order).size]).toEqual([RUNS + BURST, RUNS + BURST]);
      expect((await stop(daemon)).code).toBe(0);
    },
    LONG_MS,
  );
});

test("of a running one that is cancelled the process is gone, and the next one has its turn", async () => {
  const dir = queueDesk("echo $$ >> pids.txt\n[ -e go ] || exec sleep 600\n", ["go"], "");
  const daemon = await up([dir]);
  const [first, second] = [await send(daemon, "go", 1), await send(daemon, "go", 2)];
  const pid = await until(async () => linesOf(dir, "pids.txt")[0], "begin");
  writeFileSync(path.join(dir, "go"), "");
  expect((await cancelRun({ dir }, runOf(first))).status).toBe(200);
  await quiet(dir);
  expect(filesIn("/proc", ".")).not.toContain(pid);
  expect((await journalOf({ dir }, runOf(first))).outcome).toBe("cancelled");
  expect((await journalOf({ dir }, runOf(second))).outcome).toBe("completed");
  expect((await stop(daemon)).code).toBe(0);
});

test("one that is cancelled while its agent is being launched leaves no process", async () => {
  const dir = queueDesk("echo $$ >> pids.txt\nexec sleep 600\n", ["go"], "");
  const daemon = await up([dir]);
  const runs: string[] = [];
  for (let round = 0; round < 20; round += 1) {
    const run = runOf(await send(daemon, "go", round));
    runs.push(run);
    await until(
      async () => ((await journalOf({ dir }, run)).state === "executing.performing" ? run : undefined),
      "begin",
    );
    expect((await cancelRun({ dir }, run)).status).toBe(200);
  }
  await quiet(dir);
  await until(async () => (filesIn(dir, ".qoc/agents").length === 0 ? true : undefined), "take the folders away");
  const living = new Set(filesIn("/proc", "."));
  expect(linesOf(dir, "pids.txt").filter((pid) => living.has(pid))).toEqual([]);
  expect(await Promise.all(runs.map(async (run) => (await journalOf({ dir }, run)).outcome))).toEqual(
    runs.map(() => "cancelled"),
  );
  expect((await stop(daemon)).code).toBe(0);
});

describe("max_concurrent = 3", () => {
  const TASKS = ["a", "b", "c", "d", "e"];
  const SCRIPT = "echo + >> log.txt\nuntil [ -e go ]; do sleep 0.05; done\necho - >> log.txt\n";
  const peakOf = (log: readonly string[]): number => {
    let now = 0;
    return Math.max(...log.map((line) => (now += line === "+" ? 1 : -1)));
  };

  test("runs three at once and never four, and runs of one task one after the other", async () => {
    const dir = queueDesk(SCRIPT, TASKS, "max_concurrent = 3");
    const daemon = await up([dir]);
    const answers = await Promise.all(TASKS.map((task, n) => send(daemon, task, n)));
    const more = await Promise.all(TASKS.map((task, n) => send(daemon, task, 100 + n)));
    await until(async () => (linesOf(dir, "log.txt").length >= 3 ? true : undefined), "begin three");
    await until(async () => ((await unfinished(dir)) === 2 * TASKS.length ? true : undefined), "take all of them in");
    writeFileSync(path.join(dir, "go"), "");
    await quiet(dir);
    expect(peakOf(linesOf(dir, "log.txt"))).toBe(3);
    const outcomes = await Promise.all(
      [...answers, ...more].map(async (answer) => (await journalOf({ dir }, runOf(answer))).outcome),
    );
    expect(outcomes).toEqual(outcomes.map(() => "completed"));
    expect((await stop(daemon)).code).toBe(0);
  });

  test("two runs of one task at once: the second waits for the first", async () => {
    const dir = queueDesk(SCRIPT, ["a"], "max_concurrent = 3");
    const daemon = await up([dir]);
    const answers = [await send(daemon, "a", 1), await send(daemon, "a", 2)];
    await until(async () => linesOf(dir, "log.txt")[0], "begin");
    writeFileSync(path.join(dir, "go"), "");
    await quiet(dir);
    expect(linesOf(dir, "log.txt")).toEqual(["+", "-", "+", "-"]);
    const outcomes = await Promise.all(
      answers.map(async (answer) => (await journalOf({ dir }, runOf(answer))).outcome),
    );
    expect(outcomes).toEqual(["completed", "completed"]);
    expect((await stop(daemon)).code).toBe(0);
  });
});
