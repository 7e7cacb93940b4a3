import type { Command } from "commander";
import { existsSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { RunShown } from "../answers.ts";
import { answerOf } from "../client.ts";
import type { DeskPlace } from "../desk-finder.ts";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { countFlag, isSet, textOption } from "../flags.ts";
import { runName } from "../ids.ts";
import { stopCode } from "../io.ts";
import { linesFrom, tailOf } from "../log-lines.ts";
import { plain } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, readingApi, type Session, withApi } from "../session.ts";

export function addLogs(program: Command, run: Runner): void {
  program
    .command("logs")
    .description("what the daemon wrote to .qoc/log/daemon.ndjson")
    .option("-f, --follow", "and what it writes from now on")
    .option("--run <run>", "only lines about this run")
    .option("--tail <count>", "how many of the last lines", "50")
    .action(run(logs));
}

const logs: Action = async (session, _args, options) => {
  const { io, out } = session;
  const desk = deskOf(session);
  const file = path.join(desk.dir, ".qoc", "log", "daemon.ndjson");
  if (!existsSync(file)) {
    throw new CliError({
      what: "There is no log yet.",
      why: `${file} does not exist.`,
      try: "qoc up",
      code: "LOG_UNKNOWN",
      exit: exitCodes.notFound,
    });
  }
  const named = textOption(options, "run");
  const part = named === undefined ? undefined : await partOf(session, desk, runName(named));
  const keep = (line: string): boolean => part === undefined || isAbout(line, part);
  const show = (line: string): void =>
    out.format === "human" ? io.stdout.write(`${readable(line)}\n`) : io.stdout.write(`${line}\n`);
  const { lines, end } = tailOf(file, countFlag("--tail", textOption(options, "tail") ?? "50", 1_000_000), keep);
  for (const line of lines) show(line);
  if (!isSet(options, "follow")) return exitCodes.ok;
  for await (const line of linesFrom(file, end, io)) if (keep(line)) show(line);
  return stopCode(io.stopping);
};

/** A part of an id is looked for in the lines themselves, also of a run that is gone. Which one `@last` is, the lines do not say. */
async function partOf(session: Session, desk: DeskPlace, name: string): Promise<string> {
  if (!name.startsWith("@")) return name;
  return withApi(readingApi(session, desk), async (api) => {
    const { run } = await answerOf(api, RunShown, "GET", `/api/runs/${name}`);
    return run;
  });
}

const Line = z.looseObject({
  level: z.number().catch(30),
  time: z.string().catch(""),
  msg: z.string().optional(),
  run: z.string().optional(),
});

function isAbout(line: string, part: string): boolean {
  const run = parsed(line)?.run;
  return run !== undefined && (run.startsWith(part) || run.endsWith(part));
}

/** `13:45:01.124 INFO run=0198… event=VERIFIED …`; a line that is not JSON is shown as it is. */
function readable(line: string): string {
  const read = parsed(line);
  if (read === undefined) return plain(line);
  const { level, time, msg, ...rest } = read;
  const fields = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return plain([time.slice(11, 23), levelName(level), ...(msg === undefined ? [] : [msg]), ...fields].join(" "));
}

function parsed(line: string): z.infer<typeof Line> | undefined {
  try {
    return Line.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

const levelName = (level: number): string =>
  level >= 50 ? "ERROR" : level >= 40 ? "WARN" : level >= 30 ? "INFO" : "DEBUG";
