import { type Command, Option } from "commander";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Api } from "../client.ts";
import { configOf, webhookOf } from "../configuration.ts";
import { type Sent, deliver } from "../deliver.ts";
import { usage } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { fixtureBody, fixtureNames, isFixture } from "../fixtures.ts";
import { countFlag, isSet, textOption } from "../flags.ts";
import { readStdin, stopCode } from "../io.ts";
import type { Action, Runner } from "../program.ts";
import { type Session, daemonApi, deskOf, withApi } from "../session.ts";
import { ingressUrl } from "./endpoints.ts";
import { TAMPERS, type Tamper, curlLines, signedRequest } from "../signed-request.ts";
import { type Followed, followRun } from "../follow.ts";

const REPEAT_MAX = 100_000;

export function addSend(program: Command, run: Runner): void {
  program
    .command("send")
    .argument("<webhook>")
    .description("a signed test delivery to one of this desk's webhooks")
    .option("-d, --data <body>", "the body: JSON as written, @file, or - for stdin")
    .addOption(new Option("--fixture <name>", "a sample body").choices(fixtureNames).conflicts("data"))
    .option("--delivery-id <id>", "the sender's id of the delivery (X-Qoc-Delivery)")
    .addOption(new Option("--event <type>", "the event type of a fixture").conflicts("data"))
    .option("--wait [state]", "wait until the run is in this state (sealed)")
    .option("--repeat <count>", "send the same delivery this often", "1")
    .addOption(new Option("--tamper <what>", "spoil it after it is signed").choices(TAMPERS))
    .option("--print-curl", "print what would send it from a shell, and send nothing")
    .action(run(send));
}

const send: Action = async (session, args, options) => {
  const desk = deskOf(session);
  const config = configOf(desk, session.io);
  const webhook = webhookOf(config, args[0] ?? "");
  const secret = webhook.secrets[0];
  if (secret === undefined)
    throw usage(`${webhook.name} has no secret.`, "A delivery cannot be signed without one.", "qoc config check");
  const body = await bodyOf(session, webhook.name, options);
  const url = `${ingressUrl(desk, session.io)}/webhook/${config.name}/${webhook.name}`;
  if (isSet(options, "printCurl")) {
    const lines = curlLines(url, body, secret.source, existsSync(path.join(desk.dir, ".env.qoc")));
    session.out.result("qoc.send.curl/1", { lines }, () => lines.join("\n"));
    return exitCodes.ok;
  }
  const tamper = TAMPERS.find((each) => each === textOption(options, "tamper"));
  const request = signedRequest(body, secret.reveal(), { deliveryId: textOption(options, "deliveryId"), tamper });
  const repeat = countFlag("--repeat", textOption(options, "repeat") ?? "1", REPEAT_MAX);
  return withApi(daemonApi(desk), async (api) => {
    const items: Sent[] = [];
    for (let count = 0; count < repeat && !session.io.stopping.aborted; count += 1) {
      const sent = await deliver(url, request);
      items.push(sent);
      if (session.out.format === "human") session.out.row("", {}, () => sentence(sent, tamper));
    }
    const last = items.at(-1);
    const wait =
      options["wait"] === undefined || last?.kind !== "accepted"
        ? undefined
        : await waitFor(session, api, last.run, options["wait"]);
    if (session.out.format !== "human")
      session.out.list("qoc.send.list/1", { items, ...(wait === undefined ? {} : { state: wait.state }) }, () => "");
    return session.io.stopping.aborted
      ? stopCode(session.io.stopping)
      : wait?.reached === false
        ? exitCodes.no
        : exitOf(last);
  });
};

async function bodyOf(
  session: Session,
  webhook: string,
  options: Readonly<Record<string, unknown>>,
): Promise<Uint8Array> {
  const data = textOption(options, "data");
  if (data === "-") return readStdin(session.io);
  if (data?.startsWith("@") === true) return readFileSync(path.resolve(session.io.cwd, data.slice(1)));
  if (data !== undefined) return Buffer.from(data);
  const fixture = textOption(options, "fixture") ?? (isFixture(webhook) ? webhook : "price-alert");
  return fixtureBody(fixture, textOption(options, "event"), session.io.now());
}

async function waitFor(session: Session, api: Api, run: string, wanted: unknown): Promise<Followed> {
  const state = typeof wanted === "string" ? wanted : "sealed";
  const quiet = session.out.format !== "human";
  session.out.note("Accepted is not done: it is stored, and what follows is shown as it happens.");
  const until = (now: string): boolean => now === state || now.startsWith(`${state}.`);
  const followed = await followRun(session, api, run, { quiet, until });
  if (!followed.reached) session.out.note(`The run is ${followed.state}; it did not come to ${state}.`);
  session.out.note(`Next: qoc why ${run.slice(0, 8)}   qoc runs show ${run.slice(0, 8)}`);
  return followed;
}

function sentence(sent: Sent, tamper: Tamper | undefined): string {
  switch (sent.kind) {
    case "accepted":
      return `${sent.status} accepted${sent.duplicate ? " (a duplicate)" : ""}: run ${sent.run}, delivery ${sent.delivery_id}`;
    case "refused":
      return `${sent.status} ${sent.code}: ${sent.title}${tamper === undefined ? "" : " (as it must be: the delivery was spoiled)"}`;
  }
}

function exitOf(last: Sent | undefined): ExitCode {
  if (last?.kind === "accepted") return exitCodes.ok;
  return last !== undefined && (last.status >= 500 || last.status === 429) ? exitCodes.tryLater : exitCodes.no;
}
