import { type Command, Option } from "commander";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { z } from "zod";
import { providerFor } from "../../providers/index.ts";
import { SCAFFOLD_RANDOM_BYTES, scaffoldFiles, writeScaffold } from "../../desk/scaffold.ts";
import { RunShown, StatusAnswer } from "../answers.ts";
import { type Api, answerOf } from "../client.ts";
import { configOf, globalConfigFile, webhookOf } from "../configuration.ts";
import { deliver } from "../deliver.ts";
import { type DeskPlace, deskAt } from "../desk-finder.ts";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { followRun } from "../follow.ts";
import { textOption } from "../flags.ts";
import { freeEndpoint } from "../free-port.ts";
import type { Action, Runner } from "../program.ts";
import { type Session, daemonApi } from "../session.ts";
import { signedRequest } from "../signed-request.ts";
import { unsignedDelivery } from "../unsigned-delivery.ts";
import { announce, untilClosed } from "./up.ts";

const WEBHOOK = "price-alert";

/** What `npm start` runs: a desk of its own, one delivery through all of it, and a daemon that stays up to be looked at. */
export function addDemo(program: Command, run: Runner): void {
  program
    .command("demo")
    .description("a sample desk in ./.demo: daemon up, one signed delivery sent to itself, its evidence")
    .addOption(new Option("--dir <dir>", "the folder of the sample desk").default(".demo"))
    .option("--prefix <words>", "how qoc is called in the commands printed", "npx qoc")
    .action(run(demo));
}

const demo: Action = async (session, _args, options) => {
  const { io, out } = session;
  const shown = textOption(options, "dir") ?? ".demo";
  const dir = path.resolve(io.cwd, shown);
  if (!existsSync(path.join(dir, "desk.toml")))
    writeScaffold(dir, scaffoldFiles("demo", io.random(SCAFFOLD_RANDOM_BYTES)));
  const desk = deskAt(dir);
  const { daemon } = configOf(desk, io);
  const ingress = await freeEndpoint(daemon.ingress, out.note);
  const console = daemon.console === null ? "off" : await freeEndpoint(daemon.console, out.note);
  const running = await session.parts.start({
    dirs: [dir],
    ingress,
    console,
    env: io.env,
    globalFile: globalConfigFile(io.env),
  });
  announce(session, running);
  try {
    await tour(session, desk, textOption(options, "prefix") ?? "npx qoc", path.relative(io.cwd, dir) || shown);
  } catch (error) {
    await running.stop(0);
    throw error;
  }
  await untilClosed(session, running, running.drainMs);
};

/** One delivery, from the request to its verified envelope. */
async function tour(session: Session, desk: DeskPlace, qoc: string, shown: string): Promise<void> {
  const { io, out } = session;
  const say = (...lines: readonly string[]): void => io.stdout.write(`${lines.join("\n")}\n`);
  const api = await daemonApi(desk);
  const { run, ingress, console } = await sendSample(session, desk, api);
  say(
    "",
    `POST ${ingress ?? ""}/webhook/${desk.name}/${WEBHOOK}`,
    `202: run ${run}. Accepted is not done: it is stored, and what follows happens now.`,
    "",
  );
  const { state } = await followRun(session, api, run, { quiet: false, until: (now) => now === "sealed" });
  const shownRun = await answerOf(api, RunShown, "GET", `/api/runs/${run}`);
  if (state !== "sealed" && !io.stopping.aborted) throw notSealed(state, shownRun.run);
  if (shownRun.inbox_item !== null) {
    const item = path.resolve(desk.dir, shownRun.inbox_item);
    say(
      "",
      `${out.paint("bold", "The inbox item")}  ${path.relative(io.cwd, item)}`,
      "",
      indented(readFileSync(item, "utf8")),
    );
  }
  const envelope = path.join(shown, ".qoc", "evidence", `${shownRun.evidence_id}.json`);
  const at = `${qoc} --desk ${shown}`;
  say(
    "",
    `${out.paint("bold", "The run")}  ${run}: ${shownRun.state}, ${shownRun.outcome ?? "no outcome"}`,
    "",
    `${out.paint("bold", "Check its evidence")}, offline and without the daemon:`,
    `  ${qoc} envelope verify ${envelope} --explain`,
    "",
    out.paint("bold", "Then, in a second terminal:"),
    ...(console === null ? [] : [`  ${at} console                             the same in a browser, as it happens`]),
    `  ${at} send ${WEBHOOK} --repeat 2 --wait     a new delivery and its duplicate: one run`,
    `  ${at} send ${WEBHOOK} --tamper body         refused: the signature no longer matches`,
    `  ${at} runs list`,
    `  ${at} why @last`,
    `  ${at} send ${WEBHOOK} --print-curl          the same with openssl and curl`,
    "",
    "The daemon keeps running; Ctrl-C stops it.",
  );
}

async function sendSample(
  { io }: Session,
  desk: DeskPlace,
  api: Api,
): Promise<Pick<z.infer<typeof StatusAnswer>, "ingress" | "console"> & { readonly run: string }> {
  const webhook = webhookOf(configOf(desk, io), WEBHOOK);
  const { ingress, console } = await answerOf(api, StatusAnswer, "GET", "/api/status");
  const place = { ...webhook, sender: webhook.provider, url: `${ingress ?? ""}/webhook/${desk.name}/${WEBHOOK}` };
  const sample = unsignedDelivery(place, {}, io);
  const sent = await deliver(
    signedRequest(providerFor(webhook.provider), webhook.secrets[0]?.reveal() ?? new Uint8Array(), sample),
  );
  if (sent.kind === "accepted") return { run: sent.run, ingress, console };
  throw new CliError({
    what: "The sample was refused.",
    why: sent.kind === "refused" ? `${sent.status} ${sent.code}: ${sent.title}` : `${sent.status}, and no receipt.`,
    code: sent.kind === "refused" ? sent.code : "NO_RECEIPT",
    exit: exitCodes.no,
  });
}

const indented = (text: string): string =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");

const notSealed = (state: string, run: string): CliError =>
  new CliError({
    what: "The sample's run was not sealed.",
    why: `It is ${state}.`,
    try: `qoc --desk .demo why ${run}`,
    code: "NOT_SEALED",
    exit: exitCodes.bug,
  });
