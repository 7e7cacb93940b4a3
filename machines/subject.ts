/**
 * The thing that a series of deliveries is about: a ref, a merge request, an incident. It remembers where the series stands and
 * who waits, in bounded memory, and tells each delivery how it stands to the others. `tell` is the engine's own word: what is told
 * is taken in by the same commit.
 */
import { assign, emit, enqueueActions, setup } from "xstate";
import type { OrderVerdict, SubjectEvent } from "../src/core/delivery.ts";
import type { Observation } from "../src/core/observation.ts";
import { ordered, released, remember, unheardOf, verdictOf, type SubjectContext, type Tell } from "./subject-order.ts";

type Claim = Observation & { readonly type: "observation" };
type At = { readonly context: SubjectContext; readonly event: SubjectEvent };

const stands = ({ context, event }: At): OrderVerdict => verdictOf(context, event.order);

/** Known to the compiler alone. */
const types: { context?: SubjectContext; events?: SubjectEvent; emitted?: Claim; tags?: "resting" } = {};

export const subject = setup({
  types,
  guards: {
    inOrder: (at) => stands(at) === "in_order",
    stale: (at) => stands(at) === "stale",
    gap: (at) => stands(at) === "gap",
    forked: (at) => stands(at) === "forked",
  },
  actions: {
    rememberArrival: assign(({ context, event }) => remember(context, event)),

    observeOpened: emit((): Claim => ({ type: "observation", name: "subject_opened", value: true, basis: [] })),
    observeOrder: emit((_, { order }: { readonly order: OrderVerdict }): Claim => ({
      type: "observation",
      name: "order_checked",
      value: order,
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
      for (const tell of released(context, event)) enqueue(tell);
    }),
    tell: (_at: unknown, _params: Tell["params"]): void => undefined,
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
              { type: "tell", params: ({ event }) => ordered(event, "in_order") },
              "tellReleased",
              "rememberArrival",
            ],
          },
          {
            guard: "stale",
            actions: [
              { type: "observeOrder", params: { order: "stale" } },
              { type: "tell", params: ({ event }) => ordered(event, "stale") },
              "tellReleased",
              "rememberArrival",
            ],
          },
          {
            guard: "gap",
            actions: [
              { type: "observeOrder", params: { order: "gap" } },
              { type: "tell", params: ({ event }) => ordered(event, "gap") },
              "tellReleased",
              "rememberArrival",
            ],
          },
          {
            guard: "forked",
            actions: [
              { type: "observeOrder", params: { order: "forked" } },
              { type: "tell", params: ({ event }) => ordered(event, "forked") },
              "tellReleased",
              "rememberArrival",
            ],
          },
          {
            actions: [
              { type: "observeOrder", params: { order: "unknown" } },
              { type: "tell", params: ({ event }) => ordered(event, "unknown") },
              "tellReleased",
              "rememberArrival",
            ],
          },
        ],
      },
    },
  },
});
