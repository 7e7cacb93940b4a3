/**
 * A signed test delivery that the daemon sends to itself, over HTTP and through its own ingress: what `qoc send WEBHOOK` does, asked for
 * in the console. The run that comes of it is one like any other. The secret signs here and goes nowhere.
 */
import { systemClock } from "./adapters/clock.ts";
import { systemEntropy } from "./adapters/entropy.ts";
import { deliver, type Sent } from "./cli/deliver.ts";
import { CliError } from "./cli/errors.ts";
import { signedRequest, type SignedRequest } from "./cli/signed-request.ts";
import { unsignedDelivery } from "./cli/unsigned-delivery.ts";
import type { DeskConfig, WebhookConfig } from "./config/desk-config.ts";
import { type Refusal, refuse } from "./core/refusals.ts";
import type { TestSent } from "./http/shapes/endpoints.ts";
import { providerFor } from "./providers/index.ts";

export type SignedTests = {
  /** The answer of the endpoint, whatever it is; a refusal when nothing was sent, or nothing answered. */
  readonly send: (webhook: string) => Promise<TestSent | Refusal>;
};

type World = { readonly now: () => number; readonly random: (bytes: number) => Uint8Array };
const system: World = { now: systemClock.now, random: systemEntropy.bytes };

/** For each webhook. */
const EVERY_MS = 1000;

/** @param ingress the base URL of the daemon's own; null while nothing listens */
export function createSignedTests(
  config: () => DeskConfig,
  ingress: () => string | null,
  world: World = system,
): SignedTests {
  /** By names of the configuration. */
  const sentAt = new Map<string, number>();
  return {
    send: async (named) => {
      const { name: workspace, webhooks } = config();
      const webhook = webhooks.find(({ name }) => name === named);
      if (webhook === undefined) return refuse("NOT_FOUND", `no webhook of ${workspace} has that name`);
      const base = ingress();
      if (base === null) return refuse("NOT_NOW", "nothing listens for deliveries yet");
      const now = world.now();
      if (Math.abs(now - (sentAt.get(named) ?? -Infinity)) < EVERY_MS)
        return refuse("TEST_RATE", "one test a second for each webhook", 1);
      sentAt.set(named, now);
      try {
        const { request, id } = sample(webhook, `${base}/webhook/${workspace}/${named}`, world);
        return answered(await deliver(request), id);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        return refuse("NOT_NOW", `${error.failure.what} ${error.failure.why}`);
      }
    },
  };
}

/** @throws CliError when this sender's deliveries cannot be signed with what the desk has, such as a public key */
function sample(
  webhook: WebhookConfig,
  url: string,
  world: World,
): { readonly request: SignedRequest; readonly id: string | null } {
  const { name, public_url, provider: sender, secrets } = webhook;
  const unsigned = unsignedDelivery({ name, url, public_url, sender }, {}, world);
  const secret = secrets[0]?.reveal() ?? new Uint8Array();
  return { request: signedRequest(providerFor(sender), secret, unsigned), id: unsigned.id };
}

function answered(sent: Sent, id: string | null): TestSent {
  const { status } = sent;
  switch (sent.kind) {
    case "accepted": {
      const { run, delivery_id } = sent;
      const says = sent.duplicate
        ? `The endpoint knows this delivery already: it belongs to run ${run}.`
        : `The endpoint verified the signature and stored the delivery: run ${run}.`;
      return { status, run, delivery_id, says };
    }
    case "answered":
      return {
        status,
        run: null,
        delivery_id: id,
        says: "The endpoint took the delivery; this sender is not answered with a receipt.",
      };
    case "refused":
      return {
        status,
        run: null,
        delivery_id: id,
        says: `The endpoint refused the delivery: ${sent.code}. ${sent.title}`,
      };
  }
}
