/** The bridge to Stately's hosted inspector. Nothing leaves this machine before a person has read what will, and said yes. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Login } from "../login.tsx";
import { signedIn } from "../session.ts";
import { countOf } from "../words.ts";
import type { InspectProps } from "./inspect-page.tsx";
import { sendTo, sentNow, STATELY_INSPECTOR, STATELY_ORIGIN } from "./stately.ts";

export function StatelyPage({ run, context }: InspectProps): JSX.Element {
  const isAllowed = useSignal(false);
  if (!signedIn.value)
    return (
      <main class="inspect-ask">
        <Login />
      </main>
    );
  return isAllowed.value ? (
    <Bridge run={run} context={context} />
  ) : (
    <main class="inspect-ask">
      <h1>Show this at Stately?</h1>
      <p>
        This loads <code>{STATELY_INSPECTOR}</code> into this page and sends it, for{" "}
        {run === null
          ? "the unfinished runs and all that happens while this page is open"
          : "this run, now and as it goes on"}
        :
      </p>
      <ul>
        <li>the ids of runs, and of their orders and notices; names of targets that are notified</li>
        <li>
          the machines' definitions, the names of events, guards, states, observations and effects, and their times
        </li>
        <li>{context ? "counters, flags and outcomes of the actors" : "nothing of the actors' contexts"}</li>
      </ul>
      <p>
        Nothing of a payload, no header, no fact, no reason and no file is sent. What has been sent to{" "}
        <code>{STATELY_ORIGIN}</code> cannot be taken back.
      </p>
      <p class="inspect-choice">
        <button type="button" onClick={() => (isAllowed.value = true)}>
          load it and send
        </button>
        <a href={`/inspect${run === null ? "" : `?run=${encodeURIComponent(run)}`}`}>look here instead, offline</a>
      </p>
    </main>
  );
}

function Bridge({ run, context }: InspectProps): JSX.Element {
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => (frame.current === null ? undefined : sendTo(frame.current, run, context)), [run, context]);
  const { sent, waiting, listens, source } = sentNow.value;
  return (
    <main class="inspect-bridge">
      <p role="status">
        {listens
          ? `${countOf(sent, "frame")} sent to ${STATELY_ORIGIN}.`
          : `${countOf(waiting, "frame")} wait for ${STATELY_ORIGIN} to say that it listens.`}
        {source === "live" ? "" : ` The daemon: ${source}.`}
      </p>
      <iframe
        ref={frame}
        title="Stately's inspector"
        referrerpolicy="no-referrer"
        sandbox="allow-scripts allow-same-origin"
      />
    </main>
  );
}
