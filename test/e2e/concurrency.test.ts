/** The same delivery, over as many connections at once as a sender in trouble may open, begins one run: also when the daemon dies over it. */
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { quiet } from "../support/control.ts";
import { kill, stop, up } from "../support/daemon.ts";
import { deskFolder, webhookToml } from "../support/desk-folder.ts";
import { post, type Answer, type Delivery } from "../support/sender.ts";
import { readStoppedDesk, type Run } from "../support/stopped-desk.ts";

const CONNECTIONS = 64;
const TOML = [webhookToml("by-body"), webhookToml("by-id", 'dedupe = "id+body"')].join("\n");
const places = Array.from({ length: CONNECTIONS }, (_, n) => n);

type Variant = readonly [name: string, deliveryOf: (n: number) => Delivery, flag: string | null];
const body = '{"event":"once","price":420.00}';
const variants: readonly Variant[] = [
  ["the same bytes", () => ({ webhook: "by-body", body }), null],
  ["the same id and bytes", () => ({ webhook: "by-id", delivery_id: "D-1", body }), null],
  [
    "the same id with other bytes each time",
    (n) => ({ webhook: "by-id", delivery_id: "D-1", body: `{"n":${n}}` }),
    "id_conflict",
  ],
  [
    "the same bytes with another id each time",
    (n) => ({ webhook: "by-id", delivery_id: `D-${n}`, body }),
    "suspected_replay",
  ],
];

const redeliveriesOf = ({ journal }: Run): number => journal.filter(({ event }) => event === "REDELIVERED").length;

async function auditOf(dir: string): Promise<{ readonly runs: readonly Run[]; readonly items: number }> {
  const desk = await readStoppedDesk(dir, "busy-desk", ["by-body", "by-id"]);
  expect(desk.evidence.filter(({ verdict }) => !verdict.ok)).toEqual([]);
  await desk.store.close();
  return { runs: desk.runs, items: desk.items.filter(({ notice }) => notice === null).length };
}

describe.each(variants)("%s, from 64 connections at once", (_name, deliveryOf, flag) => {
  test("begins one run, and every answer names it", async () => {
    const dir = deskFolder("busy-desk", { toml: TOML });
    const daemon = await up([dir]);
    const answers = await Promise.all(places.map((n) => post(daemon.ingress, "busy-desk", deliveryOf(n))));
    await quiet(dir);
    await stop(daemon);

    expect(answers.map(({ status }) => status)).toEqual(places.map(() => 202));
    expect(new Set(answers.map((answer) => answer.body["run"])).size).toBe(1);
    const firsts = answers.filter((answer) => answer.body["duplicate"] === false && answer.body["flag"] === undefined);
    expect(firsts).toHaveLength(1);
    const others = answers.filter((answer) => !firsts.includes(answer));
    expect(new Set(others.map((answer) => answer.body["flag"] ?? null))).toEqual(new Set([flag]));
    const { runs, items } = await auditOf(dir);
    expect([runs.length, items]).toEqual([1, 1]);
    expect(runs.map(redeliveriesOf)).toEqual([CONNECTIONS - 1]);
  });

  test("begins one run, though the daemon is killed over them and all come again", async () => {
    const dir = deskFolder("busy-desk", { toml: TOML });
    const taken = new Set<unknown>();
    for (const diesAfterMs of [3, 12, 40]) {
      const daemon = await up([dir]);
      const sent = places.map((n) => post(daemon.ingress, "busy-desk", deliveryOf(n)).catch(() => undefined));
      await pause(diesAfterMs);
      await kill(daemon);
      for (const answer of await Promise.all(sent)) if (isTaken(answer)) taken.add(answer.body["run"]);
    }
    const daemon = await up([dir]);
    const answers = await Promise.all(places.map((n) => post(daemon.ingress, "busy-desk", deliveryOf(n))));
    await quiet(dir);
    await stop(daemon);

    for (const answer of answers) taken.add(answer.body["run"]);
    expect(taken.size).toBe(1);
    const { runs, items } = await auditOf(dir);
    expect([runs.length, items]).toEqual([1, 1]);
  });
});

const isTaken = (answer: Answer | undefined): answer is Answer => answer?.status === 202;
