/** All that the page of one run shows, from one reading of it. */
import { birthOf } from "../core/delivery-journal.ts";
import type { Entry } from "../engine/ports.ts";
import type { ApiWorld } from "./api-app.ts";
import { isRefusal } from "./api-reply.ts";
import { chartNow } from "./chart-now.ts";
import { deliveryShown } from "./delivery-shown.ts";
import { draftsOf } from "./draft-views.ts";
import { planNewRun } from "./new-run.ts";
import { type Plan, planAction } from "./operator-mail.ts";
import type { Found } from "./run-routes.ts";
import type { Refusal } from "../core/refusals.ts";
import type { ActionAllowed, RunPage } from "./shapes/run-page.ts";
import { isoOf, runDetail } from "./views.ts";
import { whyOf } from "./why.ts";

type PageWorld = Pick<ApiWorld, "clock" | "entropy">;

/** Undefined for an actor that is no run. */
export async function runPage({ desk, record }: Found, world: PageWorld): Promise<RunPage | undefined> {
  const journal = desk.store.journal(record.address);
  const run = runDetail(record, journal);
  if (run === undefined) return undefined;
  const now = world.clock.now();
  const birth = hasBirth(journal) ? birthOf(journal) : undefined;
  const isDelivered = birth !== undefined && birth.by_hand === undefined;
  return {
    now: isoOf(now),
    run,
    why: whyOf(run, now),
    chart: chartNow(record),
    delivery: isDelivered ? deliveryShown(birth, journal, desk.store.artifact) : null,
    drafts: birth?.policy.action === "run" ? await draftsOf(record, journal, desk.drafts) : null,
    actions: desk.engine === null ? [] : actionsOf({ desk, record }, journal, world),
  };
}

/** One that was set aside at its birth, or erased, has no birth in its journal. */
const hasBirth = (journal: readonly Entry[]): boolean => journal[0]?.event === "init";

/** For the plan alone: nothing is posted. */
const NO_REASON = "-";

function actionsOf({ record }: Pick<Found, "desk" | "record">, journal: readonly Entry[], world: PageWorld) {
  const now = world.clock.now();
  const plans: readonly (readonly [ActionAllowed["action"], Plan | Refusal])[] = [
    ["resume", planAction(record, "resume", NO_REASON, now)],
    ["settle_executed", planAction(record, "resume", NO_REASON, now, "executed")],
    ["settle_failed", planAction(record, "resume", NO_REASON, now, "failed")],
    ["release", planAction(record, "release", NO_REASON, now)],
    ...(hasBirth(journal) ? [["release_as_new", planNewRun(record, journal, NO_REASON, world)] as const] : []),
    ["cancel", planAction(record, "cancel", NO_REASON, now)],
  ];
  return plans.flatMap(([action, plan]): readonly ActionAllowed[] =>
    isRefusal(plan) ? [] : [{ action, says: plan.says }],
  );
}
