import type { Command } from "commander";
import { auditCodes, auditLog, type AuditFinding, type LogAudit } from "../../evidence/log/audit.ts";
import { auditedDesk, runsMarked } from "../audited-desk.ts";
import { evidenceFolder } from "../evidence-files.ts";
import { readPublishedLog } from "../evidence-log.ts";
import { exitCodes } from "../exit-codes.ts";
import { epochsOf } from "../log-epochs.ts";
import { table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, type Session } from "../session.ts";

export function addLogAudit(log: Command, run: Runner): void {
  log
    .command("audit")
    .description("whether each delivery that was logged as received is sealed, under way or erased; exit 1 when not")
    .action(run(audit));
}

/** Reads alone, also while the daemon works. */
const audit: Action = async (session) => {
  const { out } = session;
  const { dir } = deskOf(session);
  const { origin, size } = readPublishedLog(dir).checkpoint;
  const store = await session.parts.openStore(dir);
  try {
    const desk = await auditedDesk(evidenceFolder(dir), store);
    const found = auditLog(readPublishedLog(dir).leaves(), size, desk);
    const marks = found.findings.flatMap(({ code, about }) => (code === "LEFT_OUT" ? about : []));
    const runs = await runsMarked(new Set(marks), store);
    const findings = found.findings.map((finding) => ({ ...finding, run: runs.get(finding.about) ?? null }));
    const ok = findings.length === 0;
    const not_audited = epochsOf(dir).ended.map((ended) => ({ epoch: ended.epoch, size: ended.size }));
    out.result("qoc.log.audit/1", { ok, origin, size, ...found, findings, not_audited }, () =>
      shown(session, { origin, size, found, findings, not_audited }),
    );
    return ok ? exitCodes.ok : exitCodes.no;
  } finally {
    await store.close();
  }
};

type Shown = {
  readonly origin: string;
  readonly size: number;
  readonly found: LogAudit;
  readonly findings: readonly (AuditFinding & { readonly run: string | null })[];
  /** Logs that ended: what they alone say was received is looked for by nobody. */
  readonly not_audited: readonly { readonly epoch: number; readonly size: number | null }[];
};

/** Findings that are shown to a person; `--output json` has them all. */
const LINES_MAX = 50;

function shown({ out }: Session, { origin, size, found, findings, not_audited }: Shown): string {
  const { received, sealed, open, erased, left_out, from_before, amendments } = found;
  const isWhole = findings.length === 0;
  return [
    `${isWhole ? out.paint("green", "✓ nothing is left out") : out.paint("red", "✗ something is missing")}  ${origin}, ${size} leaves`,
    `  received ${received} = sealed ${sealed} + open ${open} + erased ${erased}${left_out === 0 ? "" : ` + left out ${left_out}`}`,
    `  besides: amendments ${amendments}, sealed before the log said what was received ${from_before}`,
    ...not_audited.map(
      (ended) =>
        `  not looked at: the log of epoch ${ended.epoch}, ${ended.size ?? "?"} leaves, in .qoc/evidence/logs/${ended.epoch}; what it alone has is not counted`,
    ),
    ...(isWhole ? [] : [table(findings.slice(0, LINES_MAX).map(lineOf))]),
    ...(findings.length > LINES_MAX ? [`  and ${findings.length - LINES_MAX} more: --output json`] : []),
    "",
    "From the log alone an outsider sees how many deliveries were received, and at which index each; whose they are only who",
    "has a run's key can tell. Not proven: that each delivery was logged as received at all, nor that what is open will be sealed.",
  ].join("\n");
}

const lineOf = ({ code, index, about, run }: Shown["findings"][number]): readonly string[] => [
  `  ${code}`,
  index === null ? "no leaf" : `leaf ${index}`,
  about,
  `${run === null ? "" : `run ${run}. `}${auditCodes[code]}`,
];
