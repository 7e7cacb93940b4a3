import type { Command } from "commander";
import { reasonOf } from "../../core/assert.ts";
import { fsckCodes, isError, type Finding } from "../../fsck/findings.ts";
import type { FsckReport } from "../../fsck/fsck.ts";
import type { DeskPlace } from "../desk-finder.ts";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { plain } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, liveDaemon, type Session } from "../session.ts";

export function addFsck(program: Command, run: Runner): void {
  program
    .command("fsck")
    .description("derive everything that a stopped desk holds anew, and say what differs; exit 1 when something does")
    .action(run(check));
}

const check: Action = async (session) => {
  const { out } = session;
  const desk = deskOf(session);
  await requireStopped(desk);
  const report = await reportOn(session, desk);
  // One that was started meanwhile wrote while this read.
  await requireStopped(desk);
  const { actors, envelopes, leaves, errors, counts } = report;
  const items = report.findings.map(({ code, at, detail }) => {
    const [weight, says, hint] = fsckCodes[code];
    return { code, weight, at, detail, says, try: hint };
  });
  const result = { actors, envelopes, leaves, errors, counts, items };
  out.list("qoc.fsck.list/1", result, () => shown(session, report));
  return errors === 0 ? exitCodes.ok : exitCodes.no;
};

async function reportOn({ io, out }: Session, { dir, name }: DeskPlace): Promise<FsckReport> {
  const { fsckAside } = await import("../../fsck/fsck-aside.ts");
  const progress = io.stderr.isTerminal ? progressOn(io.stderr.write) : undefined;
  try {
    return await fsckAside({ dir, workspace: name, ...(progress === undefined ? {} : { progress }) });
  } catch (thrown) {
    throw new CliError({
      what: "The desk cannot be read.",
      why: reasonOf(thrown),
      try: "restore a backup: qoc store restore FROM",
      code: "DESK_UNREADABLE",
      exit: exitCodes.badData,
    });
  } finally {
    if (progress !== undefined) out.note("");
  }
}

/** One line that is written over, when another hundredth is done. */
function progressOn(write: (text: string) => void): (done: number, of: number) => void {
  let last = -1;
  return (done, of) => {
    const hundredth = of === 0 ? 100 : Math.floor((done * 100) / of);
    if (hundredth === last) return;
    last = hundredth;
    write(`\rchecking ${hundredth} %`);
  };
}

async function requireStopped({ dir }: DeskPlace): Promise<void> {
  if ((await liveDaemon(dir)) === undefined) return;
  throw new CliError({
    what: "The daemon runs.",
    why: "What it has under way looks like damage until it is done.",
    try: "qoc stop",
    code: "DAEMON_RUNNING",
    exit: exitCodes.tryLater,
  });
}

function shown({ out }: Session, { actors, envelopes, leaves, findings, counts, errors }: FsckReport): string {
  const codes = counts.map(({ code, count }) => {
    const [, says, hint] = fsckCodes[code];
    const mark = isError({ code }) ? out.paint("red", `✗ ${code}`) : out.paint("yellow", `! ${code}`);
    const those = findings.filter((finding) => finding.code === code);
    return [
      `${mark}  ${says}`,
      ...those.map((finding) => `    ${lineOf(finding)}`),
      ...(count > those.length ? [`    and ${count - those.length} more`] : []),
      ...(hint === null ? [] : [`    try: ${hint}`]),
    ].join("\n");
  });
  const verdict = errors === 0 ? out.paint("green", "✓ nothing is wrong") : out.paint("red", `✗ ${errors} wrong`);
  return [...codes, `${verdict}: ${actors} actors, ${envelopes} envelopes and amendments, ${leaves} leaves`].join("\n");
}

const lineOf = ({ at, detail }: Finding): string => plain(detail === "" ? at : `${at}: ${detail}`);
