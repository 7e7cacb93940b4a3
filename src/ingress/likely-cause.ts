/**
 * Why a signature failed. What proxies, clocks and people do to deliveries is undone and tried: a signature that then holds proves
 * the cause. Otherwise the headers suggest one.
 */
import type { RawDelivery } from "../core/delivery.ts";
import type { Instant } from "../core/ids.ts";
import type { SignatureFault } from "../core/refusals.ts";
import { providerFor, providers } from "../providers/index.ts";
import type { Provider } from "../providers/provider.ts";
import type { SignatureScheme } from "../providers/scheme.ts";
import { verify } from "../providers/verify.ts";
import type { LikelyCause, LikelyCauses } from "./cause.ts";
import type { WebhookRuntime } from "./desk-ingress.ts";
import { mistakenKeys } from "./mistaken-keys.ts";
import { publicUrls } from "./public-urls.ts";
import { signedBodies } from "./signed-bodies.ts";
import { suspicionsOf } from "./suspicions.ts";

/** A webhook as far as signatures go. */
export type SignedWebhook = Pick<WebhookRuntime, "name" | "sender" | "secrets" | "public_url">;

/** Whoever sends what fails chooses how much work this is. With these it is some ten milliseconds. */
const BODY_BYTES_MAX = 64 * 1024;
const MACS_MAX = 24;
const SECRETS_OF_OTHERS_MAX = 6;
const KEYS_MISTAKEN_MAX = 6;

/** Never empty; the likeliest first. `others` are the desk's further webhooks, any of whose secrets may have been used by mistake. */
export function likelyCauses(
  raw: RawDelivery,
  webhook: SignedWebhook,
  others: readonly SignedWebhook[],
  fault: SignatureFault,
  now: Instant,
): LikelyCauses {
  const provider = providerFor(webhook.sender);
  const proof = raw.body.length <= BODY_BYTES_MAX ? provedCause(raw, provider, webhook, others, fault, now) : undefined;
  return proof === undefined ? suspicionsOf(raw, provider, webhook.secrets, fault) : [proof];
}

/** What is tried in place of what came, or of what is configured. */
type Change = {
  readonly body?: Uint8Array;
  readonly schemes?: Provider["schemes"];
  readonly secrets?: readonly Uint8Array[];
  readonly public_url?: string;
};
/** The place of the secret under which the signature holds after this change; undefined when none does, or too much was tried. */
type Trial = (change: Change) => number | undefined;

function provedCause(
  raw: RawDelivery,
  provider: Provider,
  webhook: SignedWebhook,
  others: readonly SignedWebhook[],
  fault: SignatureFault,
  now: Instant,
): LikelyCause | undefined {
  const schemes = timeless(provider.schemes);
  let macs = 0;
  const holds: Trial = (change) => {
    const tried = { schemes, secrets: webhook.secrets, public_url: webhook.public_url, ...change };
    const cost = tried.secrets.length * tried.schemes.length;
    if (cost === 0 || macs + cost > MACS_MAX) return undefined;
    macs += cost;
    const verdict = verify({ ...raw, body: change.body ?? raw.body }, tried.schemes, { ...tried, now });
    return verdict.kind === "verified" ? verdict.secretIndex : undefined;
  };
  switch (fault) {
    case "REENCODED":
      return undefined;
    case "NO_SIGNATURE":
    case "REPEATED":
    case "MALFORMED":
    case "NO_TIME":
      return otherSender(raw, provider, holds);
    case "MISMATCH":
    case "TOO_OLD":
    case "IN_FUTURE":
      return (
        wrongClock(raw, provider, webhook, now, holds) ??
        otherSecret(others, holds) ??
        mistakenKey(webhook, schemes, holds) ??
        otherSender(raw, provider, holds) ??
        otherUrl(raw, schemes, holds) ??
        otherBody(raw, holds)
      );
  }
}

/** No time is too old: whether it is, is a question of its own. */
const timeless = ([first, ...more]: Provider["schemes"]): Provider["schemes"] => [ageless(first), ...more.map(ageless)];

const ageless = (scheme: SignatureScheme): SignatureScheme =>
  scheme.timestamp === null
    ? scheme
    : { ...scheme, timestamp: { ...scheme.timestamp, tolerance_s: Number.POSITIVE_INFINITY } };

const proved = (kind: LikelyCause["kind"], says: string, hint: string): LikelyCause => ({
  kind,
  sure: "proved",
  says,
  try: hint,
});

function wrongClock(
  raw: RawDelivery,
  { schemes }: Provider,
  { secrets, public_url }: SignedWebhook,
  now: Instant,
  holds: Trial,
): LikelyCause | undefined {
  if (holds({}) === undefined) return undefined;
  const verdict = verify(raw, schemes, { secrets, public_url, now });
  if (verdict.kind === "verified") return undefined;
  return proved(
    "clock",
    `the signature holds, but ${verdict.detail}`,
    "set this machine's clock and the sender's (timedatectl); if both are right, an old delivery was sent again",
  );
}

function otherSecret(others: readonly SignedWebhook[], holds: Trial): LikelyCause | undefined {
  const keys = others
    .flatMap(({ name, secrets }) => secrets.map((secret) => ({ name, secret })))
    .slice(0, SECRETS_OF_OTHERS_MAX);
  const found = keys[holds({ secrets: keys.map(({ secret }) => secret) }) ?? -1];
  if (found === undefined) return undefined;
  return proved(
    "secret",
    `it is signed with the secret of the webhook ${found.name}`,
    `give the sender this webhook's secret, or the URL of ${found.name}`,
  );
}

/** Every candidate is the key itself: a scheme that decodes its secrets would decode them again. */
function mistakenKey({ secrets }: SignedWebhook, schemes: Provider["schemes"], holds: Trial): LikelyCause | undefined {
  const [first, ...more] = schemes.filter(({ algorithm }) => algorithm !== "ed25519").map(withBareKeys);
  if (first === undefined) return undefined;
  const keys = secrets.flatMap(mistakenKeys).slice(0, KEYS_MISTAKEN_MAX);
  const found = keys[holds({ schemes: [first, ...more], secrets: keys.map(({ key }) => key) }) ?? -1];
  return found && proved("secret", `it is signed with ${found.says}`, found.try);
}

const withBareKeys = (scheme: SignatureScheme): SignatureScheme => ({
  ...scheme,
  secret: { encoding: "utf8", prefix: "", prefix_required: false },
});

function otherSender(raw: RawDelivery, own: Provider, holds: Trial): LikelyCause | undefined {
  const found = Object.values(providers).find(
    ({ name, schemes }: Provider) =>
      name !== own.name &&
      schemes.some(({ headers }) => headers.some((header) => raw.headers.has(header))) &&
      holds({ schemes: timeless(schemes) }) !== undefined,
  );
  if (found === undefined) return undefined;
  return proved(
    "sender",
    `it is signed as ${found.name} signs, with this webhook's secret`,
    `provider = "${found.name}" for this webhook in desk.toml`,
  );
}

function otherUrl(raw: RawDelivery, schemes: Provider["schemes"], holds: Trial): LikelyCause | undefined {
  if (!schemes.some(({ signed }) => signed === "twilio")) return undefined;
  const found = publicUrls(raw).some((public_url) => holds({ public_url }) !== undefined);
  if (!found) return undefined;
  return proved(
    "url",
    "it is signed for the URL that its headers name, which is not this webhook's",
    "set public_url to the URL that is entered at the sender, letter by letter",
  );
}

function otherBody(raw: RawDelivery, holds: Trial): LikelyCause | undefined {
  for (const { body, says } of signedBodies(raw.body, raw.headers.get("content-type")?.[0])) {
    if (holds({ body }) === undefined) continue;
    return proved(
      "body",
      `its body was re-encoded on the way: the signature holds over ${says}`,
      "let whatever stands between the sender and this daemon pass bodies on byte by byte",
    );
  }
  return undefined;
}
