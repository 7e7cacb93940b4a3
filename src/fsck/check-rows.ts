/** The rows that find an actor again, held against its record and its journal. */
import { birthIn } from "../core/delivery-journal.ts";
import type { DeliveryInput } from "../core/delivery.ts";
import { machineOf } from "../core/ids.ts";
import type { Json } from "../core/observation.ts";
import type { SurveyedActor, StoreSurvey } from "../adapters/store-lmdb-survey.ts";
import type { IndexRow } from "../engine/ports.ts";
import { member, textIn } from "../evidence/journal.ts";
import type { Finding } from "./findings.ts";

export type Actor = Extract<SurveyedActor, { readonly kind: "actor" }>;
type Rows = Pick<StoreSurvey, "ordinalOf" | "hasOpen" | "hasDue" | "hasUnfinished" | "hasRow">;

export function* checkRows({ ordinal, record, positions }: Actor, survey: Rows): Generator<Finding> {
  const { address, pending, timers, resting } = record;
  if (survey.ordinalOf(address) !== ordinal) yield { code: "NAME_ROW_WRONG", at: address, detail: `actor ${ordinal}` };
  for (const [at, { id, lane }] of pending.entries())
    if (!survey.hasOpen(address, id, lane, positions[at] ?? 0))
      yield { code: "EFFECT_ROW_MISSING", at: address, detail: id };
  for (const timer of timers)
    if (!survey.hasDue(address, timer)) yield { code: "TIMER_ROW_MISSING", at: address, detail: timer.id };
  if (!resting && !survey.hasUnfinished(ordinal))
    yield { code: "UNFINISHED_ROW_MISSING", at: address, detail: record.state };
}

/**
 * The rows of the index are known but for those of bodies, whose key may be a keyed hash: of those there is one for the birth, and at
 * most one for each conflict. `count` is how many rows name this actor.
 */
export function* checkIndex(
  { record, journal }: Actor,
  isBehind: (run: string) => IndexRow | undefined,
  count: number,
  survey: Rows,
): Generator<Finding> {
  const { address, born_at } = record;
  const birth = birthOfActor(record, journal);
  if (machineOf(address) !== "delivery" || birth === undefined) {
    // What is left of an erased run is found by its webhook alone. Of one whose journal has lost its birth nothing is known.
    const isLost = machineOf(address) === "delivery" && journal[0]?.event !== "ERASED";
    if (count > 1 && !isLost) yield { code: "INDEX_ROW_STRAY", at: address, detail: `${count} rows` };
    return;
  }
  // While it is being erased its rows go, all but one.
  if (record.state.startsWith("erasing")) return;
  const told = [...journal.map(({ event, data }) => ({ type: event, data })), ...toldLater(record)];
  const behind = isBehind(birth.run);
  const known = [...knownRows(birth, told), ...(behind === undefined ? [] : [behind])];
  for (const row of known)
    if (!survey.hasRow(row, born_at, address))
      yield { code: "INDEX_ROW_MISSING", at: address, detail: `${row.name} ${row.key}` };
  const conflicts = told.filter(
    ({ type, data }) => type === "REDELIVERED" && member(data, "same_bytes") === false,
  ).length;
  // A run that no delivery began has no body.
  const least = known.length + (birth.by_hand === undefined ? 1 : 0);
  if (count < least) yield { code: "INDEX_ROW_MISSING", at: address, detail: `${count} of ${least} rows` };
  if (count > least + conflicts)
    yield { code: "INDEX_ROW_STRAY", at: address, detail: `${count} rows, not ${least + conflicts}` };
}

type Told = { readonly type: string; readonly data: Json };

function knownRows({ workspace, webhook }: DeliveryInput, told: readonly Told[]): readonly IndexRow[] {
  const rows: IndexRow[] = [{ name: "webhook", key: `${workspace}/${webhook}` }];
  const facts = told.find(({ type }) => type === "NORMALIZED")?.data;
  const subject = textIn(member(facts, "facts"), "subject_key");
  if (subject !== undefined) rows.push({ name: "subject", key: `${workspace}/${subject}` });
  return rows;
}

/** An actor that was set aside keeps what it was told, and the rows that came with it are written already. */
const toldLater = ({ parked }: Actor["record"]): readonly Told[] =>
  (parked?.events ?? []).map(({ event }) => ({ type: event.type, data: { ...event } }));

export function birthOfActor(record: Actor["record"], journal: Actor["journal"]): DeliveryInput | undefined {
  const first = journal[0];
  if (first?.event === "init") return birthIn(first.data);
  const born = record.parked?.birth?.input;
  return born === undefined || born === null ? undefined : birthIn(born);
}
