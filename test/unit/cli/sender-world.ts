/** A desk with one webhook a preset and some more, and a door that judges what `qoc send` brings to it as the daemon would. */
import { createServer } from "node:http";
import type { Facts, RawDelivery } from "../../../src/core/delivery.ts";
import { configOf } from "../../../src/cli/configuration.ts";
import { deskAt } from "../../../src/cli/desk-finder.ts";
import { sha256OfBytes } from "../../../src/ingress/artifacts.ts";
import { isProviderName, providerFor, providers } from "../../../src/providers/index.ts";
import { readPayload } from "../../../src/providers/payload.ts";
import { verify } from "../../../src/providers/verify.ts";
import { runNumber } from "../http/desk-with-runs.ts";
import { NOW, type World, cliWorld } from "./cli-world.ts";

export const presets = Object.keys(providers).filter(isProviderName);
export const PUBLIC_URL = "https://hooks.example.com";
export const SECRET = "kestrel over the harbour's 41";
export const STANDARD_SECRET = `whsec_${Buffer.alloc(32, 0xfb).toString("base64")}`;
/** RFC 8032, section 7.1, test 1. */
export const PRIVATE_KEY = `whsk_${Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex").toString("base64")}`;
const PUBLIC_KEY = `whpk_${Buffer.from("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "hex").toString("base64")}`;

export const secretOf = (provider: string): string =>
  provider === "gitlab" || provider === "standard-webhooks" ? "STANDARD" : "PLAIN";
const webhookText = (name: string, secret: string, more = ""): string =>
  `[[webhook]]\nname = "${name}"\nsecret = "env:${secret}"\naction = "inbox"\n${more}\n`;
export const DESK = [
  'name = "equity-desk"\n',
  ...presets.map((name) =>
    webhookText(
      name,
      secretOf(name),
      `provider = "${name}"${name === "twilio" ? `\npublic_url = "${PUBLIC_URL}"` : ""}`,
    ),
  ),
  webhookText("gitlab-token", "PLAIN", 'provider = "gitlab"'),
  webhookText("asymmetric", "PUBLIC", 'provider = "standard-webhooks"'),
  webhookText(
    "zendesk-like",
    "PLAIN",
    `provider = "custom"
[webhook.scheme]
header = "X-Zendesk-Webhook-Signature"
encoding = "base64"
algorithm = "sha512"
signed = "{timestamp}{body}"
timestamp = "header:X-Zendesk-Webhook-Signature-Timestamp"
timestamp_unit = "ms"
event_header = "X-Topic"
id_header = "X-Delivery"`,
  ),
].join("\n");

export type SenderWorld = {
  readonly world: World;
  /** Where the door is. */
  readonly base: string;
  readonly received: readonly RawDelivery[];
  /** What the signature of the last delivery was found to be: `verified`, or what is wrong with it. */
  readonly verdict: () => string;
  readonly judge: (raw: RawDelivery, now: number) => string;
  /** What the webhook's sender finds in a delivery. */
  readonly factsOf: (raw: RawDelivery | undefined) => Facts;
  /** From now on the door answers 200 with this. */
  readonly answerWith: (text: string) => void;
  readonly close: () => Promise<void>;
};

export async function senderWorld(): Promise<SenderWorld> {
  const world = cliWorld();
  world.write("desk.toml", DESK);
  world.write(".env.qoc", `PLAIN="${SECRET}"\nSTANDARD=${STANDARD_SECRET}\nPUBLIC=${PUBLIC_KEY}\n`, 0o600);
  const received: RawDelivery[] = [];
  let verdict = "nothing came";
  let answer: string | undefined;

  const webhookAt = (target: string) => {
    const name = new URL(target, PUBLIC_URL).pathname.split("/").at(-1);
    const found = configOf(deskAt(world.dir), { env: {} }).webhooks.find((webhook) => webhook.name === name);
    if (found === undefined) throw new Error(`${target} names no webhook`);
    return found;
  };
  const judge = (raw: RawDelivery, now: number): string => {
    const { provider, public_url, secrets } = webhookAt(raw.target);
    const keys = secrets.map((secret) => secret.reveal());
    const found = verify(raw, providerFor(provider).schemes, { secrets: keys, public_url, now });
    return found.kind === "verified" ? "verified" : found.fault;
  };
  const receiptFor = (raw: RawDelivery): readonly [status: number, body: string] => {
    received.push(raw);
    verdict = judge(raw, NOW);
    if (answer !== undefined) return [200, answer];
    return verdict === "verified"
      ? [202, JSON.stringify({ run: runNumber(1), delivery_id: "d", duplicate: false })]
      : [401, JSON.stringify({ code: "SIGNATURE_INVALID", title: "no" })];
  };

  const door = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const raw = { target: request.url ?? "", headers: headersOf(request.rawHeaders), body: Buffer.concat(chunks) };
      const [status, body] = receiptFor(raw);
      response.statusCode = status;
      response.end(body);
    });
  });
  await new Promise<void>((listening) => door.listen(0, "127.0.0.1", listening));
  const address = door.address();
  const base = `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
  await world.daemon([], {}, base);
  return {
    world,
    base,
    received,
    verdict: () => verdict,
    judge,
    factsOf: (raw) => {
      if (raw === undefined) throw new Error("nothing was received");
      const { provider, map } = webhookAt(raw.target);
      const { normalize, form_json } = providerFor(provider);
      const payload = readPayload(raw.body, raw.headers.get("content-type")?.[0], form_json);
      return normalize({ headers: raw.headers, sha256: sha256OfBytes(raw.body), payload }, { event: map.event });
    },
    answerWith: (text) => {
      answer = text;
    },
    close: async () => {
      door.closeAllConnections();
      await new Promise((closed) => door.close(closed));
      await world.close();
    },
  };
}

export function headersOf(pairs: readonly string[]): RawDelivery["headers"] {
  const headers = new Map<string, string[]>();
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const name = (pairs[i] ?? "").toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), pairs[i + 1] ?? ""]);
  }
  return headers;
}
