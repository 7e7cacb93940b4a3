import type { Command } from "commander";
import { configJsonSchema } from "../../config/keys.ts";
import { formatProblems } from "../../config/problem.ts";
import { describeConfig } from "../../config/settings.ts";
import { configOf, readConfig } from "../configuration.ts";
import { exitCodes } from "../exit-codes.ts";
import { isSet } from "../flags.ts";
import { table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf } from "../session.ts";

export function addConfig(program: Command, run: Runner): void {
  const config = program.command("config").description("desk.toml: check it, show what holds, its schema");
  config.command("check").description("every problem at once; exit 78 when there is one").action(run(check));
  config
    .command("show")
    .description("every key with the value that holds")
    .option("--origin", "and where it comes from")
    .action(run(show));
  config.command("schema").description("the JSON Schema of desk.toml, for editors").action(run(schema));
}

const check: Action = (session) => {
  const desk = deskOf(session);
  const loaded = readConfig(desk, session.io);
  const problems = loaded.kind === "problems" ? loaded.problems : [];
  const warnings = loaded.kind === "config" ? loaded.desk.warnings : [];
  for (const says of warnings) session.out.note(`warning: ${says}`);
  session.out.result("qoc.config.check/1", { ok: problems.length === 0, file: desk.file, problems, warnings }, () =>
    problems.length === 0 ? `${desk.file}: valid` : formatProblems(problems),
  );
  return Promise.resolve(problems.length === 0 ? exitCodes.ok : exitCodes.configuration);
};

const show: Action = (session, _args, options) => {
  const items = describeConfig(configOf(deskOf(session), session.io));
  const origin = isSet(options, "origin");
  session.out.list("qoc.config.list/1", { items }, () =>
    table(
      items.map(({ key, value, origin: from }) => [
        key,
        ...(origin ? [from] : []),
        value === null ? "-" : String(value),
      ]),
    ),
  );
  return Promise.resolve();
};

/** The schema itself, whatever the output form: it goes into a file that an editor reads. */
const schema: Action = ({ io }) => {
  io.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  return Promise.resolve();
};
