/** The inbox of a desk: Markdown files with YAML front matter. */
import { z } from "zod";
import { INBOX_STATUSES } from "../../core/inbox.ts";
import { Field, list, Next, Time } from "./values.ts";

export const InboxQuery = z.strictObject({
  workspace: z.string().optional(),
  status: z.enum(INBOX_STATUSES).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(600).optional(),
});
export type InboxQuery = z.infer<typeof InboxQuery>;

export const InboxItem = z.object({
  workspace: z.string(),
  file: z.string(),
  kind: z.string(),
  /** As its front matter says; `unreadable` where there is none, or none that says it. */
  status: z.string(),
  title: z.string(),
  at: Time.nullable(),
  run: z.string().nullable(),
});
export type InboxItem = z.infer<typeof InboxItem>;

/** Newest first. `looked` files were read for this page. */
export const InboxPage = z.object({ items: list(InboxItem), next: Next, looked: z.number() });
export type InboxPage = z.infer<typeof InboxPage>;

export const InboxFileQuery = z.strictObject({ workspace: z.string(), file: z.string().max(400) });
/** `fields`: the front matter; `text`: what stands below it, Markdown as written. */
export const InboxFile = InboxItem.extend({ fields: list(Field), text: z.string(), cut: z.boolean() });
export type InboxFile = z.infer<typeof InboxFile>;

export const InboxStatusBody = z.strictObject({
  workspace: z.string(),
  file: z.string().max(400),
  status: z.enum(INBOX_STATUSES),
});
export const InboxStatus = z.object({ workspace: z.string(), file: z.string(), status: z.enum(INBOX_STATUSES) });
export type InboxStatus = z.infer<typeof InboxStatus>;
