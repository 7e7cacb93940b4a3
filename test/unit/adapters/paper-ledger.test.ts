/** Whatever fails and whenever the process or the power goes: an order is filled once, and what was said to be filled stays so. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Connector, OrderToSend } from "../../../src/orders/connector.ts";
import { formatDecimal } from "../../../src/orders/decimal.ts";
import { type Fate, type LogMemoryDisk, logMemoryDisk, type PowerCut } from "./log-memory-disk.ts";
import { DESK, holdingsOn, LEDGER, ledgerOn, orderToSend, paperOn } from "./paper-support.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

const orders = [orderToSend(1), orderToSend(2, { quantity: "2.5" }), orderToSend(3, { side: "sell", quantity: "4" })];

/** The step that fails, and whether the process goes on or is ended by it. */
type Fault = { readonly at: number; readonly fate: "lost" | "kept"; readonly dies: boolean };
type End = PowerCut | "kill";

const fateOf =
  ({ at, fate, dies }: Fault) =>
  (_: unknown, now: number): Fate =>
    now === at ? fate : dies && now > at ? "dead" : "done";

/** Sends each order, and asks for one that failed as a resume would. Notes the orders that were said to be filled. */
async function live(paper: Connector, sent: readonly OrderToSend[], filled: Set<OrderToSend>): Promise<void> {
  for (const order of sent) {
    const said = await paper.submit(order).catch(() => paper.ask(order.key));
    if (said.kind === "filled") filled.add(order);
    if (said.kind === "refused") throw new Error(said.reason);
  }
}

/** What the next process finds is the truth: asked, sent again where it was not seen, every order is there once. */
async function expectRestart(disk: LogMemoryDisk, filled: ReadonlySet<OrderToSend>): Promise<void> {
  const paper = paperOn(disk);
  for (const order of orders) {
    const answer = await paper.ask(order.key);
    expect(["filled", "not_seen"]).toContain(answer.kind);
    expect(answer.kind === "filled" || !filled.has(order)).toBe(true);
    expect(ledgerOn(disk).lines.some(({ key }) => key === order.key)).toBe(answer.kind === "filled");
    const again = await paper.submit(order);
    expect(again).toEqual(answer.kind === "filled" ? answer : { ...again, kind: "filled" });
  }
  expect(ledgerOn(disk)).toMatchObject({ tail: "none" });
  expect(
    ledgerOn(disk)
      .lines.map(({ key }) => key)
      .toSorted(),
  ).toEqual(orders.map(({ key }) => key).toSorted());
  const { cash, positions } = holdingsOn(disk);
  // 10 and 2.5 at 120.50, less 4 at 120.25.
  expect([formatDecimal(cash), formatDecimal(positions.get("NVDA") ?? { units: 0n, scale: 0 })]).toEqual([
    "-1025.25",
    "8.5",
  ]);
  expect([...disk.files().keys()]).toEqual([LEDGER]);
}

const ends: readonly End[] = [
  "kill",
  { names: "lost", bytes: 0 },
  { names: "kept", bytes: 0.4 },
  { names: "lost", bytes: 0.999 },
  { names: "kept", bytes: 1 },
];

/** The orders are sent by two processes, the second over what the first left, so that both beginnings of a ledger are gone through. */
async function twoLives(fault: Fault, end: End): Promise<{ disk: LogMemoryDisk; filled: ReadonlySet<OrderToSend> }> {
  const filled = new Set<OrderToSend>();
  const first = logMemoryDisk();
  await live(paperOn(first), orders.slice(0, 1), filled);
  const second = first.after("kill", fateOf(fault));
  await live(paperOn(second), orders, filled).catch((thrown: unknown) => {
    if (!String(thrown).includes("EIO")) throw thrown;
  });
  return { disk: second.after(end), filled };
}

async function stepsOf(before: readonly OrderToSend[]): Promise<number> {
  const disk = logMemoryDisk();
  await live(paperOn(disk), before, new Set());
  const next = disk.after("kill");
  await live(paperOn(next), orders, new Set());
  return next.steps();
}

describe("a paper ledger", () => {
  test.each(ends.map((end) => [JSON.stringify(end), end] as const))(
    "that ends by %s at any step of any process keeps what it said, and fills the rest once",
    async (_, end) => {
      const steps = await stepsOf(orders.slice(0, 1));
      expect(steps).toBeGreaterThan(15);
      for (let at = 0; at < steps; at += 1)
        for (const fate of ["lost", "kept"] as const)
          for (const dies of [true, false]) {
            const { disk, filled } = await twoLives({ at, fate, dies }, end);
            await expectRestart(disk, filled);
          }
    },
  );

  test("of a desk that had none keeps what it said, whichever step fails", async () => {
    const steps = await stepsOf([]);
    expect(steps).toBeGreaterThan(15);
    for (let at = 0; at < steps; at += 1)
      for (const fate of ["lost", "kept"] as const)
        for (const end of ends) {
          const filled = new Set<OrderToSend>();
          const disk = logMemoryDisk(fateOf({ at, fate, dies: true }));
          await live(paperOn(disk), orders, filled).catch(() => {});
          await expectRestart(disk.after(end), filled);
        }
  });

  test("goes on after a step that failed without a restart", async () => {
    const steps = await stepsOf([]);
    for (let at = 0; at < steps; at += 1) {
      const disk = logMemoryDisk(fateOf({ at, fate: "kept", dies: false }));
      const paper = paperOn(disk);
      await live(paper, orders, new Set()).catch(() => {});
      for (const { key } of orders) expect(["filled", "not_seen"]).toContain((await paper.ask(key)).kind);
    }
  });

  test("a line whose sync failed is not answered for from the cache: power that goes behind the answer leaves it", async () => {
    const disk = logMemoryDisk((step, at) => (step === "sync" && at < 8 ? "lost" : "done"));
    const paper = paperOn(disk);
    const [order] = orders;
    if (order === undefined) throw new Error("no order");
    await expect(paper.submit(order)).rejects.toThrow("EIO");
    const answer = await paper.ask(order.key);
    expect(answer.kind).toBe("filled");
    expect(await paperOn(disk.after({ names: "lost", bytes: 0 })).ask(order.key)).toEqual(answer);
  });

  test("fills an order once, however often and at once it is sent", async () => {
    const disk = logMemoryDisk();
    const paper = paperOn(disk);
    const again = [...orders, ...orders, ...orders];
    const said = await Promise.all(again.map((order) => paper.submit(order)));
    expect(ledgerOn(disk).lines.length).toBe(3);
    for (const [i, order] of again.entries()) expect(said[i]).toEqual(await paper.ask(order.key));
  });

  test("loses a torn tail of any length and nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (cut) => {
        const disk = logMemoryDisk();
        await live(paperOn(disk), orders, new Set());
        const whole = disk.files().get(LEDGER) ?? Buffer.alloc(0);
        disk.put(LEDGER, whole.subarray(0, whole.length - (cut % whole.length)));
        const left = new Set(ledgerOn(disk).lines.map(({ key }) => key));
        const paper = paperOn(disk);
        for (const { key } of orders) expect((await paper.ask(key)).kind).toBe(left.has(key) ? "filled" : "not_seen");
        await expectRestart(disk, new Set(orders.filter(({ key }) => left.has(key))));
      }),
    );
  });

  test.each([
    ["a middle that is broken", (text: string) => text.replace("NVDA", "NVDB")],
    ["a last line that is broken and has its end", (text: string) => text.replace(/.\n$/, "\n")],
    ["a line that is gone", (text: string) => text.replace(/^.*\n/, "")],
  ])("%s refuses with the line, adds nothing and is left as it is", async (_, damage) => {
    const disk = logMemoryDisk();
    const [first, second, third] = orders;
    if (first === undefined || second === undefined || third === undefined) throw new Error("no orders");
    await live(paperOn(disk), [first, second], new Set());
    const damaged = Buffer.from(damage((disk.files().get(LEDGER) ?? Buffer.alloc(0)).toString()));
    disk.put(LEDGER, damaged);
    const paper = paperOn(disk);
    expect(await paper.submit(third)).toMatchObject({
      kind: "refused",
      reason: expect.stringMatching(/line \d of the ledger/),
    });
    expect(await paper.ask(third.key)).toMatchObject({ kind: "cannot_tell", reason: expect.stringMatching(/line \d/) });
    expect(disk.files().get(LEDGER)).toEqual(damaged);
  });

  test("takes away the temporaries that a crash left", async () => {
    const disk = logMemoryDisk();
    await live(paperOn(disk), orders, new Set());
    disk.put(`${DESK}/book/.tmp-00000000-0000-4000-8000-0000000000ff`, Buffer.from("{"));
    expect(disk.files().size).toBe(2);
    await expectRestart(disk, new Set(orders));
  });
});
