import type { Command } from "commander";
import { ErasureAnswer } from "../answers.ts";
import { answerOf } from "../client.ts";
import { confirm } from "../confirm.ts";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { textOption } from "../flags.ts";
import { runName } from "../ids.ts";
import { plain } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { askFor } from "../prompt.ts";
import { daemonApi, deskOf, withApi } from "../session.ts";

export function addEnvelopeErase(envelope: Command, run: Runner): void {
  envelope
    .command("erase")
    .argument("<run>", "a sealed run")
    .description("take away for good what a run was told and kept; its evidence stays as a pack that opens nothing")
    .option("--reason <text>", "why; it is kept with what is left of the run, so name nobody in it")
    .option("--yes", "do not ask")
    .action(run(erase));
}

const erase: Action = async (session, args, options) => {
  const { io, out } = session;
  const name = runName(args[0] ?? "");
  await withApi(daemonApi(deskOf(session)), async (api) => {
    const ask = (reason: string, dry_run: boolean): Promise<ErasureAnswer> =>
      answerOf(api, ErasureAnswer, "POST", `/api/runs/${name}/erase`, { reason, dry_run });
    const reason = textOption(options, "reason") ?? (await askFor(io, "--reason", "Why is this run to be erased?"));
    const { run } = await ask(reason, true);
    await confirm(session, options, `What run ${run} was told and kept goes for good; nothing brings it back.`);
    const answer = await ask(reason, false);
    out.result("qoc.envelope.erase/1", answer, () => told(answer).map(plain).join("\n"));
    if (answer.erased === null) throw underWay(answer);
    out.note(
      "Backups and packs that were given away still hold what they hold, and so does book/, the desk's own record of what was traded; what an agent wrote past its tools is not known. On the disk, pages of the store that are free may show old bytes until they are used again.",
    );
  });
};

function told({ run, state, erased }: ErasureAnswer): readonly string[] {
  if (erased === null) return [`run ${run} is ${state}`];
  const packs = erased.seals.flatMap(({ pack }) => pack ?? []);
  const missing = erased.seals.length - packs.length;
  return [
    `run ${run} is erased.`,
    ...packs.map((pack) => `${pack} is what its evidence is from now on.`),
    ...(missing === 0 ? [] : [`Without a pack, because the file was gone: ${missing}.`]),
    ...erased.edited.map((file) => `${file} stays: a person has edited it. Look at it, and remove it yourself.`),
    ...(erased.shared === 0
      ? []
      : [`Artifacts that stay, because another run rests on the same bytes: ${erased.shared}.`]),
  ];
}

const underWay = ({ run, state }: ErasureAnswer): CliError =>
  new CliError({
    what: "The erasure is not done yet.",
    why: `Run ${run} is ${state}; the daemon goes on until it is erased, also over a restart.`,
    try: `qoc why ${run}`,
    code: "ERASURE_UNDER_WAY",
    exit: exitCodes.tryLater,
  });
