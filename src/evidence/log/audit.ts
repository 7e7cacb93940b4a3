/**
 * Whether a desk still has what its log says that it received: each delivery that was accepted is sealed, under way, or was erased, and
 * nothing was left out. Pure: what the log and the desk hold is handed in.
 */
import type { LogLeaf } from "./leaf.ts";

export type NumberedLeaf = { readonly index: number; readonly leaf: LogLeaf };

/** An envelope or amendment as it lies on the disk. `mark`: an envelope's; null for an amendment. `base`: its envelope's id, or its own. */
export type SealedFile = {
  readonly evidence_id: string;
  readonly base: string;
  readonly seal: string;
  readonly mark: string | null;
};
/** A run that is not finished. `seals`: those that it was told of so far. */
export type OpenRun = { readonly evidence_id: string; readonly mark: string; readonly seals: readonly string[] };
/** What the desk keeps of a run that was erased. `seals`: of its envelope and its amendments. */
export type ErasedRun = { readonly evidence_id: string; readonly mark: string; readonly seals: readonly string[] };

export type AuditedDesk = {
  readonly sealed: readonly SealedFile[];
  readonly erased: readonly ErasedRun[];
  /** All that were so at one moment of the reading, at least. */
  readonly open: readonly OpenRun[];
};

export type AuditFinding = {
  readonly code: AuditCode;
  /** The leaf that it is about; null for what has none. */
  readonly index: number | null;
  /** The leaf's mark or seal, or the evidence id of what has no leaf. */
  readonly about: string;
};

export const auditCodes = {
  LEFT_OUT: "A delivery was accepted, and is neither sealed nor under way, nor was it erased.",
  ENVELOPE_MISSING: "A seal is logged whose envelope or amendment is not there, and it was not erased.",
  NOT_LOGGED: "An envelope or amendment is there whose seal is not logged, and its run is finished.",
  ERASURE_UNLOGGED: "A run is said to be erased, and the log does not say so.",
} as const satisfies Record<string, string>;
export type AuditCode = keyof typeof auditCodes;

export type LogAudit = {
  /** Deliveries that are logged as received: `sealed + open + erased + left_out`. */
  readonly received: number;
  readonly sealed: number;
  readonly open: number;
  readonly erased: number;
  readonly left_out: number;
  /** Envelopes that were logged without a received leaf: they were sealed before the log had such leaves. */
  readonly from_before: number;
  readonly amendments: number;
  readonly findings: readonly AuditFinding[];
};

/**
 * `leaves` may go on behind `size`: what is expected of the desk is expected for leaves before it alone, while an envelope may have its
 * leaf anywhere. So the log of a desk that is at work is audited by reading its size, the open runs, the files, the open runs again, the
 * erased ones, and the leaves last.
 */
export function auditLog(leaves: Iterable<NumberedLeaf>, size: number, desk: AuditedDesk): LogAudit {
  const log = indexLeaves(leaves);
  const balance = balanceOf(log, size, desk);
  return {
    ...balance,
    from_before: desk.sealed.filter(({ mark, seal }) => mark !== null && log.seals.has(seal) && !log.marks.has(mark))
      .length,
    amendments: log.amendments,
    findings: [...balance.findings, ...missingFiles(log, size, desk), ...missingLeaves(log, desk)],
  };
}

type Balance = Pick<LogAudit, "received" | "sealed" | "open" | "erased" | "left_out" | "findings">;

function balanceOf(log: Indexed, size: number, desk: AuditedDesk): Balance {
  const envelopes = desk.sealed.filter(({ mark }) => mark !== null);
  const logged = new Set(envelopes.filter(({ seal }) => log.seals.has(seal)).map(({ mark }) => mark));
  const there = new Set(envelopes.map(({ mark }) => mark));
  const erased = new Set(desk.erased.map(({ mark }) => mark));
  const open = new Set(desk.open.map(({ mark }) => mark));
  const counts = { received: 0, sealed: 0, open: 0, erased: 0, left_out: 0 };
  const findings: AuditFinding[] = [];
  for (const [mark, index] of log.marks) {
    if (index >= size) continue;
    counts.received += 1;
    if (logged.has(mark)) counts.sealed += 1;
    else if (erased.has(mark)) counts.erased += 1;
    else if (open.has(mark)) counts.open += 1;
    // Its seal is missed by itself.
    else if (there.has(mark)) counts.sealed += 1;
    else {
      counts.left_out += 1;
      findings.push({ code: "LEFT_OUT", index, about: mark });
    }
  }
  return { ...counts, findings };
}

/** A run that is being erased has no files any more, and its seals are known to its journal. */
function missingFiles(log: Indexed, size: number, { sealed, erased, open }: AuditedDesk): readonly AuditFinding[] {
  const known = new Set([sealed.map(({ seal }) => seal), ...[...erased, ...open].map(({ seals }) => seals)].flat());
  return [...log.seals]
    .filter(([seal, index]) => index < size && !known.has(seal))
    .map(([seal, index]) => ({ code: "ENVELOPE_MISSING", index, about: seal }));
}

function missingLeaves(log: Indexed, { sealed, erased, open }: AuditedDesk): readonly AuditFinding[] {
  const unsettled = new Set(open.map(({ evidence_id }) => evidence_id));
  const unlogged = sealed.filter(({ seal, base }) => !log.seals.has(seal) && !unsettled.has(base));
  // A log that follows another one does not know of what was erased before it began.
  const erasedHere = erased.flatMap(({ seals }) => seals).filter((seal) => log.isFirst || log.seals.has(seal));
  const unerased = erasedHere.filter((seal) => !log.erasures.has(log.seals.get(seal) ?? -1));
  return [
    ...unlogged.map(({ evidence_id }): AuditFinding => ({ code: "NOT_LOGGED", index: null, about: evidence_id })),
    ...unerased.map((seal): AuditFinding => ({
      code: "ERASURE_UNLOGGED",
      index: log.seals.get(seal) ?? null,
      about: seal,
    })),
  ];
}

type Indexed = {
  /** By mark, and by seal: the number of the leaf. */
  readonly marks: ReadonlyMap<string, number>;
  readonly seals: ReadonlyMap<string, number>;
  /** Numbers of leaves that a later one says were erased. */
  readonly erasures: ReadonlySet<number>;
  readonly amendments: number;
  /** No other log of this desk went before it. */
  readonly isFirst: boolean;
};

function indexLeaves(leaves: Iterable<NumberedLeaf>): Indexed {
  const marks = new Map<string, number>();
  const seals = new Map<string, number>();
  const erasures = new Set<number>();
  let amendments = 0;
  let isFirst = true;
  for (const { index, leaf } of leaves) {
    switch (leaf.kind) {
      case "received":
        marks.set(leaf.mark, index);
        break;
      case "amendment":
        amendments += 1;
        seals.set(leaf.seal, index);
        break;
      case "seal":
        seals.set(leaf.seal, index);
        break;
      case "erasure":
        erasures.add(leaf.of);
        break;
      case "epoch":
        isFirst = false;
        break;
      case "key":
    }
  }
  return { marks, seals, erasures, amendments, isFirst };
}
