import type { Command } from "commander";
import path from "node:path";
import { z } from "zod";
import { answerOf, socketApi } from "../client.ts";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { type Session, deskOf, liveDaemon } from "../session.ts";

export function addStore(program: Command, run: Runner): void {
  const store = program.command("store").description("the desk's durable state");
  store.command("stats").description("how much there is").action(run(stats));
  store
    .command("backup")
    .argument("<to>", "a path that does not exist yet")
    .description("a consistent copy, also while the daemon runs")
    .action(run(backup));
  store
    .command("restore")
    .argument("<from>", "a backup")
    .description("put a backup in the place of a store that is gone")
    .action(run(restore));
}

const stats: Action = async (session) => {
  const store = await session.parts.openStore(deskOf(session).dir);
  const { schema: store_schema, ...counts } = store.stats();
  await store.close();
  const found = { store_schema, ...counts };
  session.out.result("qoc.store.stats/1", found, () =>
    table(Object.entries(found).map(([key, value]) => [key, String(value)])),
  );
};

const backup: Action = async (session, args) => {
  const desk = deskOf(session);
  const to = path.resolve(session.io.cwd, args[0] ?? "");
  const live = await liveDaemon(desk.dir);
  const done =
    live === undefined
      ? await session.parts.backup(desk.dir, to)
      : await answerOf(
          socketApi(live.socket, desk.token),
          z.object({ bytes: z.number() }),
          "POST",
          "/api/store/backup",
          {
            workspace: desk.name,
            to,
          },
        );
  report(
    session,
    "qoc.store.backup/1",
    { workspace: desk.name, to, bytes: done.bytes },
    `${done.bytes} bytes in ${to}`,
  );
};

const restore: Action = async (session, args) => {
  const desk = deskOf(session);
  if ((await liveDaemon(desk.dir)) !== undefined) {
    throw new CliError({
      what: "The daemon runs.",
      why: "A store is not replaced below a daemon that has it open.",
      try: "qoc stop",
      code: "DAEMON_RUNNING",
      exit: exitCodes.tryLater,
    });
  }
  const from = path.resolve(session.io.cwd, args[0] ?? "");
  const { bytes } = await session.parts.restore(desk.dir, from);
  report(session, "qoc.store.restore/1", { workspace: desk.name, from, bytes }, `${bytes} bytes from ${from}`);
};

const report = ({ out }: Session, schema: string, result: object, human: string): void =>
  out.result(schema, result, () => human);
