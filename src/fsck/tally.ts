/** Gathers what is found: all of it is counted, and of one code so much is shown that a person can still read it. */
import { fsckCodes, isError, type Finding, type FsckCode } from "./findings.ts";

export type TallyReport = {
  /** By code and place; of one code the first hundred that were met. */
  readonly findings: readonly Finding[];
  readonly counts: readonly { readonly code: FsckCode; readonly count: number }[];
  readonly errors: number;
};

export type Tally = { readonly found: (finding: Finding) => void; readonly report: () => TallyReport };

const SHOWN_MAX = 100;

export function createTally(): Tally {
  const findings: Finding[] = [];
  const counts = new Map<FsckCode, number>();
  return {
    found: (finding) => {
      const count = (counts.get(finding.code) ?? 0) + 1;
      counts.set(finding.code, count);
      if (count <= SHOWN_MAX) findings.push(finding);
    },
    report: () => {
      const rows = [...counts]
        .map(([code, count]) => ({ code, count }))
        .toSorted((a, b) => (places[a.code] ?? 0) - (places[b.code] ?? 0));
      const errors = rows.filter(isError).reduce((sum, { count }) => sum + count, 0);
      return { findings: findings.toSorted(byCodeAndPlace), counts: rows, errors };
    },
  };
}

/** Where a code stands among all. */
const places: Readonly<Record<string, number>> = Object.fromEntries(
  Object.keys(fsckCodes).map((code, at) => [code, at]),
);

function byCodeAndPlace(a: Finding, b: Finding): number {
  if (a.code !== b.code) return (places[a.code] ?? 0) - (places[b.code] ?? 0);
  return a.at === b.at ? 0 : a.at < b.at ? -1 : 1;
}
