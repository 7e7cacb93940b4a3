/** The daemon over the API: how it is, and what it can be asked to do as a whole. */
import type { FastifyInstance } from "fastify";
import path from "node:path";
import { z } from "zod";
import { reasonOf } from "../core/assert.ts";
import { refuse } from "../core/refusals.ts";
import type { ApiWorld } from "./api-app.ts";
import { sendRefusal, sendResult } from "./api-reply.ts";
import type { DeskTarget } from "./control-target.ts";
import { unfinishedActors, unfinishedRuns } from "./run-index.ts";
import { isStuck, isoOf, needsPerson } from "./views.ts";

const DRAIN_MS_MAX = 10 * 60_000;
const StopBody = z.strictObject({ drain_ms: z.int().min(0).max(DRAIN_MS_MAX).default(20_000) }).prefault({});
const BackupBody = z.strictObject({
  workspace: z.string(),
  to: z.string().refine((to) => path.isAbsolute(to), "must be an absolute path"),
});

export function addDaemonRoutes(app: FastifyInstance, { target }: ApiWorld): void {
  app.get("/api/status", async (_request, reply) => {
    const { started_at, ...status } = target.status();
    const workspaces = await Promise.all(target.desks().map(deskStatus));
    return sendResult(reply, "qoc.status/1", {
      ...status,
      started_at: status.pid === null ? null : isoOf(started_at),
      workspaces,
    });
  });

  app.post("/api/stop", (request, reply) => {
    const body = StopBody.safeParse(request.body ?? {});
    if (!body.success) return sendRefusal(reply, refuse("REQUEST_MALFORMED", z.prettifyError(body.error)));
    // Only once the answer is out: stopping closes this very socket.
    reply.raw.once("finish", () => target.stop(body.data.drain_ms));
    return sendResult(reply, "qoc.stop/1", { draining: true, drain_ms: body.data.drain_ms }, 202);
  });

  app.post("/api/reload", async (_request, reply) => {
    const reloaded = await target.reload();
    switch (reloaded.kind) {
      case "reloaded":
        return sendResult(reply, "qoc.reload/1", { reloaded: true, workspaces: reloaded.workspaces, problems: [] });
      case "refused":
        return sendResult(reply, "qoc.reload/1", { reloaded: false, workspaces: [], problems: reloaded.problems }, 409);
    }
  });

  app.post("/api/store/backup", async (request, reply) => {
    const body = BackupBody.safeParse(request.body);
    if (!body.success) return sendRefusal(reply, refuse("REQUEST_MALFORMED", z.prettifyError(body.error)));
    const { workspace, to } = body.data;
    if (!target.desks().some((desk) => desk.name === workspace)) {
      return sendRefusal(reply, refuse("ROUTE_UNKNOWN", `no workspace is called ${workspace}`));
    }
    try {
      return sendResult(reply, "qoc.store.backup/1", { workspace, to, ...(await target.backup(workspace, to)) });
    } catch (error) {
      return sendRefusal(reply, refuse("NOT_NOW", `the backup was not made: ${reasonOf(error)}`));
    }
  });
}

async function deskStatus(desk: DeskTarget): Promise<object> {
  // Before the runs: mail that is taken in meanwhile is seen in one of the two.
  const counters = desk.counters();
  const runs = { unfinished: 0, parked: 0, stuck: 0, needs_me: 0 };
  for await (const record of unfinishedRuns(desk)) {
    runs.unfinished += 1;
    if (record.parked !== null) runs.parked += 1;
    else if (isStuck(record)) runs.stuck += 1;
    if (needsPerson(record)) runs.needs_me += 1;
  }
  const notices = { unwritten: await countOf(unfinishedActors(desk, "notice")) };
  const webhooks = desk.webhooks.map((webhook) => ({ ...webhook, signatures: desk.signatures(webhook.name) }));
  return { name: desk.name, dir: desk.dir, webhooks, runs, notices, ...counters };
}

async function countOf(all: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const one of all) if (one !== undefined) count += 1;
  return count;
}
