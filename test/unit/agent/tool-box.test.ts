import * as fs from "node:fs";
import path from "node:path";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { ToolBoxWorld } from "../../../src/agent/tool-box.ts";
import type { ToolLimits } from "../../../src/agent/tool-limits.ts";
import { argumentsOf, worldWith, type World } from "./tool-world.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

const worlds: World[] = [];
function given(parts: Partial<ToolBoxWorld> = {}, limits: Partial<ToolLimits> = {}): World {
  const world = worldWith(parts, limits);
  worlds.push(world);
  return world;
}
afterEach(() => {
  for (const world of worlds.splice(0)) world.remove();
});

/** A promise, and how it is kept. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe("every call is recorded before it is answered", () => {
  test.each([
    ["one that reads", "read_file", { path: "desk.toml" }, true],
    ["one that climbs", "read_file", { path: "../x" }, false],
    ["one of an absolute path", "list_files", { path: "/etc" }, false],
    ["one of the secrets", "read_file", { path: ".env.qoc" }, false],
    ["one that would write elsewhere", "research_write", { name: "../desk.toml", content: "x" }, false],
    ["one to approve", "approve", { draft: 1 }, false],
    ["one that is named like a member of every object", "constructor", {}, false],
    ["one without a name", "", {}, false],
    ["one with arguments of another form", "status", { run: "another" }, false],
    ["one with no arguments", "read_file", undefined, false],
  ])("%s", async (_what, tool, args, ok) => {
    const world = given();
    const answer = await world.box.call(tool, args);
    expect(answer.ok).toBe(ok);
    expect(world.recorded.length).toBe(1);
    const [recorded] = world.recorded;
    expect(recorded?.call).toMatchObject({ tool, ok, refusal: answer.ok ? null : answer.refusal });
    expect(recorded?.call.artifacts).toEqual(recorded?.artifacts.map(({ ref }) => ref));
    expect(recorded === undefined ? "" : argumentsOf(recorded)).toBe(JSON.stringify(args ?? null));
  });

  test("a link of every sort is refused and recorded", async () => {
    const world = given();
    const inDesk = (file: string): string => path.join(world.desk, file);
    fs.symlinkSync("/etc/passwd", inDesk("research/a.md"));
    fs.symlinkSync("../.env.qoc", inDesk("research/b.md"));
    fs.linkSync(inDesk(".env.qoc"), inDesk("research/c.md"));
    fs.symlinkSync("../.qoc", inDesk("research/d"));
    for (const file of ["a.md", "b.md", "c.md", "d/key"]) {
      expect(await world.box.call("read_file", { path: `research/${file}` })).toMatchObject({ ok: false });
    }
    expect(world.recorded.map(({ call }) => call.ok)).toEqual([false, false, false, false]);
    expect(JSON.stringify(world.recorded)).not.toContain("canary-secret");
  });

  test("the answer waits for the record, which comes behind the work", async () => {
    const { opened, open } = gate();
    const seen: string[] = [];
    const world = given({
      record: async () => {
        seen.push(world.text("research/a.md"));
        await opened;
      },
    });
    let answered = false;
    const call = world.box.call("research_write", { name: "a", content: "x" }).then((answer) => {
      answered = true;
      return answer;
    });
    await expect.poll(() => seen).toEqual(["x\n"]);
    expect(answered).toBe(false);
    open();
    expect(await call).toMatchObject({ ok: true });
  });

  test("a record that fails makes the call fail, and the next one is taken all the same", async () => {
    let fails = true;
    const world = given({ record: () => (fails ? Promise.reject(new Error("disk full")) : Promise.resolve()) });
    await expect(world.box.call("list_files", {})).rejects.toThrow("disk full");
    fails = false;
    expect(await world.box.call("list_files", {})).toMatchObject({ ok: true });
  });

  test("a tool that fails is a refusal that tells nothing of why, which the log does", async () => {
    const world = given({ standing: () => Promise.reject(new Error("/root/secret")) });
    expect(await world.box.call("status", {})).toEqual({
      ok: false,
      refusal: "The tool failed; the daemon's log says why.",
    });
    expect(world.complaints).toEqual(["the tool status failed"]);
    expect(JSON.stringify(world.recorded)).not.toContain("/root/secret");
  });
});

describe("calls of one run", () => {
  test("go one after the other, in the order they came", async () => {
    const { opened, open } = gate();
    const log: string[] = [];
    const world = given({
      standing: async () => {
        log.push("begins");
        await opened;
        log.push("ends");
        return { state: "executing", runs_under_way: 1, runs_queued: 0, drafts_waiting: [] };
      },
      record: ({ tool }) => {
        log.push(`recorded ${tool}`);
        return Promise.resolve();
      },
    });
    const calls = [world.box.call("status", {}), world.box.call("status", {}), world.box.call("approve", {})];
    await expect.poll(() => log).toEqual(["begins"]);
    open();
    await Promise.all(calls);
    expect(log).toEqual(["begins", "ends", "recorded status", "begins", "ends", "recorded status", "recorded approve"]);
  });

  test("that wait beyond the bound are refused and recorded without their arguments", async () => {
    const world = given({}, { waiting: 3 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => world.box.call("list_files", {})));
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, false, false]);
    expect(world.recorded.map(({ artifacts }) => artifacts.length)).toEqual([1, 1, 1, 0, 0]);
  });

  test("two writes of one name at once leave the last of them", async () => {
    const world = given();
    const write = (content: string) => world.box.call("research_write", { name: "a", content });
    expect((await Promise.all([write("first"), write("second")])).map(({ ok }) => ok)).toEqual([true, true]);
    expect(world.text("research/a.md")).toBe("second\n");
  });
});

describe("the end of a run", () => {
  test("refuses what comes behind it, and records nothing of that", async () => {
    const world = given();
    await world.box.close();
    expect(await world.box.call("list_files", {})).toEqual({
      ok: false,
      refusal: "The tools of this run are closed: it has ended.",
    });
    expect(world.recorded).toEqual([]);
  });

  test("waits for the call under way, refuses those that wait, and nothing is recorded behind it", async () => {
    const { opened, open } = gate();
    const world = given({
      standing: async () => {
        await opened;
        return { state: "executing", runs_under_way: 1, runs_queued: 0, drafts_waiting: [] };
      },
    });
    const first = world.box.call("status", {});
    const second = world.box.call("research_write", { name: "a", content: "x" });
    await Promise.resolve();
    let recordedAtClose = -1;
    const closed = world.box.close().then(() => {
      recordedAtClose = world.recorded.length;
    });
    open();
    expect(await first).toMatchObject({ ok: true });
    expect(await second).toMatchObject({ ok: false, refusal: expect.stringContaining("ended") });
    await closed;
    expect([recordedAtClose, world.recorded.length]).toEqual([2, 2]);
    expect(world.names("research")).toEqual([]);
  });
});

test("whatever is called, the box answers, records it in a form that JSON has, and writes nothing but where it may", async () => {
  const world = given({}, { calls: 100_000, calls_per_minute: 100_000 });
  const files = { desk: world.text("desk.toml"), env: world.text(".env.qoc"), names: world.names(".") };
  const tool = fc.oneof(
    fc.constantFrom(
      "read_file",
      "list_files",
      "research_write",
      "inbox_write",
      "snapshot",
      "orders_propose",
      "approve",
    ),
    fc.string({ unit: "binary", maxLength: 200 }),
  );
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("desk.toml", "../x", ".env.qoc", "note", "a"));
  const args = fc.oneof(
    fc.anything(),
    fc.record(
      { path: text, name: text, content: text, kind: text, title: text, body: text, text },
      { requiredKeys: [] },
    ),
    fc.record({ name: text, content: text }),
    fc.record({ kind: fc.constant("note"), title: text, body: text }),
  );
  await fc.assert(
    fc.asyncProperty(tool, args, async (name, given_) => {
      const before = world.recorded.length;
      const answer = await world.box.call(name, given_);
      expect(world.recorded.length).toBe(before + 1);
      const recorded = world.recorded[before];
      expect(recorded?.call.ok).toBe(answer.ok);
      expect(JSON.stringify(recorded?.call)).not.toMatch(/\\ud[89a-f]|\\u00[01]/i);
    }),
  );
  expect(world.recorded.some(({ call }) => call.ok)).toBe(true);
  expect({ desk: world.text("desk.toml"), env: world.text(".env.qoc"), names: world.names(".") }).toEqual(files);
  expect(world.names(".qoc")).toEqual(["key"]);
});
