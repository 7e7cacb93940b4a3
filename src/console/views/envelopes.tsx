/** Sealed evidence, newest first. */
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { EnvelopeItem } from "../../http/shapes/envelopes.ts";
import { workspaces } from "../daemon.ts";
import { useKeys } from "../keys.ts";
import { Copy, Empty, Fault, Foreign, Moment, Sign, Waiting } from "../parts.tsx";
import { go, Link, query } from "../router.ts";
import { countOf, lookOf, shortId } from "../words.ts";
import { usePaged } from "./paged.ts";
import { runPath } from "./paths.ts";
import { useRowKeys } from "./rows.tsx";
import { Choice } from "./run-filter-form.tsx";

function listPath(workspace: string, cursor: string | null): string {
  const asked = new URLSearchParams({ limit: "50" });
  if (workspace !== "") asked.set("workspace", workspace);
  if (cursor !== null) asked.set("cursor", cursor);
  return `/api/envelopes?${asked.toString()}`;
}

export function EnvelopesView(): JSX.Element {
  const workspace = query.value.get("workspace") ?? "";
  const { page, problem, more, again } = usePaged<EnvelopeItem>(workspace, (cursor) => listPath(workspace, cursor));
  const place = useRef<HTMLDivElement>(null);
  useRowKeys(place);
  useKeys({ "/": () => place.current?.querySelector("select")?.focus() }, "envelopes");
  const choose = (name: string): void =>
    go(name === "" ? "/envelopes" : `/envelopes?${new URLSearchParams({ workspace: name }).toString()}`, "replace");
  const held = page.value;
  return (
    <div ref={place}>
      <div class="view-head">
        <h1>Envelopes</h1>
        {held === null ? null : (
          <p class="quiet" role="status">
            {countOf(held.items.length, "envelope")}
            {held.next === null ? "" : ", more below"}
          </p>
        )}
      </div>
      <div class="filters" role="search" aria-label="Filter the envelopes">
        <Choice label="Workspace" value={workspace} all="all workspaces" options={workspaces.value} choose={choose} />
      </div>
      {problem.value === null ? null : <Fault problem={problem.value} retry={again} />}
      {held === null ? problem.value === null ? <Waiting what="the envelopes" /> : null : <Items items={held.items} />}
      {held === null || held.next === null ? null : (
        <p class="list-end">
          <button type="button" onClick={more}>
            older envelopes
          </button>
        </p>
      )}
    </div>
  );
}

function Items({ items }: { readonly items: readonly EnvelopeItem[] }): JSX.Element {
  if (items.length === 0)
    return (
      <Empty
        title="No envelope is sealed yet"
        why="A run is sealed when it has come to its end; then its evidence stands here."
        command="qoc send WEBHOOK --wait=sealed"
      />
    );
  return (
    <div class="table" role="table" aria-label="Envelopes">
      <div role="rowgroup" class="table-head">
        <div role="row" class="envelope-row">
          <span role="columnheader">Outcome</span>
          <span role="columnheader">Sealed</span>
          <span role="columnheader">Webhook</span>
          <span role="columnheader">Evidence</span>
          <span role="columnheader">Verify it without this page</span>
        </div>
      </div>
      <div role="rowgroup">
        {items.map((item) => (
          <Row key={item.run} item={item} />
        ))}
      </div>
    </div>
  );
}

const Row = ({ item }: { readonly item: EnvelopeItem }): JSX.Element => (
  <div role="row" class="envelope-row row">
    <span role="cell" class="cell-state">
      <Link href={`${runPath(item.run)}#envelope`} class="row-link" data-row="" title={item.run}>
        <Outcome item={item} />
        <span class="unseen">, the envelope of run {item.run.slice(0, 8)}</span>
      </Link>
    </span>
    <span role="cell" class="cell-age">
      {item.sealed_at === null ? <span class="quiet">unknown</span> : <Moment at={item.sealed_at} />}
    </span>
    <span role="cell" class="cell-webhook">
      <Foreign text={`${item.workspace}/${item.webhook}`} />
    </span>
    <span role="cell" class="cell-envelope">
      <code title={item.evidence_id}>{shortId(item.evidence_id)}</code>
    </span>
    <span role="cell" class="cell-verify">
      {item.file === null ? (
        <span class="quiet">no file</span>
      ) : (
        <Copy text={`qoc envelope verify ${shellWord(item.file)}`} what="the command that verifies it" shown />
      )}
    </span>
  </div>
);

function Outcome({ item: { erased, outcome } }: { readonly item: EnvelopeItem }): JSX.Element {
  const look = lookOf({ state: erased ? "erased" : "sealed", outcome, waiting_for: null, parked: false });
  return (
    <span class={`state is-${look}`}>
      <Sign look={look} />
      <span class="state-word">{erased ? "erased" : (outcome ?? "sealed")}</span>
    </span>
  );
}

/** One word for a shell, whatever is in it. */
const shellWord = (text: string): string => (/^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
