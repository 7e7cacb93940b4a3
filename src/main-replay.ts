/** A run as of a row of its journal, for the API: what was told of the last run is kept, so that going back and forth in it costs next to nothing. */
import { setImmediate as breathe } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { machineFor } from "../machines/index.ts";
import { refuse } from "./core/refusals.ts";
import type { Entry } from "./engine/ports.ts";
import { asOfRow, departure, journalUntil, retell, type Told } from "./engine/replay.ts";
import type { Replay } from "./http/replay-routes.ts";

/** A journal beyond it is for `qoc fsck`, which does not tell it while a daemon waits. */
const ROWS_MAX = 100_000;
/** Told in one go, without letting the daemon do what else it has to: some milliseconds. */
const MESSAGES_AT_A_TIME = 32;
/** Records kept of one run. They share what did not change between them. */
const KEPT_MAX = 1_024;

/** Whose journal it is: of one run there is one birth, with a random key. */
type Kept = { readonly birth: Entry; readonly version: string; readonly told: readonly Told[] };

export function createReplay(): Replay {
  let kept: Kept | undefined;
  return async (record, journal, seq) => {
    const until = journalUntil(journal, seq);
    if ("kind" in until) return until;
    const [birth] = until;
    const machine = machineFor(record.machine, record.version);
    if (machine === undefined || birth === undefined)
      return refuse(
        "NOT_NOW",
        `no machine ${record.machine} ${record.version} in this build: its journal cannot be told`,
      );
    if (until.length > ROWS_MAX) return refuse("NOT_NOW", `more than ${ROWS_MAX} rows are not told again here`);
    const isSameRun = kept?.version === record.version && isDeepStrictEqual(kept.birth, birth);
    const told = kept !== undefined && isSameRun ? [...kept.told] : [];
    const near = told.findLast(({ end }) => end <= until.length);
    if (near?.end === until.length) return asOfRow(near.record, until, seq);
    let last = near;
    for (const retold of retell(machine, record.address, until, { from: near, messagesMax: MESSAGES_AT_A_TIME })) {
      const departed = departure(retold, until);
      if (departed !== undefined) return departed;
      if (retold.kind === "mistold") break;
      last = { end: retold.end, record: retold.record };
      told.push(last);
      // oxlint-disable-next-line no-await-in-loop -- that is what it is for
      await breathe();
    }
    kept = { birth, version: record.version, told: thinned(told) };
    return last === undefined ? refuse("NOT_NOW", "there is nothing to tell again") : asOfRow(last.record, until, seq);
  };
}

/** In the order of the journal, each once, and every second one while there are too many. */
function thinned(told: readonly Told[]): readonly Told[] {
  let kept = told.toSorted((a, b) => a.end - b.end).filter(({ end }, at, all) => end !== all[at - 1]?.end);
  while (kept.length > KEPT_MAX) kept = kept.filter((_, at) => at % 2 === 1);
  return kept;
}
