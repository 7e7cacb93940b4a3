/** Where a test delivery goes and as whom: a webhook of this desk, or any URL with a secret that is named for it. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { reasonOf } from "../core/assert.ts";
import { parseEnvFile } from "../config/env-file.ts";
import { type FileRead, readSecrets, type Secret } from "../config/secrets.ts";
import { isProviderName, providers, type Sender } from "../providers/index.ts";
import { configOf, webhookOf } from "./configuration.ts";
import type { DeskPlace } from "./desk-finder.ts";
import { usage } from "./errors.ts";
import { ingressUrl } from "./ingress-url.ts";
import type { Io } from "./io.ts";
import { deskOf, type Session } from "./session.ts";

const ENV_FILE = ".env.qoc";

export type Recipient = {
  /** The webhook's name, or the URL. */
  readonly name: string;
  readonly url: string;
  readonly public_url: string | null;
  readonly sender: Sender;
  readonly secret: Secret;
  /** Null for a bare URL. */
  readonly desk: DeskPlace | null;
  /** Whether the secret's variable may stand in the desk's `.env.qoc`. */
  readonly envFile: boolean;
};

/** What the flags say over the configuration, or for want of one. */
export type Overrides = {
  /** The name of a preset. */
  readonly provider: string | undefined;
  /** `env:VAR` or `file:PATH`. */
  readonly secret: string | undefined;
};

export function recipientOf(session: Session, named: string, overrides: Overrides): Recipient {
  return /^https?:\/\//.test(named)
    ? bareUrl(session.io, named, overrides)
    : ofDesk(session, deskOf(session), named, overrides);
}

function ofDesk(session: Session, desk: DeskPlace, named: string, { provider, secret }: Overrides): Recipient {
  const { io } = session;
  const config = configOf(desk, io);
  const webhook = webhookOf(config, named);
  const own = secret === undefined ? webhook.secrets[0] : secretFrom(secret, io.cwd, { ...ownEnv(desk), ...io.env });
  if (own === undefined)
    throw usage(`${webhook.name} has no secret.`, "A delivery cannot be signed without one.", "qoc config check");
  return {
    name: webhook.name,
    url: `${ingressUrl(desk, io)}/webhook/${config.name}/${webhook.name}`,
    public_url: webhook.public_url,
    sender: provider === undefined ? webhook.provider : presetOf(provider),
    secret: own,
    desk,
    envFile: existsSync(path.join(desk.dir, ENV_FILE)),
  };
}

function bareUrl(io: Io, url: string, { provider, secret }: Overrides): Recipient {
  if (!URL.canParse(url)) throw usage(`${JSON.stringify(url)} is no URL.`, "It cannot be parsed.", "a whole URL");
  if (secret === undefined)
    throw usage("There is no secret to sign with.", "A URL is in no configuration.", "--secret env:VAR");
  const sender = presetOf(provider ?? "qoc");
  return {
    name: url,
    url,
    public_url: null,
    sender,
    secret: secretFrom(secret, io.cwd, io.env),
    desk: null,
    envFile: false,
  };
}

function presetOf(name: string): Sender {
  if (isProviderName(name)) return { kind: "preset", name };
  throw usage(
    `No provider is called ${JSON.stringify(name)}.`,
    `There are ${Object.keys(providers).join(", ")}.`,
    "--provider github",
  );
}

/** Read as the configuration reads secrets, so that it is refused like one. */
function secretFrom(source: string, cwd: string, env: Io["env"]): Secret {
  const file = (name: string): FileRead => bytesOf(path.resolve(cwd, name));
  const { byWebhook, findings } = readSecrets({ webhook: [{ name: "send", secret: source }] }, { env, file });
  const secret = byWebhook[0]?.[0]?.secret;
  if (secret !== undefined) return secret;
  throw usage("--secret cannot be used.", `It ${findings[0]?.says ?? "is not there"}.`, "--secret env:VAR");
}

/** What the desk's `.env.qoc` sets. */
function ownEnv({ dir }: DeskPlace): Io["env"] {
  const name = path.join(dir, ENV_FILE);
  return existsSync(name) ? parseEnvFile(name, readFileSync(name, "utf8")).values : {};
}

function bytesOf(file: string): FileRead {
  try {
    return existsSync(file) ? { kind: "bytes", bytes: readFileSync(file) } : { kind: "missing" };
  } catch (error) {
    return { kind: "unreadable", reason: reasonOf(error) };
  }
}
