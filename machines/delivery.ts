/**
 * The life of one accepted delivery: what it waits for, what it asks of the world, what it claims. Effects are actions that do
 * nothing here; the engine performs them after the commit and tells their outcome as an event. Four actions are the engine's
 * own words: `abandonEffects` gives up what was asked for and not told yet, so that a late outcome finds nothing pending; `tell`, within
 * `tellPerson`, is taken in by the same commit; `forgetTold` keeps nothing of what the event brought; `forgetPast` drops the journal before it.
 */
import { setup } from "xstate";
import type { DeliveryEvent, DeliveryInput } from "../src/core/delivery.ts";
import { actions } from "./delivery-actions.ts";
import type { Claim } from "./delivery-claims.ts";
import { contextOf, type DeliveryContext } from "./delivery-context.ts";
import {
  amendmentAsked,
  approvalAsked,
  dispatchAsked,
  erasureAsked,
  reportAsked,
  sealAsked,
} from "./delivery-effects.ts";
import { delays, guards } from "./delivery-guards.ts";

/** Known to the compiler alone. */
const types: {
  context?: DeliveryContext;
  events?: DeliveryEvent;
  input?: DeliveryInput;
  emitted?: Claim;
  tags?: "resting";
} = {};

export const delivery = setup({
  types,
  guards,
  delays,
  actions,
}).createMachine({
  id: "delivery",
  version: "1",
  options: { maxIterations: 64 },
  context: ({ input }) => contextOf(input),
  initial: "received",
  on: {
    REDELIVERED: [
      { guard: "sameIdSameBytes", actions: ["countDuplicate", "observeDuplicate"] },
      { guard: "sameIdOtherBytes", actions: ["countFlagged", "observeConflict", "tellPerson"] },
      { guard: "otherIdSameBytes", actions: ["countFlagged", "observeReplay", "tellPerson"] },
    ],
    RELEASED_AS_NEW: { actions: "observeReleasedAsNew" },
    PREDECESSOR_ARRIVED: { actions: ["rememberPredecessor", "observePredecessor"] },
    CONTEXT_ARRIVED: { actions: ["rememberContext", "observeContext"] },
  },
  states: {
    received: {
      entry: "observeReceived",
      on: {
        VERIFIED: { target: "verified", actions: "observeSignature" },
        ASKED: { target: "recorded", actions: "observeAsked" },
        REFUSED: [
          { guard: "policyRecord", target: "sealing", actions: ["observeSignature", "decideRefused"] },
          { target: "refused", actions: "observeSignature" },
        ],
      },
    },
    verified: {
      on: {
        NORMALIZED: { target: "normalized", actions: ["observePayload", "observeCorrelation"] },
      },
    },
    normalized: {
      on: {
        RECORDED: { target: "recorded", actions: ["rememberOrder", "observeOrder", "observeAnchor", "observeIntent"] },
      },
    },
    recorded: {
      always: [
        { guard: "skipsStaleAgent", target: "reporting", actions: "decideSuperseded" },
        { guard: "skipsStale", target: "sealing", actions: "decideSuperseded" },
        { guard: "awaitsPredecessor", target: "held.for-predecessor" },
        { guard: "awaitsContext", target: "held.for-context" },
        { target: "executing" },
      ],
    },
    held: {
      initial: "for-predecessor",
      on: {
        RELEASE: { target: "executing", actions: "observeReleased" },
        CANCEL: [
          { guard: "runsAgent", target: "reporting", actions: "decideCancelled" },
          { target: "sealing", actions: "decideCancelled" },
        ],
      },
      states: {
        "for-predecessor": {
          entry: "observeHeldForPredecessor",
          after: {
            holdTimeout: { target: "#delivery.recorded", actions: ["forgoPredecessor", "observeHoldTimeout"] },
          },
          on: {
            PREDECESSOR_ARRIVED: { target: "#delivery.recorded", actions: ["rememberPredecessor", "observeReleased"] },
          },
        },
        "for-context": {
          entry: "observeHeldForContext",
          after: {
            contextTimeout: { target: "#delivery.executing", actions: "observeContextTimeout" },
          },
          on: {
            CONTEXT_ARRIVED: { target: "#delivery.executing", actions: ["rememberContext", "observeReleased"] },
          },
        },
      },
    },
    executing: {
      initial: "performing",
      exit: "abandonEffects",
      on: {
        TOOL_CALLED: [
          { guard: "proposes", actions: ["keepProposal", "observeCommand", "observeProposal", "tellProposed"] },
          { actions: "observeCommand" },
        ],
        EFFECT_DONE: [
          { guard: "hasDrafts", target: "awaiting-approval", actions: "observeWorkDone" },
          { guard: "runsAgent", target: "reporting", actions: ["observeWorkDone", "decideCompleted"] },
          { target: "sealing", actions: ["observeWorkDone", "decideCompleted"] },
        ],
        EFFECT_FAILED: [
          { guard: "mayRetry", target: ".backing-off", actions: "observeFailure" },
          {
            guard: "runsAgent",
            target: "reporting",
            actions: ["observeFailure", "tellWithdrawn", "withdrawDrafts", "decideFailed"],
          },
          { target: "sealing", actions: ["observeFailure", "decideFailed"] },
        ],
        INTERRUPTED: { guard: "notRepeatable", target: "stuck", actions: "observeWorkInterrupted" },
        CANCEL: [
          {
            guard: "runsAgent",
            target: "reporting",
            actions: ["tellWithdrawn", "withdrawDrafts", "decideCancelled"],
          },
          { target: "sealing", actions: "decideCancelled" },
        ],
      },
      states: {
        performing: {
          entry: ["beginAttempt", "observeWorkStarted", "performWork"],
        },
        "backing-off": {
          after: {
            backoff: { target: "performing" },
          },
        },
      },
    },
    "awaiting-approval": {
      initial: "asking",
      entry: ["forgetAttempts", "observeApprovalAsked", "countNotified", "notifyApproval"],
      exit: "abandonEffects",
      after: {
        approvalTimeout: { target: "reporting", actions: ["tellExpired", "withdrawDrafts", "decideExpired"] },
      },
      on: {
        DECIDED: [
          {
            guard: "decidesLastAndSends",
            target: "dispatching",
            actions: ["keepDecision", "observeDecision", "tellDecided"],
          },
          {
            guard: "decidesLast",
            target: "reporting",
            actions: ["keepDecision", "observeDecision", "tellDecided", "decideDenied"],
          },
          { guard: "decides", actions: ["keepDecision", "observeDecision", "tellDecided"] },
          { guard: "countsTowards", actions: ["keepDecision", "observeApproval"] },
        ],
        CANCEL: { target: "reporting", actions: ["tellWithdrawn", "withdrawDrafts", "decideCancelled"] },
      },
      states: {
        asking: {
          entry: [
            "beginAttempt",
            "observeAskStarted",
            { type: "askApproval", params: ({ context }) => approvalAsked(context) },
          ],
          on: {
            EFFECT_DONE: { target: "asked", actions: "observeAskDone" },
            EFFECT_FAILED: { target: "backing-off", actions: "observeFailure" },
          },
        },
        "backing-off": {
          after: {
            sealBackoff: { target: "asking" },
          },
        },
        asked: {},
      },
    },
    dispatching: {
      entry: [
        "keepSending",
        "observeDispatchStarted",
        "tellDispatching",
        { type: "dispatchOrder", params: ({ context }) => dispatchAsked(context) },
      ],
      exit: "abandonEffects",
      on: {
        ORDER_SETTLED: [
          {
            guard: "moreToSend",
            target: "dispatching",
            reenter: true,
            actions: ["observeSettled", "tellSettled", "keepOutcome"],
          },
          {
            guard: "lastOrderAndSomeFailed",
            target: "reporting",
            actions: ["observeSettled", "tellSettled", "keepOutcome", "decideFailed"],
          },
          {
            guard: "lastOrder",
            target: "reporting",
            actions: ["observeSettled", "tellSettled", "keepOutcome", "decideCompleted"],
          },
        ],
        ORDER_UNCLEAR: { target: "stuck", actions: ["observeUnclear", "tellUnclear"] },
        EFFECT_FAILED: { target: "stuck", actions: ["observeFailure", "tellUnclear"] },
        INTERRUPTED: {
          guard: "notRepeatable",
          target: "stuck",
          actions: ["observeDispatchInterrupted", "tellUnclear"],
        },
      },
    },
    stuck: {
      entry: ["countNotified", "notifyStuck"],
      on: {
        RESUME: [
          {
            guard: "moreToSend",
            target: "dispatching",
            actions: ["observeResumed", "observeSettled", "tellSettled", "keepOutcome"],
          },
          {
            guard: "lastOrderAndSomeFailed",
            target: "reporting",
            actions: ["observeResumed", "observeSettled", "tellSettled", "keepOutcome", "decideFailed"],
          },
          {
            guard: "lastOrder",
            target: "reporting",
            actions: ["observeResumed", "observeSettled", "tellSettled", "keepOutcome", "decideCompleted"],
          },
          { guard: "asksFirst", target: "dispatching", actions: ["askFirst", "observeResumed"] },
          {
            guard: "restarts",
            target: "executing",
            actions: ["tellWithdrawn", "withdrawDrafts", "forgetAttempts", "observeResumed"],
          },
        ],
        CANCEL: { target: "reporting", actions: ["tellWithdrawn", "withdrawDrafts", "decideCancelled"] },
      },
    },
    reporting: {
      initial: "writing",
      exit: "abandonEffects",
      on: {
        REPORTED: { target: "sealing", actions: ["forgetAttempts", "observeReported"] },
        EFFECT_FAILED: [
          { guard: "mayRetry", target: ".backing-off", actions: "observeFailure" },
          { target: "sealing", actions: ["forgetAttempts", "observeFailure"] },
        ],
      },
      states: {
        writing: {
          entry: [
            "beginAttempt",
            "observeReportStarted",
            { type: "writeReport", params: ({ context }) => reportAsked(context) },
          ],
        },
        "backing-off": {
          after: {
            backoff: { target: "writing" },
          },
        },
      },
    },
    sealing: {
      initial: "signing",
      entry: "observeOutcome",
      exit: "abandonEffects",
      on: {
        SEALED: [
          {
            guard: "owesAmendment",
            target: "amending",
            actions: ["rememberSeal", "observeSealed", "countNotified", "notifyFinal"],
          },
          { target: "sealed", actions: ["rememberSeal", "observeSealed", "countNotified", "notifyFinal"] },
        ],
        EFFECT_FAILED: { target: ".backing-off", actions: "observeFailure" },
        REDELIVERED: [
          {
            guard: "sameIdOtherBytes",
            actions: ["countFlagged", "oweAmendment", "observeConflict", "observeAmendmentOwed", "tellPerson"],
          },
          {
            guard: "otherIdSameBytes",
            actions: ["countFlagged", "oweAmendment", "observeReplay", "observeAmendmentOwed", "tellPerson"],
          },
        ],
      },
      states: {
        signing: {
          entry: ["beginAttempt", { type: "sealRun", params: ({ context }) => sealAsked(context) }],
        },
        "backing-off": {
          after: {
            sealBackoff: { target: "signing", actions: "observeSealStarted" },
          },
        },
      },
    },
    sealed: {
      tags: "resting",
      on: {
        ERASE: { target: "erasing", actions: "observeErasureAsked" },
        REDELIVERED: [
          {
            guard: "sameIdOtherBytes",
            target: "amending",
            actions: ["countFlagged", "oweAmendment", "observeConflict", "observeAmendmentOwed", "tellPerson"],
          },
          {
            guard: "otherIdSameBytes",
            target: "amending",
            actions: ["countFlagged", "oweAmendment", "observeReplay", "observeAmendmentOwed", "tellPerson"],
          },
        ],
      },
    },
    amending: {
      initial: "signing",
      exit: "abandonEffects",
      on: {
        AMENDED: [
          { guard: "owesAnother", target: ".signing", actions: ["rememberAmendment", "observeAmended"] },
          { target: "sealed", actions: ["rememberAmendment", "observeAmended"] },
        ],
        EFFECT_FAILED: { target: ".backing-off", actions: "observeFailure" },
        REDELIVERED: [
          {
            guard: "sameIdOtherBytes",
            actions: ["countFlagged", "oweAmendment", "observeConflict", "observeAmendmentOwed", "tellPerson"],
          },
          {
            guard: "otherIdSameBytes",
            actions: ["countFlagged", "oweAmendment", "observeReplay", "observeAmendmentOwed", "tellPerson"],
          },
        ],
      },
      states: {
        signing: {
          entry: ["beginAttempt", { type: "sealAmendment", params: ({ context }) => amendmentAsked(context) }],
        },
        "backing-off": {
          after: {
            sealBackoff: { target: "signing", actions: "observeAmendmentStarted" },
          },
        },
      },
    },
    erasing: {
      initial: "removing",
      exit: "abandonEffects",
      on: {
        ERASED: [
          {
            guard: "sawAll",
            target: "erased",
            actions: ["tellErased", "forgetPast", "forgetDelivery", "observeErased"],
          },
          { target: ".removing", actions: "observeErasureStarted" },
        ],
        EFFECT_FAILED: { target: ".backing-off", actions: "observeFailure" },
        REDELIVERED: [
          { guard: "bringsNothing", actions: ["forgetTold", "countDuplicate", "observeForgotten"] },
          { actions: ["countDuplicate", "countLate", "observeLate"] },
        ],
        RELEASED_AS_NEW: { actions: ["forgetTold", "observeForgotten"] },
        PREDECESSOR_ARRIVED: { actions: ["forgetTold", "observeForgotten"] },
        CONTEXT_ARRIVED: { actions: ["forgetTold", "observeForgotten"] },
      },
      states: {
        removing: {
          entry: ["beginAttempt", { type: "eraseRun", params: ({ context }) => erasureAsked(context) }],
        },
        "backing-off": {
          after: {
            sealBackoff: { target: "removing", actions: "observeErasureStarted" },
          },
        },
      },
    },
    erased: {
      tags: "resting",
      on: {
        REDELIVERED: { actions: ["forgetTold", "countDuplicate", "observeForgotten"] },
        RELEASED_AS_NEW: { actions: ["forgetTold", "observeForgotten"] },
        PREDECESSOR_ARRIVED: { actions: ["forgetTold", "observeForgotten"] },
        CONTEXT_ARRIVED: { actions: ["forgetTold", "observeForgotten"] },
      },
    },
    refused: {
      tags: "resting",
    },
  },
});
