/** What normalizers have in common: how a text becomes a fact, and how facts become a subject and its order. */
import { hash } from "node:crypto";
import type { Facts, OrderSignal } from "../core/delivery.ts";
import { orderMark } from "./order-mark.ts";
import type { ReadDelivery } from "./provider.ts";

/** A longer text is no name; it stays in the payload, which is kept whole. */
const FACT_CHARS_MAX = 256;
const SUBJECT_CHARS_MAX = 200;

const UNNAMEABLE = /[\p{Cc}\p{Cs}]/u;
const PRINTABLE_ASCII = /^[\x21-\x7e]{1,128}$/;
const FULL_COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const ALL_ZERO = /^0+$/;

/** Facts become names in journals, files and addresses: no control characters, and no halves of surrogate pairs, which no I-JSON holds. */
export function nameable(text: string | null): string | null {
  if (text === null || text === "" || text.length > FACT_CHARS_MAX) return null;
  return UNNAMEABLE.test(text) ? null : text;
}

/** Reads facts of one delivery. */
export type FactReader = {
  /** What the first of these JSON Pointers that leads to a text or a number says, if it can be a name. */
  readonly at: (...pointers: readonly string[]) => string | null;
  /** The same for ids, which are texts here and whole numbers there: these need no second reading of the body. */
  readonly named: (...pointers: readonly string[]) => string | null;
  readonly is: (pointer: string) => boolean | null;
  /** The one value of a header that is not repeated. Headers are mostly unsigned: they name, and prove nothing. */
  readonly header: (name: string) => string | null;
};

export const factReader = ({ payload, headers }: ReadDelivery): FactReader => ({
  at: (...pointers) => firstNameable(pointers, payload.at),
  named: (...pointers) => firstNameable(pointers, payload.named),
  is: payload.is,
  header: (name) => {
    const [value, ...more] = headers.get(name) ?? [];
    return value === undefined || more.length > 0 ? null : nameable(value);
  },
});

function firstNameable(pointers: readonly string[], read: (pointer: string) => string | null): string | null {
  for (const pointer of pointers) {
    const found = nameable(read(pointer));
    if (found !== null) return found;
  }
  return null;
}

/** An id from a header: printable and without blanks, or none. */
export const idOf = (text: string | null): string | null => (text !== null && PRINTABLE_ASCII.test(text) ? text : null);

/** An abbreviated hash can come to mean another commit, and an all-zero one means none. */
export function fullCommit(text: string | null): string | null {
  const commit = text?.toLowerCase() ?? "";
  return FULL_COMMIT.test(commit) && !ALL_ZERO.test(commit) ? commit : null;
}

/** `github:octo/repo:refs/heads/main`; null when a part is missing. A long one is known by its hash. */
export function subjectOf(...parts: readonly (string | null)[]): string | null {
  if (parts.includes(null)) return null;
  const key = parts.join(":");
  return key.length <= SUBJECT_CHARS_MAX ? key : `${parts[0] ?? ""}:sha256:${hash("sha256", key, "hex")}`;
}

/** An order by a time or a number as the sender wrote it; `rank` orders what happened within one such mark. */
export const markOf = (text: string | null, rank = 0): OrderSignal | null =>
  text === null ? null : { kind: "mark", mark: orderMark(text), rank };

/**
 * A link of a ref's chain. All-zero hashes are how senders write that there was none before, or is none after. A hash that is neither
 * full nor zero makes no link. `at` is the sender's own time of the push, where it is not the author's.
 */
export function linkOf(
  before: string | null,
  after: string | null,
  { forced = false, at = null }: { readonly forced?: boolean; readonly at?: string | null } = {},
): OrderSignal | null {
  const [from, to] = [endOf(before), endOf(after)];
  if (from === undefined || to === undefined || (from === null && to === null)) return null;
  return { kind: "chain", before: from, after: to, forced, mark: at === null ? null : orderMark(at) };
}

function endOf(commit: string | null): string | null | undefined {
  if (commit === null || ALL_ZERO.test(commit)) return null;
  return fullCommit(commit) ?? undefined;
}

/** Facts with null for what was not found. `delivery_id` falls back to the hash of the body, which every delivery has. */
export function factsOf(
  provider: string,
  { payload, sha256 }: ReadDelivery,
  found: Partial<Omit<Facts, "provider" | "payload" | "delivery_id">> & { readonly delivery_id?: string | null },
): Facts {
  return {
    provider,
    event_type: found.event_type ?? null,
    external_event_id: found.external_event_id ?? null,
    delivery_id: found.delivery_id ?? sha256,
    actor: found.actor ?? null,
    project: found.project ?? null,
    ref: found.ref ?? null,
    commit_sha: found.commit_sha ?? null,
    subject_key: found.subject_key ?? null,
    order: found.order ?? null,
    payload: payload.kind,
  };
}
