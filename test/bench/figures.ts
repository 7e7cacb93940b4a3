/** Medians with their spread, as the benchmarks print them. */
export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

export function figure(values: readonly number[], unit: string, digits = 0): string {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, most] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  return `${median(values).toFixed(digits)}${unit} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}
