/** A run of a task that a person asks for. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { refuse } from "../core/refusals.ts";
import type { ApiWorld } from "./api-app.ts";
import { isRefusal, sendRefusal, sendResult } from "./api-reply.ts";
import type { DeskTarget } from "./control-target.ts";

const Body = z.strictObject({ reason: z.string().trim().min(1).max(1000), workspace: z.string().optional() });
const TASK = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export function addTaskRoutes(app: FastifyInstance, { target }: ApiWorld): void {
  app.post<{ Params: { task: string } }>("/api/tasks/:task/runs", async (request, reply) => {
    const body = Body.safeParse(request.body);
    if (!body.success) return sendRefusal(reply, refuse("REQUEST_MALFORMED", z.prettifyError(body.error)));
    const { task } = request.params;
    if (!TASK.test(task)) return sendRefusal(reply, refuse("REQUEST_MALFORMED", "that is no name of a task"));
    const desk = deskOf(target.desks(), body.data.workspace);
    if (desk?.runTask === undefined)
      return sendRefusal(reply, refuse("NOT_NOW", "no daemon runs for that desk, or more than one desk is served"));
    const run = await desk.runTask(task, body.data.reason);
    return isRefusal(run) ? sendRefusal(reply, run) : sendResult(reply, "qoc.tasks.run/1", { run, task });
  });
}

const deskOf = (desks: readonly DeskTarget[], named: string | undefined): DeskTarget | undefined =>
  named === undefined && desks.length === 1 ? desks[0] : desks.find(({ name }) => name === named);
