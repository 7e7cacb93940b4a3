/**
 * The paper ledger, `book/ledger.ndjson`: one line an order that was filled, each with the SHA-256 of the line before it. Cash and positions
 * are what the lines add up to, and stand nowhere else. A line is the JCS of its members, so it has one way to be written.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { canonical } from "../core/canonical.ts";
import { isUuid, type Sha256, sha256Of } from "../core/ids.ts";
import { add, type Decimal, formatDecimal, isPositive, multiply, negate, parseDecimal, ZERO } from "./decimal.ts";

const LEDGER_SCHEMA = "qoc.ledger/v1";
/** Stands before the first line. */
export const LEDGER_START: Sha256 = sha256Of("0".repeat(64));

const positive = z.string().refine((text) => isPositive(parseDecimal(text) ?? ZERO));
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const Line = z
  .strictObject({
    schema: z.literal(LEDGER_SCHEMA),
    n: z.int().positive(),
    at: z.iso.datetime(),
    key: hash,
    run: z.string().refine(isUuid),
    draft: z.int().positive(),
    digest: hash,
    symbol: z.string().min(1).max(64),
    side: z.enum(["buy", "sell"]),
    quantity: positive,
    price: positive,
    /** Changes, signed: both follow from side, quantity and price, and a line where they do not is none. */
    cash: z.string(),
    position: z.string(),
    before: hash,
  })
  .readonly();
export type LedgerLine = z.infer<typeof Line>;

/** What an order that is filled adds to the ledger. */
export type LedgerFill = Omit<LedgerLine, "schema" | "n" | "cash" | "position" | "before">;

/**
 * `bytes`: how many of them are whole lines. `tail`: what stands behind them, which no answer was ever given for: nothing, a line that is
 * whole but for its end, or a part of one. A line that is whole but for its end is among the lines.
 */
export type Ledger = {
  readonly kind: "ledger";
  readonly lines: readonly LedgerLine[];
  readonly head: Sha256;
  readonly bytes: number;
  readonly tail: "none" | "unended" | "torn";
};
export type LedgerRead = Ledger | { readonly kind: "broken"; readonly reason: string };

const NEWLINE = 0x0a;

/** Never throws. A broken line that has its end was once whole, and so makes the ledger unreadable: a person has to look. */
export function readLedger(bytes: Uint8Array): LedgerRead {
  const lines: LedgerLine[] = [];
  const keys = new Set<string>();
  let head = LEDGER_START;
  let from = 0;
  while (from < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, from);
    const text = bytes.subarray(from, newline === -1 ? bytes.length : newline);
    const line = lineIn(text);
    if (line === undefined && newline === -1) return { kind: "ledger", lines, head, bytes: from, tail: "torn" };
    const fault = line === undefined ? "is none of a ledger" : faultOf(line, lines.length + 1, head, keys);
    if (line === undefined || fault !== null)
      return { kind: "broken", reason: `line ${lines.length + 1} of the ledger ${fault}` };
    lines.push(line);
    keys.add(line.key);
    head = hashOf(text);
    if (newline === -1) return { kind: "ledger", lines, head, bytes: bytes.length, tail: "unended" };
    from = newline + 1;
  }
  return { kind: "ledger", lines, head, bytes: from, tail: "none" };
}

/** The line that comes next, and its bytes with the end of line. @throws for a fill that is none */
export function nextLine(
  { lines, head }: Pick<Ledger, "lines" | "head">,
  fill: LedgerFill,
): { readonly line: LedgerLine; readonly bytes: Uint8Array } {
  const follows = { schema: LEDGER_SCHEMA, n: lines.length + 1, ...changesOf(fill), before: head };
  const line = Line.parse({ ...fill, ...follows });
  return { line, bytes: Buffer.from(`${canonical(line)}\n`) };
}

export type Holdings = { readonly cash: Decimal; readonly positions: ReadonlyMap<string, Decimal> };

/** What is there after these lines, when so much was there before. A position of zero is none. */
export function holdingsAfter(opening: Holdings, lines: readonly LedgerLine[]): Holdings {
  const positions = new Map(opening.positions);
  let cash = opening.cash;
  for (const line of lines) {
    const { money, held } = amountsOf(line);
    cash = add(cash, money);
    positions.set(line.symbol, add(positions.get(line.symbol) ?? ZERO, held));
  }
  return { cash, positions: new Map([...positions].filter(([, held]) => held.units !== 0n)) };
}

function amountsOf({ side, quantity, price }: Pick<LedgerLine, "side" | "quantity" | "price">): {
  readonly money: Decimal;
  readonly held: Decimal;
} {
  const count = parseDecimal(quantity) ?? ZERO;
  const worth = multiply(count, parseDecimal(price) ?? ZERO);
  return side === "buy" ? { money: negate(worth), held: count } : { money: worth, held: negate(count) };
}

function changesOf(fill: LedgerFill): Pick<LedgerLine, "cash" | "position"> {
  const { money, held } = amountsOf(fill);
  return { cash: formatDecimal(money), position: formatDecimal(held) };
}

function lineIn(text: Uint8Array): LedgerLine | undefined {
  try {
    const written = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
    const { data } = Line.safeParse(JSON.parse(written));
    return data !== undefined && canonical(data) === written ? data : undefined;
  } catch {
    return undefined;
  }
}

function faultOf(line: LedgerLine, n: number, head: Sha256, keys: ReadonlySet<string>): string | null {
  const changes = changesOf(line);
  if (line.n !== n || line.before !== head) return "does not follow the line before it";
  if (line.cash !== changes.cash || line.position !== changes.position) return "does not add up";
  return keys.has(line.key) ? "is of an order that was filled before" : null;
}

const hashOf = (text: Uint8Array): Sha256 => sha256Of(createHash("sha256").update(text).digest("hex"));
