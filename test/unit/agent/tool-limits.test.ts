import { afterEach, describe, expect, test } from "vitest";
import type { ToolBoxWorld } from "../../../src/agent/tool-box.ts";
import type { ToolLimits } from "../../../src/agent/tool-limits.ts";
import { NEXT_RUN, worldWith, type World } from "./tool-world.ts";

const worlds: World[] = [];
function given(parts: Partial<ToolBoxWorld> = {}, limits: Partial<ToolLimits> = {}): World {
  const world = worldWith(parts, limits);
  worlds.push(world);
  return world;
}
afterEach(() => {
  for (const world of worlds.splice(0)) world.remove();
});

function loop(): unknown {
  const inner: unknown[] = [];
  inner.push(inner);
  return { path: inner };
}

describe("a run has", () => {
  test("so many calls a minute, refused ones among them", async () => {
    const world = given({}, { calls_per_minute: 3 });
    for (const tool of ["list_files", "approve", "list_files"]) await world.box.call(tool, {});
    expect(await world.box.call("list_files", {})).toMatchObject({
      ok: false,
      refusal: expect.stringContaining("60 s"),
    });
    world.pass(59_999);
    expect(await world.box.call("list_files", {})).toMatchObject({ ok: false });
    world.pass(1);
    expect(await world.box.call("list_files", {})).toMatchObject({ ok: true });
    expect(world.recorded.length).toBe(6);
  });

  test("so many calls in all: all of them are recorded, and none behind them is", async () => {
    const world = given({}, { calls: 3 });
    for (const tool of ["list_files", "approve", "list_files"]) await world.box.call(tool, {});
    expect(await world.box.call("list_files", {})).toMatchObject({
      ok: false,
      refusal: expect.stringContaining("3 calls"),
    });
    expect(await world.box.call("inbox_write", {})).toMatchObject({ ok: false });
    expect(world.recorded.length).toBe(3);
  });

  test("arguments over the bound are refused, and only their beginning is kept", async () => {
    const world = given({}, { argument_bytes: 1_000 });
    const content = "x".repeat(5_000);
    expect(await world.box.call("research_write", { name: "a", content })).toMatchObject({
      ok: false,
      refusal: "The arguments have more than 1000 bytes.",
    });
    expect(world.recorded[0]?.call.artifacts).toMatchObject([{ bytes: 1_000, media_type: "text/plain" }]);
    expect(world.names("research")).toEqual([]);
  });

  test.each([
    ["a loop", () => loop(), "list_files"],
    ["no data", () => ({ path: () => 1 }), "read_file"],
    ["a big integer", () => ({ path: 1n }), "read_file"],
    ["nested very deep", () => JSON.parse(`{"path":${"[".repeat(100_000)}${"]".repeat(100_000)}}`), "read_file"],
  ])("arguments that are %s are refused and recorded", async (_what, make, tool) => {
    const world = given();
    expect(await world.box.call(tool, make())).toMatchObject({ ok: false });
    expect(world.recorded.length).toBe(1);
    expect(world.recorded[0]?.artifacts.length).toBe(1);
  });

  test("bytes written in all", async () => {
    const world = given({}, { written_bytes: 10 });
    expect(await world.box.call("research_write", { name: "a", content: "12345" })).toMatchObject({ ok: true });
    expect(await world.box.call("research_write", { name: "a", content: "12345" })).toMatchObject({
      ok: false,
      refusal: "A run writes 10 bytes in all; 4 are left.",
    });
    expect(await world.box.call("issue_update", { summary: "12345" })).toMatchObject({ ok: false });
    expect(await world.box.call("issue_update", { summary: "1234" })).toMatchObject({ ok: true });
    expect(await world.box.call("issue_update", { summary: "1" })).toMatchObject({ ok: false });
    expect(world.text("issues/risk-review.md")).toContain("1234");
    expect(world.text("issues/risk-review.md")).not.toContain("12345");
  });

  test("files made in all; one's own may still be replaced", async () => {
    const world = given({}, { files: 2 });
    for (const name of ["a", "b"]) await world.box.call("research_write", { name, content: "x" });
    expect(await world.box.call("research_write", { name: "c", content: "x" })).toMatchObject({ ok: false });
    expect(await world.box.call("research_write", { name: "b", content: "y" })).toMatchObject({ ok: true });
    expect(world.names("research")).toEqual(["a.md", "b.md"]);
  });

  test("an answer that a tool made too large is cut, and that is said", async () => {
    const says = "😀".repeat(5_000);
    const drafts_waiting = Array.from({ length: 50 }, () => ({ run: NEXT_RUN, file: "orders/proposed/a.toml", says }));
    const world = given({
      standing: () => Promise.resolve({ state: "executing", runs_under_way: 1, runs_queued: 0, drafts_waiting }),
    });
    const answer = await world.box.call("status", {});
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(256 * 1024);
    expect(answer).toMatchObject({
      ok: true,
      text: expect.stringMatching(/\n\[left out: the answer has \d+ bytes in all\]$/),
    });
  });
});
