/** The actions that the chart of a delivery names: what it remembers, what it observes, what it asks for. */
import { assign, emit, enqueueActions } from "xstate";
import type { DeliveryEvent } from "../src/core/delivery.ts";
import * as claims from "./delivery-claims.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import { effects, workAsked, type Work } from "./delivery-effects.ts";
import * as memory from "./delivery-memory.ts";
import { noticeTold, type NoticeTold } from "./delivery-notice.ts";

type At = { readonly context: DeliveryContext; readonly event: DeliveryEvent };

const remember = (change: (at: At) => Partial<DeliveryContext>) =>
  assign<DeliveryContext, DeliveryEvent, undefined, DeliveryEvent, never>(change);
const observe = (claim: (at: At) => claims.Claim) =>
  emit<DeliveryContext, DeliveryEvent, undefined, DeliveryEvent, claims.Claim>(claim);
/** Several, or none. */
const observeAll = (all: (at: At) => readonly claims.Claim[]) =>
  enqueueActions<DeliveryContext, DeliveryEvent, undefined, DeliveryEvent, never, never, never, never, claims.Claim>(
    ({ context, event, enqueue }) => {
      for (const claim of all({ context, event })) enqueue.emit(claim);
    },
  );

export const actions = {
  rememberOrder: remember(memory.order),
  rememberPredecessor: remember(memory.predecessor),
  forgoPredecessor: remember(memory.predecessor),
  rememberContext: remember(memory.laterContext),
  beginAttempt: remember(memory.attempt),
  forgetAttempts: remember(memory.noAttempt),
  openDrafts: remember(memory.drafts),
  countDecision: remember(memory.decision),
  countDuplicate: remember(memory.duplicate),
  countLate: remember(memory.late),
  countFlagged: remember(memory.flagged),
  oweAmendment: remember(memory.amendmentOwed),
  decideCompleted: remember(memory.outcome("completed")),
  decideFailed: remember(memory.outcome("failed")),
  decideDenied: remember(memory.outcome("denied")),
  decideExpired: remember(memory.outcome("expired")),
  decideSuperseded: remember(memory.outcome("superseded")),
  decideCancelled: remember(memory.outcome("cancelled")),
  decideRefused: remember(memory.outcome("refused")),
  rememberSeal: remember(memory.seal),
  rememberAmendment: remember(memory.amendment),
  forgetDelivery: remember(memory.erasure),

  observeReceived: observe(claims.received),
  observeSignature: observe(claims.signature),
  observePayload: observe(claims.payload),
  observeCorrelation: observeAll((at) => [claims.correlation(at), ...claims.rawBytes(at)]),
  observeOrder: observe(claims.order),
  observeAnchor: observe(claims.anchor),
  observeIntent: observe(claims.intent),
  observeHeldForPredecessor: observe(claims.heldForPredecessor),
  observeHeldForContext: observe(claims.heldForContext),
  observeReleased: observe(claims.released),
  observeHoldTimeout: observe(claims.holdTimeout),
  observeContextTimeout: observe(claims.contextTimeout),
  observePredecessor: observe(claims.predecessor),
  observeContext: observe(claims.laterContext),
  observeWorkStarted: observe(claims.workStarted),
  observeWorkDone: observe(claims.workDone),
  observeWorkInterrupted: observe(claims.workInterrupted),
  observeFailure: observe(claims.failure),
  observeResumed: observe(claims.resumed),
  observeApprovalAsked: observe(claims.approvalAsked),
  observeAskDone: observe(claims.askDone),
  observeDecision: observe(claims.decision),
  observeDispatchStarted: observe(claims.dispatchStarted),
  observeDispatched: observe(claims.dispatched),
  observeDispatchInterrupted: observe(claims.dispatchInterrupted),
  observeOutcome: observe(claims.outcome),
  observeSealStarted: observe(claims.sealStarted),
  observeSealed: observe(claims.sealed),
  observeDuplicate: observe(claims.duplicate),
  observeConflict: observeAll((at) => [claims.conflict(at), ...claims.rawBytes(at)]),
  observeReplay: observeAll((at) => [claims.replay(at), ...claims.rawBytes(at)]),
  observeReleasedAsNew: observe(claims.releasedAsNew),
  observeAmendmentOwed: observe(claims.amendmentOwed),
  observeAmendmentStarted: observe(claims.amendmentStarted),
  observeAmended: observe(claims.amended),
  observeErasureAsked: observe(claims.erasureAsked),
  observeErasureStarted: observe(claims.erasureStarted),
  observeForgotten: observe(claims.forgotten),
  observeLate: observe(claims.late),
  observeErased: observe(claims.erased),

  abandonEffects: () => undefined,
  forgetTold: () => undefined,
  forgetPast: () => undefined,
  performWork: enqueueActions<
    DeliveryContext,
    DeliveryEvent,
    undefined,
    DeliveryEvent,
    never,
    Work,
    never,
    never,
    never
  >(({ context, enqueue }) => enqueue(workAsked(context))),
  /** In the same commit, and with an actor of its own for each: the run neither waits for it nor gives it up. */
  tellPerson: enqueueActions<
    DeliveryContext,
    DeliveryEvent,
    undefined,
    DeliveryEvent,
    never,
    NoticeTold,
    never,
    never,
    never
  >(({ context, event, enqueue }) => enqueue(noticeTold(context, event))),
  tell: (_at: unknown, _params: NoticeTold["params"]): void => undefined,
  ...effects,
};
