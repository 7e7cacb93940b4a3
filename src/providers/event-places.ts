/** Where the facts of an event stand, as data, and the one function that reads them there. */
import type { Facts, OrderSignal } from "../core/delivery.ts";
import { fullCommit, linkOf, markOf, subjectOf, type FactReader } from "./facts.ts";

/** JSON Pointers (RFC 6901): the first that leads to a text or a number that can be a name. */
export type Pointers = readonly string[];
/** Or, where a fact is put together, a function that does it. */
export type Place = Pointers | ((read: FactReader) => string | null);
/** A word of ours, or a place. */
type SubjectPart = string | Place;

export type EventPlaces = {
  readonly external_id?: Place;
  readonly actor?: Place;
  readonly project?: Place;
  readonly ref?: Place;
  /** Only a full hash that is not all zeros is taken from there. */
  readonly commit?: Place;
  /** The first of these keys whose parts are all there. */
  readonly subjects?: readonly (readonly SubjectPart[])[];
  readonly order?: (read: FactReader) => OrderSignal | null;
};

type PlacedFacts = Pick<
  Facts,
  "external_event_id" | "actor" | "project" | "ref" | "commit_sha" | "subject_key" | "order"
>;

/** What is about nothing in particular stands in no series, so it has no order either. */
export function factsAt(places: EventPlaces, provider: string, read: FactReader): PlacedFacts {
  const subject_key = subjectAt(places.subjects, provider, read);
  return {
    external_event_id: textAt(read, places.external_id),
    actor: textAt(read, places.actor),
    project: textAt(read, places.project),
    ref: textAt(read, places.ref),
    commit_sha: fullCommit(textAt(read, places.commit)),
    subject_key,
    order: subject_key === null ? null : (places.order?.(read) ?? null),
  };
}

export function textAt(read: FactReader, place: Place = []): string | null {
  return typeof place === "function" ? place(read) : read.named(...place);
}

function subjectAt(
  subjects: EventPlaces["subjects"] = [],
  provider: string,
  read: FactReader,
): PlacedFacts["subject_key"] {
  for (const parts of subjects) {
    const key = subjectOf(provider, ...parts.map((part) => (typeof part === "string" ? part : textAt(read, part))));
    if (key !== null) return key;
  }
  return null;
}

type Order = NonNullable<EventPlaces["order"]>;
type Rank = (read: FactReader) => number;

/** By the sender's time; `rank` orders what carries the same one. */
export const orderByTime =
  (place: Place, rank: Rank = () => 0): Order =>
  (read) =>
    markOf(textAt(read, place), rank(read));

/**
 * By hashes of a sender that writes zeros for "none": where one of the two is missing, nothing is known of it, and
 * there is no link.
 */
export const orderByChain =
  (before: Place, after: Place): Order =>
  (read) => {
    const [from, to] = [textAt(read, before), textAt(read, after)];
    return from === null || to === null ? null : linkOf(from, to);
  };

export const rankBy =
  (place: Place, ranks: Readonly<Record<string, number>>, otherwise: number): Rank =>
  (read) => {
    const found = textAt(read, place);
    return (found !== null && Object.hasOwn(ranks, found) ? ranks[found] : undefined) ?? otherwise;
  };
