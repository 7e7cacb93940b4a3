/** What stands around every view: who it is, where one can go, and whether what is shown is true just now. */
import { useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { now } from "./clock.ts";
import { needsCount, startKnowing, workspaces } from "./daemon.ts";
import { Help, showHelp } from "./help.tsx";
import { SHELL, useKeys } from "./keys.ts";
import { connection, startLive } from "./live.ts";
import { Login, logOut } from "./login.tsx";
import { Foreign } from "./parts.tsx";
import { go, Link, path } from "./router.ts";
import { RunPage } from "./run/run-page.tsx";
import { signedIn } from "./session.ts";
import { nextTheme, theme } from "./theme.ts";
import { EndpointsView } from "./views/endpoints.tsx";
import { EnvelopesView } from "./views/envelopes.tsx";
import { HealthView } from "./views/health.tsx";
import { InboxView } from "./views/inbox.tsx";
import { NeedsYouView } from "./views/needs-you.tsx";
import { titleOf, type View, type ViewName, viewOf, views } from "./views/paths.ts";
import { RunsView } from "./views/runs.tsx";
import { clockTime } from "./words.ts";

export function Shell(): JSX.Element {
  const view = viewOf(path.value);
  useSignalEffect(() => {
    const count = needsCount.value ?? 0;
    document.title = `${count > 0 ? `(${count}) ` : ""}${titleOf(viewOf(path.value))}`;
  });
  const wasAt = useRef(path.value);
  // A view that was opened has the focus, so that Tab and a reader go on from it.
  useEffect(() => {
    if (wasAt.current !== path.value) document.getElementById("main")?.focus({ preventScroll: true });
    wasAt.current = path.value;
  }, [path.value]);
  useKeys({ "?": showHelp, Escape: () => back(view) }, SHELL);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the view
      </a>
      <header class="top">
        <div class="top-line">
          <Link href="/" class="brand">
            qoc
          </Link>
          <Workspaces />
          {signedIn.value ? <ConnectionTruth /> : null}
          <span class="top-tools">
            <button type="button" class="small quiet-button" onClick={nextTheme} title="Change the colours">
              {theme.value === "system" ? "auto" : theme.value}
              <span class="unseen"> colours, change</span>
            </button>
            <button type="button" class="small quiet-button" onClick={showHelp} title="Keys">
              ?<span class="unseen"> keys</span>
            </button>
            {signedIn.value ? (
              <button type="button" class="small quiet-button" onClick={() => void logOut()}>
                log out
              </button>
            ) : null}
          </span>
        </div>
        {signedIn.value ? <Navigation view={view} /> : null}
      </header>
      <main id="main" tabIndex={-1}>
        {signedIn.value ? <SignedIn view={view} /> : <Login />}
      </main>
      <Help />
    </>
  );
}

function back(view: View): void {
  if (view.kind === "run") go("/runs");
}

/** Mounted for as long as there is a token: what it starts ends with it. */
function SignedIn({ view }: { readonly view: View }): JSX.Element {
  useEffect(() => {
    const ends = [startLive(), startKnowing()];
    return () => {
      for (const end of ends) end();
    };
  }, []);
  switch (view.kind) {
    case "list":
      return <List name={view.name} />;
    case "run":
      return <RunPage key={view.run} id={view.run} />;
    case "unknown":
      return (
        <div class="empty">
          <h1 class="empty-title">There is no such page</h1>
          <p>
            The address leads nowhere. <Link href="/">See what needs you</Link>
          </p>
        </div>
      );
  }
}

function List({ name }: { readonly name: ViewName }): JSX.Element {
  switch (name) {
    case "needs-you":
      return <NeedsYouView />;
    case "runs":
      return <RunsView />;
    case "inbox":
      return <InboxView />;
    case "endpoints":
      return <EndpointsView />;
    case "envelopes":
      return <EnvelopesView />;
    case "health":
      return <HealthView />;
  }
}

const Workspaces = (): JSX.Element => (
  <span class="workspaces">
    {workspaces.value.map((name) => (
      <span key={name} class="workspace">
        <Foreign text={name} max={60} />
      </span>
    ))}
  </span>
);

function ConnectionTruth(): JSX.Element {
  const { kind, since } = connection.value;
  return (
    <span class={`connection is-${kind}`} role="status" title={`since ${new Date(since).toISOString()}`}>
      <span class="dot" aria-hidden="true" />
      {kind === "stale" ? `stale since ${clockTime(since, now.peek())}` : kind}
    </span>
  );
}

function Navigation({ view }: { readonly view: View }): JSX.Element {
  const place = useRef<HTMLUListElement>(null);
  const here = view.kind === "list" ? view.name : view.kind;
  // On a narrow page the list is scrolled sideways, and where one is may be out of sight.
  useEffect(() => {
    const list = place.current;
    const at = list?.querySelector<HTMLElement>("[aria-current]") ?? null;
    if (list !== null && at !== null) list.scrollLeft = at.offsetLeft - (list.clientWidth - at.offsetWidth) / 2;
  }, [here]);
  return (
    <nav aria-label="Views">
      <ul ref={place}>
        {views.map(({ name, path: href, title }) => {
          const isHere = view.kind === "list" ? view.name === name : view.kind === "run" && name === "runs";
          return (
            <li key={name}>
              <Link href={href} aria-current={isHere ? "page" : undefined}>
                {title}
                {name === "needs-you" ? <NeedsCount /> : null}
              </Link>
            </li>
          );
        })}
        <li>
          <a href="/inspect">Inspect</a>
        </li>
      </ul>
    </nav>
  );
}

function NeedsCount(): JSX.Element | null {
  const count = needsCount.value;
  if (count === null || count === 0) return null;
  return (
    <span class="count">
      {count > 999 ? "999+" : count}
      <span class="unseen"> things</span>
    </span>
  );
}
