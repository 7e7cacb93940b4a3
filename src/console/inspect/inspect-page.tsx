/** The inspector's page: actors, their machine, what they were told and where it led; live, or from a file. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Login } from "../login.tsx";
import { Empty, Foreign } from "../parts.tsx";
import { nextTheme, theme } from "../theme.ts";
import { countOf } from "../words.ts";
import { Actors } from "./actors.tsx";
import type { RowSeen } from "./book.ts";
import { Events } from "./events.tsx";
import { lookAtFile, lookLive, pause, paused, saveFile, seen, type Source, source } from "./looked.ts";
import { Machine } from "./machine.tsx";

export type InspectProps = { readonly run: string | null; readonly context: boolean };

export function InspectPage({ run, context }: InspectProps): JSX.Element {
  const actor = useSignal<string | null>(null);
  const row = useSignal<RowSeen | null>(null);
  const fault = useSignal<string | null>(null);
  const { actors, rows, frames, dropped, unread } = seen.value;
  const filtered = useMemo(
    () => (actor.value === null ? rows : rows.filter((each) => each.actor === actor.value)),
    [rows, actor.value],
  );
  const shownActor = row.value?.actor ?? actor.value ?? actors[0]?.actor;
  const looked = actors.find((each) => each.actor === shownActor);
  const ofActor = useMemo(() => rows.filter((each) => each.actor === shownActor), [rows, shownActor]);
  const until = row.value === null ? ofActor : ofActor.filter(({ n }) => n <= (row.value?.n ?? 0));
  const forget = (): void => {
    actor.value = null;
    row.value = null;
    fault.value = null;
  };
  const load = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    forget();
    try {
      await lookAtFile(file);
    } catch (error) {
      fault.value = error instanceof Error ? error.message : "the file cannot be read";
    }
  };
  const isSignedOut = source.value.kind === "live" && source.value.state === "signed out";
  return (
    <main class="inspect">
      <header class="inspect-head">
        <a href={run === null ? "/runs" : `/runs/${encodeURIComponent(run)}`}>console</a>
        <h1>Inspect{run === null ? "" : " a run"}</h1>
        <span role="status" class="inspect-source">
          {sourceWord(source.value)}
        </span>
        <button type="button" aria-pressed={paused.value} onClick={() => pause(!paused.value)}>
          {paused.value ? "go on" : "pause"}
        </button>
        <button type="button" disabled={frames === 0} onClick={() => saveFile(`inspection-${run ?? "runs"}.ndjson`)}>
          save
        </button>
        <label class="inspect-load">
          open a file
          <input
            type="file"
            accept=".ndjson,application/x-ndjson"
            onChange={({ currentTarget }) => void load(currentTarget.files?.[0])}
          />
        </label>
        {source.value.kind === "file" ? (
          <button
            type="button"
            onClick={() => {
              forget();
              lookLive(run, context);
            }}
          >
            live again
          </button>
        ) : null}
        <button type="button" class="small" onClick={nextTheme}>
          {theme.value}
        </button>
      </header>
      <p class="inspect-count">
        {countOf(frames, "frame")} of {countOf(actors.length, "actor")}.
        {dropped === 0 ? "" : ` ${countOf(dropped, "older frame")} had to go.`}
        {unread === 0 ? "" : ` ${countOf(unread, "line")} of the file could not be read as frames.`}
        {context ? "" : " Ids, events and states only."}
      </p>
      {fault.value === null ? null : <p role="alert">{fault.value}</p>}
      {isSignedOut ? <Login /> : null}
      {actors.length === 0 && rows.length === 0 ? (
        isSignedOut ? null : (
          <Empty
            title="Nothing to look at yet"
            why="Unfinished runs show here, and whatever happens from now on. A sealed run is looked at by its own link."
            command="qoc inspect @last"
          />
        )
      ) : (
        <div class="inspect-panes">
          <Actors
            actors={actors}
            chosen={actor.value}
            choose={(chosen) => {
              actor.value = chosen;
              row.value = null;
            }}
          />
          <Events rows={filtered} chosen={row.value?.n ?? null} choose={(chosen) => (row.value = chosen)} />
          <section class="inspect-machine" aria-labelledby="inspect-machine-title">
            <h2 id="inspect-machine-title">
              {row.value === null ? "As it is now" : `As of row ${row.value.event.seq ?? row.value.n}`}
            </h2>
            {looked === undefined ? null : (
              <>
                <p>
                  <Foreign text={looked.actor} />
                </p>
                <Machine actor={looked} rows={until} state={row.value?.state ?? looked.state} />
                <pre tabIndex={0}>{row.value?.shown ?? looked.shown}</pre>
              </>
            )}
          </section>
        </div>
      )}
    </main>
  );
}

const LIVE_WORDS = {
  connecting: "connecting",
  live: "live",
  stale: "the daemon does not answer: what stands here is old",
  "signed out": "signed out",
} as const;

const sourceWord = (now: Source): JSX.Element =>
  now.kind === "file" ? (
    <>
      the file <Foreign text={now.name} />
    </>
  ) : (
    <>{LIVE_WORDS[now.state]}</>
  );
