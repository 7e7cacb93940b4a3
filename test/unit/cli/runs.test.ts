import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AT, aRun, runNumber } from "../http/desk-with-runs.ts";
import { type World, cliWorld } from "./cli-world.ts";

let world: World;
beforeEach(() => {
  world = cliWorld();
});
afterEach(() => world.close());

const stuck = aRun({
  run: runNumber(1),
  state: "stuck",
  rows: [{ event: "INTERRUPTED", to: "stuck", observed: [["interrupted", "runAgent"]] }],
});
const held = aRun({ run: runNumber(2), state: "held.for-context" });
const done = aRun({ run: runNumber(3), rows: [{ event: "SEALED", to: "sealed" }] });
const runs = [stuck, held, done];

describe("qoc runs list", () => {
  test("asks the daemon when one runs, and says nothing of stores", async () => {
    await world.daemon(runs);
    const { stderr, json } = await world.qoc("runs list --json");
    expect([stderr, json()["items"]]).toMatchObject(["", [{}, {}, {}]]);
  });

  test("filters are handed on", async () => {
    const { json } = await world.qoc("runs list --json --state held --since 2h", { runs });
    expect(json()).toMatchObject({ items: [{ run: runNumber(2), waiting_for: "context" }] });
  });

  test("says how to go on behind a page", async () => {
    const first = await world.qoc("runs list -n 2", { runs });
    const cursor = /--cursor (\S+)/.exec(first.stderr)?.[1] ?? "";
    const second = await world.qoc(`runs list -n 2 --cursor ${cursor} --json`, { runs });
    expect(second.json()).toMatchObject({ items: [{}], next: null });
  });

  test("an empty view says why, and the one command that fills it", async () => {
    const { stdout, stderr } = await world.qoc("runs list");
    expect([stdout, stderr]).toEqual(["", expect.stringContaining("qoc send price-alert --wait")]);
  });

  test("a view that is empty by its filters says so", async () => {
    expect((await world.qoc("runs list --state dispatching", { runs })).stderr).toContain("No run matches");
  });
});

describe("qoc runs show and qoc why", () => {
  test("show has the run's facts and its journal", async () => {
    const { stdout } = await world.qoc("runs show @needs-me", { runs });
    expect(stdout).toMatch(/run\s+00000001-0000/);
    expect(stdout).toContain("received → stuck");
    expect(stdout).toContain("interrupted=runAgent");
  });

  test("show --json is what the API answered, schema first", async () => {
    const { json } = await world.qoc("runs show 00000001 --json", { runs });
    expect(Object.keys(json())[0]).toBe("schema");
    expect(json()).toMatchObject({
      schema: "qoc.runs.show/1",
      journal: [{ seq: 0 }, { seq: 1, event: "INTERRUPTED" }],
    });
  });

  test("why is one paragraph and the commands that move the run", async () => {
    const { stdout } = await world.qoc("why 00000001", { runs });
    const [paragraph, ...commands] = stdout.trimEnd().split("\n");
    expect(paragraph).toMatch(/^stuck in received since .* not repeated on its own\.$/);
    expect(commands.map((line) => line.trim().split(" ")[2])).toEqual(["resume", "cancel"]);
  });
});

describe("qoc runs watch", () => {
  test("prints the journal that is there and ends with a run that is over", async () => {
    await world.daemon(runs);
    const { exit, stdout } = await world.qoc("runs watch 00000003 --output ndjson");
    expect([
      exit,
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).seq),
    ]).toEqual([0, [0, 1]]);
  });

  test("ends with a run that was erased", async () => {
    const data = { reason: "asked for", seals: [], edited: [], shared: 0, sealed_at: AT };
    await world.daemon([aRun({ run: runNumber(4), state: "erased", rows: [{ event: "ERASED", to: "erased", data }] })]);
    const { exit, stdout } = await world.qoc("runs watch 00000004", { stopping: AbortSignal.timeout(3000) });
    expect([exit, stdout]).toEqual([0, expect.stringContaining("ERASED")]);
  });

  test("prints each row once as it comes, until the run is sealed", async () => {
    const target = await world.daemon(runs);
    const stopping = new AbortController();
    const watching = world.qoc("runs watch 00000002 --output ndjson", { stopping: stopping.signal });
    const [born] = held.journal;
    if (born === undefined) throw new Error("a run has a birth");
    // Told again and again, because the stream may not be open yet; a row that was printed is not printed again.
    const telling = setInterval(() => {
      for (const [seq, to] of ["held.for-context", "executing.performing", "sealed"].entries()) {
        target.tell({ record: held.record, entries: [{ ...born, seq, to }] });
      }
    }, 5);
    const { exit, stdout } = await watching;
    clearInterval(telling);
    expect([
      exit,
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).seq),
    ]).toEqual([0, [0, 1, 2]]);
  });
});

describe("qoc runs resume, cancel, release", () => {
  test("posts the operator's word and says what came of it", async () => {
    const target = await world.daemon(runs);
    const { exit, stdout, stderr } = await world.qoc("runs cancel 00000002 --reason 'not wanted any more'");
    expect([exit, target.posted[0]?.events]).toEqual([0, [{ type: "CANCEL", reason: "not wanted any more" }]]);
    expect(stdout).toContain("the run ends as cancelled");
    expect(stderr).toContain(`Next: qoc why ${runNumber(2)}`);
  });

  test("a dry run needs no reason and does nothing", async () => {
    const target = await world.daemon(runs);
    const { exit, stdout } = await world.qoc("runs resume 00000001 --dry-run");
    expect([exit, target.posted]).toEqual([0, []]);
    expect(stdout).toMatch(/^would resume run/);
  });

  test("--as-new belongs to release alone", async () => {
    await world.daemon(runs);
    expect((await world.qoc("runs resume 00000001 --as-new --reason x")).exit).toBe(64);
    expect((await world.qoc("runs release 00000002 --as-new --reason x")).exit).toBe(75);
  });

  test("a name that fits two runs moves neither", async () => {
    const target = await world.daemon(runs);
    const { exit, stderr } = await world.qoc("runs cancel 0000 --reason x");
    expect([exit, target.posted]).toEqual([64, []]);
    expect(stderr).toContain("RUN_AMBIGUOUS");
  });
});
