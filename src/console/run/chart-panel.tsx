/**
 * The machine of the run: the path it took, where it is, what is possible now, and timers counting down. The picture is made of the machine
 * alone, and nothing that a sender or an agent wrote is in it.
 */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { LaidOutChart, Marks } from "../../chart/chart.ts";
import { marksOf } from "../../chart/marks.ts";
import { renderChart } from "../../chart/svg.ts";
import type { ChartNow } from "../../http/shapes/run-page.ts";
import type { JournalRow } from "../../http/shapes/runs.ts";
import { ask, type Problem, problemOf } from "../api.ts";
import { now } from "../clock.ts";
import { Empty, Fault, Waiting } from "../parts.tsx";
import { countdownOf } from "../words.ts";
import { ChartTable, PathTable } from "./chart-table.tsx";
import { Panel } from "./panel.tsx";

/** Layouts by the definition that they are of: a machine never changes under its hash. */
const layouts = new Map<string, Promise<LaidOutChart>>();

function layoutOf({ machine, version }: ChartNow): Promise<LaidOutChart> {
  const name = `${encodeURIComponent(machine)}/${encodeURIComponent(version)}`;
  const known = layouts.get(name);
  if (known !== undefined) return known;
  const asked = ask<{ readonly chart: LaidOutChart }>(`/api/charts/${name}`).then(({ chart }) => chart);
  layouts.set(name, asked);
  asked.catch(() => layouts.delete(name));
  return asked;
}

type ChartProps = {
  readonly chart: ChartNow;
  /** As far as the chart is of: up to the row of the replay. */
  readonly rows: readonly JournalRow[];
  readonly isPast: boolean;
};

type Read =
  | { readonly kind: "waiting" }
  | { readonly kind: "read"; readonly layout: LaidOutChart }
  | { readonly kind: "fault"; readonly problem: Problem };

export function ChartPanel({ chart, rows, isPast }: ChartProps): JSX.Element {
  const [read, setRead] = useState<Read>({ kind: "waiting" });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isLeft = false;
    layoutOf(chart).then(
      (layout) => isLeft || setRead({ kind: "read", layout }),
      (thrown: unknown) => isLeft || setRead({ kind: "fault", problem: problemOf(thrown) }),
    );
    return () => {
      isLeft = true;
    };
  }, [chart.machine, chart.version, turn]);
  return (
    <Panel id="chart" title="Where it is">
      {read.kind === "waiting" ? <Waiting what="the chart" /> : null}
      {read.kind === "fault" ? (
        <>
          <Fault problem={read.problem} retry={() => setTurn(turn + 1)} />
          <PathTable rows={rows} />
        </>
      ) : null}
      {read.kind === "read" ? <Shown layout={read.layout} {...{ chart, rows, isPast }} /> : null}
      <Pending chart={chart} isPast={isPast} />
    </Panel>
  );
}

function Shown({ layout, chart, rows, isPast }: ChartProps & { readonly layout: LaidOutChart }): JSX.Element {
  const marks = useMemo(() => marksOf(layout, rows, chart.state, chart.timers), [layout, rows, chart]);
  if (layout.definition !== chart.definition)
    return (
      <>
        <Empty
          title="No picture of this machine."
          why={`This run was stepped by another definition of ${chart.machine} than the one that this daemon has a picture of. The path that it took is below.`}
        />
        <PathTable rows={rows} />
      </>
    );
  return (
    <>
      <Picture layout={layout} marks={marks} isPast={isPast} />
      <details class="run-as-table">
        <summary>The chart as a table</summary>
        <ChartTable chart={layout} marks={marks} />
      </details>
    </>
  );
}

type PictureProps = { readonly layout: LaidOutChart; readonly marks: Marks; readonly isPast: boolean };

/** Parsed as an image and put in as one: the text is made from the machine, and holds no script. */
function Picture({ layout, marks, isPast }: PictureProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [isWhole, setWhole] = useState(false);
  const svg = useMemo(() => renderChart(layout, marks, { colours: "classes" }), [layout, marks]);
  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    const { documentElement } = new DOMParser().parseFromString(svg, "image/svg+xml");
    current.replaceChildren(document.importNode(documentElement, true));
  }, [svg]);
  useEffect(() => {
    if (box.current !== null && !isWhole) bringHere(box.current);
  }, [svg, isWhole]);
  const time = now.value;
  useEffect(() => {
    for (const text of box.current?.querySelectorAll(".chart-time") ?? []) {
      const at = text.getAttribute("data-at");
      if (at !== null && !isPast) text.textContent = countdownOf(Date.parse(at) - time) ?? "due";
    }
  }, [svg, time, isPast]);
  return (
    <>
      <div
        class={isWhole ? "run-chart is-whole" : "run-chart"}
        ref={box}
        tabIndex={0}
        role="region"
        aria-label="chart of the machine"
      />
      <div class="run-chart-foot">
        <button type="button" class="small" aria-pressed={isWhole} onClick={() => setWhole(!isWhole)}>
          see the whole
        </button>
        <ul class="run-legend">
          <li class="is-active">here</li>
          <li class="is-taken">path taken</li>
          <li class="is-possible">possible now</li>
        </ul>
      </div>
    </>
  );
}

/** The state that the run is in comes to the middle of the box. The page round it stays where it is. */
function bringHere(box: HTMLElement): void {
  const here = [...box.querySelectorAll(".chart-state.is-active")].at(-1)?.getBoundingClientRect();
  if (here === undefined) return;
  const around = box.getBoundingClientRect();
  box.scrollTop += here.top + here.height / 2 - around.top - around.height / 2;
  box.scrollLeft += here.left + here.width / 2 - around.left - around.width / 2;
}

function Pending({ chart: { pending }, isPast }: Pick<ChartProps, "chart" | "isPast">): JSX.Element | null {
  if (pending.length === 0) return null;
  return (
    <p class="run-pending">
      {isPast ? "Under way then: " : "Under way: "}
      {pending.map(({ name, started }, at) => (
        <span key={at}>
          {at === 0 ? "" : ", "}
          <code>{name}</code>
          {started ? "" : " (not begun)"}
        </span>
      ))}
    </p>
  );
}
