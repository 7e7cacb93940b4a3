/** The daemon over the API: how it is, and what it can be asked to do as a whole. */
import type { FastifyInstance } from "fastify";
import { reasonOf } from "../core/assert.ts";
import { refuse } from "../core/refusals.ts";
import type { ApiWorld } from "./api-app.ts";
import { addApiRoute } from "./api-route.ts";
import type { DeskTarget } from "./control-target.ts";
import { unfinishedActors, unfinishedRuns } from "./run-index.ts";
import { BackedUp, BackupBody, DaemonStatus, type DeskStatus, Reloaded, StopBody, Stopping } from "./shapes/daemon.ts";
import { isStuck, isoOf, needsPerson } from "./views.ts";

export function addDaemonRoutes(app: FastifyInstance, { target }: ApiWorld): void {
  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/status",
      says: "How the daemon and its desks are.",
      answer: { kind: "json", schema: "qoc.status/1", shape: DaemonStatus },
    },
    async () => {
      const { started_at, ...status } = target.status();
      const workspaces = await Promise.all(target.desks().map(deskStatus));
      return { ...status, started_at: status.pid === null ? null : isoOf(started_at), workspaces };
    },
  );

  addApiRoute(
    app,
    {
      method: "POST",
      path: "/api/stop",
      says: "Begins to stop: no delivery is taken any more, and what is under way comes to a safe point.",
      body: StopBody,
      answer: { kind: "json", schema: "qoc.stop/1", shape: Stopping },
      statuses: [202],
      socketOnly: true,
    },
    ({ body: { drain_ms }, reply }) => {
      // Only once the answer is out: stopping closes this very socket.
      reply.raw.once("finish", () => target.stop(drain_ms));
      void reply.status(202);
      return Promise.resolve({ draining: true, drain_ms });
    },
  );

  addApiRoute(
    app,
    {
      method: "POST",
      path: "/api/reload",
      says: "Reads every desk.toml again, whole or not at all: 409 with what is wrong when the old ones stay.",
      answer: { kind: "json", schema: "qoc.reload/1", shape: Reloaded },
      statuses: [200, 409],
      socketOnly: true,
    },
    async ({ reply }) => {
      const reloaded = await target.reload();
      switch (reloaded.kind) {
        case "reloaded":
          return { reloaded: true, workspaces: reloaded.workspaces, problems: [] };
        case "refused":
          void reply.status(409);
          return { reloaded: false, workspaces: [], problems: reloaded.problems };
      }
    },
  );

  addApiRoute(
    app,
    {
      method: "POST",
      path: "/api/store/backup",
      says: "Writes a consistent copy of a desk's store to a new path on this machine.",
      body: BackupBody,
      answer: { kind: "json", schema: "qoc.store.backup/1", shape: BackedUp },
      refusals: ["NOT_NOW"],
      socketOnly: true,
    },
    async ({ body: { workspace, to } }) => {
      if (!target.desks().some((desk) => desk.name === workspace))
        return refuse("ROUTE_UNKNOWN", `no workspace is called ${workspace}`);
      try {
        return { workspace, to, ...(await target.backup(workspace, to)) };
      } catch (error) {
        return refuse("NOT_NOW", `the backup was not made: ${reasonOf(error)}`);
      }
    },
  );
}

async function deskStatus(desk: DeskTarget): Promise<DeskStatus> {
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
