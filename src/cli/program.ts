/** Builds the commands and runs one: every way that `qoc` ends is decided here, and is an exit code. */
import { Command, CommanderError, Option } from "commander";
import { BrokenPipe, type Io, stopCode } from "./io.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { failureOf, usage } from "./errors.ts";
import { FORMATS, type Format, createOutput } from "./output.ts";
import type { Parts } from "./parts.ts";
import type { Session } from "./session.ts";
import { commands } from "./commands/index.ts";

/** What a command does with its arguments. Nothing returned means 0. */
export type Action = (
  session: Session,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
) => Promise<ExitCode | void>;

/** Wraps an action for commander. */
export type Runner = (action: Action) => (...given: readonly unknown[]) => Promise<void>;

export async function runCli(argv: readonly string[], io: Io, parts: Parts, version: string): Promise<ExitCode> {
  let exit: ExitCode = exitCodes.ok;
  let out = createOutput(io, formatIn(argv));
  const program = new Command("qoc");
  const run: Runner =
    (action) =>
    async (...given) => {
      const command = given.at(-1);
      if (!(command instanceof Command)) throw new TypeError("commander hands the command in last");
      const shared = program.opts<{ output: Format; json?: boolean; desk?: string }>();
      out = createOutput(io, shared.json === true ? "json" : shared.output);
      const args = command.processedArgs.flat().filter((arg: unknown) => typeof arg === "string");
      exit = (await action({ io, out, parts, deskOption: shared.desk }, args, command.opts())) ?? exitCodes.ok;
    };
  define(program, io, version);
  for (const add of commands) add(program, run);
  settle(program);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exit;
  } catch (thrown) {
    return ended(thrown, io, out);
  }
}

function define(program: Command, io: Io, version: string): void {
  program
    .description("Turns every signed webhook into a durable actor that ends in evidence.")
    .version(version, "--version")
    .addOption(new Option("--output <form>", "form of results").choices(FORMATS).default("human"))
    .option("--json", "the same as --output json")
    .option("--desk <dir>", "the desk; otherwise the nearest folder upward with a desk.toml")
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // What commander says of wrong usage is said by `ended`, in the form of all errors.
      outputError: () => undefined,
    });
}

/** Global options are taken anywhere, and every command throws instead of exiting. */
function settle(command: Command): void {
  command.exitOverride().configureHelp({ showGlobalOptions: true }).showSuggestionAfterError(true);
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    settle(child);
  }
}

function ended(thrown: unknown, io: Io, out: ReturnType<typeof createOutput>): ExitCode {
  if (thrown instanceof BrokenPipe) return exitCodes.ok;
  if (io.stopping.aborted) return stopCode(io.stopping);
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return exitCodes.ok;
    // A group without its command prints its help, to stderr.
    if (thrown.code === "commander.help") return exitCodes.usage;
    out.fail(usage("That is not how qoc is used.", thrown.message.replace(/^error: /, ""), "qoc --help").failure);
    return exitCodes.usage;
  }
  const failure = failureOf(thrown);
  out.fail(failure);
  if (failure.exit === exitCodes.bug && (io.env["QOC_DEBUG"] ?? "") !== "" && thrown instanceof Error)
    out.note(thrown.stack ?? "");
  return failure.exit;
}

/** The form of errors that come before the options are parsed. */
function formatIn(argv: readonly string[]): Format {
  if (argv.includes("--json")) return "json";
  const given =
    argv.find((arg) => arg.startsWith("--output="))?.slice("--output=".length) ?? argv[argv.indexOf("--output") + 1];
  return FORMATS.find((format) => format === given) ?? "human";
}
