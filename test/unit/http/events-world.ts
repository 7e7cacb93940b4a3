/** A hub of live events whose time stands, and readers that parse what they are sent. */
import { z } from "zod";
import type { Change } from "../../../src/engine/ports.ts";
import { createEventHub, type EventHub } from "../../../src/http/events.ts";
import { FLUSH_MS } from "../../../src/http/events/changes-view.ts";
import { Changes, LiveRow } from "../../../src/http/shapes/changes.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { aRun, aTarget, type Kept, runNumber } from "./desk-with-runs.ts";

const ReadFrame = z.object({ id: z.string(), event: z.string(), data: z.unknown() });
export type Frame = z.infer<typeof ReadFrame>;

/** @throws for what is neither a comment nor a frame of three lines */
export function framesIn(text: string): readonly Frame[] {
  return text
    .split("\n\n")
    .filter((each) => each !== "" && !each.startsWith(":"))
    .map((each) => {
      const [, id, event, data] = /^id: (.+)\nevent: (\w+)\ndata: (.+)$/.exec(each) ?? [];
      return ReadFrame.parse({ id, event, data: JSON.parse(data ?? "") });
    });
}

export type Reader = {
  readonly sent: readonly Uint8Array[];
  readonly frames: () => readonly Frame[];
  /** `<event> <id>` of each frame. */
  readonly short: () => readonly string[];
  readonly leave: () => void;
};

export function eventWorld(epoch = "e1") {
  const clock = manualClock();
  const target = aTarget([]);
  const turns: (() => void)[] = [];
  const hub = createEventHub(target, epoch, { after: clock.after, soon: (call) => void turns.push(call) });
  const turn = (): void => {
    for (const call of turns.splice(0)) call();
  };
  return {
    clock,
    hub,
    turn,
    /** Lets everything out that waits to be sent. */
    settle: () => {
      turn();
      clock.advance(FLUSH_MS);
    },
    tell: (run: Kept): void => target.tell({ record: run.record, entries: run.journal }),
    tellChange: (change: Change): void => target.tellChange(change),
    read: (view: "rows" | "changes", given: { readonly run?: string; readonly lastId?: string } = {}): Reader =>
      readOf(hub, view, given),
  };
}

function readOf(hub: EventHub, view: "rows" | "changes", given: { readonly run?: string; readonly lastId?: string }) {
  const sent: Uint8Array[] = [];
  const leave = hub.subscribe({ view, run: given.run }, given.lastId, (bytes) => void sent.push(bytes));
  const frames = (): readonly Frame[] => framesIn(Buffer.concat(sent).toString());
  return { sent, frames, short: () => frames().map(({ event, id }) => `${event} ${id}`), leave };
}

/** The next row of a run's journal, as a commit of its own: the first is its birth. */
export function oneRow(run: number, seq: number, to = `state-${seq}`): Kept {
  const kept = aRun({ run: runNumber(run) });
  const entry = kept.journal[0];
  if (entry === undefined) throw new Error("a run has a birth");
  return { ...kept, record: { ...kept.record, state: to, sequence: seq + 1 }, journal: [{ ...entry, seq, to }] };
}

export const changesIn = (frame: Frame | undefined): Changes => Changes.parse(frame?.data);
export const rowIn = (frame: Frame | undefined): LiveRow => LiveRow.parse(frame?.data);
