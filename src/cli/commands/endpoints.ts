import type { Command } from "commander";
import { existsSync } from "node:fs";
import path from "node:path";
import { readDaemonFile } from "../../http/control-address.ts";
import { endpointText } from "../../config/forms.ts";
import { configOf, webhookOf } from "../configuration.ts";
import type { DeskPlace } from "../desk-finder.ts";
import { fixtureBody, isFixture } from "../fixtures.ts";
import type { Io } from "../io.ts";
import { table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf } from "../session.ts";
import { curlLines } from "../signed-request.ts";

export function addEndpoints(program: Command, run: Runner): void {
  const endpoints = program.command("endpoints").description("where senders post to");
  endpoints.command("list").description("each webhook's URL, and whether its secret is set").action(run(list));
  endpoints
    .command("curl")
    .argument("<webhook>")
    .description("shell lines that sign and send a sample")
    .action(run(curl));
}

const list: Action = (session) => {
  const desk = deskOf(session);
  const config = configOf(desk, session.io);
  const base = ingressUrl(desk, session.io);
  const items = config.webhooks.map(({ name, enabled, policy, secrets }) => ({
    webhook: name,
    url: `${base}/webhook/${config.name}/${name}`,
    action: policy.action,
    enabled,
    secrets: secrets.map((secret) => secret.source),
  }));
  session.out.list("qoc.endpoints.list/1", { items }, () =>
    table(
      items.map((item) => [
        item.webhook,
        item.enabled ? item.action : "closed",
        `${item.secrets.join(", ")} (set)`,
        item.url,
      ]),
    ),
  );
  return Promise.resolve();
};

const curl: Action = (session, args) => {
  const desk = deskOf(session);
  const config = configOf(desk, session.io);
  const { name, secrets } = webhookOf(config, args[0] ?? "");
  const body = fixtureBody(isFixture(name) ? name : "price-alert", undefined, session.io.now());
  const url = `${ingressUrl(desk, session.io)}/webhook/${config.name}/${name}`;
  const lines = curlLines(url, body, secrets[0]?.source ?? "", existsSync(path.join(desk.dir, ".env.qoc")));
  session.out.result("qoc.endpoints.curl/1", { lines }, () => lines.join("\n"));
  return Promise.resolve();
};

/** Where the daemon listens; where it would, by the configuration, when none runs. */
export const ingressUrl = (desk: DeskPlace, io: Pick<Io, "env">): string =>
  readDaemonFile(desk.dir)?.ingress ?? `http://${endpointText(configOf(desk, io).daemon.ingress)}`;
