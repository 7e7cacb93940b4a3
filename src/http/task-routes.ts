/** A run of a task that a person asks for. */
import type { FastifyInstance } from "fastify";
import { refuse } from "../core/refusals.ts";
import type { ApiWorld } from "./api-app.ts";
import { isRefusal } from "./api-reply.ts";
import { addApiRoute } from "./api-route.ts";
import type { DeskTarget } from "./control-target.ts";
import { TaskBody, TaskParams, TaskRun } from "./shapes/tasks.ts";

export function addTaskRoutes(app: FastifyInstance, { target }: ApiWorld): void {
  addApiRoute(
    app,
    {
      method: "POST",
      path: "/api/tasks/:task/runs",
      says: "Begins a run of a task.",
      params: TaskParams,
      body: TaskBody,
      answer: { kind: "json", schema: "qoc.tasks.run/1", shape: TaskRun },
      refusals: ["NOT_NOW"],
    },
    async ({ params: { task }, body }) => {
      const desk = deskOf(target.desks(), body.workspace);
      if (desk?.runTask === undefined)
        return refuse("NOT_NOW", "no daemon runs for that desk, or more than one desk is served");
      const run = await desk.runTask(task, body.reason);
      return isRefusal(run) ? run : { run, task };
    },
  );
}

const deskOf = (desks: readonly DeskTarget[], named: string | undefined): DeskTarget | undefined =>
  named === undefined && desks.length === 1 ? desks[0] : desks.find(({ name }) => name === named);
