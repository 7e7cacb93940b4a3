/**
 * One thing that one target is notified of: born with nothing and told in the commit of the run that it is about, it tries until the
 * target has taken it, or gives up and has a person told. An actor of its own, so that no target holds up a run or another target. That
 * it was delivered proves nothing of the run, and nothing of it stands in the run's envelope.
 */
import { assertEvent, assign, emit, setup } from "xstate";
import type { AbandonedAsked, NotificationAsked, NotificationEvent } from "../src/core/notification.ts";
import type { Json, Observation } from "../src/core/observation.ts";
import { boundedRetry, FAILURES_MAX, pagePauseMs, pauseMs, REFUSAL_COUNTS } from "./notification-pauses.ts";

type Claim = Observation & { readonly type: "observation" };
type NotificationContext = {
  readonly asked: NotificationAsked | null;
  /** From 1, of the sending under way; `page_attempt` of the page that tells a person. */
  readonly attempt: number;
  readonly page_attempt: number;
  /** What all failures count together. */
  readonly failures: number;
  /** What the target asked for when it failed last, within bounds; 0 when it asked for nothing. */
  readonly retry_after_ms: number;
  readonly reason: string;
};
type At = { readonly context: NotificationContext; readonly event: NotificationEvent };

const claim = (name: string, value: Json): Claim => ({ type: "observation", name, value, basis: [] });
const aboutOf = ({ event }: At): NotificationAsked => {
  assertEvent(event, "NOTIFY");
  const { type: _type, ...asked } = event;
  return asked;
};
const failureIn = ({
  event,
}: At): Pick<NotificationContext, "reason" | "retry_after_ms"> & { readonly counts: number } => {
  assertEvent(event, ["NOT_NOTIFIED", "EFFECT_FAILED"]);
  const { reason } = event;
  if (event.type === "EFFECT_FAILED") return { reason, retry_after_ms: 0, counts: 1 };
  const asked = event.retry_after_ms;
  return {
    reason,
    retry_after_ms: asked === null ? 0 : boundedRetry(asked),
    counts: event.refused ? REFUSAL_COUNTS : 1,
  };
};
const failuresBy = (at: At): number => at.context.failures + failureIn(at).counts;
const answerIn = ({ event }: At): Claim => {
  assertEvent(event, "NOTIFIED");
  return event.skipped === null
    ? claim("notification_delivered", event.status)
    : claim("notification_skipped", event.skipped);
};
const abandonedOf = ({ asked, attempt, reason }: NotificationContext): AbandonedAsked | null =>
  asked === null ? null : { ...asked, attempts: attempt, reason };

/** Known to the compiler alone. */
const types: { context?: NotificationContext; events?: NotificationEvent; emitted?: Claim; tags?: "resting" } = {};

export const notification = setup({
  types,
  guards: {
    isLastFailure: (at) => failuresBy(at) >= FAILURES_MAX,
  },
  delays: {
    /** Milliseconds. */
    backoff: ({ context: { asked, attempt, retry_after_ms } }) => pauseMs(asked, attempt, retry_after_ms),
    pageBackoff: ({ context: { page_attempt } }) => pagePauseMs(page_attempt),
  },
  actions: {
    rememberAsked: assign((at) => ({ asked: aboutOf(at) })),
    beginAttempt: assign(({ context }) => ({ attempt: context.attempt + 1 })),
    beginPage: assign(({ context }) => ({ page_attempt: context.page_attempt + 1 })),
    countFailure: assign((at) => {
      const { reason, retry_after_ms } = failureIn(at);
      return { failures: failuresBy(at), reason, retry_after_ms };
    }),

    observeOpened: emit(() => claim("notification_opened", true)),
    observeAsked: emit((at) => claim("notification_asked", aboutOf(at).event)),
    observeStarted: emit(() => claim("effect_started", "sendNotification")),
    observeAnswer: emit(answerIn),
    observeFailure: emit((at) => claim("effect_failed", failureIn(at).reason)),
    observeAbandoned: emit(({ context }) => claim("notification_abandoned", context.attempt)),
    observePageStarted: emit(() => claim("effect_started", "writeAbandoned")),
    observePage: emit(() => claim("effect_done", "writeAbandoned")),

    sendNotification: (_at: unknown, _params: NotificationAsked | null): void => undefined,
    writeAbandoned: (_at: unknown, _params: AbandonedAsked | null): void => undefined,
  },
}).createMachine({
  id: "notification",
  version: "1",
  options: { maxIterations: 64 },
  context: { asked: null, attempt: 0, page_attempt: 0, failures: 0, retry_after_ms: 0, reason: "" },
  initial: "waiting",
  states: {
    waiting: {
      entry: "observeOpened",
      on: {
        NOTIFY: { target: "sending", actions: ["rememberAsked", "observeAsked"] },
      },
    },
    sending: {
      entry: ["beginAttempt", "observeStarted", { type: "sendNotification", params: ({ context }) => context.asked }],
      on: {
        NOTIFIED: { target: "delivered", actions: "observeAnswer" },
        NOT_NOTIFIED: [
          {
            guard: "isLastFailure",
            target: "abandoned",
            actions: ["countFailure", "observeFailure", "observeAbandoned"],
          },
          { target: "backing-off", actions: ["countFailure", "observeFailure"] },
        ],
        EFFECT_FAILED: [
          {
            guard: "isLastFailure",
            target: "abandoned",
            actions: ["countFailure", "observeFailure", "observeAbandoned"],
          },
          { target: "backing-off", actions: ["countFailure", "observeFailure"] },
        ],
      },
    },
    "backing-off": {
      after: {
        backoff: { target: "sending" },
      },
    },
    delivered: {
      tags: "resting",
    },
    abandoned: {
      initial: "writing",
      states: {
        writing: {
          entry: [
            "beginPage",
            "observePageStarted",
            { type: "writeAbandoned", params: ({ context }) => abandonedOf(context) },
          ],
          on: {
            EFFECT_DONE: { target: "written", actions: "observePage" },
            EFFECT_FAILED: { target: "backing-off", actions: "observeFailure" },
          },
        },
        "backing-off": {
          after: {
            pageBackoff: { target: "writing" },
          },
        },
        written: {
          tags: "resting",
        },
      },
    },
  },
});
