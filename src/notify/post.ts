import type { SignedMessage } from "./message.ts";
import type { NotifyTarget } from "./target.ts";

/** What came of one attempt. Reasons are sentences of ours: they quote neither the URL nor the answer. */
export type Reply =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly retry_after: string | null;
      /** The beginning of what the target wrote. */
      readonly body: Uint8Array;
    }
  /** Nothing was sent, because nothing may be sent there. */
  | { readonly kind: "refused"; readonly reason: string }
  /** It may have arrived. */
  | { readonly kind: "failed"; readonly reason: string };

/** Sends one message once, and follows no redirect. Resolves within a bounded time; rejects never. */
export type PostMessage = (
  target: Pick<NotifyTarget, "url" | "allow_private">,
  message: SignedMessage,
) => Promise<Reply>;

/** What a reply means. `failed`: later it may go better. `refused`: the same is likely to be said again. */
export type Verdict =
  | { readonly kind: "delivered"; readonly status: number }
  | { readonly kind: "failed" | "refused"; readonly reason: string };

/** Asked to wait, or to come again. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

export function verdictOn(reply: Reply): Verdict {
  if (reply.kind !== "answered") return reply;
  const { status } = reply;
  if (status >= 200 && status < 300) return { kind: "delivered", status };
  if (status >= 300 && status < 400)
    return { kind: "refused", reason: `it answers ${status}: redirects are not followed` };
  const isRefusal = status >= 400 && status < 500 && !LATER.has(status);
  return { kind: isRefusal ? "refused" : "failed", reason: `it answers ${status}` };
}

/** `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date. Null for what is neither. */
export function retryAfterMs(text: string | null, now: number): number | null {
  if (text === null) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Only the form that is still written: what else `Date.parse` takes is not a date of HTTP.
  const at = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
