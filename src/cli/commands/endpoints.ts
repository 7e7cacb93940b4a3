import type { Command } from "commander";
import { configOf, webhookOf } from "../configuration.ts";
import { curlLines } from "../curl-lines.ts";
import { type EndpointSettings, endpointSettings } from "../endpoint-settings.ts";
import { ingressUrl } from "../ingress-url.ts";
import { table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { providerFor } from "../../providers/index.ts";
import { recipientOf } from "../recipient.ts";
import { deskOf } from "../session.ts";
import { schemeFor } from "../signed-request.ts";
import { unsignedDelivery } from "../unsigned-delivery.ts";

export function addEndpoints(program: Command, run: Runner): void {
  const endpoints = program.command("endpoints").description("where senders post to");
  endpoints.command("list").description("each webhook's URL, and whether its secret is set").action(run(list));
  endpoints
    .command("show")
    .argument("<webhook>")
    .description("everything to enter at the sender, and what it is answered")
    .action(run(show));
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
  const items = config.webhooks.map(({ name, enabled, policy, provider, secrets }) => ({
    webhook: name,
    url: `${base}/webhook/${config.name}/${name}`,
    provider: providerFor(provider).name,
    action: policy.action,
    enabled,
    secrets: secrets.map((secret) => secret.source),
  }));
  session.out.list("qoc.endpoints.list/1", { items }, () =>
    table(
      items.map((item) => [
        item.webhook,
        item.provider,
        item.enabled ? item.action : "closed",
        `${item.secrets.join(", ")} (set)`,
        item.url,
      ]),
    ),
  );
  return Promise.resolve();
};

const show: Action = (session, args) => {
  const desk = deskOf(session);
  const config = configOf(desk, session.io);
  const webhook = webhookOf(config, args[0] ?? "");
  const settings = endpointSettings(webhook, `${ingressUrl(desk, session.io)}/webhook/${config.name}/${webhook.name}`);
  session.out.result("qoc.endpoints.show/1", settings, () => table(rows(settings)));
  if (!webhook.enabled) session.out.note("This webhook is closed: enabled = false.");
  return Promise.resolve();
};

const rows = (settings: EndpointSettings): readonly (readonly string[])[] => [
  ["provider", settings.provider],
  ["URL", settings.url],
  ...(settings.reach === null ? [] : [["", settings.reach]]),
  ["method", "POST"],
  ["content type", settings.content_type],
  ["secret", `${settings.secret}; read from ${settings.secrets.join(", ")}`],
  ["events", settings.events],
  ["signed in", settings.signature_headers.join(" or ")],
  ["signature covers", settings.verified],
  ["delivery's id", settings.id],
  ["event's name", settings.event_header ?? "in the body"],
  ["answer", settings.answer],
  ["it waits", settings.answer_within ?? "its documents do not say how long"],
  ["not claimed", settings.not_claimed],
];

const curl: Action = (session, args) => {
  const recipient = recipientOf(session, args[0] ?? "", { provider: undefined, secret: undefined });
  const unsigned = unsignedDelivery(recipient, {}, session.io);
  const scheme = schemeFor(providerFor(recipient.sender), recipient.secret.reveal(), unsigned);
  const place = { source: recipient.secret.source, envFile: recipient.envFile };
  const lines = curlLines(scheme, unsigned, place);
  session.out.result("qoc.endpoints.curl/1", { lines }, () => lines.join("\n"));
  return Promise.resolve();
};
