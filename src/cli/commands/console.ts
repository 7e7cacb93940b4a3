/** Opens the console: a login code from the control socket, and a browser that is sent to it. */
import type { Command } from "commander";
import { LoginCode } from "../../http/shapes/login.ts";
import { answerOf, socketApi } from "../client.ts";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { isSet } from "../flags.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, requireDaemon } from "../session.ts";

export function addConsole(program: Command, run: Runner): void {
  program
    .command("console")
    .description("open the console in a browser, logged in; the address is good once, for 60 seconds")
    .option("--print", "print the address and open nothing")
    .action(run(openConsole));
}

const openConsole: Action = async (session, _args, options) => {
  const { io, out, parts } = session;
  const desk = deskOf(session);
  const daemon = await requireDaemon(desk);
  if (daemon.console === null) throw consoleOff();
  const { url, expires_at } = await answerOf(
    socketApi(daemon.socket, desk.token),
    LoginCode,
    "POST",
    "/api/console/codes",
    {},
  );
  // A program that reads stdout wants the address, not a window.
  const isWanted = io.stdout.isTerminal && !isSet(options, "print");
  const opened = isWanted && (await parts.openBrowser(url, io.env));
  out.result("qoc.console/1", { url, expires_at, opened }, () => url);
  out.note(opened ? "A browser was asked to open it." : "Open it in a browser on this machine.");
  out.note("It is good once, for 60 seconds. Whoever has it can log in: do not pass it on.");
  return exitCodes.ok;
};

const consoleOff = (): CliError =>
  new CliError({
    what: "The console is off.",
    why: 'The daemon was started with [daemon] console = "off", or with --console off.',
    try: 'console = "127.0.0.1:7431" below [daemon] in desk.toml, then start the daemon again',
    code: "CONSOLE_OFF",
    exit: exitCodes.unreachable,
  });
