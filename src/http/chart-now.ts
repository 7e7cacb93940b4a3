/** Where a run stands in its chart, what it set and what it asked for, in the words of its journal. */
import type { ActorRecord, Timer } from "../engine/ports.ts";
import type { ChartNow } from "./shapes/run-page.ts";
import { isoOf } from "./views.ts";

export const chartNow = ({ machine, version, definition, state, timers, pending }: ActorRecord): ChartNow => ({
  machine,
  version,
  definition,
  state,
  timers: timers
    .toSorted((a, b) => a.at - b.at)
    .map((timer) => ({ event: timerEventName(timer), at: isoOf(timer.at) })),
  pending: pending.map(({ name, asked_at, started }) => ({ name, asked_at: isoOf(asked_at), started })),
});

/** `xstate.after.approvalTimeout.delivery.awaiting-approval` is `after approvalTimeout`. A timer of another form has its event's own name. */
function timerEventName({ id, event }: Timer): string {
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(id) ?? [];
  if (delay !== undefined) return `after ${delay}`;
  const type = typeof event === "object" && event !== null ? Reflect.get(event, "type") : undefined;
  return typeof type === "string" ? type : id;
}
