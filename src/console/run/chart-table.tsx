/** The chart in words: every state with its ways out, or the path alone where there is no picture. */
import type { JSX } from "preact";
import type { Chart, Marks } from "../../chart/chart.ts";
import { chartRows } from "../../chart/table.ts";
import type { JournalRow } from "../../http/shapes/runs.ts";

export const ChartTable = ({ chart, marks }: { readonly chart: Chart; readonly marks: Marks }): JSX.Element => (
  <div class="run-fields" role="region" aria-label="the chart as a table" tabIndex={0}>
    <table>
      <thead>
        <tr>
          <th scope="col">state</th>
          <th scope="col">event</th>
          <th scope="col">goes to</th>
          <th scope="col">marks</th>
        </tr>
      </thead>
      <tbody>
        {chartRows(chart, marks).flatMap(({ state, marks: own, ways, here }) => [
          <tr key={state} class={here ? "is-here" : undefined}>
            <th scope="row">{state === "" ? "in every state" : state}</th>
            <td />
            <td />
            <td>{own.join(", ")}</td>
          </tr>,
          ...ways.map((way, at) => (
            <tr key={`${state} ${at}`}>
              <td />
              <td>
                {way.event}
                {way.guard === null ? "" : ` if ${way.guard}`}
              </td>
              <td>{way.to ?? "stays"}</td>
              <td>{way.marks.join(", ")}</td>
            </tr>
          )),
        ])}
      </tbody>
    </table>
  </div>
);

const PATH_ROWS_MAX = 500;

export const PathTable = ({ rows }: { readonly rows: readonly JournalRow[] }): JSX.Element => (
  <div class="run-fields" role="region" aria-label="the path taken" tabIndex={0}>
    <table>
      <thead>
        <tr>
          <th scope="col">row</th>
          <th scope="col">event</th>
          <th scope="col">from</th>
          <th scope="col">to</th>
        </tr>
      </thead>
      <tbody>
        {rows.slice(-PATH_ROWS_MAX).map(({ seq, event, from, to }) => (
          <tr key={seq}>
            <th scope="row">{seq}</th>
            <td>{event}</td>
            <td>{from ?? ""}</td>
            <td>{to}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
