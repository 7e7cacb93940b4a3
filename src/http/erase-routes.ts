/** The erasure of a run over the API: asked for by a person, done by the run's own machine. */
import type { FastifyInstance } from "fastify";
import { setTimeout as pause } from "node:timers/promises";
import type { z } from "zod";
import { tombstoneIn } from "../core/delivery-journal.ts";
import { isErasedState } from "../core/erasure.ts";
import { nameOf } from "../core/ids.ts";
import { type Refusal, refuse } from "../core/refusals.ts";
import type { ActorRecord } from "../engine/ports.ts";
import type { ApiWorld } from "./api-app.ts";
import { isRefusal } from "./api-reply.ts";
import { addApiRoute } from "./api-route.ts";
import { operatorMail } from "./operator-mail.ts";
import { type Found, NAMES_A_RUN, runNamed } from "./run-routes.ts";
import { EraseBody, Erased } from "./shapes/runs.ts";
import { RunParams } from "./shapes/values.ts";
import { runDetail } from "./views.ts";

/** How long the answer waits for what it has begun; it goes on without the one who asked. */
const DONE_MS_MAX = 15_000;
const LOOK_MS = 25;

export function addEraseRoutes(app: FastifyInstance, world: ApiWorld): void {
  addApiRoute(
    app,
    {
      method: "POST",
      path: "/api/runs/:id/erase",
      says: "Erases what a sealed run keeps of its sender.",
      params: RunParams,
      body: EraseBody,
      answer: { kind: "json", schema: "qoc.envelope.erase/1", shape: Erased },
      refusals: [...NAMES_A_RUN, "NOT_NOW"],
      socketOnly: true,
    },
    async ({ params, body }) => {
      const found = await runNamed(world, params.id);
      return isRefusal(found) ? found : erase(world, found, body);
    },
  );
}

async function erase(
  world: ApiWorld,
  { desk, record }: Found,
  { reason, dry_run }: z.infer<typeof EraseBody>,
): Promise<Erased | Refusal> {
  const { engine, store } = desk;
  if (engine === null) return refuse("NOT_NOW", "no daemon runs for this desk");
  const refused = refusalOf(record, store.journal(record.address));
  if (refused !== undefined) return refused;
  if (!dry_run) {
    const until = performance.now() + DONE_MS_MAX;
    if (record.state === "sealed") {
      await engine.post(operatorMail(record, [{ type: "ERASE", reason }], world.clock.now()));
      const isTaken = await engine.caughtUp(DONE_MS_MAX);
      const now = (await engine.read(record.address)) ?? record;
      if (isTaken && !isErasedState(now.state)) return passedBy(now);
    }
    await untilErased(engine, record.address, until);
  }
  const after = (await engine.read(record.address)) ?? record;
  const detail = runDetail(after, store.journal(record.address));
  return {
    run: nameOf(record.address),
    evidence_id: detail?.evidence_id ?? "",
    dry_run,
    state: after.state,
    erased: detail?.erased ?? null,
  };
}

/** One that is being erased may be asked for again: the answer waits with it. */
function refusalOf(record: ActorRecord, journal: Parameters<typeof tombstoneIn>[0]): Refusal | undefined {
  const run = nameOf(record.address);
  if (record.parked !== null) {
    return refuse("NOT_NOW", `run ${run} is set aside, only resume moves it: ${record.parked.reason}`);
  }
  if (tombstoneIn(journal) !== undefined) return refuse("NOT_NOW", `run ${run} was erased before`);
  if (record.state === "sealed" || isErasedState(record.state)) return undefined;
  const first = record.state.startsWith("amending")
    ? "wait until its amendment is sealed"
    : "let it finish, or cancel it";
  return refuse("NOT_NOW", `erase needs a run that is sealed; run ${run} is ${record.state}: ${first}`);
}

/** The run took the word in and is not being erased: a redelivery had reached it before, or it was set aside. */
const passedBy = (record: ActorRecord): Refusal =>
  refusalOf(record, []) ??
  refuse("NOT_NOW", `a redelivery reached run ${nameOf(record.address)} just before it was to be erased: ask again`);

async function untilErased(
  engine: NonNullable<Found["desk"]["engine"]>,
  address: ActorRecord["address"],
  until: number,
): Promise<void> {
  while (performance.now() < until && (await engine.read(address))?.state !== "erased") await pause(LOOK_MS);
}
