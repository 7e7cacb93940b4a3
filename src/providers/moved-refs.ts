/** A push as a list of refs that moved: one delivery can tell of a hundred. */
import type { OrderSignal } from "../core/delivery.ts";
import { fullCommit, linkOf, nameable } from "./facts.ts";
import type { Payload } from "./payload.ts";

/** More refs than these are not read, and have no common commit: that is a migration, not a state of the code. */
const REFS_MAX = 1_000;
const ALL_ZERO = /^0+$/;

/** `changes` leads to the list; all else stands within one change. */
export type MovedRefsPlaces = {
  readonly changes: string;
  readonly ref: readonly string[];
  readonly before: string;
  readonly after: string;
  /** True where there was no ref before, or is none after. Null for a sender that writes all-zero hashes instead. */
  readonly created: string | null;
  readonly deleted: string | null;
  /** Null for a sender that does not tell of rewritten history. */
  readonly forced: string | null;
  /** A hash under this ref can be that of an annotated tag, which is no commit. */
  readonly mayBeTagObject: (ref: string) => boolean;
};

type MovedRefs = {
  /** The ref that moved; null when several did, or none. */
  readonly ref: string | null;
  /** What all refs that are left now point to; null when they differ, and when any hash is not full. */
  readonly commit_sha: string | null;
  readonly order: OrderSignal | null;
};

/** `at` is the sender's own time of the push, or null. */
export function movedRefs(payload: Payload, places: MovedRefsPlaces, at: string | null): MovedRefs {
  const count = payload.count(places.changes);
  const changes = Array.from({ length: Math.min(count, REFS_MAX) }, (_, index) => changeAt(payload, places, index));
  const [change] = changes;
  const commit_sha = count > REFS_MAX ? null : commonCommit(changes);
  if (change === undefined || count > 1) return { ref: null, commit_sha, order: null };
  const { ref, before, after, forced } = change;
  return {
    ref,
    commit_sha,
    order: before === undefined || after === undefined ? null : linkOf(before, after, { forced, at }),
  };
}

type Change = {
  readonly ref: string | null;
  /** Null: the sender says that there is none. Undefined: it does not say. */
  readonly before: string | null | undefined;
  readonly after: string | null | undefined;
  readonly forced: boolean;
  readonly isCommit: boolean;
};

function changeAt(payload: Payload, places: MovedRefsPlaces, index: number): Change {
  const within = (pointer: string): string => `${places.changes}/${index}${pointer}`;
  const text = (pointer: string): string | null => nameable(payload.named(within(pointer)));
  const end = (hash: string, none: string | null): string | null | undefined =>
    text(hash) ?? (none === null || payload.is(within(none)) === false ? undefined : null);
  const ref = places.ref.map(text).find((name) => name !== null) ?? null;
  return {
    ref,
    before: end(places.before, places.created),
    after: end(places.after, places.deleted),
    forced: places.forced !== null && payload.is(within(places.forced)) === true,
    isCommit: ref !== null && !places.mayBeTagObject(ref),
  };
}

/** A hash that a tag shares with a branch is a commit. */
function commonCommit(changes: readonly Change[]): string | null {
  const left = changes.filter(({ after }) => after !== null && !(after !== undefined && ALL_ZERO.test(after)));
  const hashes = new Set(left.map(({ after }) => fullCommit(after ?? null)));
  const [common = null] = hashes;
  return hashes.size === 1 && left.some(({ isCommit }) => isCommit) ? common : null;
}
