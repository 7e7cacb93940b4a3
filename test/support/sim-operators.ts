/** People at the desk: what they tell runs, sensibly or not. */
import type { DeliveryEvent } from "../../src/core/delivery.ts";
import { sha256Of, type Address, type Instant } from "../../src/core/ids.ts";
import type { ActorEvent, ActorRecord, By, DueTimer } from "../../src/engine/ports.ts";
import { timerEvent } from "../../src/engine/step.ts";
import type { Life } from "./sim-life.ts";
import type { Random } from "./seeded-random.ts";

const reason = "simulated";
const resume: DeliveryEvent = { type: "RESUME", reason };
const erase: DeliveryEvent = { type: "ERASE", reason };

function tell({ engine }: Life, to: Address, by: By, event: ActorEvent, at: Instant): void {
  const mail = { to, through: null, at, by, birth: null, events: [event], artifacts: [], index: [] };
  // Whoever was told that it was not kept may come again, or not.
  engine.post(mail).catch(() => undefined);
}

export const decision = (draft: number, approved: boolean): DeliveryEvent => ({
  type: "DECIDED",
  draft,
  approved,
  digest: sha256Of("1".repeat(64)),
  content: sha256Of("2".repeat(64)),
  approver: null,
  reason,
  step: null,
  artifacts: [],
});

/** Anything to anyone, whatever state it is in. */
export function meddle(life: Life, random: Random, now: Instant): void {
  const everyone = [...life.store.snapshot().actors.keys()];
  const to = everyone[random.between(0, everyone.length - 1)];
  const events: readonly DeliveryEvent[] = [
    resume,
    { type: "CANCEL", reason },
    { type: "RELEASE", reason },
    decision(random.between(1, 3), random.next() < 0.5),
    erase,
  ];
  const event = events[random.between(0, events.length - 1)];
  if (to !== undefined && event !== undefined) tell(life, to, "operator", event, now);
}

/** A person has a run erased that is sealed by now. */
export function haveErased(life: Life, random: Random, now: Instant): void {
  const sealed = [...life.store.snapshot().actors.values()].filter(({ state }) => state === "sealed");
  const run = sealed[random.between(0, sealed.length - 1)];
  if (run !== undefined) tell(life, run.address, "operator", erase, now);
}

/** Tells a timer that was set once and is not any more. */
export function tellStaleTimer(life: Life, random: Random, now: Instant): void {
  const stale = life.timers.filter((timer) => !isSet(life.store.read(timer.address), timer));
  const timer = stale[random.between(0, stale.length - 1)];
  if (timer !== undefined) tell(life, timer.address, "timer", timerEvent(timer), now);
}

const isSet = (record: ActorRecord | undefined, { id, generation }: DueTimer): boolean =>
  record?.timers.some((timer) => timer.id === id && timer.generation === generation) ?? true;

/** What runs wait for a person for. */
export function attend(life: Life, now: Instant): void {
  for (const to of life.store.unfinished("", 1000)) {
    const record = life.store.read(to);
    if (record === undefined) continue;
    if (record.parked !== null || record.state === "stuck") tell(life, to, "operator", resume, now);
    if (record.state.startsWith("awaiting-approval"))
      for (const draft of [1, 2]) tell(life, to, "operator", decision(draft, true), now);
  }
}
