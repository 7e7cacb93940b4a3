/** The actions by which a machine asks something of the engine itself. They are no effects: there is no outcome, and nothing is left pending. */
import { assert } from "../core/assert.ts";
import { addressOf, type Address } from "../core/ids.ts";
import type { Json } from "../core/observation.ts";
import type { ActorEvent, Entry, PendingEffect } from "./ports.ts";
import type { Wish } from "./xstate-words.ts";

/**
 * What one actor has to say to another, to be taken in by the same commit. `bears`: an actor that is not there is born with nothing,
 * and told.
 */
export type Tell = { readonly to: Address; readonly event: ActorEvent; readonly bears?: true };

/** The action by which a machine gives up what it asked for and was not told yet: a later outcome finds nothing pending and is ignored. */
const ABANDON = "abandonEffects";
/** The action by which a machine tells another actor something. Not an effect: there is no outcome, and nothing is left pending. */
const TELL = "tell";
/** The action by which a machine keeps nothing of what the event told: neither its fields nor what came with it. */
export const FORGET_TOLD = "forgetTold";
/** The action by which a machine drops its journal up to the entry that this action stands in. */
const FORGET_PAST = "forgetPast";

/** What these words change of a step under way. */
type Obedient = {
  pending: PendingEffect[];
  readonly entries: Entry[];
  readonly tells: Tell[];
  forgetsPast: boolean;
  forgetsTold: boolean;
};

/** Whether this was one of the engine's own words, which is done then. */
export function obeys(draft: Obedient, { name, params }: Wish & { readonly kind: "ask" }): boolean {
  switch (name) {
    case ABANDON:
      draft.pending = [];
      return true;
    case TELL:
      draft.tells.push(tellIn(params));
      return true;
    case FORGET_TOLD:
      draft.forgetsTold = true;
      return true;
    case FORGET_PAST:
      draft.entries.length = 0;
      draft.forgetsPast = true;
      return true;
    default:
      return false;
  }
}

function tellIn(params: Json): Tell {
  assert(
    typeof params === "object" && params !== null && "to" in params && "event" in params,
    "a tell names whom and what",
  );
  const { to, event } = params;
  assert(
    typeof to === "string" && typeof event === "object" && event !== null && "type" in event,
    "a tell has an event",
  );
  const { type } = event;
  assert(typeof type === "string", "an event has a type");
  const told: Tell = { to: addressOf(to), event: { ...event, type } };
  return params["bears"] === true ? { ...told, bears: true } : told;
}
