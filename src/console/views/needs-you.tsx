/** What needs a person, and the one thing to do about each. */
import type { ComponentChildren, JSX } from "preact";
import { useRef } from "preact/hooks";
import type { NeedsItem, NeedsYou } from "../../http/shapes/needs-you.ts";
import type { RunsPage } from "../../http/shapes/runs.ts";
import { useAsked } from "../asked.ts";
import { needs } from "../daemon.ts";
import { Age, Countdown, Empty, Fault, Foreign, Sign, StateBadge, Waiting } from "../parts.tsx";
import { Link } from "../router.ts";
import { countOf, type Look } from "../words.ts";
import { inboxPath } from "./inbox-place.ts";
import { runPath } from "./paths.ts";
import { useRowKeys } from "./rows.tsx";

type Kind = NeedsItem["kind"];
type Group = { readonly kind: Kind; readonly title: string; readonly look: Look; readonly sign?: Look | "mail" };

/** In the order in which they need somebody. */
const GROUPS: readonly Group[] = [
  { kind: "approval", title: "Waiting for your decision", look: "you" },
  { kind: "stuck", title: "Stuck", look: "bad" },
  { kind: "expiring", title: "Over soon", look: "wait" },
  { kind: "inbox", title: "New in the inbox", look: "work", sign: "mail" },
  { kind: "webhook", title: "Signatures that fail", look: "bad" },
];

export function NeedsYouView(): JSX.Element {
  const kept = needs.value;
  const [data, problem] = [kept?.data.value ?? null, kept?.problem.value ?? null];
  const place = useRef<HTMLDivElement>(null);
  useRowKeys(place);
  return (
    <div ref={place}>
      <div class="view-head">
        <h1>Needs you</h1>
      </div>
      {problem === null || kept === null ? null : <Fault problem={problem} retry={kept.again} />}
      {data === null ? problem === null ? <Waiting what="what needs you" /> : null : <All data={data} />}
    </div>
  );
}

function All({ data }: { readonly data: NeedsYou }): JSX.Element {
  if (data.items.length === 0)
    return (
      <>
        <div class="empty is-good">
          <p class="empty-title">
            <Sign look="good" /> Nothing needs you
          </p>
          <p>No decision is asked for, no run is stuck, and every signature that failed has verified since.</p>
        </div>
        <LastRuns />
      </>
    );
  return (
    <>
      {GROUPS.map((group) => (
        <Items
          key={group.kind}
          group={group}
          items={data.items.filter(({ kind }) => kind === group.kind)}
          count={data.counts[group.kind]}
        />
      ))}
      {data.more ? <p class="quiet">There is more of this than was looked at.</p> : null}
    </>
  );
}

type ItemsProps = { readonly group: Group; readonly items: readonly NeedsItem[]; readonly count: number };

function Items({ group: { kind, title, look, sign = look }, items, count }: ItemsProps): JSX.Element | null {
  if (items.length === 0) return null;
  return (
    <section class={`needs is-${look}`} aria-labelledby={`needs-${kind}`}>
      <h2 id={`needs-${kind}`}>
        <span class={`state is-${look}`}>
          <Sign look={sign} />
        </span>{" "}
        {title} <span class="count">{count.toLocaleString("en")}</span>
      </h2>
      <ul class="cards">
        {items.map((item) => (
          <li key={keyOf(item)}>
            <Item item={item} />
          </li>
        ))}
      </ul>
      {count > items.length ? <p class="quiet">and {countOf(count - items.length, "more", "more")}</p> : null}
    </section>
  );
}

const keyOf = (item: NeedsItem): string =>
  "run" in item
    ? `${item.run} ${"draft" in item ? item.draft : ""}`
    : `${item.workspace} ${"file" in item ? item.file : item.webhook}`;

type CardProps = {
  readonly says: ComponentChildren;
  readonly about: ComponentChildren;
  readonly href: string;
  readonly act: string;
};

/** What it is, what it is about, and the one thing to do. */
const Card = ({ says, about, href, act }: CardProps): JSX.Element => (
  <Link href={href} class="card" data-row="">
    <span class="card-says">{says}</span>
    <span class="card-about">{about}</span>
    <span class="card-act">{act}</span>
  </Link>
);

function Item({ item }: { readonly item: NeedsItem }): JSX.Element {
  const of =
    "webhook" in item ? <Foreign text={`${item.workspace}/${item.webhook}`} /> : <Foreign text={item.workspace} />;
  switch (item.kind) {
    case "approval":
      return (
        <Card
          says={item.says === null ? <em>The draft cannot be read just now</em> : <Foreign text={item.says} />}
          about={
            <>
              {of}, draft {item.draft}
              {item.expires_at === null ? null : (
                <>
                  , <Countdown until={item.expires_at} after=" left" over="over now" />
                </>
              )}
            </>
          }
          href={runPath(item.run)}
          act="Review and decide"
        />
      );
    case "stuck":
      return (
        <Card
          says={<Foreign text={item.says} />}
          about={
            <>
              {of}, <StateBadge state={item.state} waiting_for="operator" /> for <Age at={item.since} />
            </>
          }
          href={runPath(item.run)}
          act="See what would move it"
        />
      );
    case "expiring":
      return (
        <Card
          says={<Foreign text={item.says} />}
          about={
            <>
              {of}, <Countdown until={item.expires_at} after=" left" over="over now" />
            </>
          }
          href={runPath(item.run)}
          act="Look before it is over"
        />
      );
    case "inbox":
      return (
        <Card
          says={<Foreign text={item.title} />}
          about={
            <>
              {of}
              {item.at === null ? null : (
                <>
                  , <Age at={item.at} /> old
                </>
              )}
            </>
          }
          href={inboxPath({ workspace: item.workspace, file: item.file })}
          act="Read it"
        />
      );
    case "webhook":
      return (
        <Card
          says={<Foreign text={item.says} />}
          about={
            <>
              {of}, {countOf(item.failures, "failure")}
              {item.last_at === null ? null : (
                <>
                  , the last <Age at={item.last_at} /> ago
                </>
              )}
            </>
          }
          href="/endpoints"
          act="See the likeliest reason"
        />
      );
  }
}

/** So that an empty page still says that the desk lives. */
function LastRuns(): JSX.Element | null {
  const { data } = useAsked<RunsPage>("/api/runs?limit=5", { live: true });
  if (data.value === null) return null;
  if (data.value.items.length === 0)
    return (
      <Empty
        title="There is no run yet"
        why="A run begins when a webhook takes a signed delivery."
        command="qoc send WEBHOOK --wait"
      />
    );
  return (
    <section aria-labelledby="last-runs">
      <h2 id="last-runs">The last runs</h2>
      <ul class="cards">
        {data.value.items.map((item) => (
          <li key={item.run}>
            <Link href={runPath(item.run)} class="card is-small" data-row="">
              <span class="card-says">
                <StateBadge {...item} />
              </span>
              <span class="card-about">
                <Foreign text={`${item.workspace}/${item.webhook}`} />{" "}
                {item.subject === null ? null : <Foreign text={item.subject} />}
              </span>
              <span class="card-act">
                <Age at={item.received_at} /> ago
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <p>
        <Link href="/runs">All runs</Link>
      </p>
    </section>
  );
}
