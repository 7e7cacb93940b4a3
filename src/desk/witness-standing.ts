/**
 * `.qoc/log-state/witnesses`: how it stands with each witness of a desk, for people who look while no daemon runs. It is written when
 * something changes, it may be lost, and nothing is decided by it.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

export const STANDINGS_FILE = "witnesses";

const Standing = z.strictObject({
  /** The witness's vkey. */
  key: z.string(),
  /** Of the log that it was asked about. */
  origin: z.string(),
  /** `contradicts`: it has cosigned what this log does not have. */
  fault: z.enum(["none", "unreachable", "contradicts"]),
  says: z.string(),
  at: z.string(),
});
export type Standing = Readonly<z.infer<typeof Standing>>;

export const standingsText = (standings: readonly Standing[]): string => `${JSON.stringify(standings, null, 2)}\n`;

/** Of a desk's `.qoc` folder. None for a file that is missing or says something else. */
export function readStandings(runtime: string): readonly Standing[] {
  const file = path.join(runtime, "log-state", STANDINGS_FILE);
  try {
    return existsSync(file) ? z.array(Standing).parse(JSON.parse(readFileSync(file, "utf8"))) : [];
  } catch {
    return [];
  }
}
