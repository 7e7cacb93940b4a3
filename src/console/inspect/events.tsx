/** Events in the order they came, a page of them at a time: the newest first to be looked at, the oldest first to be read. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Foreign, Moment } from "../parts.tsx";
import type { RowSeen } from "./book.ts";
import { gapOf } from "./gap.ts";

type EventsProps = {
  readonly rows: readonly RowSeen[];
  readonly chosen: number | null;
  readonly choose: (row: RowSeen) => void;
};

const PAGE = 200;

export function Events({ rows, chosen, choose }: EventsProps): JSX.Element {
  /** How many of the newest are left out; 0 follows. */
  const back = useSignal(0);
  const end = Math.max(Math.min(PAGE, rows.length), rows.length - back.value);
  const begin = Math.max(0, end - PAGE);
  return (
    <section class="inspect-events" aria-labelledby="inspect-events-title">
      <header>
        <h2 id="inspect-events-title">Events</h2>
        <div class="inspect-pager">
          <button type="button" class="small" disabled={begin === 0} onClick={() => (back.value = rows.length - begin)}>
            earlier
          </button>
          <span>{rows.length === 0 ? "none" : `${begin + 1} to ${end} of ${rows.length}`}</span>
          <button
            type="button"
            class="small"
            disabled={end === rows.length}
            onClick={() => (back.value = Math.max(0, rows.length - end - PAGE))}
          >
            later
          </button>
        </div>
      </header>
      <table>
        <thead>
          <tr>
            <th scope="col">row</th>
            <th scope="col">time</th>
            <th scope="col">gap</th>
            <th scope="col">event</th>
            <th scope="col">state</th>
            <th scope="col">actor</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(begin, end).map((row, i) => (
            <tr key={row.n} class={row.n === chosen ? "is-chosen" : ""} onClick={() => choose(row)}>
              <td>{row.event.seq ?? ""}</td>
              <td>
                <Moment at={new Date(row.at).toISOString()} />
              </td>
              <td>{gapOf(rows[begin + i - 1]?.at, row.at)}</td>
              <td>
                <button type="button" class="link" aria-pressed={row.n === chosen} onClick={() => choose(row)}>
                  <Foreign text={row.event.type} />
                </button>
                {row.event.guard === null ? null : (
                  <span class="quiet">
                    {" if "}
                    <Foreign text={row.event.guard} />
                  </span>
                )}
              </td>
              <td>{row.state === null ? "" : <Foreign text={row.state} />}</td>
              <td class="inspect-of" title={row.actor}>
                <code>
                  <Foreign text={row.actor} />
                </code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
