import type { Command } from "commander";
import path from "node:path";
import { keysFolder, readDeskKeys } from "../desk-keys.ts";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, liveDaemon } from "../session.ts";

export function addKeys(program: Command, run: Runner): void {
  const keys = program.command("keys").description("the keys that this desk seals with");
  keys.command("list").description("the current key and those before it, the oldest first").action(run(list));
  keys
    .command("rotate")
    .description("go on with a new key, which the old one authorises in the log; the daemon must be stopped")
    .action(run(rotate));
}

const list: Action = (session) => {
  const { dir } = deskOf(session);
  const items = readDeskKeys(keysFolder(dir)).map(({ keyid, state, receipt, since, prev }) => ({
    keyid,
    state,
    leaf: since,
    authorised_by: prev,
    receipt: receipt === null ? null : path.join(".qoc", "keys", `${keyid}.tlog-proof`),
  }));
  session.out.list("qoc.keys.list/1", { items }, () =>
    table(
      items.map(({ keyid, state, leaf, authorised_by }) => [
        keyid,
        state,
        authorised_by === null ? "authorised by no other" : `leaf ${leaf}, authorised by ${authorised_by.slice(0, 16)}`,
      ]),
    ),
  );
  if (items.length === 0) session.out.note("No key: the first `qoc up` makes it.");
  return Promise.resolve();
};

const rotate: Action = async (session) => {
  const desk = deskOf(session);
  if ((await liveDaemon(desk.dir)) !== undefined) {
    throw new CliError({
      what: "The daemon runs.",
      why: "A key is not changed below a daemon that seals with it.",
      try: "qoc stop",
      code: "DAEMON_RUNNING",
      exit: exitCodes.tryLater,
    });
  }
  const { keyid, retired, index } = await session.parts.rotateKeys(desk.dir, desk.name);
  const receipt = path.join(".qoc", "keys", `${keyid}.tlog-proof`);
  session.out.result("qoc.keys.rotate/1", { workspace: desk.name, keyid, retired, leaf: index, receipt }, () =>
    [
      `${keyid} seals from now on, authorised by leaf ${index} of the log.`,
      `${retired} is retired. Who trusts it needs ${receipt} to verify what comes.`,
    ].join("\n"),
  );
  session.out.note("The private half of the retired key is removed here. Backups may still hold it.");
  session.out.note("Witnesses of this log need the new .qoc/keys/log.vkey.");
};
