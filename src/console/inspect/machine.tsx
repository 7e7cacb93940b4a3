/** The machine of an actor: its chart when the daemon has the very same machine, else its states as a list. */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { LaidOutChart } from "../../chart/chart.ts";
import { marksOf } from "../../chart/marks.ts";
import { renderChart } from "../../chart/svg.ts";
import { Foreign } from "../parts.tsx";
import type { ActorSeen, RowSeen } from "./book.ts";
import { chartOf } from "./charts.ts";
import { readDefinition, type StateListed } from "./frame.ts";

type MachineProps = { readonly actor: ActorSeen; readonly rows: readonly RowSeen[]; readonly state: string };

export function Machine({ actor, rows, state }: MachineProps): JSX.Element {
  const { definition } = actor;
  const [chart, setChart] = useState<LaidOutChart | null>(null);
  useEffect(() => {
    let isLeft = false;
    setChart(null);
    chartOf(definition).then(
      (found) => isLeft || setChart(found),
      () => undefined,
    );
    return () => {
      isLeft = true;
    };
  }, [definition]);
  const states = useMemo(() => readDefinition(definition).states, [definition]);
  return chart === null ? (
    <States states={states} state={state} />
  ) : (
    <Picture chart={chart} rows={rows} state={state} />
  );
}

type PictureProps = { readonly chart: LaidOutChart; readonly rows: readonly RowSeen[]; readonly state: string };

/** Parsed as an image: the text is made from the machine alone, whose names the daemon has too. */
function Picture({ chart, rows, state }: PictureProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const svg = useMemo(() => {
    const path = rows.flatMap(({ event, from, state: to }, seq) =>
      to === null ? [] : [{ seq, event: event.type, from, to }],
    );
    return renderChart(chart, marksOf(chart, path, state, []), { colours: "classes" });
  }, [chart, rows.length, rows.at(-1)?.n, state]);
  useEffect(() => {
    const { documentElement } = new DOMParser().parseFromString(svg, "image/svg+xml");
    box.current?.replaceChildren(document.importNode(documentElement, true));
  }, [svg]);
  return <div class="inspect-chart" ref={box} tabIndex={0} role="region" aria-label="chart of the machine" />;
}

function States({ states, state }: { readonly states: readonly StateListed[]; readonly state: string }): JSX.Element {
  if (states.length === 0)
    return (
      <p>
        It is in <Foreign text={state} />. What its machine looks like it did not say.
      </p>
    );
  return (
    <ul class="inspect-states">
      {states.map(({ path, name, within }) => {
        const isActive = state === path || state.startsWith(`${path}.`);
        return (
          <li key={path} class={isActive ? "is-active" : ""} aria-current={isActive ? "step" : undefined}>
            <Foreign text={name} />
            {isActive ? " (here)" : ""}
            {within.length === 0 ? null : <States states={within} state={state} />}
          </li>
        );
      })}
    </ul>
  );
}
