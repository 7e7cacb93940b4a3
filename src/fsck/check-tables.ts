/** The tables of the store that lead to actors: each row must lead to one that has it. What actors have without a row, they say themselves. */
import type { StoreSurvey } from "../adapters/store-lmdb-survey.ts";
import { deliveryAddress, runIdOf } from "../core/ids.ts";
import type { IndexRow } from "../engine/ports.ts";
import { runIdBehind } from "../ingress/identity.ts";
import type { Finding } from "./findings.ts";

type Found = (finding: Finding) => void;

export function checkTables(survey: StoreSurvey, found: Found): void {
  for (const { address, effect } of survey.openRows()) {
    const isPending = survey.read(address)?.pending.some(({ id }) => id === effect) ?? false;
    if (!isPending) found({ code: "EFFECT_ROW_STRAY", at: address, detail: effect });
  }
  for (const { address, id, generation } of survey.dueRows()) {
    const isSet = survey.read(address)?.timers.some((timer) => timer.id === id && timer.generation === generation);
    if (isSet !== true) found({ code: "TIMER_ROW_STRAY", at: address, detail: id });
  }
  for (const { ordinal, address } of survey.unfinishedRows()) {
    const record = survey.read(address);
    if (record === undefined || record.resting || survey.ordinalOf(address) !== ordinal)
      found({ code: "UNFINISHED_ROW_STRAY", at: address, detail: record?.state ?? "" });
  }
}

/** How many rows of the index name each actor, by ordinal: four bytes an actor, which every thread reads. */
export function countIndexRows(survey: StoreSurvey, found: Found): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(4 * (survey.lastOrdinal() + 1));
  const counts = new Uint32Array(shared);
  for (const { address } of survey.indexRows()) {
    const ordinal = survey.ordinalOf(address);
    if (ordinal === undefined) found({ code: "INDEX_ROW_STRAY", at: address, detail: "there is no such actor" });
    else counts[ordinal] = (counts[ordinal] ?? 0) + 1;
  }
  return shared;
}

/** Runs that began when a known delivery came again after its window: each is found behind the first of its identity. */
export function runsBehind(survey: StoreSurvey): ReadonlyMap<string, IndexRow> {
  const before = new Map<string, string>();
  for (const run of survey.runs()) {
    const next = runIdBehind(runIdOf(run));
    if (survey.ordinalOf(deliveryAddress(next)) !== undefined) before.set(next, run);
  }
  const firstOf = (run: string): string => {
    let first = run;
    for (let earlier = before.get(first); earlier !== undefined; earlier = before.get(first)) first = earlier;
    return first;
  };
  return new Map([...before.keys()].map((run) => [run, { name: "dedupe", key: firstOf(run) }]));
}
