/** How the daemon is, in words. */
import type { ComponentChildren, JSX } from "preact";
import type { DaemonStatus, Ready } from "../../http/shapes/daemon.ts";
import { probe } from "../api.ts";
import { useAsked } from "../asked.ts";
import { now } from "../clock.ts";
import { Age, Copy, Fault, Foreign, Sign, Waiting } from "../parts.tsx";
import { connection } from "../live.ts";
import { Link } from "../router.ts";
import { clockTime, countOf } from "../words.ts";

const EVERY_MS = 5000;

export function HealthView(): JSX.Element {
  const ready = useAsked<Ready>("/readyz", { live: false, by: (path) => probe<Ready>(path), every_ms: EVERY_MS });
  const status = useAsked<DaemonStatus>("/api/status", { live: false, every_ms: EVERY_MS });
  const { kind, since } = connection.value;
  return (
    <>
      <div class="view-head">
        <h1>Health</h1>
      </div>
      {ready.problem.value === null ? null : <Fault problem={ready.problem.value} retry={ready.again} />}
      {status.problem.value === null ? null : <Fault problem={status.problem.value} retry={status.again} />}
      <section class="panel" aria-labelledby="health-ready">
        <h2 id="health-ready">Ready for work</h2>
        {ready.data.value === null ? <Waiting what="the checks" /> : <Checks ready={ready.data.value} />}
        <p class="quiet">
          This page is {kind === "live" ? "live" : kind} since {clockTime(since, now.value)}.
        </p>
      </section>
      {status.data.value === null ? <Waiting what="the status" /> : <Daemon status={status.data.value} />}
    </>
  );
}

const Checks = ({ ready }: { readonly ready: Ready }): JSX.Element => (
  <>
    <p class="lead">
      <span class={`state is-${ready.ready ? "good" : "bad"}`}>
        <Sign look={ready.ready ? "good" : "bad"} />{" "}
        {ready.ready ? "Deliveries may be sent to it" : "It must not be sent deliveries now"}
      </span>
    </p>
    <ul class="facts is-tall">
      {ready.checks.map(({ name, ok, says }, at) => (
        <li key={at}>
          <span class={`state is-${ok ? "good" : "bad"}`}>
            <Sign look={ok ? "good" : "bad"} /> <Foreign text={name} />
            <span class="unseen">{ok ? " holds" : " does not hold"}</span>
          </span>{" "}
          <span class="quiet">
            <Foreign text={says} max={600} />
          </span>
        </li>
      ))}
    </ul>
  </>
);

const Fact = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Daemon = ({ status }: { readonly status: DaemonStatus }): JSX.Element => (
  <>
    <section class="panel" aria-labelledby="health-daemon">
      <h2 id="health-daemon">The daemon</h2>
      <dl class="fields">
        <Fact name="version">{status.version}</Fact>
        <Fact name="process">{status.pid ?? "none"}</Fact>
        <Fact name="up for">{status.started_at === null ? "not running" : <Age at={status.started_at} />}</Fact>
        <Fact name="takes deliveries at">{status.ingress ?? "nowhere"}</Fact>
        <Fact name="console at">{status.console ?? "nowhere"}</Fact>
        {status.draining ? <Fact name="stopping">no delivery is taken any more</Fact> : null}
      </dl>
      <p>
        <Copy text="qoc doctor" what="the command" shown /> <span class="quiet">looks at it from outside as well</span>
      </p>
    </section>
    {status.workspaces.map((desk) => (
      <section key={desk.name} class="panel">
        <h2>
          <Foreign text={desk.name} />
        </h2>
        <dl class="fields">
          <Fact name="folder">
            <Foreign text={desk.dir} />
          </Fact>
          <Fact name="unfinished">{countOf(desk.runs.unfinished, "run")}</Fact>
          <Fact name="need you">
            <Link href={`/runs?${new URLSearchParams({ workspace: desk.name, needs_me: "true" }).toString()}`}>
              {countOf(desk.runs.needs_me, "run")}
            </Link>
          </Fact>
          <Fact name="stuck or set aside">
            <Link href={`/runs?${new URLSearchParams({ workspace: desk.name, stuck: "true" }).toString()}`}>
              {desk.runs.stuck} stuck, {desk.runs.parked} set aside
            </Link>
          </Fact>
          <Fact name="mail that waits">{countOf(desk.mail_waiting, "event")}</Fact>
          <Fact name="failed signatures">
            <Link href="/endpoints">{desk.failed_signatures}</Link>
          </Fact>
          {desk.notices.unwritten === 0 ? null : <Fact name="notices not written">{desk.notices.unwritten}</Fact>}
        </dl>
      </section>
    ))}
  </>
);
