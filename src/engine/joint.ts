/**
 * What a batch of things told to one actor changes, with every actor that hears of it: changes that are committed together or not at
 * all. Who is told by another actor tells nobody in turn, so a joint change is two actors deep and no two of them wait for each other. Pure.
 */
import { assert } from "../core/assert.ts";
import type { Address, EffectId, Instant } from "../core/ids.ts";
import { advance, isBehind, type AdvanceWorld, type Advanced, type Told } from "./advance.ts";
import type { ActorEvent, ActorRecord, Change, PlacedMail, Through } from "./ports.ts";
import type { Tell } from "./own-words.ts";

export type Joint = {
  /** One an actor; none when everything told was stale or applied before. */
  readonly changes: readonly Change[];
  /** What a person should know of: who was set aside, or could not be told. */
  readonly troubles: readonly { readonly says: string; readonly address: Address; readonly reason: string }[];
  /** Effects that may begin once the changes are committed. */
  readonly mayStart: ReadonlySet<EffectId>;
};

/** @param recordOf records as last committed, of any actor */
export function advanceJointly(
  address: Address,
  batch: readonly Told[],
  recordOf: (address: Address) => ActorRecord | undefined,
  world: AdvanceWorld,
): Joint {
  const changes = new Map<Address, Change>();
  const troubles: Joint["troubles"][number][] = [];
  const mayStart = new Set<EffectId>();
  const now = (of: Address): ActorRecord | undefined => changes.get(of)?.record ?? recordOf(of);

  function apply(to: Address, told: readonly Told[]): readonly Tell[] {
    const advanced = advance(to, now(to), told, world);
    note(to, advanced);
    return advanced.tells;
  }

  function note(of: Address, { change, parkedBecause, mayStart: starts }: Advanced): void {
    for (const effect of starts) mayStart.add(effect);
    if (parkedBecause !== undefined) troubles.push({ says: "actor parked", address: of, reason: parkedBecause });
    if (change === undefined) return;
    const earlier = changes.get(of);
    changes.set(of, earlier === undefined ? change : joined(earlier, change));
  }

  function tell(tells: readonly Tell[]): void {
    for (const { to, event, bears = false } of tells) {
      const further = apply(to, [{ kind: "tell", event, at: world.now, bears }]);
      assert(further.length === 0, `${to}: who is told by another actor tells nobody`);
    }
  }

  /** Whoever cannot be told is left as it was: the addressee goes on without its answer, and the next mail finds it sound. */
  function ask({ to, event }: Through, at: Instant): readonly Tell[] {
    const record = now(to);
    if (record?.parked) return [];
    const advanced = advance(to, record, [{ kind: "tell", event, at, bears: true }], world);
    if (advanced.parkedBecause === undefined) {
      note(to, advanced);
      return advanced.tells;
    }
    troubles.push({ says: "mail passed by", address: to, reason: advanced.parkedBecause });
    return [];
  }

  /** The one that mail goes through is told first; what it answers completes the mail. */
  function passThrough(placed: PlacedMail): void {
    const { mail, position } = placed;
    const record = now(mail.to);
    const isKnown = isBehind(position, record?.applied ?? null) || (mail.birth !== null && record !== undefined);
    const tells = mail.through === null || isKnown ? [] : ask(mail.through, mail.at);
    const answers = tells.filter(({ to }) => to === mail.to).map(({ event }) => event);
    const completed = { ...mail, events: mail.events.map((event) => completedBy(event, answers)) };
    tell(apply(mail.to, [{ kind: "mail", placed: { position, mail: completed } }]));
    tell(tells.filter(({ to }) => to !== mail.to));
  }

  const ownBatch = batch.filter((told) => !goesThrough(told, address));
  if (ownBatch.length > 0) tell(apply(address, ownBatch));
  for (const told of batch) if (told.kind === "mail" && goesThrough(told, address)) passThrough(told.placed);
  return {
    changes: [...changes.values()],
    troubles,
    mayStart,
  };
}

/** Whether this is mail for another actor that this one is to be told of. */
export const goesThrough = (told: Told, address: Address): boolean =>
  told.kind === "mail" && told.placed.mail.through?.to === address;

const completedBy = (event: ActorEvent, answers: readonly ActorEvent[]): ActorEvent =>
  Object.assign({}, event, ...answers.filter(({ type }) => type === event.type));

const joined = (first: Change, second: Change): Change => ({
  record: second.record,
  before: first.before,
  entries: second.forgetsPast === true ? second.entries : [...first.entries, ...second.entries],
  artifacts: [...first.artifacts, ...second.artifacts],
  index: [...first.index, ...second.index],
  ...(first.forgetsPast === true || second.forgetsPast === true ? { forgetsPast: true } : {}),
});
