/** What needs a person, in the order in which it does: `qoc.needs-you/1`. */
import { z } from "zod";
import { list, Time } from "./values.ts";

export const NeedsItem = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("approval"),
    workspace: z.string(),
    run: z.string(),
    draft: z.number(),
    /** The draft in words; null while its file cannot be read. */
    says: z.string().nullable(),
    webhook: z.string(),
    expires_at: Time.nullable(),
  }),
  z.object({
    kind: z.literal("stuck"),
    workspace: z.string(),
    run: z.string(),
    webhook: z.string(),
    state: z.string(),
    says: z.string(),
    since: Time,
  }),
  /** A hold whose time is nearly over. Approvals are above, those that expire first before the others. */
  z.object({
    kind: z.literal("expiring"),
    workspace: z.string(),
    run: z.string(),
    webhook: z.string(),
    says: z.string(),
    expires_at: Time,
  }),
  z.object({
    kind: z.literal("inbox"),
    workspace: z.string(),
    /** Below the desk. */
    file: z.string(),
    title: z.string(),
    at: Time.nullable(),
  }),
  z.object({
    kind: z.literal("webhook"),
    workspace: z.string(),
    webhook: z.string(),
    says: z.string(),
    failures: z.number(),
    last_at: Time.nullable(),
  }),
]);
export type NeedsItem = z.infer<typeof NeedsItem>;

/** `items` are the first of each kind; `counts` are of all that were looked at, `more` when there are still others. */
export const NeedsYou = z.object({
  now: Time,
  items: list(NeedsItem),
  counts: z.object({
    approval: z.number(),
    stuck: z.number(),
    expiring: z.number(),
    inbox: z.number(),
    webhook: z.number(),
  }),
  more: z.boolean(),
});
export type NeedsYou = z.infer<typeof NeedsYou>;
