/** Says what was masked where: one entry for each rule and place, and one for all that are too many. */
import type { Masked } from "../core/redaction.ts";
import { pointerTo } from "../evidence/leaves.ts";
import { NO_RULE } from "./mask.ts";
import type { Hit } from "./text.ts";

/** Beyond so many places the rest is counted together. */
const RECEIPTS_MAX = 256;
const PATH_CHARS_MAX = 512;
const PATH_NAMES_MAX = 64;

export type Receipts = {
  /** `names` lead there from the top, as they are kept. */
  readonly note: (names: Iterable<string | number>, hits: readonly Hit[]) => void;
  readonly all: () => readonly Masked[];
};

export function createReceipts(): Receipts {
  const entries = new Map<string, Masked>();
  let beyond: Masked | undefined;
  return {
    note: (names, hits) => {
      // A name for each of very many places would take longer than finding them.
      const path = entries.size < RECEIPTS_MAX ? pathOf(names) : undefined;
      for (const { rule, count, bytes } of hits) {
        const one = { rule_id: rule.id, match_type: rule.match, match_count: count, masked_len: bytes };
        const key = `${rule.id} ${rule.match} ${path}`;
        const known = entries.get(key);
        if (path !== undefined && (known !== undefined || entries.size < RECEIPTS_MAX))
          entries.set(key, plus(known ?? { ...one, path, match_count: 0, masked_len: 0 }, one));
        else beyond = plus(beyond ?? BEYOND, one);
      }
    },
    all: () => [...entries.values(), ...(beyond === undefined ? [] : [beyond])],
  };
}

/** The empty pointer: somewhere in the delivery. */
const BEYOND: Masked = { rule_id: NO_RULE, path: "", match_type: "several", match_count: 0, masked_len: 0 };

const plus = (a: Masked, { match_count, masked_len }: Pick<Masked, "match_count" | "masked_len">): Masked => ({
  ...a,
  match_count: a.match_count + match_count,
  masked_len: a.masked_len + masked_len,
});

/** RFC 6901. A place too far down is told by the nearest one above it that can be named. */
function pathOf(names: Iterable<string | number>): string {
  let path = "";
  let count = 0;
  for (const name of names) {
    const next = pointerTo(path, String(name));
    if (next.length > PATH_CHARS_MAX || (count += 1) > PATH_NAMES_MAX) break;
    path = next;
  }
  return path.replace(/\p{Surrogate}/gu, "\uFFFD");
}
