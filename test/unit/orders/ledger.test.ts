import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runIdOf, sha256Of } from "../../../src/core/ids.ts";
import { add, formatDecimal, multiply, negate, parseDecimal, ZERO } from "../../../src/orders/decimal.ts";
import {
  holdingsAfter,
  type Ledger,
  LEDGER_START,
  type LedgerFill,
  nextLine,
  readLedger,
} from "../../../src/orders/ledger.ts";

fc.configureGlobal({ seed: 1, numRuns: 150 });

const keyOf = (n: number): string => sha256Of(n.toString(16).padStart(64, "0"));
const fillOf = (n: number, changes: Partial<LedgerFill> = {}): LedgerFill => ({
  at: "2026-07-05T14:22:00.000Z",
  key: keyOf(n),
  run: runIdOf("11111111-2222-8333-8444-555555555555"),
  draft: n,
  digest: "d".repeat(64),
  symbol: "NVDA",
  side: "buy",
  quantity: "10",
  price: "120.50",
  ...changes,
});

function bytesOf(fills: readonly LedgerFill[]): Buffer {
  let ledger: Pick<Ledger, "lines" | "head"> = { lines: [], head: LEDGER_START };
  let bytes = Buffer.alloc(0);
  for (const fill of fills) {
    bytes = Buffer.concat([bytes, nextLine(ledger, fill).bytes]);
    const read = readLedger(bytes);
    if (read.kind === "broken") throw new Error(read.reason);
    ledger = read;
  }
  return bytes;
}

const amount = fc
  .tuple(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 1, max: 999_999 }))
  .map(([whole, part]) => `${whole}.${String(part).padStart(6, "0")}`);
const fills = fc
  .array(
    fc.record({
      symbol: fc.constantFrom("NVDA", "BRK.B", "X"),
      side: fc.constantFrom("buy", "sell"),
      quantity: amount,
      price: amount,
    }),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((all): readonly LedgerFill[] =>
    all.map(({ side, ...each }, i) => fillOf(i + 1, { ...each, side: side === "buy" ? "buy" : "sell" })),
  );

describe("a ledger", () => {
  test("is empty where there are no bytes, and nothing is behind that", () => {
    expect(readLedger(Buffer.alloc(0))).toEqual({
      kind: "ledger",
      lines: [],
      head: LEDGER_START,
      bytes: 0,
      tail: "none",
    });
  });

  test("says of a line what changed, and adds up to cash and positions", () => {
    const read = readLedger(bytesOf([fillOf(1), fillOf(2, { side: "sell", quantity: "4", price: "130.25" })]));
    if (read.kind === "broken") throw new Error(read.reason);
    expect(read.lines.map(({ cash, position }) => [cash, position])).toEqual([
      ["-1205", "10"],
      ["521", "-4"],
    ]);
    const opening = { cash: { units: 10_000n, scale: 0 }, positions: new Map([["TSM", { units: 5n, scale: 0 }]]) };
    const { cash, positions } = holdingsAfter(opening, read.lines);
    expect(formatDecimal(cash)).toBe("9316");
    expect([...positions].map(([symbol, held]) => [symbol, formatDecimal(held)])).toEqual([
      ["TSM", "5"],
      ["NVDA", "6"],
    ]);
  });

  test("has no position where all was sold", () => {
    const read = readLedger(bytesOf([fillOf(1), fillOf(2, { side: "sell" })]));
    if (read.kind === "broken") throw new Error(read.reason);
    expect(holdingsAfter({ cash: ZERO, positions: new Map() }, read.lines).positions.size).toBe(0);
  });

  test("adds up exactly, whatever was filled", () => {
    fc.assert(
      fc.property(fills, (all) => {
        const read = readLedger(bytesOf(all));
        if (read.kind === "broken") throw new Error(read.reason);
        const worth = all.map(({ side, quantity, price }) => {
          const money = multiply(parseDecimal(quantity) ?? ZERO, parseDecimal(price) ?? ZERO);
          return side === "buy" ? negate(money) : money;
        });
        const { cash } = holdingsAfter({ cash: ZERO, positions: new Map() }, read.lines);
        expect(formatDecimal(cash)).toBe(formatDecimal(worth.reduce(add, ZERO)));
      }),
    );
  });
});

describe("a ledger that was damaged", () => {
  test("wherever its last line is torn, the lines before it are there and no other", () => {
    fc.assert(
      fc.property(fills, fc.nat(), (all, at) => {
        const whole = bytesOf(all);
        const kept = whole.length - (at % whole.length);
        const read = readLedger(whole.subarray(0, kept));
        if (read.kind === "broken") throw new Error(read.reason);
        const ends = [...whole.keys()].filter((i) => whole[i] === 0x0a);
        // A line is there with its last brace: its end says nothing more.
        expect(read.lines.length).toBe(ends.filter((end) => end <= kept).length);
        expect(read.lines.map(({ key }) => key)).toEqual(all.slice(0, read.lines.length).map(({ key }) => key));
        expect(read.tail).toBe(whole[kept - 1] === 0x0a ? "none" : ends.includes(kept) ? "unended" : "torn");
        expect(read.bytes).toBe(read.tail === "torn" ? (ends.findLast((end) => end < kept) ?? -1) + 1 : kept);
      }),
    );
  });

  test("garbage without an end is a torn tail, whatever it is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (garbage) => {
        fc.pre(!garbage.includes(0x0a));
        const whole = bytesOf([fillOf(1)]);
        const read = readLedger(Buffer.concat([whole, garbage]));
        expect(read).toMatchObject({ kind: "ledger", tail: "torn", bytes: whole.length });
      }),
    );
  });

  test("one changed byte in any line that another follows makes it broken, and the line is named", () => {
    const whole = bytesOf([fillOf(1), fillOf(2), fillOf(3)]);
    const ends = [...whole.keys()].filter((i) => whole[i] === 0x0a);
    fc.assert(
      fc.property(fc.nat(ends[1] ?? 0), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        const read = readLedger(damaged);
        const line = ends.findIndex((end) => at <= end) + 1;
        expect(read.kind).toBe("broken");
        expect(read.kind === "broken" ? read.reason : "").toMatch(
          new RegExp(`line (${line}|${line + 1}) of the ledger`),
        );
      }),
    );
  });

  test.each([
    [
      "a line that is missing",
      (lines: readonly string[]) => [lines[0], lines[2]],
      "line 2 of the ledger does not follow",
    ],
    [
      "two lines in the wrong order",
      (lines: readonly string[]) => [lines[1], lines[0]],
      "line 1 of the ledger does not follow",
    ],
    ["an empty line", (lines: readonly string[]) => [lines[0], "", lines[1]], "line 2 of the ledger is none"],
    [
      "a line in another form",
      (lines: readonly string[]) => [lines[0]?.replace("{", "{ ")],
      "line 1 of the ledger is none",
    ],
    [
      "sums that are not those of the fill",
      (lines: readonly string[]) => [lines[0]?.replace('"cash":"-1205"', '"cash":"-1204"')],
      "line 1 of the ledger does not add up",
    ],
    [
      "an amount of nothing",
      (lines: readonly string[]) => [lines[0]?.replace('"quantity":"10"', '"quantity":"0"')],
      "line 1 of the ledger is none",
    ],
    [
      "a number where a text belongs",
      (lines: readonly string[]) => [lines[0]?.replace('"quantity":"10"', '"quantity":10')],
      "line 1 of the ledger is none",
    ],
  ])("%s is refused with its line", (_, change, says) => {
    const lines = bytesOf([fillOf(1), fillOf(2), fillOf(3)])
      .toString()
      .split("\n");
    const read = readLedger(Buffer.from(`${change(lines).join("\n")}\n`));
    expect(read.kind === "broken" ? read.reason : "").toContain(says);
  });

  test("a second line for one key is refused", () => {
    const first = readLedger(bytesOf([fillOf(1)]));
    if (first.kind === "broken") throw new Error(first.reason);
    const bytes = Buffer.concat([bytesOf([fillOf(1)]), nextLine(first, fillOf(1, { draft: 2 })).bytes]);
    expect(readLedger(bytes)).toEqual({
      kind: "broken",
      reason: "line 2 of the ledger is of an order that was filled before",
    });
  });

  test("a line whose end alone is missing counts, and a false one without its end is no torn line", () => {
    const whole = bytesOf([fillOf(1), fillOf(2)]);
    expect(readLedger(whole.subarray(0, -1))).toMatchObject({ tail: "unended", bytes: whole.length - 1 });
    const stranger = nextLine({ lines: [], head: LEDGER_START }, fillOf(9)).bytes;
    expect(readLedger(Buffer.concat([whole, stranger.subarray(0, -1)])).kind).toBe("broken");
  });
});
