/** The routes of a run's page over a desk on the disk that has seen everything, as the daemon would serve it. */
import fastify, { type FastifyInstance } from "fastify";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openStoreReadOnly } from "../../../src/adapters/store-lmdb.ts";
import { type RunId, runIdOf } from "../../../src/core/ids.ts";
import { addEnvelopeRoutes } from "../../../src/http/envelope-routes.ts";
import { addReplayRoutes } from "../../../src/http/replay-routes.ts";
import { addRunPageRoutes } from "../../../src/http/run-page-routes.ts";
import { rotateDeskKeys } from "../../../src/main-keys.ts";
import { createReplay } from "../../../src/main-replay.ts";
import { leaveStuckAndParked, live, liveThrough, WORKSPACE } from "../../support/lived-desk.ts";
import { aTarget } from "./desk-with-runs.ts";

export const BODY = '{"n":1,"price":420.00,"big":12345678901234567890,"tag":"<script>alert(1)</script>"}';

export type LivedWorld = {
  readonly app: FastifyInstance;
  readonly dir: string;
  readonly runs: Readonly<Record<"sealed" | "amended" | "erased" | "later" | "binary", RunId>>;
  readonly all: readonly RunId[];
  readonly ask: (url: string) => Promise<{ readonly status: number; readonly body: unknown }>;
  readonly close: () => Promise<void>;
};

/** @param root a folder of the test's own */
export async function livedWorld(root: string): Promise<LivedWorld> {
  const dir = join(root, "desk");
  mkdirSync(dir);
  await liveThrough(dir);
  const first = await live(dir);
  const sealed = await first.send("price-alert", BODY, "P-1");
  const amended = await first.send("price-alert", '{"n":2}', "P-2");
  const erased = await first.send("price-alert", '{"n":3}', "P-3");
  const binary = await first.send("price-alert", `{"n":4,"long":"${"é".repeat(200 * 1024)}"}`, "P-4");
  await first.quiet(2);
  await first.send("price-alert", '{"n":"another"}', "P-2");
  await first.quiet(2);
  const erase = { type: "ERASE", reason: "asked for" };
  await first.tell(erased, erase);
  await first.quiet(2);
  await first.close();
  await rotateDeskKeys(dir, WORKSPACE);
  const second = await live(dir);
  const later = await second.send("price-alert", '{"n":5}', "P-5");
  await second.quiet(2);
  await second.close();
  await leaveStuckAndParked(dir);
  const store = await openStoreReadOnly(join(dir, ".qoc", "store"));
  const [desk] = aTarget([], { webhooks: ["price-alert", "windowed", "held", "run"] }).desks();
  if (desk === undefined) throw new Error("a target has a desk");
  const app = fastify();
  const world = {
    target: { ...aTarget([]), desks: () => [{ ...desk, name: WORKSPACE, dir, store }] },
    clock: { now: Date.now },
    entropy: { bytes: (count: number) => new Uint8Array(count) },
    complain: (_says: string, reason: unknown) => {
      throw reason;
    },
  };
  addRunPageRoutes(app, world);
  addEnvelopeRoutes(app, world);
  addReplayRoutes(app, { ...world, replay: createReplay() });
  const deliveries = [...store.addresses("", 1000)].filter((address) => address.startsWith("delivery/"));
  return {
    app,
    dir,
    runs: { sealed, amended, erased, later, binary },
    all: deliveries.map((address) => runIdOf(address.slice("delivery/".length))),
    ask: async (url) => {
      const answer = await app.inject({ url });
      return { status: answer.statusCode, body: answer.json() };
    },
    close: async () => {
      await app.close();
      await store.close();
    },
  };
}
