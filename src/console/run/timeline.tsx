/** The journal, row by row. Of a long one only what is near the view is in the document. */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { JournalRow } from "../../http/shapes/runs.ts";
import { Copy, Moment } from "../parts.tsx";
import { Long, Panel } from "./panel.tsx";
import { BLOCK_ROWS, blocksOf, short, type TimelineRow, timelineRows } from "./rows.ts";

type TimelineProps = {
  readonly journal: readonly JournalRow[];
  /** The row that the replay is at; null for now. */
  readonly at: number | null;
  readonly moveTo: (seq: number | null) => void;
};

/** What a row that is not in the document is taken to measure, in pixels. */
const ROW_HEIGHT_GUESSED = 34;
/** How far beyond the view rows are in the document. */
const MARGIN = "600px";

export function Timeline({ journal, at, moveTo }: TimelineProps): JSX.Element {
  const rows = useMemo(() => timelineRows(journal), [journal]);
  const blocks = useMemo(() => blocksOf(rows), [rows]);
  const scrolls = useRef<HTMLDivElement>(null);
  return (
    <Panel id="timeline" title="Timeline" aside={<span class="run-quiet">{rows.length} rows of the journal</span>}>
      <div class="run-timeline" ref={scrolls} tabIndex={0} role="region" aria-label="timeline">
        {blocks.map((block, index) => (
          <Block
            key={index}
            rows={block}
            at={block.some(({ seq }) => seq === at) ? at : null}
            isLast={index === blocks.length - 1}
            moveTo={moveTo}
          />
        ))}
      </div>
    </Panel>
  );
}

type BlockProps = {
  readonly rows: readonly TimelineRow[];
  readonly at: number | null;
  readonly isLast: boolean;
  readonly moveTo: (seq: number | null) => void;
};

/** Its height is kept when its rows leave the document, so that nothing under it moves. */
function Block({ rows, at, isLast, moveTo }: BlockProps): JSX.Element {
  const box = useRef<HTMLOListElement>(null);
  const [isNear, setNear] = useState(isLast && rows.length < BLOCK_ROWS);
  const height = useRef(rows.length * ROW_HEIGHT_GUESSED);
  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    const watch = new IntersectionObserver(
      ([entry]) => {
        if (entry === undefined) return;
        if (!entry.isIntersecting && current.childElementCount > 0) height.current = current.offsetHeight;
        setNear(entry.isIntersecting);
      },
      { root: current.closest(".run-timeline"), rootMargin: MARGIN },
    );
    watch.observe(current);
    return () => watch.disconnect();
  }, []);
  // Of a row only where the replay is changes, so the rows are made once.
  const made = useMemo(
    () => (isNear ? rows.map((row) => <Row key={row.seq} row={row} isAt={row.seq === at} moveTo={moveTo} />) : null),
    [rows, isNear, at],
  );
  return (
    <ol class="journal-rows" ref={box} style={isNear ? { height: "auto" } : { height: `${height.current}px` }}>
      {made}
    </ol>
  );
}

type RowProps = { readonly row: TimelineRow; readonly isAt: boolean; readonly moveTo: (seq: number | null) => void };

const Row = ({ row, isAt, moveTo }: RowProps): JSX.Element => (
  <li class={isAt ? "journal-row is-at" : "journal-row"} aria-current={isAt ? "step" : undefined}>
    <button type="button" class="run-seq" onClick={() => moveTo(row.seq)} aria-label={`The run as of row ${row.seq}`}>
      {row.seq}
    </button>
    <span class="run-when">
      <Moment at={row.at} /> <span class="run-gap">{row.gap}</span>
    </span>
    <span class="run-event">
      <code>{row.event}</code>
    </span>
    <span class="run-move">{row.from === null || row.from === row.to ? row.to : `${row.from} → ${row.to}`}</span>
    <span class="run-by">
      <bdi>{row.by}</bdi>
    </span>
    {row.observations.length === 0 ? null : (
      <dl class="run-observations">
        {row.observations.map(({ name, value, basis }, index) => (
          <div key={index}>
            <dt>
              <bdi>{name}</bdi>
            </dt>
            <dd>
              <Long text={value} />{" "}
              {basis.map((hash) => (
                <span key={hash} class="run-basis">
                  <code title={hash}>{short(hash)}</code> <Copy text={hash} what={`the hash ${short(hash)}`} />
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    )}
  </li>
);
