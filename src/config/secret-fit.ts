/** Whether a secret is one that its sender can have given out: found when the configuration is read, not at the first delivery. */
import type { TomlTable } from "smol-toml";
import { providers } from "../providers/index.ts";
import type { Provider } from "../providers/provider.ts";
import { secretFault } from "../providers/secret-keys.ts";
import { customSender } from "./custom-sender.ts";
import { isTable, valueAt } from "./layers.ts";
import { metricsTokenMisfits } from "./observe-rules.ts";
import { aboutValue, type Finding } from "./problem.ts";
import { schemeContradictions } from "./scheme-rules.ts";
import { SchemeSchema } from "./scheme-schema.ts";
import type { PlacedSecret, SecretsRead } from "./secrets.ts";
import { isSenderName } from "./senders.ts";

/** Says nothing about a webhook whose sender is not known because another key is wrong. */
export const misfits = (desk: TomlTable, { byWebhook, byTarget, metricsToken }: SecretsRead): readonly Finding[] => [
  ...byWebhook.flatMap((secrets, i) => {
    const webhook = valueAt(desk, ["webhook", i]);
    const schemes = isTable(webhook) ? schemesOf(webhook) : null;
    return schemes === null ? [] : unfit(secrets, schemes);
  }),
  ...byTarget.flatMap((secrets) => unfit(secrets, NOTIFICATION_SCHEMES)),
  ...metricsTokenMisfits(metricsToken),
];

/** What a notification is signed with is shared by two. */
const [sharedSecret] = providers["standard-webhooks"].schemes;
const NOTIFICATION_SCHEMES: Provider["schemes"] = [
  { ...sharedSecret, secret: { ...sharedSecret.secret, prefix_required: true } },
];

const unfit = (secrets: readonly PlacedSecret[], schemes: Provider["schemes"]): readonly Finding[] =>
  secrets.flatMap(({ secret, path }) => {
    const fault = secretFault(secret.reveal(), schemes);
    return fault === null ? [] : [aboutValue(path, `is read from ${secret.source} and cannot be used: ${fault}`)];
  });

function schemesOf({ provider = "qoc", scheme }: TomlTable): Provider["schemes"] | null {
  if (!isSenderName(provider)) return null;
  if (provider !== "custom") return providers[provider].schemes;
  const read = SchemeSchema.safeParse(scheme);
  const isClear = isTable(scheme) && schemeContradictions(scheme, []).length === 0;
  return read.success && isClear ? [customSender(read.data).scheme] : null;
}
