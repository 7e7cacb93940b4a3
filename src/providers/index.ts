import type { CustomSender, Provider } from "./provider.ts";
import { customProvider } from "./custom.ts";
import { github } from "./github.ts";
import { qoc } from "./qoc.ts";
import { sentry } from "./sentry.ts";
import { linear } from "./linear.ts";
import { shopify } from "./shopify.ts";
import { stripe } from "./stripe.ts";
import { slack } from "./slack.ts";
import { pagerduty } from "./pagerduty.ts";
import { jira } from "./jira.ts";
import { gitlab } from "./gitlab.ts";
import { bitbucket } from "./bitbucket.ts";
import { bitbucketServer } from "./bitbucket-server.ts";
import { standardWebhooks } from "./standard-webhooks.ts";
import { twilio } from "./twilio.ts";

/** Every sender the daemon knows, by the name that a webhook's configuration gives. */
export const providers = {
  qoc,
  github,
  gitlab,
  bitbucket,
  "bitbucket-server": bitbucketServer,
  jira,
  pagerduty,
  slack,
  stripe,
  shopify,
  linear,
  sentry,
  "standard-webhooks": standardWebhooks,
  twilio,
} as const satisfies Record<string, Provider>;
export type ProviderName = keyof typeof providers;
export const isProviderName = (name: string): name is ProviderName => Object.hasOwn(providers, name);

/** A webhook's sender as plain data. */
export type Sender =
  | { readonly kind: "preset"; readonly name: ProviderName }
  | { readonly kind: "custom"; readonly sender: CustomSender };

export function providerFor(sender: Sender): Provider {
  switch (sender.kind) {
    case "preset":
      return providers[sender.name];
    case "custom":
      return madeFor(sender.sender);
  }
}

const made = new WeakMap<CustomSender, Provider>();
function madeFor(sender: CustomSender): Provider {
  const known = made.get(sender);
  if (known !== undefined) return known;
  const provider = customProvider(sender);
  made.set(sender, provider);
  return provider;
}
