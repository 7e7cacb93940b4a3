import type { Command } from "commander";
import { readDaemonFile } from "../../http/control-address.ts";
import type { Check } from "../check.ts";
import { runChecks } from "../checks.ts";
import { exitCodes } from "../exit-codes.ts";
import { isSet } from "../flags.ts";
import { mendModes } from "../mode-checks.ts";
import { plain } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf } from "../session.ts";

export function addDoctor(program: Command, run: Runner): void {
  program
    .command("doctor")
    .description("look for what is wrong with this desk; exit 1 when something is")
    .option("--fix", "first take the rights of others away from files that are yours alone")
    .action(run(doctor));
}

const MARKS: Readonly<Record<Check["verdict"], string>> = { ok: "✓ ok", warning: "! look", wrong: "✗ wrong" };
const STYLES = { ok: "green", warning: "yellow", wrong: "red" } as const;

const doctor: Action = async (session, _args, options) => {
  const { out } = session;
  if (isSet(options, "fix")) {
    const { dir } = deskOf(session);
    const socket = readDaemonFile(dir)?.socket;
    const mended = mendModes(dir, socket === undefined ? [] : [socket]);
    for (const command of mended) out.note(`mended: ${plain(command)}`);
    if (mended.length === 0) out.note("nothing to mend: no file of this desk is open to others");
  }
  const items = await runChecks(session, deskOf(session));
  out.list("qoc.doctor.list/1", { items }, () =>
    items
      .map(({ name, verdict, says, try: hint }) => {
        const line = `${out.paint(STYLES[verdict], MARKS[verdict])}  ${name}: ${plain(says)}`;
        return hint === null ? line : `${line}\n        try: ${hint}`;
      })
      .join("\n"),
  );
  return items.some((check) => check.verdict === "wrong") ? exitCodes.no : exitCodes.ok;
};
