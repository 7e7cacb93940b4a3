/** A desk on the disk that has seen everything: made by the daemon's own parts, in this process and without its doors. */
import { createInlineClerk } from "../../src/adapters/clerk.ts";
import { systemClock } from "../../src/adapters/clock.ts";
import { systemEntropy } from "../../src/adapters/entropy.ts";
import { openStore } from "../../src/adapters/store-lmdb.ts";
import { deliveryAddress, type Address, type RunId } from "../../src/core/ids.ts";
import { ARTIFACT_INLINE_BYTES_MAX } from "../../src/core/limits.ts";
import { createEngine } from "../../src/engine/engine.ts";
import type { ActorEvent, Effects } from "../../src/engine/ports.ts";
import type { WebhookRuntime } from "../../src/ingress/desk-ingress.ts";
import { receive } from "../../src/ingress/receive.ts";
import { openDesk, type DeskAdapters, type OpenDesk } from "../../src/main-desk.ts";
import { machineFor } from "../../machines/index.ts";
import { desk as ingressOf, signed, webhook } from "./ingress-desk.ts";

export const WORKSPACE = "equity-desk";
const WAIT_MS = 3_600_000;

const base = webhook();
const map = { event: "/event", subject: "/subject", commit_sha: "/commit" };
const policy = { ...base.policy, hold_timeout_ms: WAIT_MS, context_timeout_ms: WAIT_MS };
const webhooks: readonly WebhookRuntime[] = [
  { ...base, map, policy, dedupe: { kind: "id+body" }, body_limit_bytes: 2 ** 20 },
  { ...base, map, policy, name: "windowed", dedupe: { kind: "path", pointer: "/n" }, dedupe_window_ms: 1 },
  { ...base, map, policy: { ...policy, on_partial: "wait" }, name: "held" },
  { ...base, map, policy: { ...policy, action: "run", task: "review" }, name: "run" },
];

export type LivingDesk = {
  readonly open: OpenDesk;
  readonly send: (hook: string, body: string, id?: string) => Promise<RunId>;
  /** Resolves when only what waits for long is unfinished. */
  readonly quiet: (unfinished?: number) => Promise<void>;
  readonly tell: (run: RunId, event: ActorEvent) => Promise<void>;
  readonly close: () => Promise<void>;
};

export async function live(dir: string, adapters: Partial<DeskAdapters> = {}): Promise<LivingDesk> {
  const complaints: string[] = [];
  const open = await openDesk(
    {
      dir,
      workspace: WORKSPACE,
      mailWaitingMax: 20_000,
      complain: (says, { reason }) => complaints.push(`${says}: ${reason}`),
    },
    { openStore, createClerk: (options) => createInlineClerk(options), ...adapters },
  );
  open.engine.start();
  const { engine, known, judgeAside } = open;
  const desk = { ...ingressOf(webhooks), engine, known, judgeAside, entropy: systemEntropy };
  return {
    open,
    send: async (hook, body, id) => {
      const answer = await receive(desk, hook, signed(body, { "x-qoc-delivery": id }), Date.now());
      if (answer.kind === "refused") throw new Error(`${answer.code}: ${answer.detail}`);
      return answer.run;
    },
    quiet: async (unfinished = 0) => {
      await engine.caughtUp(10_000);
      while (open.store.stats().unfinished > unfinished) await new Promise((look) => setTimeout(look, 5));
    },
    tell: (run, event) =>
      engine.post({
        to: deliveryAddress(run),
        through: null,
        at: Date.now(),
        by: "operator",
        birth: null,
        events: [event],
        artifacts: [],
        index: [],
      }),
    close: async () => {
      await open.close(1_000);
      if (complaints.length > 0) throw new Error(complaints.join("\n"));
    },
  };
}

/** Sealed runs, amended twice, with a large body, begun again after a window, held, failed, cancelled. */
export async function liveThrough(dir: string): Promise<void> {
  const desk = await live(dir);
  for (const n of [1, 2, 3, 4]) await desk.send("price-alert", `{"event":"e","n":${n}}`, `D-${n}`);
  await desk.send("price-alert", `{"event":"large","text":"${"x".repeat(ARTIFACT_INLINE_BYTES_MAX)}"}`, "D-5");
  await desk.send("price-alert", '{"event":"about","subject":"MSFT"}', "D-6");
  await desk.send("run", '{"event":"work"}', "D-7");
  await desk.quiet();
  await desk.send("price-alert", '{"event":"e","n":1}', "D-1");
  await desk.send("price-alert", '{"event":"conflict"}', "D-1");
  await desk.quiet();
  await desk.send("price-alert", '{"event":"another conflict"}', "D-1");
  await desk.send("price-alert", '{"event":"e","n":2}', "D-8");
  for (const event of ["first", "second", "third"]) {
    await desk.send("windowed", `{"event":"${event}","n":1}`, `W-${event}`);
    await new Promise((later) => setTimeout(later, 5));
  }
  await desk.quiet();
  const cancelled = await desk.send("held", '{"event":"later","subject":"A"}', "H-0");
  await desk.open.engine.caughtUp(10_000);
  const cancel = { type: "CANCEL", reason: "of the test" };
  await desk.tell(cancelled, cancel);
  await desk.quiet();
  await desk.send("held", '{"event":"later","subject":"B"}', "H-1");
  await desk.send("held", '{"event":"later","subject":"C"}', "H-2");
  await desk.quiet(2);
  await desk.close();
}

/** One run whose work must not be repeated and was broken off, and one that its machine could not take. */
export async function leaveStuckAndParked(dir: string): Promise<void> {
  const store = await openStore(`${dir}/.qoc/store`);
  const endless: Effects = {
    runAgent: { repeatable: false, concurrency: 1, perform: () => new Promise(() => undefined) },
    writeInboxItem: { repeatable: true, concurrency: 1, perform: () => new Promise(() => undefined) },
  };
  const limits = { sliceMs: 50, quietMs: 0, shareMin: 1, mailWaitingMax: 100, mailWaitingBytesMax: 2 ** 20 };
  const host = (on: typeof store) =>
    createEngine({
      store: on,
      clock: systemClock,
      effects: endless,
      machine: machineFor,
      limits,
      complain: () => undefined,
    });
  const known = { ...ingressOf().known, knows: () => false, isErased: () => false };
  const first = host(store);
  first.start();
  const desk = { ...ingressOf(webhooks), engine: first, known, entropy: systemEntropy };
  const runOf = async (hook: string, body: string): Promise<Address> => {
    const answer = await receive(desk, hook, signed(body), Date.now());
    if (answer.kind === "refused") throw new Error(answer.detail);
    return deliveryAddress(answer.run);
  };
  const stuck = await runOf("run", '{"event":"begun and broken off"}');
  const parked = await runOf("price-alert", '{"event":"not to be taken"}');
  await first.caughtUp(10_000);
  while (store.read(stuck)?.pending[0]?.started !== true) await new Promise((look) => setTimeout(look, 5));
  await first.stop(0);
  const before = store.read(parked);
  if (before === undefined) throw new Error("the run is gone");
  const event = { by: "provider", at: Date.now(), event: { type: "RELEASE", reason: "it fails" } } as const;
  const aside = { reason: "its machine threw", at: Date.now(), birth: null, events: [event] };
  await store.commit([
    { record: { ...before, resting: false, parked: aside }, before, entries: [], artifacts: [], index: [] },
  ]);
  const second = host(store);
  second.start();
  while (store.read(stuck)?.state !== "stuck") await new Promise((look) => setTimeout(look, 5));
  await second.stop(0);
  await store.close();
}
