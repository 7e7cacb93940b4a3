/** All runs, newest first. */
import type { JSX } from "preact";
import { useCallback, useEffect, useMemo } from "preact/hooks";
import type { RunItem } from "../../http/shapes/runs.ts";
import { useKeys } from "../keys.ts";
import { Age, Countdown, Empty, Fault, Foreign, StateBadge, Waiting } from "../parts.tsx";
import { go, Link, query } from "../router.ts";
import { countOf, shortId, waitWord } from "../words.ts";
import { lookedAt, rowCount, rowsIn } from "./pages.ts";
import { runPath } from "./paths.ts";
import { LongList } from "./rows.tsx";
import { filtersOf, hidesOf, isFiltered, noFilters, queryOf } from "./run-filters.ts";
import { FilterForm } from "./run-filter-form.tsx";
import { openRunList, type RunList } from "./run-list.ts";

export function RunsView(): JSX.Element {
  const filters = filtersOf(query.value);
  const asked = queryOf(filters);
  const list = useMemo(() => openRunList(asked, filters), [asked]);
  useEffect(() => list.close, [list]);
  useKeys({ Escape: () => go(`/runs${queryOf(noFilters)}`) }, "runs");
  return (
    <>
      <div class="view-head">
        <h1>Runs</h1>
        <Counted list={list} filtered={isFiltered(filters)} />
      </div>
      <FilterForm filters={filters} />
      <Fresh list={list} />
      <Rows list={list} filtered={isFiltered(filters)} />
    </>
  );
}

function Counted({ list, filtered }: { readonly list: RunList; readonly filtered: boolean }): JSX.Element | null {
  const held = list.list.value;
  if (held === null) return null;
  const rows = rowCount(held);
  const more = held.next === null ? "" : ", more below";
  return (
    <p class="quiet" role="status">
      {filtered
        ? `${countOf(rows, "run")}; the filter ${hidesOf(rows, lookedAt(held))}${more}`
        : `${countOf(rows, "run")} read${more}`}
    </p>
  );
}

/** Rows never jump: what is new waits here until it is asked for. */
function Fresh({ list }: { readonly list: RunList }): JSX.Element {
  const count = list.fresh.value;
  const show = (): void => {
    list.reload();
    scrollTo(0, 0);
  };
  return (
    <div class="pill-place" role="status">
      {count === 0 ? null : (
        <button type="button" class="pill" onClick={show}>
          {count} new · show
        </button>
      )}
    </div>
  );
}

function Rows({ list, filtered }: { readonly list: RunList; readonly filtered: boolean }): JSX.Element {
  const held = list.list.value;
  const problem = list.problem.value;
  const see = useCallback((first: number, last: number) => list.see(first, last), [list]);
  if (held === null)
    return problem === null ? <Waiting what="the runs" /> : <Fault problem={problem} retry={list.reload} />;
  const rows = rowCount(held);
  return (
    <>
      {problem === null ? null : <Fault problem={problem} retry={list.more} />}
      {rows === 0 ? (
        <NoRuns filtered={filtered} more={held.next !== null} />
      ) : (
        <LongList
          rows={rows}
          label="Runs"
          head={<Head />}
          see={see}
          render={(first, last) =>
            rowsIn(held, first, last).map((item, at) =>
              item === null ? (
                <Gone key={`row ${first + at}`} />
              ) : (
                <Row key={item.run} item={item} index={first + at} />
              ),
            )
          }
        />
      )}
      {list.paused.value && held.next !== null ? (
        <p class="list-end">
          <button type="button" onClick={list.more}>
            look further back
          </button>
        </p>
      ) : null}
      {held.next === null && rows > 0 ? <p class="list-end quiet">That is all of them.</p> : null}
    </>
  );
}

const Head = (): JSX.Element => (
  <div role="rowgroup" class="table-head">
    <div role="row" class="runs-row">
      <span role="columnheader">State</span>
      <span role="columnheader">Age</span>
      <span role="columnheader">Webhook</span>
      <span role="columnheader">Subject</span>
      <span role="columnheader">Waits for</span>
      <span role="columnheader" class="number">
        Duplicates
      </span>
      <span role="columnheader">Envelope</span>
    </div>
  </div>
);

const Row = ({ item, index }: { readonly item: RunItem; readonly index: number }): JSX.Element => (
  <div role="row" class="runs-row row" aria-rowindex={index + 2}>
    <span role="cell" class="cell-state">
      <Link href={runPath(item.run)} class="row-link" data-row="" title={item.run}>
        <StateBadge state={item.state} outcome={item.outcome} waiting_for={item.waiting_for} parked={item.parked} />
        <span class="unseen">, run {item.run.slice(0, 8)}</span>
      </Link>
    </span>
    <span role="cell" class="cell-age">
      <Age at={item.received_at} />
    </span>
    <span role="cell" class="cell-webhook">
      <Foreign text={`${item.workspace}/${item.webhook}`} />
    </span>
    <span role="cell" class="cell-subject">
      <Subject item={item} />
    </span>
    <span role="cell" class="cell-wait">
      {waitWord(item.waiting_for)}
      {item.waiting_until === null ? null : (
        <>
          {" "}
          <Countdown until={item.waiting_until} />
        </>
      )}
    </span>
    <span role="cell" class="cell-duplicates number">
      {item.duplicates === 0 ? (
        <span class="unseen">none</span>
      ) : (
        <span title={countOf(item.duplicates, "duplicate")}>+{item.duplicates}</span>
      )}
    </span>
    <span role="cell" class="cell-envelope">
      {item.sealed_at === null ? (
        <span class="quiet">not yet</span>
      ) : (
        <code title={item.evidence_id}>{shortId(item.evidence_id)}</code>
      )}
    </span>
  </div>
);

function Subject({ item: { subject, event_type, task } }: { readonly item: RunItem }): JSX.Element {
  const what = subject ?? task;
  return (
    <>
      {what === null ? null : <Foreign text={what} />}
      {event_type === null ? null : (
        <span class="quiet">
          {" "}
          <Foreign text={event_type} />
        </span>
      )}
      {what === null && event_type === null ? <span class="quiet">nothing named</span> : null}
    </>
  );
}

const Gone = (): JSX.Element => (
  <div role="row" class="runs-row row is-absent">
    <span role="cell" class="quiet">
      …
    </span>
  </div>
);

const NoRuns = ({ filtered, more }: { readonly filtered: boolean; readonly more: boolean }): JSX.Element =>
  filtered ? (
    <Empty
      title="No run fits the filter"
      why={
        more
          ? "None of the newest runs does; older ones were not looked at yet."
          : "All runs of this desk were looked at, and none fits."
      }
    >
      <p>
        <Link href="/runs" class="button">
          show all runs
        </Link>
      </p>
    </Empty>
  ) : (
    <Empty
      title="There is no run yet"
      why="A run begins when a webhook takes a signed delivery, or when a task is started by hand."
      command="qoc send WEBHOOK --wait"
    />
  );
