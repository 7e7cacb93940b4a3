/** The inbox: what was filed for a person, and the item that stands open beside the list. */
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { InboxItem } from "../../http/shapes/inbox.ts";
import { workspaces } from "../daemon.ts";
import { useKeys } from "../keys.ts";
import { Age, Empty, Fault, Foreign, Waiting } from "../parts.tsx";
import { go, Link, query } from "../router.ts";
import { countOf } from "../words.ts";
import { InboxFileView } from "./inbox-file.tsx";
import { inboxPlace, type InboxPlace, inboxQuery, placePath } from "./inbox-place.ts";
import { usePaged } from "./paged.ts";
import { useRowKeys } from "./rows.tsx";
import { Choice } from "./run-filter-form.tsx";
import { STATUSES } from "./inbox-status.ts";

export function InboxView(): JSX.Element {
  const place = inboxPlace(query.value);
  const { page, problem, more, again, change } = usePaged<InboxItem>(inboxQuery(place, null), (cursor) =>
    inboxQuery(place, cursor),
  );
  const list = useRef<HTMLDivElement>(null);
  const filters = useRef<HTMLDivElement>(null);
  const close = (): void => {
    if (place.file !== "") go(placePath({ ...place, of: "", file: "" }));
  };
  useRowKeys(list);
  useKeys({ Escape: close, "/": () => filters.current?.querySelector("select")?.focus() }, "inbox");
  const held = page.value;
  return (
    <>
      <div class="view-head">
        <h1>Inbox</h1>
        {held === null ? null : (
          <p class="quiet" role="status">
            {countOf(held.items.length, "item")}
            {place.status === ""
              ? ""
              : `; the filter hides ${Math.max(0, held.looked - held.items.length)} of ${held.looked} looked at`}
            {held.next === null ? "" : ", more below"}
          </p>
        )}
      </div>
      <div class="filters" ref={filters} role="search" aria-label="Filter the inbox">
        <Choice
          label="Status"
          value={place.status}
          all="any status"
          options={STATUSES}
          choose={(status) => go(placePath({ ...place, status }), "replace")}
        />
        <Choice
          label="Workspace"
          value={place.workspace}
          all="all workspaces"
          options={workspaces.value}
          choose={(workspace) => go(placePath({ ...place, workspace }), "replace")}
        />
      </div>
      {problem.value === null ? null : <Fault problem={problem.value} retry={again} />}
      <div class={place.file === "" ? "beside" : "beside is-open"}>
        <div ref={list} class="beside-list">
          {held === null ? (
            problem.value === null ? (
              <Waiting what="the inbox" />
            ) : null
          ) : (
            <Items items={held.items} place={place} />
          )}
          {held === null || held.next === null ? null : (
            <p class="list-end">
              <button type="button" onClick={more}>
                older items
              </button>
            </p>
          )}
        </div>
        {place.file === "" ? null : (
          <InboxFileView
            key={`${place.of} ${place.file}`}
            workspace={place.of}
            file={place.file}
            close={close}
            marked={(status) =>
              change((item) => (item.workspace === place.of && item.file === place.file ? { ...item, status } : item))
            }
          />
        )}
      </div>
    </>
  );
}

function Items({ items, place }: { readonly items: readonly InboxItem[]; readonly place: InboxPlace }): JSX.Element {
  if (items.length === 0)
    return place.status === "" && place.workspace === "" ? (
      <Empty
        title="The inbox is empty"
        why="A webhook whose action is inbox files an item for each delivery, and agents file theirs."
        command="qoc send WEBHOOK --wait"
      />
    ) : (
      <Empty title="No item fits the filter" why="Items of another status or workspace may be there.">
        <p>
          <Link href="/inbox" class="button">
            show all items
          </Link>
        </p>
      </Empty>
    );
  return (
    <ul class="cards">
      {items.map((item) => {
        const isOpen = item.workspace === place.of && item.file === place.file;
        return (
          <li key={`${item.workspace} ${item.file}`}>
            <Link
              href={placePath({ ...place, of: item.workspace, file: item.file })}
              class="card is-small"
              data-row=""
              aria-current={isOpen ? "true" : undefined}
            >
              <span class="card-says">
                <Foreign text={item.title === "" ? item.file : item.title} />
              </span>
              <span class="card-about">
                <Foreign text={item.workspace} max={60} /> · <Foreign text={item.kind} max={60} />
                {item.at === null ? null : (
                  <>
                    {" "}
                    · <Age at={item.at} />
                  </>
                )}
              </span>
              <span class={`tag is-${STATUSES.some((known) => known === item.status) ? item.status : "unreadable"}`}>
                <Foreign text={item.status} max={20} />
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
