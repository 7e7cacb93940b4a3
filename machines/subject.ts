/**
 * The thing that a series of deliveries is about: a ref, a merge request, an incident. It remembers where the series stands and
 * who waits, in bounded memory, and tells each delivery how it stands to the others. It rests whenever it has told all it knows.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from "xstate";
import type { OrderVerdict, SubjectEvent } from "../src/core/delivery.ts";
import type { Observation } from "../src/core/observation.ts";
import { released, remember, unheardOf, tells, verdictOf, type SubjectContext, type Tell } from "./subject-order.ts";

type Claim = Observation & { readonly type: "observation" };
type At = { readonly context: SubjectContext; readonly event: SubjectEvent };

const stands = ({ context, event }: At): OrderVerdict | null =>
  event.type === "ARRIVED" ? verdictOf(context, event.order) : null;

/** Known to the compiler alone. */
const types: { context?: SubjectContext; events?: SubjectEvent; emitted?: Claim; tags?: "resting" } = {};

export const subject = setup({
  types,
  guards: {
    inOrder: (at) => stands(at) === "in_order",
    stale: (at) => stands(at) === "stale",
    gap: (at) => stands(at) === "gap",
    forked: (at) => stands(at) === "forked",
    waits: ({ context, event }) => context.waiting.some(({ run }) => run === event.run),
  },
  actions: {
    rememberArrival: assign(({ context, event }) => {
      assertEvent(event, "ARRIVED");
      return remember(context, event);
    }),
    forgetRun: assign(({ context, event }) => ({ waiting: context.waiting.filter(({ run }) => run !== event.run) })),

    observeOpened: emit((): Claim => ({ type: "observation", name: "subject_opened", value: true, basis: [] })),
    observeOrder: emit((_, { order }: { readonly order: OrderVerdict }): Claim => ({
      type: "observation",
      name: "order_checked",
      value: order,
      basis: [],
    })),
    observeSettled: emit(({ event }): Claim => ({
      type: "observation",
      name: "run_settled",
      value: event.run,
      basis: [],
    })),

    tellReleased: enqueueActions<
      SubjectContext,
      SubjectEvent,
      undefined,
      SubjectEvent,
      never,
      Tell,
      never,
      never,
      never
    >(({ context, event, enqueue }) => {
      assertEvent(event, "ARRIVED");
      for (const tell of released(context, event)) enqueue(tell);
    }),
    ...tells,
  },
}).createMachine({
  id: "subject",
  version: "1",
  options: { maxIterations: 64 },
  context: unheardOf,
  initial: "following",
  states: {
    following: {
      tags: "resting",
      entry: "observeOpened",
      on: {
        ARRIVED: [
          {
            guard: "inOrder",
            actions: [
              { type: "observeOrder", params: { order: "in_order" } },
              {
                type: "tellOrder",
                params: ({ event: { delivery, run } }) => ({ to: delivery, run, order: "in_order" }),
              },
              "tellReleased",
              "rememberArrival",
            ],
          },
          {
            guard: "stale",
            actions: [
              { type: "observeOrder", params: { order: "stale" } },
              { type: "tellOrder", params: ({ event: { delivery, run } }) => ({ to: delivery, run, order: "stale" }) },
              "tellReleased",
              "rememberArrival",
            ],
          },
          {
            guard: "gap",
            actions: [
              { type: "observeOrder", params: { order: "gap" } },
              { type: "tellOrder", params: ({ event: { delivery, run } }) => ({ to: delivery, run, order: "gap" }) },
              "tellReleased",
              "rememberArrival",
            ],
          },
          {
            guard: "forked",
            actions: [
              { type: "observeOrder", params: { order: "forked" } },
              { type: "tellOrder", params: ({ event: { delivery, run } }) => ({ to: delivery, run, order: "forked" }) },
              "tellReleased",
              "rememberArrival",
            ],
          },
          {
            actions: [
              { type: "observeOrder", params: { order: "unknown" } },
              {
                type: "tellOrder",
                params: ({ event: { delivery, run } }) => ({ to: delivery, run, order: "unknown" }),
              },
              "tellReleased",
              "rememberArrival",
            ],
          },
        ],
        SETTLED: { guard: "waits", actions: ["observeSettled", "forgetRun"] },
      },
    },
  },
});
