/**
 * One thing that a person is told: it is born with nothing and told what it is about in the commit of the delivery that flagged it,
 * and does not rest until its page lies in the inbox. An actor of its own, so that it holds up no run and outlives a sealed one.
 */
import { assertEvent, assign, emit, setup } from "xstate";
import type { NoticeAsked, NoticeEvent } from "../src/core/notice.ts";
import type { Json, Observation } from "../src/core/observation.ts";

type Claim = Observation & { readonly type: "observation" };
/** `attempt` counts from 1, of the effect under way. */
type NoticeContext = { readonly asked: NoticeAsked | null; readonly attempt: number };
type At = { readonly context: NoticeContext; readonly event: NoticeEvent };

const BACKOFF_MS_MIN = 1_000;
const BACKOFF_MS_MAX = 3_600_000;

const claim = (name: string, value: Json): Claim => ({ type: "observation", name, value, basis: [] });
const aboutOf = ({ event }: At): NoticeAsked => {
  assertEvent(event, "NOTICE");
  const { run, ordinal, what } = event;
  return { run, ordinal, what };
};
const reasonIn = ({ event }: At): string => {
  assertEvent(event, "EFFECT_FAILED");
  return event.reason;
};

/** Known to the compiler alone. */
const types: { context?: NoticeContext; events?: NoticeEvent; emitted?: Claim; tags?: "resting" } = {};

export const notice = setup({
  types,
  delays: {
    /** Milliseconds; doubles with every attempt, up to an hour. */
    backoff: ({ context: { attempt } }) => Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** (attempt - 1)),
  },
  actions: {
    rememberAsked: assign((at) => ({ asked: aboutOf(at) })),
    beginAttempt: assign(({ context }) => ({ attempt: context.attempt + 1 })),

    observeOpened: emit(() => claim("notice_opened", true)),
    observeAsked: emit((at) => claim("notice_asked", aboutOf(at).what)),
    observeStarted: emit(() => claim("effect_started", "writeNotice")),
    observeFailure: emit((at) => claim("effect_failed", reasonIn(at))),
    observeDone: emit(() => claim("effect_done", "writeNotice")),

    writeNotice: (_at: unknown, _params: NoticeAsked | null): void => undefined,
  },
}).createMachine({
  id: "notice",
  version: "1",
  options: { maxIterations: 64 },
  context: { asked: null, attempt: 0 },
  initial: "waiting",
  states: {
    waiting: {
      entry: "observeOpened",
      on: {
        NOTICE: { target: "writing", actions: ["rememberAsked", "observeAsked"] },
      },
    },
    writing: {
      entry: ["beginAttempt", "observeStarted", { type: "writeNotice", params: ({ context }) => context.asked }],
      on: {
        EFFECT_DONE: { target: "written", actions: "observeDone" },
        EFFECT_FAILED: { target: "backing-off", actions: "observeFailure" },
      },
    },
    "backing-off": {
      after: {
        backoff: { target: "writing" },
      },
    },
    written: {
      tags: "resting",
    },
  },
});
