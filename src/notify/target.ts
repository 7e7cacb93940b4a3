/** Where notifications go, and which places may not be called at all. */
import type { NotifyConfig } from "../config/order-config.ts";

/** One `[[notify]]` of a desk. */
export type NotifyTarget = NotifyConfig;

export type CheckedUrl =
  | { readonly kind: "url"; readonly url: URL }
  | { readonly kind: "refused"; readonly reason: string };

/** What can be said of a URL by looking at it. Which address it leads to is judged when it is called. Quotes nothing of it: it may be a secret. */
export function checkUrl({ url: text, allow_private }: Pick<NotifyTarget, "url" | "allow_private">): CheckedUrl {
  if (!URL.canParse(text)) return refused("its URL cannot be read");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return refused("its URL is neither https: nor http:");
  if (url.protocol === "http:" && !allow_private) return refused("its URL is http:, which takes allow_private = true");
  if (url.username !== "" || url.password !== "") return refused("its URL has a user or a password in it");
  return { kind: "url", url };
}

const refused = (reason: string): CheckedUrl => ({ kind: "refused", reason });
