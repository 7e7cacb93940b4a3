/** Runs that wait for a person, found in the index of unfinished ones: what they wait for, and which of them come first. */
import type { Address, Instant } from "../core/ids.ts";
import type { ActorRecord } from "../engine/ports.ts";
import type { DeskTarget } from "./control-target.ts";
import { draftsKept, expiryOf, isOpen } from "./draft-views.ts";
import { unfinishedRuns } from "./run-index.ts";
import { isStuck } from "./views.ts";

/** Of one desk, for one look; behind so many unfinished runs nothing is found. */
const LOOKED_MAX = 5000;
/** How near the end of a hold is soon. */
const SOON_MS = 60 * 60_000;

/** `at`: what they are sorted by, earliest first. */
export type Waiting = { readonly desk: DeskTarget; readonly address: Address; readonly at: Instant };

export type WaitingRuns = {
  /** By when their approval expires. */
  readonly approval: readonly Waiting[];
  /** By when they last moved. */
  readonly stuck: readonly Waiting[];
  /** Held, by when that ends. */
  readonly expiring: readonly Waiting[];
  /** Open drafts of all of them. */
  readonly drafts: number;
  /** False when there were more unfinished runs than were looked at. */
  readonly whole: boolean;
};

export async function waitingRuns(desks: readonly DeskTarget[], now: Instant): Promise<WaitingRuns> {
  const approval: Waiting[] = [];
  const stuck: Waiting[] = [];
  const expiring: Waiting[] = [];
  let drafts = 0;
  let whole = true;
  for (const desk of desks) {
    let looked = 0;
    for await (const record of unfinishedRuns(desk)) {
      looked += 1;
      if (looked > LOOKED_MAX) {
        whole = false;
        break;
      }
      const { address } = record;
      if (isStuck(record)) stuck.push({ desk, address, at: record.parked?.at ?? record.changed_at });
      else if (record.state.startsWith("awaiting-approval")) {
        const open = draftsKept(record).filter((kept) => isOpen(kept, record)).length;
        drafts += open;
        if (open > 0) approval.push({ desk, address, at: expiryOf(record) ?? Infinity });
      } else {
        const ends = holdEnd(record);
        if (ends !== undefined && ends - now <= SOON_MS) expiring.push({ desk, address, at: ends });
      }
    }
  }
  return { approval: sorted(approval), stuck: sorted(stuck), expiring: sorted(expiring), drafts, whole };
}

function holdEnd({ state, timers }: ActorRecord): Instant | undefined {
  if (!state.startsWith("held")) return undefined;
  const [first] = timers.map(({ at }) => at).toSorted((a, b) => a - b);
  return first;
}

const sorted = (those: readonly Waiting[]): readonly Waiting[] =>
  those.toSorted((a, b) => (a.at === b.at ? (a.address < b.address ? -1 : 1) : a.at - b.at));
