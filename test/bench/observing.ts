/** What counting costs the thread that commits: one change of a delivery, as the metrics are told of it, with and without traces. */
import { createMetrics } from "../../src/observe/metrics.ts";
import { spansOf } from "../../src/observe/spans.ts";
import { done, normalized, recorded, SEALED, VERIFIED } from "../support/delivery-words.ts";
import { livedChanges } from "../unit/observe/lived-changes.ts";
import { figure } from "./figures.ts";

const ROUNDS = 60;
const RUNS_A_ROUND = 2_000;
/** Code that has not run often is slow. */
const WARM_UP = 20;

export function observingRounds(): void {
  const changes = livedChanges({}, [VERIFIED, normalized(), recorded(), done(), SEALED]);
  const metrics = createMetrics({
    version: "0",
    desks: () => [],
    openStreams: () => 0,
    spans: () => ({ exported: 0, dropped: 0 }),
  });
  const counting = costs(changes.length, () => {
    for (const change of changes) metrics.change("equity-desk", change);
  });
  let made = 0;
  const tracing = costs(changes.length, () => {
    for (const change of changes) made += spansOf("equity-desk", change).length;
  });
  console.log(`metrics: of one change ${figure(counting, " µs", 2)}   aim 2`);
  console.log(`traces: of one change, where configured ${figure(tracing, " µs", 2)} (${made} spans)\n`);
}

/** Microseconds a change, round by round. */
function costs(changesARun: number, run: () => void): readonly number[] {
  const all: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    for (let n = 0; n < RUNS_A_ROUND; n += 1) run();
    if (round >= WARM_UP) all.push(((performance.now() - began) * 1000) / RUNS_A_ROUND / changesARun);
  }
  return all;
}
