/** Runs over the API: the list, one run, why it is where it is, and what an operator may tell it. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import type { SettledByHand } from "../core/agent-run.ts";
import { nameOf } from "../core/ids.ts";
import { type Refusal, refuse } from "../core/refusals.ts";
import type { ApiWorld } from "./api-app.ts";
import { isRefusal, sendRefusal, sendResult } from "./api-reply.ts";
import { planNewRun } from "./new-run.ts";
import { type OperatorAction, type Plan, planAction, wasHeard } from "./operator-mail.ts";
import { PAGE_RUNS_MAX, type Resolved, cursorIn, listRuns, resolveRun } from "./run-index.ts";
import { runDetail } from "./views.ts";
import { whyOf } from "./why.ts";

/** How long a reader may wait for mail that was acknowledged before it asked. */
export const CAUGHT_UP_MS_MAX = 2000;
const ACTIONS = ["resume", "cancel", "release"] as const satisfies readonly OperatorAction[];

const flag = z
  .enum(["true", "false", ""])
  .default("false")
  .transform((value) => value !== "false");
const ListQuery = z.strictObject({
  workspace: z.string().optional(),
  webhook: z.string().optional(),
  state: z.string().optional(),
  since: z.iso
    .datetime({ offset: true })
    .transform((iso) => Date.parse(iso))
    .optional(),
  stuck: flag,
  needs_me: flag,
  limit: z.coerce.number().int().min(1).max(PAGE_RUNS_MAX).default(50),
  cursor: z.string().optional(),
});
const ActionBody = z.strictObject({
  reason: z.string().trim().min(1).max(1000),
  dry_run: z.boolean().default(false),
  as_new: z.boolean().default(false),
  settles: z.enum(["executed", "failed"]).optional(),
});

export function addRunRoutes(app: FastifyInstance, world: ApiWorld): void {
  const { target } = world;

  app.get("/api/runs", async (request, reply) => {
    const asked = ListQuery.safeParse(request.query);
    if (!asked.success) return sendRefusal(reply, refuse("REQUEST_MALFORMED", z.prettifyError(asked.error)));
    const { cursor, ...query } = asked.data;
    const before = cursor === undefined ? undefined : cursorIn(cursor);
    if (cursor !== undefined && before === undefined) {
      return sendRefusal(reply, refuse("REQUEST_MALFORMED", "cursor: not one of this list's"));
    }
    await caughtUp(world);
    return sendResult(reply, "qoc.runs.list/1", await listRuns(target.desks(), { ...query, before }));
  });

  app.get<{ Params: { id: string } }>("/api/runs/:id", async (request, reply) => {
    const found = await find(world, request.params.id, reply);
    if (found === undefined) return reply;
    const detail = runDetail(found.record, found.desk.store.journal(found.record.address));
    return detail === undefined ? noSuchRun(reply, request.params.id) : sendResult(reply, "qoc.runs.show/1", detail);
  });

  app.get<{ Params: { id: string } }>("/api/runs/:id/why", async (request, reply) => {
    const found = await find(world, request.params.id, reply);
    if (found === undefined) return reply;
    const detail = runDetail(found.record, found.desk.store.journal(found.record.address));
    if (detail === undefined) return noSuchRun(reply, request.params.id);
    const { run, state } = detail;
    return sendResult(reply, "qoc.why/1", { run, state, ...whyOf(detail, world.clock.now()) });
  });

  for (const action of ACTIONS) {
    app.post<{ Params: { id: string } }>(`/api/runs/:id/${action}`, async (request, reply) => {
      const body = ActionBody.safeParse(request.body);
      if (!body.success) return sendRefusal(reply, refuse("REQUEST_MALFORMED", z.prettifyError(body.error)));
      if (body.data.as_new && action !== "release") {
        return sendRefusal(reply, refuse("REQUEST_MALFORMED", `as_new: only a release has it, not a ${action}`));
      }
      const found = await find(world, request.params.id, reply);
      if (found === undefined) return reply;
      return sendOutcome(reply, await act(world, found, { action, ...body.data }));
    });
  }
}

export type Found = Extract<Resolved, { readonly kind: "run" }>;
type Ask = {
  readonly action: OperatorAction;
  readonly reason: string;
  readonly dry_run: boolean;
  readonly as_new: boolean;
  readonly settles?: SettledByHand | undefined;
};
type Acted = Pick<Plan, "new_run" | "says"> & {
  readonly run: string;
  readonly action: OperatorAction;
  readonly dry_run: boolean;
  readonly from: string;
  readonly state: string;
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

const sendOutcome = (reply: FastifyReply, acted: Acted | Refusal): FastifyReply =>
  isRefusal(acted) ? sendRefusal(reply, acted) : sendResult(reply, "qoc.runs.act/1", acted);

/** Answers 404 or 409 itself and gives nothing when the text does not name one run. */
export async function find(world: ApiWorld, text: string, reply: FastifyReply): Promise<Found | undefined> {
  await caughtUp(world);
  const found = await resolveRun(world.target.desks(), text);
  switch (found.kind) {
    case "run":
      return found;
    case "unknown":
      noSuchRun(reply, text);
      return undefined;
    case "ambiguous":
      sendRefusal(reply, refuse("RUN_AMBIGUOUS", `${text} is the name of ${found.runs.join(", ")}`));
      return undefined;
  }
}

const noSuchRun = (reply: FastifyReply, text: string): FastifyReply =>
  sendRefusal(reply, refuse("RUN_UNKNOWN", `no run is called ${text.slice(0, 80)}`));

/** Whoever got a 202 and asks afterwards sees that run. */
async function caughtUp(world: ApiWorld): Promise<void> {
  const engines = world.target.desks().flatMap((desk) => desk.engine ?? []);
  await Promise.all(engines.map((engine) => engine.caughtUp(CAUGHT_UP_MS_MAX)));
}
