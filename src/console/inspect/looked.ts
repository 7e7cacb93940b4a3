/** What the inspector's page looks at: live frames of the daemon, or a file. */
import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { token } from "../session.ts";
import { type ActorSeen, type Book, createBook, type RowSeen } from "./book.ts";
import { openInspection, type SocketState } from "./connection.ts";

/** A file that is larger is not opened. */
export const FILE_BYTES_MAX = 64 * 1024 * 1024;

export type Source =
  | { readonly kind: "live"; readonly state: SocketState }
  | { readonly kind: "file"; readonly name: string };
/** What the page shows: made anew at most once a picture. */
export type Seen = {
  readonly actors: readonly ActorSeen[];
  readonly rows: readonly RowSeen[];
  readonly frames: number;
  readonly dropped: number;
  /** Lines of a file that are no frames. */
  readonly unread: number;
};

const NOTHING: Seen = { actors: [], rows: [], frames: 0, dropped: 0, unread: 0 };
const sourceNow = signal<Source>({ kind: "live", state: "connecting" });
const seenNow = signal<Seen>(NOTHING);
const isPaused = signal(false);
export const source: ReadonlySignal<Source> = sourceNow;
export const seen: ReadonlySignal<Seen> = seenNow;
export const paused: ReadonlySignal<boolean> = isPaused;

let book: Book = createBook();
let unread = 0;
let frame = 0;
let leave = (): void => undefined;

/** Begins anew with what the daemon tells. Comes back by itself when somebody signs in. */
export function lookLive(run: string | null, context: boolean): void {
  begin();
  const end = effect(() => {
    if (token.value === null) {
      sourceNow.value = { kind: "live", state: "signed out" };
      return undefined;
    }
    return openInspection({
      run,
      context,
      heard: (text) => {
        if (book.take(text)) plan();
      },
      became: (state) => {
        sourceNow.value = { kind: "live", state };
      },
    });
  });
  leave = end;
}

/** Shows a file in place of what there was. It is read here and sent nowhere. @throws RangeError when it is too large */
export async function lookAtFile(file: File): Promise<void> {
  if (file.size > FILE_BYTES_MAX) throw new RangeError(`the file is over ${FILE_BYTES_MAX / 2 ** 20} MiB`);
  const text = await file.text();
  begin();
  sourceNow.value = { kind: "file", name: file.name };
  for (const line of text.split("\n")) if (line.trim() !== "" && !book.take(line)) unread += 1;
  show();
}

/** While it is paused what comes is kept, and not shown. */
export function pause(on: boolean): void {
  isPaused.value = on;
  plan();
}

/** All that is kept, as a file of frames. */
export function saveFile(name: string): void {
  const url = URL.createObjectURL(new Blob([book.ndjson()], { type: "application/x-ndjson" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function begin(): void {
  leave();
  leave = () => undefined;
  book = createBook();
  unread = 0;
  isPaused.value = false;
  seenNow.value = NOTHING;
}

function plan(): void {
  if (frame !== 0 || isPaused.value) return;
  frame = requestAnimationFrame(() => {
    frame = 0;
    if (!isPaused.value) show();
  });
}

function show(): void {
  seenNow.value = {
    actors: book.actors(),
    rows: [...book.rows()],
    frames: book.frames(),
    dropped: book.dropped(),
    unread,
  };
}
