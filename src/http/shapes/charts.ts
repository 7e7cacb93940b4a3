/** The machines as charts. */
import { z } from "zod";
import { LaidOutChartShape } from "../../chart/shape.ts";
import { Hash, list } from "./values.ts";

export const ChartItem = z.object({ machine: z.string(), version: z.string(), definition: Hash });
export type ChartItem = z.infer<typeof ChartItem>;

/** Every machine of this build: `qoc.charts.list/1`. */
export const ChartsPage = z.object({ items: list(ChartItem) });
export type ChartsPage = z.infer<typeof ChartsPage>;

export const ChartParams = z.object({ machine: z.string().min(1).max(64), version: z.string().min(1).max(32) });

/** One machine with the places of its states and arrows: `qoc.charts.show/1`. */
export const ChartShown = z.object({ chart: LaidOutChartShape });
export type ChartShown = z.infer<typeof ChartShown>;
