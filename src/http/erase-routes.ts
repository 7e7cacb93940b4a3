/** The erasure of a run over the API: asked for by a person, done by the run's own machine. */
import type { FastifyInstance } from "fastify";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { tombstoneIn } from "../core/delivery-journal.ts";
import { isErasedState } from "../core/erasure.ts";
import { nameOf } from "../core/ids.ts";
import { type Refusal, refuse } from "../core/refusals.ts";
import type { ActorRecord } from "../engine/ports.ts";
import type { ApiWorld } from "./api-app.ts";
import { isRefusal, sendRefusal, sendResult } from "./api-reply.ts";
import { operatorMail } from "./operator-mail.ts";
import { type Found, find } from "./run-routes.ts";
import { runDetail, type ErasedView } from "./views.ts";

/** How long the answer waits for what it has begun; it goes on without the one who asked. */
const DONE_MS_MAX = 15_000;
const LOOK_MS = 25;

const Body = z.strictObject({
  reason: z.string().trim().min(1).max(1000),
  dry_run: z.boolean().default(false),
});

/** The fixed form of `qoc.envelope.erase/1`. */
type Erased = {
  readonly run: string;
  readonly evidence_id: string;
  readonly dry_run: boolean;
  readonly state: string;
  /** Null while it is not done. */
  readonly erased: ErasedView | null;
};

export function addEraseRoutes(app: FastifyInstance, world: ApiWorld): void {
  app.post<{ Params: { id: string } }>("/api/runs/:id/erase", async (request, reply) => {
    const body = Body.safeParse(request.body);
    if (!body.success) return sendRefusal(reply, refuse("REQUEST_MALFORMED", z.prettifyError(body.error)));
    const found = await find(world, request.params.id, reply);
    if (found === undefined) return reply;
    const answer = await erase(world, found, body.data);
    return isRefusal(answer) ? sendRefusal(reply, answer) : sendResult(reply, "qoc.envelope.erase/1", answer);
  });
}

async function erase(
  world: ApiWorld,
  { desk, record }: Found,
  { reason, dry_run }: z.infer<typeof Body>,
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
