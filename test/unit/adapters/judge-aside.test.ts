import type { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test } from "vitest";
import { createJudgeAside, startJudgeWorker, type JudgeAside } from "../../../src/adapters/judge-aside.ts";
import type { Delivery } from "../../../src/ingress/delivery.ts";
import { judge, type Judged } from "../../../src/ingress/judge.ts";
import { NOW, signed, webhook } from "../../support/ingress-desk.ts";
import { presetWebhook, sentBy } from "../../support/preset-sender.ts";

const open: JudgeAside[] = [];
const aside = (start?: () => Worker): JudgeAside => {
  const made = createJudgeAside(start);
  open.push(made);
  return made;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

function deliveryIn(judged: Judged): Delivery {
  if (judged.kind === "unverified") throw new Error(judged.detail);
  return judged.delivery;
}

const BODY = JSON.stringify({ event: "large", price: "420.00", text: "x".repeat(200_000) });

describe("a body that is judged aside", () => {
  test("gives what judging it here gives, with its own bytes", async () => {
    const raw = signed(BODY);
    const judged = await aside().judge(raw, webhook(), "desk", NOW);
    const { facts, sha256, key, first_run, body_key, request, headers } = deliveryIn(
      judge(raw, webhook(), "desk", NOW),
    );
    const refs = { request: { ref: request.ref }, headers: { ref: headers.ref } };
    expect(deliveryIn(judged)).toMatchObject({ facts, sha256, key, first_run, body_key, ...refs });
    expect(Buffer.from(deliveryIn(judged).headers.bytes)).toEqual(headers.bytes);
    expect(judged.kind === "judged" && judged.delivery.request.bytes).toBe(raw.body);
    expect(raw.body).toHaveLength(BODY.length);
  });

  test("of a preset is read by that preset there too", async () => {
    const body = JSON.stringify({
      ref: "refs/heads/main",
      repository: { full_name: "octo/desk" },
      x: "x".repeat(200_000),
    });
    const raw = sentBy("github", { headers: { "x-github-event": "push" }, body }, NOW);
    const judged = await aside().judge(raw, presetWebhook("github"), "desk", NOW);
    expect(judged).toMatchObject({ kind: "judged", delivery: { facts: { provider: "github", project: "octo/desk" } } });
  });

  test("whose signature does not hold says what is wrong with it", async () => {
    const raw = signed(BODY, { "x-qoc-signature": `sha256=${"0".repeat(64)}` });
    expect(await aside().judge(raw, webhook(), "desk", NOW)).toMatchObject({ kind: "unverified", fault: "MISMATCH" });
  });

  test("is one of many, and each gets its own answer", async () => {
    const judges = aside();
    const bodies = [1, 2, 3, 4].map((n) => `{"event":"e${n}"}`);
    const judged = await Promise.all(bodies.map((body) => judges.judge(signed(body), webhook(), "desk", NOW)));
    expect(judged.map((one) => one.kind === "judged" && one.delivery.facts.event_type)).toEqual([
      "e1",
      "e2",
      "e3",
      "e4",
    ]);
  });
});

test("a thread that dies rejects what it had in hand, and the next body gets another one", async () => {
  let started = 0;
  const judges = aside(() => {
    started += 1;
    const worker = startJudgeWorker();
    if (started === 1) void worker.terminate();
    return worker;
  });
  await expect(judges.judge(signed("{}"), webhook(), "desk", NOW)).rejects.toThrow("the thread ended");
  expect(await judges.judge(signed("{}"), webhook(), "desk", NOW)).toMatchObject({ kind: "judged" });
  expect(started).toBe(2);
});
