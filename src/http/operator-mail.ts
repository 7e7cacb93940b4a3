/** What an operator may tell a run in the state that it is in, as mail to its actor. Pure. */
import type { DeliveryEvent } from "../core/delivery.ts";
import { type Instant, type RunId, nameOf } from "../core/ids.ts";
import { type Refusal, refuse } from "../core/refusals.ts";
import type { ActorRecord, Mail } from "../engine/ports.ts";

export type OperatorAction = "resume" | "cancel" | "release";
/** What will be told, and in words what comes of it. */
export type Plan = {
  readonly kind: "plan";
  /** To be posted in this order. */
  readonly mails: readonly Mail[];
  readonly new_run: RunId | null;
  readonly says: string;
};

const ALLOWED: Readonly<Record<OperatorAction, readonly string[]>> = {
  resume: ["stuck"],
  cancel: ["held", "executing", "awaiting-approval", "stuck"],
  release: ["held"],
};
const EVENTS = { resume: "RESUME", cancel: "CANCEL", release: "RELEASE" } as const;

export function planAction(record: ActorRecord, action: OperatorAction, reason: string, now: Instant): Plan | Refusal {
  if (record.parked !== null && action !== "resume") {
    return refuse("NOT_NOW", `the run is set aside, only resume moves it: ${record.parked.reason}`);
  }
  const state = record.state.split(".")[0] ?? record.state;
  const allowed = ALLOWED[action];
  if (record.parked === null && !allowed.includes(state)) {
    return refuse(
      "NOT_NOW",
      `${action} needs a run that is ${allowed.join(" or ")}; run ${nameOf(record.address)} is ${record.state}`,
    );
  }
  const event: DeliveryEvent = { type: EVENTS[action], reason };
  return { kind: "plan", mails: [operatorMail(record, [event], now)], new_run: null, says: comesOf(record, action) };
}

export const operatorMail = (record: ActorRecord, events: readonly DeliveryEvent[], now: Instant): Mail => ({
  to: record.address,
  through: null,
  at: now,
  by: "operator",
  birth: null,
  events,
  artifacts: [],
  index: [],
});

function comesOf(record: ActorRecord, action: OperatorAction): string {
  if (record.parked !== null) {
    return `it is told again what it was told when it was set aside and since: ${record.parked.events.length} in all`;
  }
  switch (action) {
    case "resume":
      return "the interrupted work is done again from its start; whether it acted before is unknown";
    case "cancel":
      return "the run ends as cancelled and its evidence is sealed; an effect under way is not undone";
    case "release":
      return `the run goes on to its work without the ${record.state.endsWith("for-context") ? "commit hash" : "delivery"} it waited for`;
  }
}
