/** Runs that an earlier build of the same machine began, before there were agents and drafts: a store holds them for as long as they are kept. */
import { expect, test } from "vitest";
import { z } from "zod";
import { asJson, done, erase, erased, executing, SEALED } from "../../support/delivery-words.ts";
import { type Actor, tell } from "../../support/machine-given.ts";
import { sealed } from "./delivery-rows.ts";

const Snapshot = z.looseObject({ context: z.record(z.string(), z.json()) });
const NEWER: ReadonlySet<string> = new Set(["by_hand", "sending", "asks_first", "notified"]);

/** With the context that such a build gave it. */
function older(actor: Actor): Actor {
  const whole = Snapshot.parse(actor.record.snapshot);
  const { context } = whole;
  const kept = Object.entries(context).filter(([name]) => !NEWER.has(name));
  expect(kept.length).toBe(Object.keys(context).length - NEWER.size);
  const then = { ...Object.fromEntries(kept), drafts: 0, decided: [], approved: [] };
  return { ...actor, record: { ...actor.record, snapshot: asJson({ ...whole, context: then }) } };
}

test("one that was writing its inbox item is sealed", () => {
  const { record } = tell(older(executing()), done(), SEALED);
  expect(record).toMatchObject({ state: "sealed", snapshot: { context: { notified: 1 } } });
});

test("one that was sealed can be erased", () => {
  expect(tell(older(sealed), erase, erased()).record.state).toBe("erased");
});
