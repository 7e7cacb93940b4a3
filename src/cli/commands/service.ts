import type { Command } from "commander";
import { realpathSync } from "node:fs";
import { userInfo } from "node:os";
import { CLI_FILE } from "../../agent/run-bin.ts";
import type { DeskConfig } from "../../config/desk-config.ts";
import { endpointText } from "../../config/forms.ts";
import { configOf } from "../configuration.ts";
import { usage } from "../errors.ts";
import { isSet, textOption } from "../flags.ts";
import type { Action, Runner } from "../program.ts";
import { launchdList } from "../service/launchd.ts";
import { isUnspeakable, type ProxyPlace, type ServicePlace } from "../service/place.ts";
import { caddySnippet, cloudflaredSnippet, nginxSnippet, tailscaleSnippet } from "../service/proxies.ts";
import { systemdUnit } from "../service/systemd.ts";
import { deskOf, type Session } from "../session.ts";

export function addService(program: Command, run: Runner): void {
  const service = program
    .command("service")
    .description("files that have others start this desk, or reach its webhooks");
  for (const [name, description, made] of UNITS)
    service
      .command(name)
      .description(description)
      .option("--user", "for you alone, not for the whole machine")
      .action(run(unit(made)));
  for (const [name, description, made] of SNIPPETS)
    service
      .command(name)
      .description(description)
      .option("--host <name>", "what senders call, such as hooks.example.com")
      .action(run(snippet(name, made)));
}

const UNITS = [
  ["systemd", "a systemd unit", systemdUnit],
  ["launchd", "a launchd property list", launchdList],
] as const;

const SNIPPETS = [
  ["caddy", "lines for a Caddyfile that expose /webhook/ alone", caddySnippet],
  ["nginx", "a server for nginx that exposes /webhook/ alone", nginxSnippet],
  ["cloudflared", "an ingress for cloudflared that exposes /webhook/ alone", cloudflaredSnippet],
  ["tailscale", "the command that has Tailscale Funnel expose /webhook/ alone", tailscaleSnippet],
] as const;

const unit =
  (made: (place: ServicePlace, forUser: boolean) => string): Action =>
  (session, _args, options) => {
    const desk = deskOf(session);
    const config = configOf(desk, session.io);
    const place: ServicePlace = {
      name: config.name,
      dir: realpathSync(desk.dir),
      node: process.execPath,
      qoc: CLI_FILE,
      user: userInfo().username,
      drain_ms: config.daemon.drain_ms,
    };
    const wrong = [place.dir, place.node, place.qoc].find(isUnspeakable);
    if (wrong !== undefined)
      throw usage(
        "There is no service file for this path.",
        `${JSON.stringify(wrong)} has a control character in it, or begins or ends with what is not taken there.`,
        "move the desk to another folder",
      );
    print(session, made(place, isSet(options, "user")));
    return Promise.resolve();
  };

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}))*$/;

const snippet =
  (name: string, made: (place: ProxyPlace) => string): Action =>
  (session, _args, options) => {
    const host = textOption(options, "host");
    const isNeeded = name !== "tailscale";
    if (isNeeded && (host === undefined || !HOST_NAME.test(host)))
      throw usage(
        host === undefined ? "A name is missing." : `${JSON.stringify(host)} is no host's name.`,
        "Senders call the proxy by it.",
        `qoc service ${name} --host hooks.example.com`,
      );
    const config = configOf(deskOf(session), session.io);
    const body_bytes = Math.max(
      config.daemon.body_limit_bytes,
      ...config.webhooks.map((each) => each.body_limit_bytes),
    );
    print(session, made({ name: config.name, host: host ?? "", ingress: nearIngress(config), body_bytes }));
    return Promise.resolve();
  };

/** Where a proxy on this machine finds an ingress that listens on every address. */
function nearIngress({ daemon: { ingress } }: DeskConfig): string {
  const host = ingress.host === "0.0.0.0" ? "127.0.0.1" : ingress.host === "::" ? "::1" : ingress.host;
  return endpointText({ ...ingress, host });
}

const print = ({ out }: Session, text: string): void => out.result("qoc.service/1", { text }, () => text);
