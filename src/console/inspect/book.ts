/** What the page keeps of what it was told: bounded, the oldest goes first, and it says how much went. */
import { createSieve } from "../../inspect/sieve.ts";
import { type EventRead, type FrameRead, readFrame } from "./frame.ts";

export const FRAMES_MAX = 10_000;
/** Of the frames' texts together. */
export const LENGTH_MAX = 32 * 1024 * 1024;
export const ACTORS_MAX = 2_000;
/** Dropped at once, so that keeping the bound costs little. */
const DROP = 500;

export type ActorSeen = {
  readonly actor: string;
  readonly name: string;
  readonly definition: string;
  readonly state: string;
  /** The latest snapshot as text. */
  readonly shown: string;
};

/** One event with where it led. `state` is null while, or when, no snapshot came of it. */
export type RowSeen = {
  readonly n: number;
  readonly actor: string;
  readonly at: number;
  readonly id: string;
  readonly event: EventRead;
  readonly from: string | null;
  readonly state: string | null;
  readonly shown: string | null;
};

export type Book = {
  /** Takes a frame as it came. False for what is no frame, and for what is there already. */
  readonly take: (text: string) => boolean;
  readonly actors: () => readonly ActorSeen[];
  readonly rows: () => readonly RowSeen[];
  readonly frames: () => number;
  /** How many frames were dropped for want of room. */
  readonly dropped: () => number;
  /** Everything that is kept, a frame a line. Actors that are known come first, so that the file can be read from its beginning. */
  readonly ndjson: () => string;
};

/** Lets through the frames that were not there before: a connection that was lost begins anew with what was. */
export function createFrameSieve(): (frame: FrameRead) => boolean {
  const isNew = createSieve();
  return (frame) => {
    const seq = frame.kind === "actor" ? null : frame.event.seq;
    // Frames of others have no number, and nothing says that one of them was there before.
    return (frame.kind !== "actor" && seq === null) || isNew({ actor: `${frame.kind} ${frame.actor}`, seq });
  };
}

export function createBook(framesMax = FRAMES_MAX, lengthMax = LENGTH_MAX): Book {
  const isNew = createFrameSieve();
  const actors = new Map<string, ActorSeen>();
  const registered = new Map<string, string>();
  /** Where each actor stood behind its latest row. */
  const stood = new Map<string, string>();
  let texts: { readonly text: string; readonly isActor: boolean }[] = [];
  let rows: RowSeen[] = [];
  let length = 0;
  let dropped = 0;
  let count = 0;

  const keep = (text: string, isActor: boolean): void => {
    texts.push({ text, isActor });
    length += text.length;
    if (texts.length <= framesMax && length <= lengthMax) return;
    let gone = Math.min(DROP, Math.ceil(framesMax / 10), texts.length);
    for (const { text: old } of texts.slice(0, gone)) length -= old.length;
    while (length > lengthMax && gone < texts.length) {
      length -= texts[gone]?.text.length ?? 0;
      gone += 1;
    }
    texts = texts.slice(gone);
    dropped += gone;
    rows = rows.slice(Math.max(0, rows.length - texts.length));
  };
  const setActor = (seen: ActorSeen): void => {
    actors.set(seen.actor, seen);
    if (actors.size <= ACTORS_MAX) return;
    for (const [oldest] of actors) {
      actors.delete(oldest);
      registered.delete(oldest);
      stood.delete(oldest);
      return;
    }
  };
  const write = (frame: Exclude<FrameRead, { readonly kind: "actor" }>): void => {
    const { actor, at, id, event } = frame;
    const known = actors.get(actor);
    const led = frame.kind === "snapshot" ? { state: frame.state, shown: frame.shown } : { state: null, shown: null };
    const before = rows.at(-1);
    const isSame = before?.actor === actor && before.state === null && before.id === id && frame.kind === "snapshot";
    const from = isSame ? before.from : (stood.get(actor) ?? null);
    const row = { n: isSame ? before.n : (count += 1), actor, at, id, event, from, ...led };
    if (isSame) rows[rows.length - 1] = row;
    else rows.push(row);
    if (frame.kind !== "snapshot") return;
    const { state, shown } = frame;
    stood.set(actor, state);
    setActor({ actor, name: known?.name ?? actor, definition: known?.definition ?? "", state, shown });
  };

  return {
    take: (text) => {
      const frame = readFrame(text);
      if (frame === undefined || !isNew(frame)) return false;
      if (frame.kind === "actor") {
        registered.set(frame.actor, text);
        setActor(frame);
      } else write(frame);
      keep(text, frame.kind === "actor");
      return true;
    },
    actors: () => [...actors.values()],
    rows: () => rows,
    frames: () => texts.length,
    dropped: () => dropped,
    ndjson: () =>
      [...registered.values(), ...texts.filter(({ isActor }) => !isActor).map(({ text }) => text)]
        .map((text) => `${text}\n`)
        .join(""),
  };
}
