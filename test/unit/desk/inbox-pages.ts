/** Inbox jobs that say only what a test is about, and their pages taken apart. */
import { assert } from "../../../src/core/assert.ts";
import type { Facts } from "../../../src/core/delivery.ts";
import { sha256Of } from "../../../src/core/ids.ts";
import { renderInboxItem } from "../../../src/desk/inbox-item.ts";
import type { InboxJob } from "../../../src/desk/jobs.ts";

export const RUN = "0198f000-0000-8000-8000-00000000abcd";
export const SHA = sha256Of("5".repeat(64));
export const facts = (over: Partial<Facts> = {}): Facts => ({
  provider: "qoc",
  event_type: "risk_breach",
  external_event_id: null,
  delivery_id: "delivery-1",
  actor: null,
  project: null,
  ref: null,
  commit_sha: null,
  subject_key: null,
  order: null,
  payload: "json",
  ...over,
});
export const job = (body: string | Uint8Array, over: Partial<InboxJob> = {}): InboxJob => ({
  kind: "inbox",
  dir: "/desk",
  run: RUN,
  webhook: "risk-breach",
  received_at: Date.UTC(2026, 6, 5, 14, 22, 0, 120),
  facts: facts(),
  sha256: SHA,
  media_type: "application/json",
  body: Buffer.from(body),
  body_bytes: Buffer.byteLength(body),
  notice: null,
  ...over,
});
export const page = (of: InboxJob): string => Buffer.from(renderInboxItem(of).bytes).toString();

/** The page as a reader takes it apart: what stands between the first two `---` lines, and what comes after. */
export function parts(text: string): { readonly head: string; readonly body: string } {
  const end = text.indexOf("\n---\n", 4);
  assert(text.startsWith("---\n") && end > 0, "the page begins with front matter");
  return { head: text.slice(4, end + 1), body: text.slice(end + 5) };
}
