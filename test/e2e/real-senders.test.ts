/** Deliveries signed by the code that real senders run, not by our own signer: accepted as they are, refused when anything of them is changed. */
import { sign as signAsGithub } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import { Stripe } from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stop, up, type Daemon } from "../support/daemon.ts";
import { deskFolder } from "../support/desk-folder.ts";
import { PRESET_SECRET } from "../support/preset-sender.ts";

const BODY = '{"id":"evt_1","type":"invoice.paid","text":"420.00 \u2028 €","nested":{"n":420.00}}';

type Sender = {
  readonly provider: string;
  readonly signatureHeader: string;
  readonly headersOf: (body: string) => Promise<Readonly<Record<string, string>>>;
};

const senders: readonly Sender[] = [
  {
    provider: "github",
    signatureHeader: "x-hub-signature-256",
    headersOf: async (body) => ({
      "x-github-event": "push",
      "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      "x-hub-signature-256": await signAsGithub(PRESET_SECRET, body),
    }),
  },
  {
    provider: "stripe",
    signatureHeader: "stripe-signature",
    headersOf: (payload) =>
      Promise.resolve({
        "stripe-signature": new Stripe("sk_test_none").webhooks.generateTestHeaderString({
          payload,
          secret: PRESET_SECRET,
        }),
      }),
  },
  {
    provider: "standard-webhooks",
    signatureHeader: "webhook-signature",
    headersOf: (body) => {
      const at = new Date();
      return Promise.resolve({
        "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
        "webhook-timestamp": `${Math.floor(at.getTime() / 1000)}`,
        "webhook-signature": new Webhook(PRESET_SECRET).sign("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", at, body),
      });
    },
  },
];

let daemon: Daemon;
beforeAll(async () => {
  const toml = senders.map(({ provider }) =>
    [
      "[[webhook]]",
      `name = "${provider}"`,
      `provider = "${provider}"`,
      'secret = "env:SECRET"',
      'action = "inbox"',
      "",
    ].join("\n"),
  );
  const dir = deskFolder("real-desk", { toml: toml.join("\n"), secrets: { SECRET: PRESET_SECRET } });
  daemon = await up([dir]);
});
afterAll(() => stop(daemon));

async function statusOf(provider: string, body: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const answer = await fetch(`${daemon.ingress}/webhook/real-desk/${provider}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** The same text with its last letter or digit another one. */
const spoiled = (text: string): string =>
  text.replace(/[0-9A-Za-z](?=[^0-9A-Za-z]*$)/, (last) => (last === "0" ? "1" : "0"));

describe.each(senders)("a delivery that $provider's own library signs", ({ provider, signatureHeader, headersOf }) => {
  test("is accepted", async () => {
    expect(await statusOf(provider, BODY, await headersOf(BODY))).toBe(202);
  });

  test("is refused with another body", async () => {
    expect(await statusOf(provider, BODY.replace("420.00", "420.0"), await headersOf(BODY))).toBe(401);
  });

  test("is refused with another signature, or none", async () => {
    const headers = await headersOf(BODY);
    const { [signatureHeader]: signature = "", ...bare } = headers;
    expect(await statusOf(provider, BODY, { ...bare, [signatureHeader]: spoiled(signature) })).toBe(401);
    expect(await statusOf(provider, BODY, bare)).toBe(401);
  });
});
