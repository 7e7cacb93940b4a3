/** What a delivery's journal holds, read back in the types that it was written from: `data` is the birth, or the fields of the event. */
import { assert } from "./assert.ts";
import type { DeliveryEvent, DeliveryInput, Facts } from "./delivery.ts";
import type { Tombstone } from "./erasure.ts";
import type { Json } from "./observation.ts";

/** An entry, as far as it is read here. */
type Written = { readonly event: string; readonly data: Json };
export type DataOf<T extends DeliveryEvent["type"]> = Omit<Extract<DeliveryEvent, { readonly type: T }>, "type">;

/** What the run was born with. A journal without its first entry is a bug of ours. */
export function birthOf(journal: readonly Written[]): DeliveryInput {
  const first = journal[0];
  assert(first?.event === "init", "a journal begins with a birth");
  return birthIn(first.data);
}

/** A birth as mail or journal hold it. */
export const birthIn = (data: Json): DeliveryInput => written<DeliveryInput>(data);

/** The data of the first entry that this event caused. */
export function firstTold<T extends DeliveryEvent["type"]>(
  journal: readonly Written[],
  type: T,
): DataOf<T> | undefined {
  const entry = journal.find(({ event }) => event === type);
  return entry && written<DataOf<T>>(entry.data);
}

/** The data of every entry that this event caused, in their order. */
export const allTold = <T extends DeliveryEvent["type"]>(journal: readonly Written[], type: T): readonly DataOf<T>[] =>
  journal.filter(({ event }) => event === type).map(({ data }) => written<DataOf<T>>(data));

/** What was found in the delivery; undefined for a run that never got that far. */
export const factsOf = (journal: readonly Written[]): Facts | undefined => firstTold(journal, "NORMALIZED")?.facts;

/** What is left of a run that was erased; undefined for any other. */
export const tombstoneIn = (journal: readonly Written[]): Tombstone | undefined => firstTold(journal, "ERASED");

/** The redeliveries that a person is told of, in the order in which the delivery counted them. */
export const flaggedIn = (journal: readonly Written[]): readonly DataOf<"REDELIVERED">[] =>
  journal
    .filter(({ event }) => event === "REDELIVERED")
    .map(({ data }) => written<DataOf<"REDELIVERED">>(data))
    .filter(({ same_id, same_bytes }) => same_id !== same_bytes);

// oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-parameters -- the store's own bytes: the step wrote them from this type
const written = <T>(data: Json): T => data as unknown as T;
