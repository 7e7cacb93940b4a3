import type { Command } from "commander";
import { confirm } from "../confirm.ts";
import { CliError, usage } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { countFlag, isSet, textOption } from "../flags.ts";
import { epochsOf } from "../log-epochs.ts";
import { plain, table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, liveDaemon, type Session } from "../session.ts";

const EPOCH_MAX = 999_999_999;

/** A desk's log may have to begin anew: after a backup was restored, nobody here knows what the old one said last. */
export function addLogEpoch(log: Command, run: Runner): void {
  log
    .command("epoch")
    .description("the logs that this desk has had; --new begins another one, after a restore, with the daemon stopped")
    .option("--new", "begin a new log, in which every sealed envelope is logged again")
    .option("--reason <text>", "why, for whoever reads it later")
    .option("--at-least <number>", "the number of the new log, when there were some that this desk has forgotten")
    .option("--yes", "do not ask")
    .action(run(epoch));
}

const epoch: Action = (session, _args, options) => (isSet(options, "new") ? begin(session, options) : show(session));

function show(session: Session): Promise<void> {
  const { out } = session;
  const { current, ended } = epochsOf(deskOf(session).dir);
  const items = [...ended, current];
  out.list("qoc.log.epoch.list/1", { items }, () =>
    table(
      items.map(({ epoch: number, size, ended_at, reason }) => [
        String(number),
        size === null ? "not made yet" : `${size} leaves`,
        ended_at === null ? out.paint("green", "current") : `ended ${ended_at}: ${plain(reason ?? "")}`,
      ]),
    ),
  );
  return Promise.resolve();
}

async function begin(session: Session, options: Readonly<Record<string, unknown>>): Promise<void> {
  const desk = deskOf(session);
  const reason = textOption(options, "reason")?.trim() ?? "";
  if (reason === "")
    throw usage(
      "--reason is missing.",
      "Whoever reads the log later is told why it begins anew.",
      "qoc log epoch --new --reason TEXT",
    );
  if ((await liveDaemon(desk.dir)) !== undefined) {
    throw new CliError({
      what: "The daemon runs.",
      why: "A log is not ended below a daemon that writes it.",
      try: "qoc stop",
      code: "DAEMON_RUNNING",
      exit: exitCodes.tryLater,
    });
  }
  const least = textOption(options, "atLeast");
  const epochMin = least === undefined ? 1 : countFlag("--at-least", least, EPOCH_MAX);
  await confirm(session, options, `The log of ${desk.name} ends here for good, and a new one begins.`);
  const begun = await session.parts.beginEpoch({
    dir: desk.dir,
    workspace: desk.name,
    reason,
    epochMin,
    now: session.io.now(),
  });
  session.out.result("qoc.log.epoch/1", { workspace: desk.name, reason, ...begun }, () =>
    [
      `Epoch ${begun.epoch} has begun, with ${begun.size} leaves. Its first names the ${begun.prev.size} leaves of epoch ${begun.prev.epoch} that are known here.`,
      ...(begun.set_aside === 0
        ? []
        : [
            `${begun.set_aside} envelopes of which the store knows nothing lie in .qoc/evidence/logs/${begun.prev.epoch}/set-aside.`,
          ]),
      "Receipts of the old log still verify. New ones: qoc log proof RUN --save",
    ].join("\n"),
  );
  session.out.note(
    "Keep .qoc/evidence/logs: whoever holds a checkpoint of the old log compares it there. .qoc/keys/log.vkey names the new one.",
  );
}
