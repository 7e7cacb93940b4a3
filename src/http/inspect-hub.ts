/** Changes as they are committed, as lines of the inspection protocol: made once for all viewers, and not at all while nobody looks. */
import type { Address } from "../core/ids.ts";
import type { Change } from "../engine/ports.ts";
import { type FrameOptions, registration, rowFrames } from "../inspect/frames.ts";
import { sessionOf } from "../inspect/sessions.ts";
import type { ControlTarget } from "./control-target.ts";
import { type InspectWorld, type Lines, linesOf } from "./inspect-world.ts";

export type InspectReader = {
  readonly context: boolean;
  readonly wants: (address: Address) => boolean;
  /** Gets an actor's registration before its rows, each time: whoever knows the actor leaves it out. */
  readonly read: (lines: readonly Lines[]) => void;
};

export type InspectHub = {
  /** Returns how to leave. */
  readonly subscribe: (reader: InspectReader) => () => void;
  readonly close: () => void;
};

export function createInspectHub(
  target: Pick<ControlTarget, "listen">,
  world: Pick<InspectWorld, "definition">,
): InspectHub {
  const readers = new Set<InspectReader>();
  const { definition } = world;
  const leave = target.listen((_workspace, change) => {
    if (readers.size === 0) return;
    const plain = changeLines(change, { definition, context: false });
    const withContext = changeLines(change, { definition, context: true });
    for (const reader of readers)
      if (reader.wants(change.record.address)) reader.read(reader.context ? withContext : plain);
  });
  return {
    subscribe: (reader) => {
      readers.add(reader);
      return () => readers.delete(reader);
    },
    close: () => {
      leave();
      readers.clear();
    },
  };
}

function changeLines({ record, entries }: Pick<Change, "record" | "entries">, options: FrameOptions): readonly Lines[] {
  const actor = sessionOf(record.address);
  return [
    linesOf(actor, null, () => registration(record, options)),
    ...entries.map((entry) => linesOf(actor, entry.seq, () => rowFrames(record, entry, options))),
  ];
}
