/** The words of an inbox item, which people may change too. */

/** Where items lie, below the desk. */
export const INBOX = "inbox";
export const INBOX_STATUSES = ["new", "open", "done", "snoozed", "blocked"] as const;
export type InboxStatus = (typeof INBOX_STATUSES)[number];
