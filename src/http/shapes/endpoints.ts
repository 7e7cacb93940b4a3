/** The endpoints of the desks, and how they fare. */
import { z } from "zod";
import { list, Time } from "./values.ts";

const LikelyCause = z.object({
  kind: z.enum(["clock", "secret", "sender", "body", "url", "header", "unsigned", "unknown"]),
  sure: z.enum(["proved", "likely", "possible"]),
  says: z.string(),
  try: z.string(),
});

/** How the signatures of a webhook fared since the daemon started; `signature-health.ts` says what is counted. */
export const WebhookSignatures = z.object({
  verified: z.number(),
  last_verified_at: Time.nullable(),
  used_to_verify: z.boolean(),
  failed_since_verified: z.number(),
  failing_since: Time.nullable(),
  last_failure: z.object({ at: Time, fault: z.string() }).nullable(),
  cause: LikelyCause.nullable(),
  knocks: z.object({ count: z.number(), last_at: Time.nullable(), cause: LikelyCause.nullable() }),
});

export const EndpointItem = z.object({
  workspace: z.string(),
  webhook: z.string(),
  provider: z.string(),
  action: z.enum(["inbox", "run"]),
  task: z.string().nullable(),
  /** Null while nothing listens. */
  url: z.string().nullable(),
  /** How many secrets are set; never one of them. */
  secrets: z.number(),
  /** Null for a stopped desk. */
  signatures: WebhookSignatures.nullable(),
  last_received_at: Time.nullable(),
});
export type EndpointItem = z.infer<typeof EndpointItem>;

export const EndpointsPage = z.object({ items: list(EndpointItem) });
export type EndpointsPage = z.infer<typeof EndpointsPage>;

export const TestParams = z.object({ workspace: z.string(), webhook: z.string() });
/** What the endpoint answered to a delivery that the daemon signed with the webhook's own secret and sent to itself. */
export const TestSent = z.object({
  status: z.number(),
  run: z.string().nullable(),
  /** Null where the delivery got none, and its sender gives none. */
  delivery_id: z.string().nullable(),
  says: z.string(),
});
export type TestSent = z.infer<typeof TestSent>;
