/** The actions that the chart of a delivery names: what it remembers, what it observes, what it asks for. */
import { assign, emit, enqueueActions } from "xstate";
import type { DeliveryEvent } from "../src/core/delivery.ts";
import type { NotificationType } from "../src/core/notification.ts";
import * as claims from "./delivery-claims.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import * as decisions from "./delivery-decisions.ts";
import { effects, workAsked, type Work } from "./delivery-effects.ts";
import * as memory from "./delivery-memory.ts";
import { noticeTold, type NoticeTold } from "./delivery-notice.ts";
import { notificationsTold, type NotificationTold } from "./delivery-notification.ts";
import * as orders from "./delivery-orders.ts";

type At = { readonly context: DeliveryContext; readonly event: DeliveryEvent };
type Tell = NoticeTold | NotificationTold | orders.OrderTell;

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
/** What other actors hear of in the same commit, each by an event of its own. */
const tellAll = (all: (at: At) => readonly Tell[]) =>
  enqueueActions<DeliveryContext, DeliveryEvent, undefined, DeliveryEvent, never, Tell, never, never, never>(
    ({ context, event, enqueue }) => {
      for (const tell of all({ context, event })) enqueue(tell);
    },
  );

/** Of what was counted last. */
const notify = (event: NotificationType) =>
  tellAll(({ context }) => notificationsTold(context, event, context.drafts.length));

export const actions = {
  rememberOrder: remember(memory.order),
  rememberPredecessor: remember(memory.predecessor),
  forgoPredecessor: remember(memory.predecessor),
  rememberContext: remember(memory.laterContext),
  beginAttempt: remember(memory.attempt),
  forgetAttempts: remember(memory.noAttempt),
  keepProposal: remember(decisions.proposal),
  keepDecision: remember(decisions.decision),
  keepSending: remember(decisions.nextSending),
  keepOutcome: remember(decisions.outcomeOfOrder),
  askFirst: remember(() => ({ asks_first: true })),
  withdrawDrafts: remember(decisions.withdrawal),
  countDuplicate: remember(memory.duplicate),
  countLate: remember(memory.late),
  countNotified: remember(memory.notified),
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
  observeWorkDone: observeAll((at) => [claims.workDone(at), ...claims.confinement(at)]),
  observeWorkInterrupted: observe(claims.workInterrupted),
  observeFailure: observeAll((at) => [claims.failure(at), ...claims.confinement(at)]),
  observeResumed: observe(claims.resumed),
  observeAsked: observeAll(claims.askedFor),
  observeCommand: observe(claims.command),
  observeProposal: observe(claims.proposed),
  observeApprovalAsked: observe(claims.approvalAsked),
  observeAskStarted: observe(claims.askStarted),
  observeAskDone: observe(claims.askDone),
  observeApproval: observe(claims.approval),
  observeDecision: observe(claims.decision),
  observeDispatchStarted: observe(claims.dispatchStarted),
  observeSettled: observe(claims.settled),
  observeUnclear: observe(claims.unclear),
  observeReportStarted: observe(claims.reportStarted),
  observeReported: observe(claims.reported),
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
  tellPerson: tellAll(({ context, event }) => [noticeTold(context, event)]),
  tellProposed: tellAll(orders.proposed),
  tellDecided: tellAll(orders.decided),
  tellExpired: tellAll(orders.expired),
  tellWithdrawn: tellAll(orders.withdrawn),
  tellDispatching: tellAll(orders.dispatching),
  tellUnclear: tellAll(orders.unclear),
  tellSettled: tellAll(orders.settled),
  tellErased: tellAll(orders.erased),
  notifyApproval: notify("approval.requested"),
  notifyStuck: notify("run.stuck"),
  notifyFinal: notify("run.finalized"),
  tell: (_at: unknown, _params: Tell["params"]): void => undefined,
  ...effects,
};
