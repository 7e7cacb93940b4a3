import type { Command } from "commander";
import { createNotifyPoster } from "../../adapters/notify-http.ts";
import type { DeskConfig } from "../../config/desk-config.ts";
import { shownUrl } from "../../config/forms.ts";
import { signMessage } from "../../notify/message.ts";
import { testBody } from "../../notify/payload.ts";
import { verdictOn } from "../../notify/post.ts";
import type { NotifyTarget } from "../../notify/target.ts";
import { configOf } from "../configuration.ts";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { plain, table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf } from "../session.ts";

export function addNotify(program: Command, run: Runner): void {
  const notify = program.command("notify").description("who is told of runs, by signed webhooks of ours");
  notify.command("list").description("each target, and of what it is told").action(run(list));
  notify
    .command("test")
    .argument("<name>", "a [[notify]] of desk.toml")
    .description("send one signed message of type test, and print what comes back")
    .action(run(test));
}

const list: Action = (session) => {
  const { out, io } = session;
  const config = configOf(deskOf(session), io);
  const items = config.notify.map(({ name, url, secret, events, allow_private }) => ({
    name,
    url: shownUrl(url),
    secret: secret.source,
    events,
    allow_private,
  }));
  out.list("qoc.notify.list/1", { items }, () =>
    table(
      items.map(({ name, url, secret, events, allow_private }) => [
        name,
        `${secret} (set)`,
        allow_private ? "also private addresses" : "public addresses",
        events.join(", "),
        url,
      ]),
    ),
  );
  if (items.length === 0) out.note("Nobody is told: desk.toml has no [[notify]].");
  return Promise.resolve();
};

const SHOWN_CHARACTERS_MAX = 500;
const ID_BYTES = 16;

const test: Action = async (session, args) => {
  const { out, io } = session;
  const config = configOf(deskOf(session), io);
  const target = targetOf(config, args[0] ?? "");
  const id = `test/${Buffer.from(io.random(ID_BYTES)).toString("hex")}`;
  const message = signMessage(id, io.now(), testBody(config.name, io.now()), target.secret);
  if (message === undefined)
    throw new CliError({
      what: `${target.name} cannot be told anything.`,
      why: `What is read from ${target.secret.source} is no secret of Standard Webhooks: whsec_ and a key of 24 to 64 bytes in base64.`,
      try: "qoc config check",
      code: "SECRET_UNFIT",
      exit: exitCodes.configuration,
    });
  const { post, close } = createNotifyPoster();
  io.stopping.addEventListener("abort", close, { once: true });
  const reply = await post(target, message);
  io.stopping.removeEventListener("abort", close);
  const verdict = verdictOn(reply);
  const answer = reply.kind === "answered" ? new TextDecoder().decode(reply.body).slice(0, SHOWN_CHARACTERS_MAX) : "";
  const result = {
    name: target.name,
    webhook_id: id,
    ok: verdict.kind === "delivered",
    status: reply.kind === "answered" ? reply.status : null,
    says: verdict.kind === "delivered" ? `it answers ${verdict.status}` : verdict.reason,
    answer,
  };
  out.result("qoc.notify.test/1", result, () =>
    [
      `${target.name}: ${out.paint(result.ok ? "green" : "red", result.ok ? "taken" : "not taken")}, ${result.says}`,
      ...(answer.trim() === ""
        ? []
        : answer
            .trimEnd()
            .split(/\r?\n/)
            .map((line) => `  ${plain(line)}`)),
    ].join("\n"),
  );
  return result.ok ? exitCodes.ok : exitCodes.no;
};

function targetOf(config: DeskConfig, name: string): NotifyTarget {
  const found = config.notify.find((target) => target.name === name);
  if (found !== undefined) return found;
  throw new CliError({
    what: `No target is called ${JSON.stringify(name)}.`,
    why: `${config.name} has ${config.notify.map((target) => target.name).join(", ") || "no [[notify]]"}.`,
    try: "qoc notify list",
    code: "TARGET_UNKNOWN",
    exit: exitCodes.notFound,
  });
}
