import type { Command } from "commander";
import { isLoopback } from "../../config/forms.ts";
import { globalConfigFile } from "../configuration.ts";
import { findDesk } from "../desk-finder.ts";
import { exitCodes } from "../exit-codes.ts";
import { durationFlag, textOption } from "../flags.ts";
import { journalCells } from "../follow.ts";
import type { Running } from "../parts.ts";
import type { Action, Runner } from "../program.ts";
import type { Session } from "../session.ts";
import { journalRow } from "../../http/views.ts";
import { machineOf, nameOf } from "../../core/ids.ts";
import { table } from "../output.ts";

export function addUp(program: Command, run: Runner): void {
  program
    .command("up")
    .alias("serve")
    .argument("[dir...]", "the desks to serve; otherwise the one found from here")
    .description("run the daemon in the foreground")
    .option("--ingress <host:port>", "where deliveries come in, over [daemon] ingress")
    .option("--console <host:port>", "where the console is, or off, over [daemon] console")
    .option("--drain <time>", "how long a stop waits for what is under way, over [daemon] drain")
    .option("--quiet", "no line for each transition")
    .action(run(up));
}

const up: Action = async (session, args, options) => {
  const { io } = session;
  const dirs =
    args.length === 0 ? [findDesk(io.cwd, session.deskOption).dir] : args.map((dir) => findDesk(io.cwd, dir).dir);
  const running = await session.parts.start({
    dirs,
    ingress: textOption(options, "ingress"),
    console: textOption(options, "console"),
    env: io.env,
    globalFile: globalConfigFile(io.env),
  });
  const drain = textOption(options, "drain");
  // Listens to signals before it says that it is ready: who hears that may send one at once.
  const closed = untilClosed(session, running, drain === undefined ? running.drainMs : durationFlag("--drain", drain));
  announce(session, running);
  warnOfOpenConsole(session, running);
  if (options["quiet"] !== true) showTransitions(session, running);
  await closed;
};

/** Serves until somebody asks it to stop; SIGHUP re-reads the configuration. */
export async function untilClosed({ io, out }: Session, running: Running, drainMs: number): Promise<void> {
  const leave = io.onHangup(() => {
    void running.reload().then((reloaded) => {
      out.note(
        reloaded.kind === "reloaded"
          ? "configuration reloaded"
          : `configuration refused, the old one stays:\n${reloaded.problems.join("\n")}`,
      );
    });
  });
  const stop = (): void => {
    out.note(`stopping: what is under way has ${drainMs / 1000} s; a second signal stops at once`);
    void running.stop(drainMs);
  };
  if (io.stopping.aborted) stop();
  else io.stopping.addEventListener("abort", stop, { once: true });
  await running.closed;
  leave();
  out.note("stopped");
}

/** Printed once, when every door answers. */
export function announce({ out }: Session, { target }: Running): void {
  const { version, pid, ingress, console } = target.status();
  const workspaces = target.desks().map((desk) => ({
    name: desk.name,
    dir: desk.dir,
    unfinished: desk.store.stats().unfinished,
    webhooks: desk.webhooks,
  }));
  out.row("qoc.up/1", { version, pid, ready: true, ingress, console, workspaces }, () =>
    [
      `qoc ${version}, process ${pid}`,
      ...workspaces.flatMap(({ name, dir, unfinished, webhooks }) => [
        `${name}  ${dir}`,
        `  store open, ${unfinished === 0 ? "nothing was under way" : `${unfinished} unfinished ${unfinished === 1 ? "run goes" : "runs go"} on`}`,
        table(
          webhooks.map((webhook) => [
            `  ${webhook.name}`,
            webhook.action,
            webhook.secrets > 0 ? "secret set" : "no secret",
            webhook.url ?? "",
          ]),
        ),
      ]),
      ...(console === null ? [] : [`console  ${console}   qoc console opens it`]),
      out.paint("green", "ready"),
    ].join("\n"),
  );
}

/** Whoever reaches the console's port may try for a token, and its traffic is not encrypted. */
function warnOfOpenConsole({ out }: Session, { target }: Running): void {
  const { console } = target.status();
  if (console === null || isLoopback(new URL(console).hostname)) return;
  out.note(
    `The console listens on ${console}, which others can reach: set [daemon] console to an address of 127.0.0.1.`,
  );
}

/** One line a transition, on a terminal or where rows were asked for; a service has its log. */
function showTransitions({ io, out }: Session, { target }: Running): void {
  if (out.format === "human" && !io.stdout.isTerminal) return;
  target.listen((workspace, { record, entries }) => {
    if (machineOf(record.address) !== "delivery") return;
    const run = nameOf(record.address);
    if (io.stopping.aborted && io.stopping.reason === exitCodes.ok) return;
    for (const entry of entries) {
      const row = journalRow(entry);
      out.row("qoc.event/1", { workspace, run, ...row }, () => `${run.slice(0, 8)}  ${journalCells(row).join("  ")}`);
    }
  });
}
