/** The scrubber over the rows of the journal. While it is not at now, everything that it moves says so. */
import type { JSX } from "preact";
import type { RunPage } from "../../http/shapes/run-page.ts";
import { Fault, Moment } from "../parts.tsx";
import type { Replay } from "./use-replay.ts";

type BarProps = { readonly page: RunPage; readonly replay: Replay };

export function ReplayBar({ page, replay }: BarProps): JSX.Element | null {
  const { journal } = page.run;
  const [first, last] = [journal[0], journal.at(-1)];
  if (first === undefined || last === undefined || first.seq === last.seq) return null;
  const at = replay.seq.value;
  const row = at === null ? last : (journal.find(({ seq }) => seq === at) ?? last);
  const isRead = at === null || replay.past.value?.seq === at;
  return (
    <section class={at === null ? "run-replay" : "run-replay is-past"} aria-label="replay">
      <label for="replay">Replay</label>
      <input
        id="replay"
        type="range"
        min={first.seq}
        max={last.seq}
        step={1}
        value={at ?? last.seq}
        aria-valuetext={`row ${row.seq}, ${row.event}, ${row.to}`}
        onInput={(event) => replay.moveTo(atOrNow(page, event.currentTarget.valueAsNumber))}
        onKeyDown={(event) => {
          if (event.key !== "[" && event.key !== "]") return;
          event.preventDefault();
          replay.moveTo(stepped(page, at, event.key === "[" ? -1 : 1));
        }}
      />
      <span class="run-replay-says" role="status">
        {at === null ? (
          <>now, row {last.seq}</>
        ) : (
          <>
            <strong>This is the past</strong>: row {row.seq} of {last.seq}, <code>{row.event}</code> → {row.to},{" "}
            <Moment at={row.at} />
            {isRead ? "" : " (reading…)"}
          </>
        )}
      </span>
      <button type="button" disabled={at === null} onClick={() => replay.moveTo(null)}>
        Now
      </button>
      {replay.problem.value === null ? null : <Fault problem={replay.problem.value} />}
    </section>
  );
}

/** The last row is now: what comes next is to be seen there. */
const atOrNow = ({ run: { journal } }: RunPage, seq: number): number | null =>
  seq === journal.at(-1)?.seq ? null : seq;

/** The row before or behind; null for now. */
export function stepped(page: RunPage, at: number | null, by: -1 | 1): number | null {
  const { journal } = page.run;
  const place = at === null ? journal.length - 1 : journal.findIndex(({ seq }) => seq === at);
  const row = journal[Math.max(0, Math.min(journal.length - 1, place + by))];
  return row === undefined ? null : atOrNow(page, row.seq);
}
