/** The words for how far an inbox item is, as its front matter has them. */
import type { InboxStatus as Marked } from "../../http/shapes/inbox.ts";

export type InboxStatus = (typeof STATUSES)[number];

export const STATUSES = ["new", "open", "done", "snoozed", "blocked"] as const satisfies readonly Marked["status"][];
