/** Exact decimals. Money is text on the way in and out, and whole units of a power of ten between; nothing is ever divided or rounded. */

/** The number `units / 10^scale`. */
export type Decimal = { readonly units: bigint; readonly scale: number };

export const WHOLE_DIGITS_MAX = 20;
export const FRACTION_DIGITS_MAX = 18;

/** No exponent, no plus, no leading zeros, no digit groups: one way to write a number, but for zeros at the end. */
const DECIMAL = new RegExp(`^-?(?:0|[1-9][0-9]{0,${WHOLE_DIGITS_MAX - 1}})(?:\\.[0-9]{1,${FRACTION_DIGITS_MAX}})?$`);

export const ZERO: Decimal = { units: 0n, scale: 0 };

/** Undefined for whatever is not written as above. */
export function parseDecimal(text: string): Decimal | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const [whole = "", fraction = ""] = text.split(".");
  return { units: BigInt(whole + fraction), scale: fraction.length };
}

/** The shortest text: no zeros at the end of a fraction, no sign before zero. `parseDecimal` reads it where its bounds hold. */
export function formatDecimal({ units, scale }: Decimal): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  const point = digits.length - scale;
  const fraction = digits.slice(point).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${digits.slice(0, point)}${fraction === "" ? "" : `.${fraction}`}`;
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: unitsAt(a, scale) + unitsAt(b, scale), scale };
}

export const negate = ({ units, scale }: Decimal): Decimal => ({ units: -units, scale });
export const subtract = (a: Decimal, b: Decimal): Decimal => add(a, negate(b));
export const multiply = (a: Decimal, b: Decimal): Decimal => ({ units: a.units * b.units, scale: a.scale + b.scale });
export const absolute = (value: Decimal): Decimal => (value.units < 0n ? negate(value) : value);

/** Negative, zero or positive, as `a` is less than, equal to or more than `b`. */
export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const scale = Math.max(a.scale, b.scale);
  const difference = unitsAt(a, scale) - unitsAt(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export const isMore = (a: Decimal, b: Decimal): boolean => compare(a, b) > 0;
export const isPositive = ({ units }: Decimal): boolean => units > 0n;

const unitsAt = ({ units, scale }: Decimal, wanted: number): bigint => units * 10n ** BigInt(wanted - scale);
