/** Runs over the API: the list, one run, why it is where it is, and what an operator may tell it. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { SettledByHand } from "../core/agent-run.ts";
import { nameOf } from "../core/ids.ts";
import { type Refusal, type RefusalCode, refuse } from "../core/refusals.ts";
import type { ApiWorld } from "./api-app.ts";
import { isRefusal } from "./api-reply.ts";
import { addApiRoute } from "./api-route.ts";
import { planNewRun } from "./new-run.ts";
import { type OperatorAction, planAction, wasHeard } from "./operator-mail.ts";
import { type Resolved, cursorIn, listRuns, resolveRun } from "./run-index.ts";
import { Acted, RunDetail, RunsPage, RunsQuery, RunWhy } from "./shapes/runs.ts";
import { Reason, RunParams } from "./shapes/values.ts";
import { runDetail } from "./views.ts";
import { whyOf } from "./why.ts";

/** How long a reader may wait for mail that was acknowledged before it asked. */
export const CAUGHT_UP_MS_MAX = 2000;
const ACTIONS = ["resume", "cancel", "release"] as const satisfies readonly OperatorAction[];

const ACTION_SAYS = {
  resume: "Moves on a run that is stuck or set aside.",
  cancel: "Ends a run that is not sealed.",
  release: "Lets a held run go on, or makes a run of a redelivery.",
} as const satisfies Record<OperatorAction, string>;
/** Of every route that takes the name of a run. */
export const NAMES_A_RUN = ["RUN_UNKNOWN", "RUN_AMBIGUOUS"] as const satisfies readonly RefusalCode[];

/** What an operator wants of a run. `as_new` goes with a release, `settles` with a resume. */
const ActionBody = z.strictObject({
  reason: Reason,
  dry_run: z.boolean().default(false),
  as_new: z.boolean().default(false),
  settles: z.enum(["executed", "failed"]).optional(),
});

export function addRunRoutes(app: FastifyInstance, world: ApiWorld): void {
  const { target, clock } = world;

  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/runs",
      says: "Runs, newest first.",
      query: RunsQuery,
      answer: { kind: "json", schema: "qoc.runs.list/1", shape: RunsPage },
    },
    async ({ query: { cursor, ...query } }) => {
      const before = cursor === undefined ? undefined : cursorIn(cursor);
      if (cursor !== undefined && before === undefined)
        return refuse("REQUEST_MALFORMED", "cursor: not one of this list's");
      // Whatever waits begins runs that are newer than those behind a cursor.
      if (before === undefined) await caughtUp(world);
      return listRuns(target.desks(), { ...query, before });
    },
  );

  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/runs/:id",
      says: "One run with its journal.",
      params: RunParams,
      answer: { kind: "json", schema: "qoc.runs.show/1", shape: RunDetail },
      refusals: NAMES_A_RUN,
    },
    ({ params }) => shownRun(world, params.id),
  );

  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/runs/:id/why",
      says: "Where a run is, why, and what would move it.",
      params: RunParams,
      answer: { kind: "json", schema: "qoc.why/1", shape: RunWhy },
      refusals: NAMES_A_RUN,
    },
    async ({ params }) => {
      const detail = await shownRun(world, params.id);
      if (isRefusal(detail)) return detail;
      const { run, state } = detail;
      return { run, state, ...whyOf(detail, clock.now()) };
    },
  );

  for (const action of ACTIONS) {
    addApiRoute(
      app,
      {
        method: "POST",
        path: `/api/runs/:id/${action}`,
        says: ACTION_SAYS[action],
        params: RunParams,
        body: ActionBody,
        answer: { kind: "json", schema: "qoc.runs.act/1", shape: Acted },
        refusals: [...NAMES_A_RUN, "NOT_NOW"],
      },
      async ({ params, body }) => {
        if (body.as_new && action !== "release")
          return refuse("REQUEST_MALFORMED", `as_new: only a release has it, not a ${action}`);
        const found = await runNamed(world, params.id);
        return isRefusal(found) ? found : act(world, found, { action, ...body });
      },
    );
  }
}

async function shownRun(world: ApiWorld, text: string): Promise<RunDetail | Refusal> {
  const found = await runNamed(world, text);
  if (isRefusal(found)) return found;
  return runDetail(found.record, found.desk.store.journal(found.record.address)) ?? noSuchRun(text);
}

export type Found = Extract<Resolved, { readonly kind: "run" }>;
type Ask = {
  readonly action: OperatorAction;
  readonly reason: string;
  readonly dry_run: boolean;
  readonly as_new: boolean;
  readonly settles?: SettledByHand | undefined;
};
/** Resolves when what the run was told is durable and, as a rule, taken in. */
async function act(world: ApiWorld, { desk, record }: Found, ask: Ask): Promise<Acted | Refusal> {
  if (desk.engine === null) return refuse("NOT_NOW", "no daemon runs for this desk");
  const plan = ask.as_new
    ? planNewRun(record, desk.store.journal(record.address), ask.reason, world)
    : planAction(record, ask.action, ask.reason, world.clock.now(), ask.settles);
  if (isRefusal(plan)) return plan;
  const { length } = desk.store.journal(record.address);
  if (!ask.dry_run) for (const mail of plan.mails) await desk.engine.post(mail);
  const isTakenIn = !ask.dry_run && (await desk.engine.caughtUp(CAUGHT_UP_MS_MAX));
  const after = await desk.engine.read(record.address);
  const isHeard = wasHeard(plan, desk.store.journal(record.address).slice(length));
  if (isTakenIn && !isHeard && !ask.as_new && record.parked === null && after !== undefined) {
    // Something else came first, behind which there is nothing to do it to, or something else.
    const late = planAction(after, ask.action, ask.reason, world.clock.now(), ask.settles);
    if (isRefusal(late)) return late;
    if (late.says !== plan.says) return refuse("NOT_NOW", `something else came first; by now, ${late.says}`);
  }
  return {
    run: nameOf(record.address),
    action: ask.action,
    dry_run: ask.dry_run,
    from: record.state,
    state: after?.state ?? record.state,
    new_run: plan.new_run,
    says: plan.says,
  };
}

/** The one run that the text names. Mail that was acknowledged before the question is taken in first. */
export async function runNamed(world: ApiWorld, text: string): Promise<Found | Refusal> {
  await caughtUp(world);
  const found = await resolveRun(world.target.desks(), text);
  switch (found.kind) {
    case "run":
      return found;
    case "unknown":
      return noSuchRun(text);
    case "ambiguous":
      return refuse("RUN_AMBIGUOUS", `${text} is the name of ${found.runs.join(", ")}`);
  }
}

const noSuchRun = (text: string): Refusal => refuse("RUN_UNKNOWN", `no run is called ${text.slice(0, 80)}`);

/** Whoever got a 202 and asks afterwards sees that run. */
export async function caughtUp(world: ApiWorld): Promise<void> {
  const engines = world.target.desks().flatMap((desk) => desk.engine ?? []);
  await Promise.all(engines.map((engine) => engine.caughtUp(CAUGHT_UP_MS_MAX)));
}
