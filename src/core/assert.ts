/** A broken assertion is a bug of ours, never the world's doing: the world's faults are refusals or outcomes. */
export function assert(condition: boolean, says: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${says}`);
}

/** The words of anything that was thrown. */
export const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
