/** The head of the page: where the run is, what it waits for, what it is about, why, and what would move it. */
import type { JSX } from "preact";
import type { RunPage } from "../../http/shapes/run-page.ts";
import type { RunDetail } from "../../http/shapes/runs.ts";
import { Age, Copy, Countdown, Foreign, Moment, StateBadge } from "../parts.tsx";
import { countOf, waitWord } from "../words.ts";

export const RunHead = ({ page: { run, why } }: { readonly page: RunPage }): JSX.Element => (
  <header class="run-head">
    <h1>
      Run <code>{run.run}</code> <Copy text={run.run} what="the run's id" />
    </h1>
    <p class="run-state">
      <StateBadge state={run.state} outcome={run.outcome} waiting_for={run.waiting_for} parked={run.parked !== null} />
      <Waits run={run} />
    </p>
    <dl class="run-about">
      <Pair name="webhook">
        <Foreign text={`${run.workspace} / ${run.webhook}`} />
      </Pair>
      {run.event_type === null ? null : (
        <Pair name="event">
          <Foreign text={run.event_type} />
        </Pair>
      )}
      {run.subject === null ? null : (
        <Pair name="subject">
          <Foreign text={run.subject} />
        </Pair>
      )}
      {run.task === null ? null : (
        <Pair name="task">
          <Foreign text={run.task} />
        </Pair>
      )}
      {run.delivery_id === null ? null : (
        <Pair name="delivery">
          <Foreign text={run.delivery_id} />
        </Pair>
      )}
      <Pair name="received">
        <Moment at={run.received_at} /> (<Age at={run.received_at} /> ago)
      </Pair>
      <Pair name="duplicates">{run.duplicates}</Pair>
      {run.sealed_at === null ? null : (
        <Pair name="sealed">
          <Moment at={run.sealed_at} />
        </Pair>
      )}
    </dl>
    <p class="run-why">
      <Foreign text={why.paragraph} max={4000} />
    </p>
    {why.commands.length === 0 ? null : (
      <ul class="run-commands" aria-label="commands that move it">
        {why.commands.map((command) => (
          <li key={command}>
            <Copy text={command} what={`the command ${command}`} shown />
          </li>
        ))}
      </ul>
    )}
    <Gone run={run} />
  </header>
);

const Pair = ({ name, children }: { readonly name: string; readonly children: JSX.Element["props"]["children"] }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

function Waits({ run }: { readonly run: RunDetail }): JSX.Element | null {
  const word = waitWord(run.waiting_for);
  if (word === null) return null;
  return (
    <span class="run-waits">
      waits for {word}
      {run.waiting_until === null ? null : (
        <>
          , <Countdown until={run.waiting_until} after=" left" />
        </>
      )}
    </span>
  );
}

/** What was erased is said with what is left of it, and what was set aside with what brings it back. */
function Gone({ run }: { readonly run: RunDetail }): JSX.Element | null {
  if (run.erased !== null)
    return (
      <div class="run-notice">
        <p>
          A person had this run erased at <Moment at={run.erased.at} />: <Foreign text={run.erased.reason} max={1000} />
        </p>
        <p>
          Its payload, its artifacts and what it remembered are gone and cannot be brought back. What stays are its
          seals in the log ({countOf(run.erased.seals.length, "seal")}), so that nobody can say that it never was.
        </p>
      </div>
    );
  if (run.parked === null) return null;
  return (
    <div class="run-notice is-bad" role="status">
      <p>
        Set aside at <Moment at={run.parked.at} />: <Foreign text={run.parked.reason} max={2000} />
      </p>
      <p>What it was told since is kept. Remove the cause, then resume it below.</p>
    </div>
  );
}
