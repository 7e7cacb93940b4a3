/**
 * One draft of a run, from the proposal to its file's place in `executed` or `rejected`. It decides nothing: its run tells it what was
 * decided and what came of it, each in the run's own commit, and it looks after the file and what the person is told. It rests when both
 * are on the disk.
 */
import { emit, setup } from "xstate";
import * as claims from "./order-claims.ts";
import * as memory from "./order-memory.ts";
import type { OrderContext, SettleAsked } from "./order-memory.ts";
import type { OrderEnd, OrderEvent } from "../src/core/order.ts";

const BACKOFF_MS_MIN = 1_000;
const BACKOFF_MS_MAX = 3_600_000;

type At = { readonly context: OrderContext };
const endsAs =
  (end: OrderEnd) =>
  ({ context }: At): boolean =>
    context.end === end;

/** Known to the compiler alone. */
const types: { context?: OrderContext; events?: OrderEvent; emitted?: claims.Claim; tags?: "resting" } = {};

export const order = setup({
  types,
  guards: {
    executed: endsAs("executed"),
    failed: endsAs("failed"),
    blocked: endsAs("blocked"),
    rejected: endsAs("rejected"),
    expired: endsAs("expired"),
    withdrawn: endsAs("withdrawn"),
  },
  delays: {
    /** Milliseconds; doubles with every attempt, up to an hour. */
    backoff: ({ context: { attempt } }) => Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** (attempt - 1)),
  },
  actions: {
    rememberDraft: memory.rememberDraft,
    rememberApproval: memory.rememberApproval,
    rememberEnd: memory.rememberEnd,
    forgetOrder: memory.forgetOrder,
    beginAttempt: memory.beginAttempt,

    observeOpened: emit(() => claims.opened()),
    observeProposed: emit((at) => claims.proposed(at)),
    observeApproved: emit((at) => claims.approved(at)),
    observeRejected: emit((at) => claims.rejected(at)),
    observeExpired: emit(() => claims.expired()),
    observeWithdrawn: emit((at) => claims.withdrawn(at)),
    observeDispatching: emit((at) => claims.dispatching(at)),
    observeUnclear: emit((at) => claims.unclear(at)),
    observeSettled: emit((at) => claims.settled(at)),
    observeStarted: emit(() => claims.started()),
    observeFailure: emit((at) => claims.failure(at)),
    observeDone: emit((at) => claims.done(at)),
    observeErased: emit(() => claims.erased()),

    abandonEffects: (): void => undefined,
    forgetPast: (): void => undefined,
    settleOrder: (_at: unknown, _params: SettleAsked | null): void => undefined,
  },
}).createMachine({
  id: "order",
  version: "1",
  options: { maxIterations: 64 },
  context: { draft: null, by: [], end: null, reason: null, acknowledgement: null, attempt: 0 },
  initial: "waiting",
  on: {
    ERASED: { target: ".erased", actions: ["abandonEffects", "forgetPast", "forgetOrder", "observeErased"] },
  },
  states: {
    waiting: {
      entry: "observeOpened",
      on: {
        PROPOSED: { target: "proposed", actions: ["rememberDraft", "observeProposed"] },
      },
    },
    proposed: {
      on: {
        APPROVED: { target: "approved", actions: ["rememberApproval", "observeApproved"] },
        REJECTED: { target: "filing", actions: ["rememberEnd", "observeRejected"] },
        EXPIRED: { target: "filing", actions: ["rememberEnd", "observeExpired"] },
        WITHDRAWN: { target: "filing", actions: ["rememberEnd", "observeWithdrawn"] },
      },
    },
    approved: {
      on: {
        DISPATCHING: { target: "dispatching", actions: "observeDispatching" },
        WITHDRAWN: { target: "filing", actions: ["rememberEnd", "observeWithdrawn"] },
      },
    },
    dispatching: {
      on: {
        SETTLED: { target: "filing", actions: ["rememberEnd", "observeSettled"] },
        UNCLEAR: { target: "unclear", actions: "observeUnclear" },
      },
    },
    unclear: {
      on: {
        DISPATCHING: { target: "dispatching", actions: "observeDispatching" },
        SETTLED: { target: "filing", actions: ["rememberEnd", "observeSettled"] },
      },
    },
    filing: {
      entry: [
        "beginAttempt",
        "observeStarted",
        { type: "settleOrder", params: ({ context }) => memory.asked(context) },
      ],
      on: {
        EFFECT_DONE: [
          { guard: "executed", target: "executed", actions: "observeDone" },
          { guard: "failed", target: "failed", actions: "observeDone" },
          { guard: "blocked", target: "blocked", actions: "observeDone" },
          { guard: "rejected", target: "rejected", actions: "observeDone" },
          { guard: "expired", target: "expired", actions: "observeDone" },
          { guard: "withdrawn", target: "withdrawn", actions: "observeDone" },
          { target: "unknown", actions: "observeDone" },
        ],
        EFFECT_FAILED: { target: "backing-off", actions: "observeFailure" },
      },
    },
    "backing-off": {
      after: {
        backoff: { target: "filing" },
      },
    },
    executed: {
      tags: "resting",
    },
    failed: {
      tags: "resting",
    },
    blocked: {
      tags: "resting",
    },
    unknown: {
      tags: "resting",
    },
    rejected: {
      tags: "resting",
    },
    expired: {
      tags: "resting",
    },
    withdrawn: {
      tags: "resting",
    },
    erased: {
      tags: "resting",
    },
  },
});
