/**
 * Frames as the page takes them: from the daemon, or from a file that anybody may have written. What it does not know it leaves alone; texts
 * are shown as texts.
 */

import { isTime } from "./gap.ts";

export type FrameRead =
  | {
      readonly kind: "actor";
      readonly actor: string;
      readonly at: number;
      readonly name: string;
      readonly definition: string;
      readonly state: string;
      readonly shown: string;
    }
  | {
      readonly kind: "event";
      readonly actor: string;
      readonly at: number;
      readonly id: string;
      readonly event: EventRead;
    }
  | {
      readonly kind: "snapshot";
      readonly actor: string;
      readonly at: number;
      readonly id: string;
      readonly event: EventRead;
      readonly state: string;
      readonly shown: string;
    };

/** `seq` and `by` are the journal's, where the frame is one of ours. */
export type EventRead = {
  readonly type: string;
  readonly seq: number | null;
  readonly by: string | null;
  readonly guard: string | null;
  readonly observed: readonly string[];
};

/** Undefined for what is no frame of the protocol, and for what it has beside what is shown here. */
export function readFrame(text: string): FrameRead | undefined {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return undefined;
  }
  const actor = textIn(frame, "sessionId");
  const at = Number(textIn(frame, "createdAt"));
  if (actor === undefined || !isTime(at)) return undefined;
  const snapshot = field(frame, "snapshot");
  const seen = { actor, at, id: textIn(frame, "id") ?? "" };
  const shown = { state: pathOf(field(snapshot, "value")), shown: JSON.stringify(snapshot, null, 2) ?? "" };
  switch (field(frame, "type")) {
    case "@xstate.actor": {
      const name = textIn(frame, "name") ?? actor;
      return { kind: "actor", actor, at, name, definition: textIn(frame, "definition") ?? "", ...shown };
    }
    case "@xstate.event":
      return { kind: "event", ...seen, event: readEvent(field(frame, "event")) };
    case "@xstate.snapshot":
      return { kind: "snapshot", ...seen, event: readEvent(field(frame, "event")), ...shown };
    default:
      return undefined;
  }
}

function readEvent(event: unknown): EventRead {
  const seq = field(event, "seq");
  const observed = field(event, "observed");
  return {
    type: textIn(event, "type") ?? "",
    seq: typeof seq === "number" ? seq : null,
    by: textIn(event, "by") ?? null,
    guard: textIn(event, "guard") ?? null,
    observed: Array.isArray(observed) ? observed.slice(0, 100).map(String) : [],
  };
}

/** `{ executing: "performing" }` is `executing.performing`; of parallel states the first. */
export function pathOf(value: unknown, depth = 0): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || depth > 10) return "";
  const [entry] = Object.entries(value);
  if (entry === undefined) return "";
  const below = pathOf(entry[1], depth + 1);
  return below === "" ? entry[0] : `${entry[0]}.${below}`;
}

/** A state of a definition, with those within it. */
export type StateListed = { readonly path: string; readonly name: string; readonly within: readonly StateListed[] };

const DEPTH_MAX = 10;
const STATES_MAX = 500;

/** The machine that a definition is of, as far as it can be read: its name, its version, its states. */
export function readDefinition(text: string): {
  readonly machine: string;
  readonly version: string;
  readonly states: readonly StateListed[];
} {
  let definition: unknown = null;
  try {
    definition = JSON.parse(text);
  } catch {
    // A definition that cannot be read has no states to show.
  }
  let left = STATES_MAX;
  const statesOf = (of: unknown, above: string, depth: number): readonly StateListed[] => {
    const states = field(of, "states");
    if (typeof states !== "object" || states === null || depth > DEPTH_MAX) return [];
    return Object.entries(states).flatMap(([name, state]) => {
      left -= 1;
      const path = above === "" ? name : `${above}.${name}`;
      return left < 0 ? [] : [{ path, name, within: statesOf(state, path, depth + 1) }];
    });
  };
  return {
    machine: textIn(definition, "id") ?? "",
    version: textIn(definition, "version") ?? "",
    states: statesOf(definition, "", 0),
  };
}

const field = (of: unknown, name: string): unknown =>
  typeof of === "object" && of !== null && Object.hasOwn(of, name) ? Reflect.get(of, name) : undefined;

function textIn(of: unknown, name: string): string | undefined {
  const value = field(of, name);
  return typeof value === "string" ? value : undefined;
}
