/**
 * What changes, as it changes: one stream of `/api/events?view=changes` for the whole page. A stream that breaks is opened again with
 * the last id; when too much was missed, or the daemon is another one, everybody reads again.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Changes } from "../http/shapes/changes.ts";
import { authorization, problemIn } from "./api.ts";
import { waitBefore } from "./backoff.ts";
import { createStreamReader, type StreamEvent } from "./event-stream.ts";
import { token } from "./session.ts";

/** The daemon sends something every fifteen seconds; after twice that the connection is taken for dead. */
const SILENCE_MS_MAX = 30_000;
/** A page that nobody looks at gives its stream back after this: a browser opens six connections to a host, for all of its tabs. */
const UNSEEN_MS_MAX = 10_000;
/** Runs that wait to be told of, as in a tab that nobody looks at: beyond it, everybody reads again. */
const WAITING_MAX = 2000;

/** `since`: when this began; of `stale`, when the daemon was heard last. Milliseconds since the epoch. */
export type Connection = { readonly kind: "live" | "reconnecting" | "stale"; readonly since: number };

const state = signal<Connection>({ kind: "reconnecting", since: Date.now() });
export const connection: ReadonlySignal<Connection> = state;

type Listener = (changes: ReadonlyMap<string, LiveChange> | "all") => void;
/** `born`: the run began since the last call. */
export type LiveChange = Changes["items"][number];

const listeners = new Set<Listener>();
let waiting = new Map<string, LiveChange>();
let all = false;
let frame = 0;
let lastId: string | null = null;
let heardAt = Date.now();

/**
 * Calls back at most once a picture with what changed, or with "all" when that is not known; with nothing when the stream is back. Returns
 * how to leave.
 */
export function onChanges(call: Listener): () => void {
  listeners.add(call);
  return () => listeners.delete(call);
}

/** As `onChanges`, with the runs' ids alone. */
export const onChange = (call: (changed: ReadonlySet<string> | "all") => void): (() => void) =>
  onChanges((changes) => call(changes === "all" ? "all" : new Set(changes.keys())));

/** Goes on as long as there is a token. Returns how to end it. */
export function startLive(): () => void {
  const ended = new AbortController();
  state.value = { kind: "reconnecting", since: Date.now() };
  void keepOpen(ended.signal);
  return () => {
    ended.abort();
    lastId = null;
  };
}

async function keepOpen(ended: AbortSignal): Promise<void> {
  for (let failures = 0; !ended.aborted && token.value !== null; failures += 1) {
    const unseen = watchUnseen();
    if (await readOnce(AbortSignal.any([ended, unseen.signal]))) failures = 0;
    unseen.leave();
    if (ended.aborted) return;
    // Lost just now: a moment later it may be back. Not back at the first try: what the page shows is old, and it says so.
    const isQuiet = Date.now() - heardAt > SILENCE_MS_MAX;
    state.value =
      failures === 0 && !isQuiet ? { kind: "reconnecting", since: Date.now() } : { kind: "stale", since: heardAt };
    if (unseen.signal.aborted) await untilSeen(ended);
    else await pause(waitBefore(failures, Math.random()), ended);
  }
}

/** Aborts when nobody has looked at the page for a while. */
function watchUnseen(): { readonly signal: AbortSignal; readonly leave: () => void } {
  const unseen = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => unseen.abort(), UNSEEN_MS_MAX);
  };
  document.addEventListener("visibilitychange", look);
  look();
  return {
    signal: unseen.signal,
    leave: () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    },
  };
}

/** Whether it was open at all. Ended by `ended` and by silence. */
async function readOnce(ended: AbortSignal): Promise<boolean> {
  const begun = Date.now();
  const silence = new AbortController();
  const shown = token.value;
  const watch = setInterval(() => {
    if (Date.now() - Math.max(begun, heardAt) > SILENCE_MS_MAX) silence.abort();
  }, 1000);
  let opened = false;
  try {
    const response = await fetch("/api/events?view=changes", {
      headers: {
        accept: "text/event-stream",
        ...authorization(),
        ...(lastId === null ? {} : { "last-event-id": lastId }),
      },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.any([ended, silence.signal]),
    });
    if (!response.ok || response.body === null) throw await problemIn(response, shown);
    opened = true;
    hear();
    await readAll(response.body);
  } catch {
    // Whatever ended it, the loop opens the next; a 401 has dropped the token and ends the loop.
  } finally {
    clearInterval(watch);
  }
  return opened;
}

async function readAll(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const read = createStreamReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      hear();
      for (const event of read(decoder.decode(value, { stream: true }))) take(event);
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

function hear(): void {
  heardAt = Date.now();
  if (state.value.kind !== "live") state.value = { kind: "live", since: heardAt };
}

function take(event: StreamEvent): void {
  if (event.kind === "heartbeat") return;
  const first = lastId === null;
  if (event.id !== "") lastId = event.id;
  if (event.event === "changes") takeChanges(event.data);
  // What the views read before the stream was open may be older than where it begins.
  else if (event.event === "reset" || (event.event === "open" && first)) tellAll();
  // It is back: what could not be read meanwhile is asked for once more.
  else if (event.event === "open") plan();
}

function takeChanges(data: string): void {
  const { items, more }: Changes = JSON.parse(data);
  if (more > 0 || waiting.size + items.length > WAITING_MAX) return tellAll();
  for (const item of items) waiting.set(item.run, { ...item, born: item.born || waiting.get(item.run)?.born === true });
  plan();
}

function tellAll(): void {
  all = true;
  waiting = new Map();
  plan();
}

/** A tab that nobody looks at gets no picture, and so no work, until somebody does. */
function plan(): void {
  if (frame !== 0) return;
  frame = requestAnimationFrame(() => {
    const changes = all ? "all" : waiting;
    frame = 0;
    all = false;
    waiting = new Map();
    for (const listener of listeners) listener(changes);
  });
}

const untilSeen = (ended: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      if (document.hidden && !ended.aborted) return;
      document.removeEventListener("visibilitychange", done);
      ended.removeEventListener("abort", done);
      resolve();
    };
    document.addEventListener("visibilitychange", done);
    ended.addEventListener("abort", done);
    done();
  });

/** Ends early when the browser is online again or somebody looks at the page. */
const pause = (ms: number, ended: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      removeEventListener("online", done);
      document.removeEventListener("visibilitychange", seen);
      ended.removeEventListener("abort", done);
      resolve();
    };
    const seen = (): void => {
      if (!document.hidden) done();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
    document.addEventListener("visibilitychange", seen);
    ended.addEventListener("abort", done);
  });
