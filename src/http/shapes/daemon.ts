/** The daemon as a whole: how it is, and what it can be asked to do. */
import path from "node:path";
import { z } from "zod";
import { EndpointItem } from "./endpoints.ts";
import { list, Time } from "./values.ts";

const DRAIN_MS_MAX = 10 * 60_000;

const WebhookStatus = z
  .object({ name: z.string() })
  .extend(
    EndpointItem.pick({ provider: true, action: true, task: true, url: true, secrets: true, signatures: true }).shape,
  );

export const DeskStatus = z.object({
  name: z.string(),
  dir: z.string(),
  webhooks: list(WebhookStatus),
  runs: z.object({ unfinished: z.number(), parked: z.number(), stuck: z.number(), needs_me: z.number() }),
  notices: z.object({ unwritten: z.number() }),
  mail_waiting: z.number(),
  failed_signatures: z.number(),
});

export type DeskStatus = z.infer<typeof DeskStatus>;

export const DaemonStatus = z.object({
  version: z.string(),
  /** Null when no daemon runs. */
  pid: z.number().nullable(),
  ready: z.boolean(),
  draining: z.boolean(),
  ingress: z.string().nullable(),
  console: z.string().nullable(),
  started_at: Time.nullable(),
  workspaces: list(DeskStatus),
});
export type DaemonStatus = z.infer<typeof DaemonStatus>;

export const Health = z.object({ ok: z.boolean() });

export const Ready = z.object({
  ready: z.boolean(),
  checks: list(z.object({ name: z.string(), ok: z.boolean(), says: z.string() })),
});
export type Ready = z.infer<typeof Ready>;

export const StopBody = z.strictObject({ drain_ms: z.int().min(0).max(DRAIN_MS_MAX).default(20_000) }).prefault({});
export const Stopping = z.object({ draining: z.boolean(), drain_ms: z.number() });

export const Reloaded = z.object({
  reloaded: z.boolean(),
  workspaces: list(z.string()),
  problems: list(z.string()),
});

export const BackupBody = z.strictObject({
  workspace: z.string(),
  to: z.string().refine((to) => path.isAbsolute(to), "must be an absolute path"),
});
export const BackedUp = z.object({ workspace: z.string(), to: z.string(), bytes: z.number() });
