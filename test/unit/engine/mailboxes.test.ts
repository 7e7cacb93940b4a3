import { describe, expect, test } from "vitest";
import type { Told } from "../../../src/engine/advance.ts";
import { createMailboxes, type Batch } from "../../../src/engine/mailboxes.ts";
import type { Address } from "../../../src/core/ids.ts";
import { a, b, c, mailFor } from "./toy-desk.ts";

let places = 0;
const mail = (to: Address, through: Address | null = null): Told => ({
  kind: "mail",
  placed: {
    position: [(places += 1), 0],
    mail: mailFor(to, ["TOLD"], { through: through && { to: through, event: { type: "HEARD" } } }),
  },
});
const named = (batches: readonly Batch[]): readonly (readonly [Address, number])[] =>
  batches.map(({ address, told }) => [address, told.length] as const);

describe("mailboxes", () => {
  test("give out actors in the order that they came to have something, each with all of it", () => {
    const boxes = createMailboxes(10, 3);
    for (const to of [a, b, a]) boxes.put(to, mail(to));
    expect(named(boxes.next(8))).toEqual([
      [a, 2],
      [b, 1],
    ]);
    expect(boxes.isEmpty()).toBe(true);
  });

  test("give out no more than asked for, nor more of one actor than a batch holds", () => {
    const boxes = createMailboxes(2, 3);
    for (const to of [a, a, a, b]) boxes.put(to, mail(to));
    const first = boxes.next(1);
    expect(named(first)).toEqual([[a, 2]]);
    for (const batch of first) boxes.free(batch, []);
    expect(named(boxes.next(8))).toEqual([
      [b, 1],
      [a, 1],
    ]);
  });

  test("keep an actor that is taken until it is free", () => {
    const boxes = createMailboxes(10, 3);
    boxes.put(a, mail(a));
    const [batch] = boxes.next(8);
    boxes.put(a, mail(a));
    expect(boxes.next(8)).toEqual([]);
    if (batch !== undefined) boxes.free(batch, []);
    expect(named(boxes.next(8))).toEqual([[a, 1]]);
  });

  test("put mail that goes through another into that one's box, and hold back its addressee meanwhile", () => {
    const boxes = createMailboxes(10, 3);
    boxes.put(a, mail(a, c));
    boxes.put(a, mail(a));
    const [batch] = boxes.next(8);
    expect(named(batch === undefined ? [] : [batch])).toEqual([[c, 1]]);
    expect(boxes.next(8)).toEqual([]);
    if (batch !== undefined) boxes.free(batch, []);
    expect(named(boxes.next(8))).toEqual([[a, 1]]);
  });

  test("give out less of what goes through an actor, because each of it is one more actor in the commit", () => {
    const boxes = createMailboxes(10, 3);
    for (const to of [a, b, a, b, a]) boxes.put(to, mail(to, c));
    const [batch] = boxes.next(8);
    expect(named(batch === undefined ? [] : [batch])).toEqual([[c, 3]]);
    if (batch !== undefined) boxes.free(batch, []);
    expect(named(boxes.next(8))).toEqual([[c, 2]]);
  });

  test("take all of several actors or none, and say who is taken", async () => {
    const boxes = createMailboxes(10, 3);
    boxes.put(a, mail(a));
    const [batch] = boxes.next(8);
    expect(boxes.take([b, a])).toBe(a);
    boxes.put(b, mail(b));
    expect(named(boxes.next(8))).toEqual([[b, 1]]);
    const freed = boxes.freed(a);
    if (batch !== undefined) boxes.free(batch, []);
    await freed;
    expect(boxes.take([a, c])).toBeUndefined();
    boxes.put(c, mail(c));
    expect(boxes.next(8)).toEqual([]);
  });
});
