import { describe, expect, test } from "vitest";
import type { WebhookRuntime } from "../../../src/ingress/desk-ingress.ts";
import { receive } from "../../../src/ingress/receive.ts";
import { fakeEngine } from "../../support/fake-engine.ts";
import { desk, NOW, signed, webhook } from "../../support/ingress-desk.ts";

const WINDOW = 60_000;

function world(settings: Partial<WebhookRuntime>) {
  const host = fakeEngine();
  const at = desk([webhook({ dedupe_window_ms: WINDOW, ...settings })], host);
  return {
    host,
    /** After so many milliseconds. */
    send: async (afterMs: number, body: string, id?: string) => {
      const answer = await receive(at, "price-alert", signed(body, { "x-qoc-delivery": id }), NOW + afterMs);
      if (answer.kind === "refused") throw new Error(answer.detail);
      return answer;
    },
  };
}

describe("a known delivery", () => {
  test("within the window is a duplicate, to its last millisecond", async () => {
    const { send } = world({});
    const first = await send(0, "{}");
    expect(await send(WINDOW, "{}")).toEqual({ ...first, duplicate: true });
  });

  test("after the window begins a run of its own, which is then the one that is known", async () => {
    const { send, host } = world({});
    const first = await send(0, "{}");
    const second = await send(WINDOW + 1, "{}");
    expect(second).toMatchObject({ duplicate: false, flag: null });
    expect(second.run).not.toBe(first.run);
    expect(await send(WINDOW + 2, "{}")).toEqual({ ...second, duplicate: true });
    expect(host.posted.map(({ birth }) => birth !== null)).toEqual([true, true, false]);
  });

  test("begins another run after each window, and all of them can be told apart", async () => {
    const { send } = world({});
    const runs = [];
    for (const nth of [0, 1, 2, 3]) runs.push((await send(nth * (WINDOW + 1), "{}")).run);
    expect(new Set(runs).size).toBe(4);
  });

  test("under its id with other bytes is a conflict within the window, and a run of its own after it", async () => {
    const { send } = world({ dedupe: { kind: "id+body" } });
    const first = await send(0, '{"n":1}', "D-1");
    expect(await send(1, '{"n":2}', "D-1")).toEqual({ ...first, flag: "id_conflict" });
    expect(await send(WINDOW + 1, '{"n":2}', "D-1")).toMatchObject({ duplicate: false, flag: null });
    expect(await send(WINDOW + 2, '{"n":2}', "D-1")).toMatchObject({ duplicate: true });
  });

  test("by its bytes under another id is no replay after the window", async () => {
    const { send } = world({ dedupe: { kind: "id+body" } });
    await send(0, "{}", "D-1");
    expect(await send(1, "{}", "D-2")).toMatchObject({ flag: "suspected_replay" });
    expect(await send(WINDOW + 1, "{}", "D-3")).toMatchObject({ duplicate: false, flag: null });
  });

  test("by its path begins a run of its own after the window", async () => {
    const { send } = world({ dedupe: { kind: "path", pointer: "/alert" } });
    const first = await send(0, '{"alert":7}');
    const second = await send(WINDOW + 1, '{"alert":7}');
    expect(second.run).not.toBe(first.run);
    expect(second.duplicate).toBe(false);
  });

  test("is known for ever where no window is set", async () => {
    const { send } = world({ dedupe_window_ms: null });
    const first = await send(0, "{}");
    expect(await send(10 * 365 * 86_400_000, "{}")).toEqual({ ...first, duplicate: true });
  });

  test("is within the window when the clock was set back", async () => {
    const { send } = world({});
    await send(0, "{}");
    expect(await send(-3_600_000, "{}")).toMatchObject({ duplicate: true });
  });
});

test("two copies after the window, in one turn, begin one run", async () => {
  const { send } = world({});
  await send(0, "{}");
  const both = await Promise.all([send(WINDOW + 1, "{}"), send(WINDOW + 1, "{}")]);
  expect(both.map(({ duplicate }) => duplicate)).toEqual([false, true]);
  expect(new Set(both.map(({ run }) => run)).size).toBe(1);
});
