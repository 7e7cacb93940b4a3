/** How long after the one before, in words: `+3 ms`, `+1.2 s`. Empty for the first; a clock that was set back shows as `-`. */
export function gapOf(before: number | undefined, at: number): string {
  if (before === undefined) return "";
  const ms = at - before;
  const sign = ms < 0 ? "-" : "+";
  const size = Math.abs(ms);
  if (size < 1000) return `${sign}${size} ms`;
  if (size < 60_000) return `${sign}${(size / 1000).toFixed(1)} s`;
  if (size < 3_600_000) return `${sign}${Math.floor(size / 60_000)} min`;
  return `${sign}${Math.floor(size / 3_600_000)} h`;
}

/** A time that a date can be; frames of a file may have any number. */
export const isTime = (ms: number): boolean => Math.abs(ms) <= 8_640_000_000_000_000;
