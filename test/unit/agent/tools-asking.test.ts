import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ToolAnswer } from "../../../src/agent/tool-door.ts";
import { readDraft } from "../../../src/orders/draft.ts";
import { NEXT_RUN, worldWith, type World } from "./tool-world.ts";

let world: World;
beforeEach(() => {
  world = worldWith();
});
afterEach(() => world.remove());

const call = (tool: string, args: unknown = {}): Promise<ToolAnswer> => world.box.call(tool, args);
const refusal = (says: string) => ({ ok: false, refusal: expect.stringContaining(says) });
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const order = {
  connector: "paper",
  symbol: "NVDA",
  side: "buy",
  quantity: "100",
  type: "limit",
  limit_price: "120.50",
};
const rationale = { summary: "Exposure is under target." };

describe("run", () => {
  test("queues a task once", async () => {
    expect(await call("run", { task: "rebalance", reason: "drift" })).toMatchObject({
      ok: true,
      structured: { run: NEXT_RUN, task: "rebalance" },
    });
    expect(await call("run", { task: "rebalance", reason: "again" })).toMatchObject(refusal("has queued rebalance"));
    expect(world.requeued).toEqual(["rebalance: drift"]);
  });

  test("queues so many tasks and no more", async () => {
    for (const n of [1, 2, 3, 4, 5])
      expect(await call("run", { task: `t${n}`, reason: "r" })).toMatchObject({ ok: true });
    expect(await call("run", { task: "t6", reason: "r" })).toMatchObject(refusal("up to 5 others"));
  });

  test("does nothing at the end of a row of agents", async () => {
    world.remove();
    world = worldWith({ depth: 3 });
    expect(await call("run", { task: "rebalance", reason: "drift" })).toMatchObject(refusal("a person to start"));
    expect(world.requeued).toEqual([]);
  });

  test.each(["../desk", "a/b", ".env", ""])("the task %j is refused before anybody is asked", async (task) => {
    expect(await call("run", { task, reason: "r" })).toMatchObject(refusal("The arguments are wrong"));
    expect(world.requeued).toEqual([]);
  });
});

describe("orders_propose", () => {
  test("makes a draft that reads back as it was proposed, and tells its digest", async () => {
    const answer = await call("orders_propose", { order, rationale });
    const file = "orders/proposed/20260705T142200Z_NVDA_buy.toml";
    const read = readDraft(Buffer.from(world.text(file)), []);
    expect(read).toMatchObject({ kind: "draft", draft: { ...order, time_in_force: "day", rationale } });
    const digest = read.kind === "draft" ? read.digest : "";
    expect(answer).toMatchObject({ ok: true, structured: { file, digest } });
    expect(world.recorded[0]).toMatchObject({
      call: { tool: "orders_propose", ok: true, proposed: { file, digest, content: sha256(world.text(file)) } },
      artifacts: [{ ref: { kind: "tool_arguments" } }, { ref: { kind: "draft", sha256: sha256(world.text(file)) } }],
    });
  });

  test("a second one of the same second has a name of its own", async () => {
    await call("orders_propose", { order, rationale });
    await call("orders_propose", { order, rationale });
    expect(world.names("orders/proposed")).toEqual([
      "20260705T142200Z_NVDA_buy.toml",
      "20260705T142200Z_NVDA_buy_2.toml",
    ]);
  });

  test("makes a draft of a kind that the desk has", async () => {
    const draft = { kind: "deployment", name: "api", fields: { service: "api" } };
    expect(await call("orders_propose", { draft, rationale })).toMatchObject({
      ok: true,
      structured: { file: "orders/proposed/20260705T142200Z_deployment_api.toml" },
    });
  });

  test.each([
    ["no order and no draft", { rationale }],
    ["both", { order, draft: { kind: "deployment", name: "api", fields: { service: "a" } }, rationale }],
    ["a symbol that is a path", { order: { ...order, symbol: "../X" }, rationale }],
    ["a quantity below zero", { order: { ...order, quantity: "-1" }, rationale }],
    ["a quantity that is a double", { order: { ...order, quantity: 0.1 }, rationale }],
    ["a market order with a limit", { order: { ...order, type: "market" }, rationale }],
    ["an unknown connector", { order: { ...order, connector: "live" }, rationale }],
    ["an unknown key", { order: { ...order, approved: true }, rationale }],
    ["an unknown kind", { draft: { kind: "rm", name: "api" }, rationale }],
    [
      "a field that stands for the kind",
      { draft: { kind: "deployment", name: "a", fields: { kind: "b" } }, rationale },
    ],
    ["no reason", { order }],
    ["TOML in a value", { order: { ...order, connector: 'paper"\n[order]\nside = "sell' }, rationale }],
  ])("%s is refused, and leaves no file and no draft", async (_what, args) => {
    expect(await call("orders_propose", args)).toMatchObject({ ok: false });
    expect(world.names("orders/proposed")).toEqual([]);
    expect(world.recorded[0]?.call).toMatchObject({ ok: false, proposed: null });
  });

  test("takes so many drafts of a run and no more", async () => {
    world.remove();
    world = worldWith({}, { drafts: 2 });
    for (const _ of [1, 2]) expect(await call("orders_propose", { order, rationale })).toMatchObject({ ok: true });
    expect(await call("orders_propose", { order, rationale })).toMatchObject(refusal("up to 2 drafts"));
    expect(world.names("orders/proposed").length).toBe(2);
  });
});
