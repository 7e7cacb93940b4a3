/** Whose request one is that proves nothing: told by the names of its headers, never by what they say. */
import type { RawDelivery } from "../core/delivery.ts";
import { isProviderName, type ProviderName, providers } from "../providers/index.ts";
import type { Provider } from "../providers/provider.ts";

/**
 * What a failed request is. `signed`: it has a signature's header, of whatever sender. `unsigned`: it has none, and the marks of this
 * webhook's sender. `knock`: neither; whoever finds an address on the internet asks there.
 */
export type FailureKind = "signed" | "unsigned" | "knock";

export function failureKind(raw: RawDelivery, provider: Provider): FailureKind {
  if ([provider, ...presets].some((each) => isSigned(raw, each))) return "signed";
  return markCount(raw, provider) > 0 ? "unsigned" : "knock";
}

/** How the headers begin that have the sender's own name in them, or one that nobody else is known to use. */
const MARKS = {
  qoc: ["x-qoc-"],
  github: ["x-github-"],
  gitlab: ["x-gitlab-", "webhook-"],
  bitbucket: ["x-event-key", "x-hook-uuid"],
  "bitbucket-server": ["x-event-key"],
  jira: ["x-atlassian-"],
  pagerduty: ["x-pagerduty-", "x-webhook-subscription"],
  slack: ["x-slack-"],
  stripe: ["stripe-"],
  shopify: ["x-shopify-"],
  linear: ["linear-"],
  sentry: ["sentry-hook-"],
  "standard-webhooks": ["webhook-", "svix-"],
  twilio: ["x-twilio-", "i-twilio-"],
} as const satisfies Record<ProviderName, readonly string[]>;

/** What clients and proxies add to anybody's request. */
const ANYBODYS: ReadonlySet<string> = new Set([
  "content-type",
  "content-length",
  "user-agent",
  "date",
  "host",
  "idempotency-key",
  "request-id",
  "x-correlation-id",
  "x-request-id",
  "x-request-uuid",
  "x-trace-id",
]);

const presets: readonly Provider[] = Object.values(providers);

const signatureHeaders = ({ schemes }: Provider): readonly string[] => schemes.flatMap(({ headers }) => headers);
const isSigned = ({ headers }: RawDelivery, provider: Provider): boolean =>
  signatureHeaders(provider).some((name) => headers.has(name));

/** How many of its headers are this sender's: the signature's, and its marks. */
export function markCount({ headers }: RawDelivery, provider: Provider): number {
  const signatures = signatureHeaders(provider);
  const marks = marksOf(provider);
  return [...headers.keys()].filter(
    (name) => signatures.includes(name) || (!ANYBODYS.has(name) && marks.some((mark) => name.startsWith(mark))),
  ).length;
}

/** A sender that a person described is known by the headers that were named for it. */
const marksOf = ({ name, headers_kept }: Provider): readonly string[] =>
  isProviderName(name) ? MARKS[name] : headers_kept;
