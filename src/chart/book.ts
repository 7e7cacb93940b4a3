/** The charts of every machine of this build, as they were laid out and committed. */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import type { LaidOutChart } from "./chart.ts";
import { LaidOutChartShape } from "./shape.ts";

export type BookEntry = {
  readonly chart: LaidOutChart;
  /** SHA-256 of its file: another definition is another file, and so are other places. */
  readonly hash: string;
};

const folder = new URL("./layouts/", import.meta.url);
let read: readonly BookEntry[] | undefined;

/** By machine and version. Read once, at the first call. @throws when the build has lost its layouts. */
export function allCharts(): readonly BookEntry[] {
  read ??= readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => {
      const text = readFileSync(new URL(name, folder), "utf8");
      return {
        chart: LaidOutChartShape.parse(JSON.parse(text)),
        hash: createHash("sha256").update(text).digest("hex"),
      };
    });
  return read;
}

/** The chart of a machine in this version, or in the one that came last. */
export function entryFor(machine: string, version?: string): BookEntry | undefined {
  return allCharts().findLast(
    ({ chart }) => chart.machine === machine && (version === undefined || chart.version === version),
  );
}

export const chartFor = (machine: string, version?: string): LaidOutChart | undefined =>
  entryFor(machine, version)?.chart;
