import { type Command, Option } from "commander";
import { readFileSync } from "node:fs";
import path from "node:path";
import { providerFor, providers } from "../../providers/index.ts";
import type { Api } from "../client.ts";
import { curlLines } from "../curl-lines.ts";
import { type Sent, deliver } from "../deliver.ts";
import { usage } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { fixtureNames } from "../fixtures.ts";
import { countFlag, isSet, textOption } from "../flags.ts";
import { type Followed, followRun } from "../follow.ts";
import { readStdin, stopCode } from "../io.ts";
import type { Action, Runner } from "../program.ts";
import { type Recipient, recipientOf } from "../recipient.ts";
import { type Session, daemonApi } from "../session.ts";
import { schemeFor, type SignedRequest, signedRequest, TAMPERS, type Tamper } from "../signed-request.ts";
import { unsignedDelivery } from "../unsigned-delivery.ts";

const REPEAT_MAX = 100_000;

type Options = Readonly<Record<string, unknown>>;

export function addSend(program: Command, run: Runner): void {
  program
    .command("send")
    .argument("<webhook>", "a webhook of this desk, or a URL")
    .description("a test delivery, signed as its sender signs")
    .addOption(
      new Option("--provider <name>", "sign as this preset, not as the webhook's").choices(Object.keys(providers)),
    )
    .option("--secret <source>", "sign with this, env:VAR or file:PATH, not with the webhook's")
    .option("-d, --data <body>", "the body, byte for byte: text, @file, or - for stdin")
    .addOption(new Option("--fixture <name>", "a sample body").choices(fixtureNames).conflicts("data"))
    .option("--id, --delivery-id <id>", "the sender's id of the delivery")
    .option("--event <type>", "the event, of a sample or of a sender that names it in a header")
    .option("--wait [state]", "wait until the run is in this state (sealed)")
    .option("--repeat <count>", "send the same delivery this often", "1")
    .addOption(
      new Option("--tamper <what>", "spoil it after it is signed; timestamp: sign an old time").choices(TAMPERS),
    )
    .option("--print-curl", "print what would send it from a shell, and send nothing")
    .action(run(send));
}

const send: Action = async (session, args, options) => {
  const { out } = session;
  const recipient = recipientOf(session, args[0] ?? "", {
    provider: textOption(options, "provider"),
    secret: textOption(options, "secret"),
  });
  const provider = providerFor(recipient.sender);
  const wanted = {
    data: await dataOf(session, options),
    fixture: textOption(options, "fixture"),
    event: textOption(options, "event"),
    id: textOption(options, "deliveryId"),
  };
  const unsigned = unsignedDelivery(recipient, wanted, session.io);
  const secret = recipient.secret.reveal();
  if (isSet(options, "printCurl")) {
    const place = { source: recipient.secret.source, envFile: recipient.envFile };
    const lines = curlLines(schemeFor(provider, secret, unsigned), unsigned, place);
    out.result("qoc.send.curl/1", { lines }, () => lines.join("\n"));
    return exitCodes.ok;
  }
  const tamper = TAMPERS.find((each) => each === textOption(options, "tamper"));
  const request = signedRequest(provider, secret, unsigned, tamper);
  const repeat = countFlag("--repeat", textOption(options, "repeat") ?? "1", REPEAT_MAX);
  return sendTo(session, recipient, request, { tamper, repeat, wait: options["wait"] });
};

type Manner = { readonly tamper: Tamper | undefined; readonly repeat: number; readonly wait: unknown };

async function sendTo(
  session: Session,
  { desk }: Recipient,
  request: SignedRequest,
  manner: Manner,
): Promise<ExitCode> {
  if (desk === null) {
    if (manner.wait !== undefined)
      throw usage(
        "--wait has nobody to ask.",
        "A URL alone does not say whose daemon answers.",
        "a webhook of this desk",
      );
    const items = await sendAll(session, request, manner);
    if (session.out.format !== "human") session.out.list("qoc.send.list/1", { items }, () => "");
    return exitOf(session, items.at(-1));
  }
  const api = await daemonApi(desk);
  try {
    const items = await sendAll(session, request, manner);
    const last = items.at(-1);
    if (manner.wait !== undefined && last?.kind === "answered")
      session.out.note("The answer names no run to wait for. Next: qoc runs show @last");
    const waited =
      manner.wait === undefined || last?.kind !== "accepted"
        ? undefined
        : await waitFor(session, api, last.run, manner.wait);
    if (session.out.format !== "human")
      session.out.list(
        "qoc.send.list/1",
        { items, ...(waited === undefined ? {} : { state: waited.state }) },
        () => "",
      );
    return waited?.reached === false && !session.io.stopping.aborted ? exitCodes.no : exitOf(session, last);
  } finally {
    await api.close();
  }
}

async function sendAll(session: Session, request: SignedRequest, { repeat, tamper }: Manner): Promise<readonly Sent[]> {
  const items: Sent[] = [];
  for (let count = 0; count < repeat && !session.io.stopping.aborted; count += 1) {
    const sent = await deliver(request);
    items.push(sent);
    if (session.out.format === "human") session.out.row("", {}, () => sentence(sent, tamper));
  }
  return items;
}

async function dataOf(session: Session, options: Options): Promise<Uint8Array | undefined> {
  const data = textOption(options, "data");
  if (data === "-") return readStdin(session.io);
  if (data?.startsWith("@") === true) return readFileSync(path.resolve(session.io.cwd, data.slice(1)));
  return data === undefined ? undefined : Buffer.from(data);
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
      return `${sent.status} accepted${matched(sent)}: run ${sent.run}, delivery ${sent.delivery_id}${unnoticed(tamper)}`;
    case "answered":
      return `${sent.status}, without a receipt${unnoticed(tamper)}`;
    case "refused":
      return `${sent.status} ${sent.code}: ${sent.title}${tamper === undefined ? "" : " (as it must be: the delivery was spoiled)"}`;
  }
}

/** How it goes with the run that it reached; nothing when it began one. */
function matched({ duplicate, flag }: Extract<Sent, { readonly kind: "accepted" }>): string {
  if (flag === null) return duplicate ? " (a duplicate)" : "";
  return ` (a ${FLAGS.get(flag) ?? flag})`;
}

const FLAGS: ReadonlyMap<string, string> = new Map([
  ["id_conflict", "conflict"],
  ["suspected_replay", "suspected replay"],
]);

/** A token says nothing of the body: what else was spoiled and taken is worth a word. */
const unnoticed = (tamper: Tamper | undefined): string =>
  tamper === undefined ? "" : ` (although its ${tamper} was spoiled: this sender's signature does not cover it)`;

function exitOf({ io }: Session, last: Sent | undefined): ExitCode {
  if (io.stopping.aborted) return stopCode(io.stopping);
  if (last?.kind === "accepted" || last?.kind === "answered") return exitCodes.ok;
  return last !== undefined && (last.status >= 500 || last.status === 429) ? exitCodes.tryLater : exitCodes.no;
}
