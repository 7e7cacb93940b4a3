import { Option, type Command } from "commander";
import { Acted } from "../answers.ts";
import { answerOf } from "../client.ts";
import { isSet, textOption } from "../flags.ts";
import { runName } from "../ids.ts";
import type { Action, Runner } from "../program.ts";
import { askFor } from "../prompt.ts";
import { daemonApi, deskOf, withApi } from "../session.ts";

const ACTIONS = [
  { name: "resume", says: "do the interrupted work of a stuck run again" },
  { name: "cancel", says: "end a run as cancelled and seal its evidence" },
  { name: "release", says: "let a held run go on without what it waits for" },
] as const;

export function addRunsActions(runs: Command, run: Runner): void {
  for (const { name, says } of ACTIONS) {
    const command = runs
      .command(name)
      .argument("<run>")
      .description(says)
      .option("--reason <text>", "why; it stands in the evidence")
      .option("--dry-run", "say what would happen and do nothing")
      .action(run(act(name)));
    if (name === "resume")
      command.addOption(
        new Option(
          "--order <outcome>",
          "what became of an order that may have been sent, when its connector cannot tell",
        ).choices(["executed", "failed"]),
      );
    if (name === "release") command.option("--as-new", "make a run of a redelivery that was a second event");
  }
}

const act =
  (action: string): Action =>
  async (session, args, options) => {
    const name = runName(args[0] ?? "");
    const dryRun = isSet(options, "dryRun");
    const reason =
      textOption(options, "reason") ??
      (dryRun
        ? "dry run"
        : await askFor(session.io, "--reason", `Why is this run to be ${PARTICIPLES[action] ?? "changed"}?`));
    await withApi(daemonApi(deskOf(session)), async (api) => {
      const body = { reason, dry_run: dryRun, as_new: isSet(options, "asNew"), settles: textOption(options, "order") };
      const acted = await answerOf(api, Acted, "POST", `/api/runs/${name}/${action}`, body);
      session.out.result("qoc.runs.act/1", acted, () =>
        dryRun
          ? `would ${action} run ${acted.run} (now ${acted.from}): ${acted.says}`
          : `run ${acted.run}: ${acted.from} → ${acted.state}\n${acted.says}`,
      );
      if (!dryRun) session.out.note(`Next: qoc why ${acted.new_run ?? acted.run}`);
    });
  };

const PARTICIPLES: Readonly<Record<string, string>> = { resume: "resumed", cancel: "cancelled", release: "released" };
