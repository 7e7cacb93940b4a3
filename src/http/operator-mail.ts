/** What an operator may tell a run in the state that it is in, as mail to its actor. Pure. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { SettledByHand } from "../core/agent-run.ts";
import type { DeliveryEvent } from "../core/delivery.ts";
import { type Instant, type RunId, nameOf } from "../core/ids.ts";
import { type Refusal, refuse } from "../core/refusals.ts";
import type { ActorRecord, Entry, Mail } from "../engine/ports.ts";

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
/** Whether these entries, written since it was posted, show that the run took it in, and not the like of it from somebody else. */
export const wasHeard = ({ mails }: Plan, since: readonly Entry[]): boolean =>
  mails
    .flatMap(({ events }) => events)
    .every(({ type, ...told }) => since.some(({ event, data }) => event === type && isDeepStrictEqual(data, told)));

/** @param settles with a resume: what a person says became of an order that may have been sent */
export function planAction(
  record: ActorRecord,
  action: OperatorAction,
  reason: string,
  now: Instant,
  settles?: SettledByHand,
): Plan | Refusal {
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
  const sending = sendingIn(record);
  if (settles === undefined)
    return planOf(record, { type: EVENTS[action], reason }, comesOf(record, action, sending), now);
  if (action !== "resume" || sending === null || record.parked !== null)
    return refuse("NOT_NOW", `run ${nameOf(record.address)} is not stuck over an order that may have been sent`);
  const word = { draft: sending, outcome: settles };
  const says = `draft ${sending} counts as ${settles}, on your word; it is not sent`;
  return planOf(record, { type: "RESUME", reason, settles: word }, says, now);
}

const planOf = (record: ActorRecord, event: DeliveryEvent, says: string, now: Instant): Plan => ({
  kind: "plan",
  mails: [operatorMail(record, [event], now)],
  new_run: null,
  says,
});

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

/** The draft that may have been sent, of a run that is stuck over it. */
const sendingIn = ({ snapshot }: ActorRecord): number | null =>
  Sending.safeParse(snapshot).data?.context.sending ?? null;
const Sending = z.object({ context: z.object({ sending: z.number().nullable() }) });

function comesOf(record: ActorRecord, action: OperatorAction, sending: number | null): string {
  if (record.parked !== null) {
    return `it is told again what it was told when it was set aside and since: ${record.parked.events.length} in all`;
  }
  switch (action) {
    case "resume":
      return sending === null
        ? "the interrupted agent is started again from its start; whether it acted before is unknown; what it drafted before is withdrawn"
        : `the connector is asked what it knows of draft ${sending}; it is sent, under the same key, only if the connector says that it never saw it`;
    case "cancel":
      return sending === null
        ? "the run ends as cancelled and its evidence is sealed; an effect under way is not undone, an agent under way is stopped"
        : `the run ends as cancelled; draft ${sending} may have been sent, and is filed so`;
    case "release":
      return `the run goes on to its work without the ${record.state.endsWith("for-context") ? "commit hash" : "delivery"} it waited for`;
  }
}
