/** Looks at actors as they move: in the console's own inspector, in Stately's where that is allowed, or as a file of frames. */
import type { Command } from "commander";
import path from "node:path";
import { LoginCode } from "../../http/shapes/login.ts";
import { RunShown } from "../answers.ts";
import { answerOf, socketApi } from "../client.ts";
import { CliError, usage } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { isSet, textOption } from "../flags.ts";
import { runName } from "../ids.ts";
import { plain } from "../output.ts";
import { writeNew } from "../new-file.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, readingApi, requireDaemon, type Session, withApi } from "../session.ts";

/** How long the console may take to say whether it has the bridge. */
const LOOK_MS_MAX = 5_000;

export function addInspect(program: Command, run: Runner): void {
  program
    .command("inspect")
    .argument("[run]", "a run with its orders and notices; otherwise the newest unfinished runs")
    .description("look at actors as they move: their machines, states and events")
    .option(
      "--stately",
      "in Stately's hosted inspector; [inspect] stately = true in desk.toml allows it, and the page asks first",
    )
    .option("--save <file>", "write the run's frames there, a line each, and open nothing; - is stdout")
    .option("--include-context", "with counters, flags and outcomes; else ids, events and states only")
    .action(run(inspect));
}

const inspect: Action = async (session, args, options) => {
  const [name] = args;
  const file = textOption(options, "save");
  const context = isSet(options, "includeContext");
  if (file === undefined) return openPage(session, name, { context, stately: isSet(options, "stately") });
  if (name === undefined)
    throw usage("--save needs to know of which run.", "Frames are saved run by run.", "qoc inspect @last --save FILE");
  return save(session, runName(name), file, context);
};

async function save(session: Session, name: string, file: string, context: boolean): Promise<void> {
  const { io, out } = session;
  const text = await withApi(readingApi(session, deskOf(session)), (api) =>
    api.text(`/api/runs/${name}/inspection?context=${context ? "1" : "0"}`),
  );
  if (file === "-") {
    io.stdout.write(text);
    return;
  }
  const to = path.resolve(io.cwd, file);
  writeNew(to, text, "--save");
  const frames = text.split("\n").length - 1;
  out.result("qoc.inspect.save/1", { file: to, frames }, () => `${plain(to)} holds ${frames} frames`);
}

type Page = { readonly context: boolean; readonly stately: boolean };

async function openPage(session: Session, name: string | undefined, { context, stately }: Page): Promise<void> {
  const { io, out, parts } = session;
  const desk = deskOf(session);
  const daemon = await requireDaemon(desk);
  if (daemon.console === null) throw consoleOff();
  const api = socketApi(daemon.socket, desk.token);
  const run = name === undefined ? undefined : (await answerOf(api, RunShown, "GET", `/api/runs/${runName(name)}`)).run;
  if (stately) await requireBridge(daemon.console);
  const login = await answerOf(api, LoginCode, "POST", "/api/console/codes", {});
  const url = new URL(stately ? "/inspect/stately" : "/inspect", login.url);
  if (run !== undefined) url.searchParams.set("run", run);
  if (context) url.searchParams.set("context", "1");
  url.hash = new URL(login.url).hash;
  // A program that reads stdout wants the address, not a window.
  const opened = io.stdout.isTerminal && (await parts.openBrowser(url.href, io.env));
  const { expires_at } = login;
  out.result("qoc.inspect/1", { url: url.href, expires_at, opened }, () => url.href);
  out.note(opened ? "A browser was asked to open it." : "Open it in a browser on this machine.");
  out.note("It is good once, for 60 seconds. Whoever has it can log in: do not pass it on.");
}

/** The daemon that runs has the say: it may have been started before the configuration was changed. */
async function requireBridge(console: string): Promise<void> {
  const { status } = await fetch(new URL("/inspect/stately", console), {
    redirect: "error",
    signal: AbortSignal.timeout(LOOK_MS_MAX),
  }).catch(() => ({ status: 0 }));
  if (status !== 404) return;
  throw new CliError({
    what: "Frames may not be shown to Stately's hosted inspector.",
    why: "They would leave this machine, and [inspect] stately is not set.",
    try: "stately = true below [inspect] in desk.toml; or qoc inspect, which stays on this machine",
    code: "STATELY_OFF",
    exit: exitCodes.notPermitted,
  });
}

const consoleOff = (): CliError =>
  new CliError({
    what: "The console is off, and the inspector is a page of it.",
    why: 'The daemon was started with [daemon] console = "off", or with --console off.',
    try: "qoc inspect RUN --save FILE, which needs no page",
    code: "CONSOLE_OFF",
    exit: exitCodes.unreachable,
  });
