/** The answers of the API as far as the command line reads them; what it does not read passes through to `--json` unchanged. */
import { z } from "zod";
import { RunView } from "../http/shapes/runs.ts";

export const RunItem = z.looseObject(RunView.shape);
export type RunItem = z.infer<typeof RunItem>;

/** The fixed form alone: what else the API tells of a run is for pages. */
export const RunsPage = z.object({ items: z.array(RunView), next: z.string().nullable() });

export const JournalRow = z.looseObject({
  seq: z.number(),
  at: z.string(),
  event: z.string(),
  from: z.string().nullable(),
  to: z.string(),
  by: z.string(),
  observations: z.array(z.looseObject({ name: z.string(), value: z.unknown() })),
});
export type JournalRow = z.infer<typeof JournalRow>;

const ErasedShown = z.looseObject({
  at: z.string(),
  reason: z.string(),
  seals: z.array(z.looseObject({ evidence_id: z.string(), pack: z.string().nullable() })),
  edited: z.array(z.string()),
  shared: z.number(),
});

export const ErasureAnswer = z.looseObject({
  run: z.string(),
  evidence_id: z.string(),
  dry_run: z.boolean(),
  state: z.string(),
  erased: ErasedShown.nullable(),
});
export type ErasureAnswer = z.infer<typeof ErasureAnswer>;

export const RunShown = RunItem.extend({
  event_type: z.string().nullable(),
  subject: z.string().nullable(),
  waiting_until: z.string().nullable(),
  task: z.string().nullable().default(null),
  drafts: z.array(z.looseObject({ draft: z.number(), file: z.string(), became: z.string() })).default([]),
  snapshot: z.string().nullable().default(null),
  inbox_item: z.string().nullable(),
  envelope: z.string().nullable(),
  parked: z.object({ reason: z.string(), at: z.string() }).nullable(),
  erased: ErasedShown.nullable().default(null),
  journal: z.array(JournalRow),
});
export type RunShown = z.infer<typeof RunShown>;

export const WhyAnswer = z.looseObject({
  run: z.string(),
  state: z.string(),
  paragraph: z.string(),
  commands: z.array(z.string()),
});

export const Acted = z.looseObject({
  run: z.string(),
  action: z.string(),
  dry_run: z.boolean(),
  from: z.string(),
  state: z.string(),
  new_run: z.string().nullable(),
  says: z.string(),
});

const LikelyCause = z.object({ kind: z.string(), sure: z.string(), says: z.string(), try: z.string() });

/** How a webhook's signatures fared; see `http/signature-health.ts`. */
export const WebhookSignatures = z.looseObject({
  verified: z.number(),
  last_verified_at: z.string().nullable(),
  used_to_verify: z.boolean(),
  failed_since_verified: z.number(),
  failing_since: z.string().nullable(),
  last_failure: z.object({ at: z.string(), fault: z.string() }).nullable(),
  cause: LikelyCause.nullable(),
  knocks: z.looseObject({ count: z.number(), cause: LikelyCause.nullable() }),
});
export type WebhookSignatures = z.infer<typeof WebhookSignatures>;

export const StatusAnswer = z.looseObject({
  version: z.string(),
  pid: z.number().nullable(),
  started_at: z.string().nullable(),
  ready: z.boolean(),
  draining: z.boolean(),
  ingress: z.string().nullable(),
  console: z.string().nullable(),
  workspaces: z.array(
    z.looseObject({
      name: z.string(),
      dir: z.string(),
      webhooks: z.array(
        z.looseObject({
          name: z.string(),
          action: z.string(),
          url: z.string().nullable(),
          secrets: z.number(),
          /** Null for a stopped desk, whose past nobody counted. */
          signatures: WebhookSignatures.nullable().default(null),
        }),
      ),
      runs: z.object({ unfinished: z.number(), parked: z.number(), stuck: z.number(), needs_me: z.number() }),
      mail_waiting: z.number(),
      failed_signatures: z.number(),
    }),
  ),
});

export const ReadyAnswer = z.looseObject({
  ready: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), says: z.string() })),
});

/** What the ingress answers with a 202. */
export const Accepted = z.looseObject({
  run: z.string(),
  delivery_id: z.string(),
  duplicate: z.boolean(),
  /** Only of a delivery that reached a run which it does not quite match. */
  flag: z.string().nullable().default(null),
});
