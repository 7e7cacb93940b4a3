/** The small parts that every view is made of. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import type { Problem } from "./api.ts";
import { now } from "./clock.ts";
import { visible } from "../core/visible.ts";
import { ageOf, clockTime, countdownOf, cutTo, type Look, lookOf, type Shown, stateWord } from "./words.ts";

/** Characters of a text from outside that a line of a list shows. */
const LINE_LENGTH_MAX = 300;

/** Signs as paths in a square of 16: drawn, so that no font decides whether a state can be told. */
const SIGNS: Readonly<Record<Look | "mail", string>> = {
  good: "M3 8.5l3.2 3.2L13 5",
  bad: "M4 4l8 8M12 4l-8 8",
  work: "M13.5 8A5.5 5.5 0 1 1 8 2.5",
  wait: "M8 4.5v4l2.5 1.5M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2",
  you: "M8 4.8v3.7M8 11v.2M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13",
  rest: "M4 8h8",
  mail: "M2 4h12v8.5H2zM2 4.5l6 4.5l6-4.5",
};

export const Sign = ({ look }: { readonly look: Look | "mail" }): JSX.Element => (
  <svg class="sign" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">
    <path
      d={SIGNS[look]}
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>
);

type StateBadgeProps = Pick<Shown, "state"> & Partial<Omit<Shown, "state">>;

export function StateBadge({
  state,
  outcome = null,
  waiting_for = null,
  parked = false,
}: StateBadgeProps): JSX.Element {
  const look = lookOf({ state, outcome, waiting_for, parked });
  return (
    <span class={`state is-${look}`}>
      <Sign look={look} />
      <span class="state-word">{stateWord({ state, outcome, parked })}</span>
    </span>
  );
}

/** A text from outside: isolated from what stands around it, in whatever direction it runs. */
export const Foreign = ({
  text,
  max = LINE_LENGTH_MAX,
}: {
  readonly text: string;
  readonly max?: number;
}): JSX.Element => <bdi class="foreign">{visible(cutTo(text, max))}</bdi>;

/** How long ago; the whole time as its title. */
export function Age({ at }: { readonly at: string }): JSX.Element {
  const then = Date.parse(at);
  return (
    <time class="age" dateTime={at} title={at}>
      {ageOf(now.value - then)}
    </time>
  );
}

/** The time of day, with the date when it is not today. */
export const Moment = ({ at }: { readonly at: string }): JSX.Element => (
  <time class="moment" dateTime={at} title={at}>
    {clockTime(Date.parse(at), now.value)}
  </time>
);

type CountdownProps = {
  readonly until: string;
  readonly before?: string;
  readonly after?: string;
  /** In the place of all of it once nothing is left. */
  readonly over?: string;
};

/** How long still, with the words that stand round it while there is time. */
export function Countdown({ until, before = "", after = "", over = "due" }: CountdownProps): JSX.Element {
  const left = countdownOf(Date.parse(until) - now.value);
  return (
    <time class={left === null ? "countdown is-over" : "countdown"} dateTime={until} title={until}>
      {left === null ? over : `${before}${left}${after}`}
    </time>
  );
}

type CopyProps = { readonly text: string; readonly what?: string; readonly shown?: boolean };

/** `what` is read out: "Copy the URL". With `shown`, the text stands beside the button. */
export function Copy({ text, what = "text", shown = false }: CopyProps): JSX.Element {
  const said = useSignal<"copy" | "copied" | "not copied">("copy");
  const copy = async (): Promise<void> => {
    try {
      // Over plain HTTP a browser has no clipboard for any host but its own machine.
      await navigator.clipboard.writeText(text);
      said.value = "copied";
    } catch {
      said.value = "not copied";
    }
    setTimeout(() => (said.value = "copy"), 2000);
  };
  return (
    <span class="copy">
      {shown ? (
        <code>
          <Foreign text={text} />
        </code>
      ) : null}
      <button type="button" class="small" onClick={() => void copy()}>
        <span aria-live="polite">{said}</span>
        <span class="unseen"> {what}</span>
      </button>
    </span>
  );
}

type EmptyProps = {
  readonly title: string;
  readonly why: string;
  readonly command?: string;
  readonly children?: ComponentChildren;
};

/** What is absent, why, and the one command that fills it. */
export const Empty = ({ title, why, command, children }: EmptyProps): JSX.Element => (
  <div class="empty">
    <p class="empty-title">{title}</p>
    <p>{why}</p>
    {command === undefined ? null : (
      <p>
        <Copy text={command} what="the command" shown />
      </p>
    )}
    {children}
  </div>
);

/** What went wrong, and a way to try again. */
export const Fault = ({ problem, retry }: { readonly problem: Problem; readonly retry?: () => void }): JSX.Element => (
  <div class="fault" role="alert">
    <p>
      <Foreign text={problem.detail} max={2000} /> <code class="code">{problem.code}</code>
    </p>
    {retry === undefined ? null : (
      <button type="button" onClick={retry}>
        try again
      </button>
    )}
  </div>
);

/** While the first answer is awaited. */
export const Waiting = ({ what }: { readonly what: string }): JSX.Element => (
  <p class="waiting" role="status">
    Reading {what}…
  </p>
);
