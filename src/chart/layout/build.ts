/** Writes the places of every machine's chart: `tsx src/chart/layout/build.ts`, to be run whenever a machine has changed. */
import { mkdirSync, writeFileSync } from "node:fs";
import { machines } from "../../../machines/index.ts";
import { definitionOf } from "../../engine/xstate-words.ts";
import { graphOf } from "../graph.ts";
import { layOut } from "./places.ts";

const folder = new URL("../layouts/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const versions of Object.values(machines)) {
  for (const machine of Object.values(versions)) {
    const chart = await layOut(graphOf(machine, definitionOf(machine)));
    writeFileSync(new URL(`${chart.machine}.${chart.version}.json`, folder), `${JSON.stringify(chart, null, 1)}\n`);
  }
}
