/** The page in the inbox that asks a person to decide one draft. What the draft says is an agent's word and stands in code spans. */
import type { Instant, RunId } from "../core/ids.ts";
import type { DraftRef } from "../core/order.ts";
import { frontMatter } from "./front-matter.ts";
import { codeSpan, quotation } from "./markdown.ts";
import { stampOf, type Page } from "./page.ts";

export type ApprovalPage = DraftRef & {
  readonly run: RunId;
  readonly webhook: string;
  readonly task: string | null;
  readonly asked_at: Instant;
  /** Null: it does not expire. */
  readonly expires_at: Instant | null;
  /** The draft in words, or why it cannot be read. */
  readonly says: string;
};

export function approvalPage(asked: ApprovalPage): Page {
  const { run, draft, file, digest, webhook, task, says, asked_at, expires_at } = asked;
  const until =
    expires_at === null ? "" : ` Undecided at ${new Date(expires_at).toISOString()} it expires, which denies it.`;
  const head = frontMatter([
    ["kind", "approval"],
    ["status", "new"],
    ["webhook", webhook],
    ["task", task],
    ["event", "approval.requested"],
    ["asked_at", new Date(asked_at).toISOString()],
    ["expires_at", expires_at === null ? null : new Date(expires_at).toISOString()],
    ["run", run],
    ["draft", String(draft)],
    ["file", file],
    ["digest", digest],
    ["says", `Drafted: ${says}`],
  ]);
  const body = [
    `The agent of ${codeSpan(task ?? webhook)} drafted this, and a person decides: ${codeSpan(says)}.`,
    "",
    `Read and, if you like, edit ${codeSpan(file)}: what you approve is what is sent. Then`,
    "",
    `- ${codeSpan(`qoc approve ${run} --draft ${draft}`)}`,
    `- ${codeSpan(`qoc reject ${run} --draft ${draft} --reason TEXT`)}`,
    "",
    `Its digest as it was drafted is ${codeSpan(digest)}. Nothing is sent before every draft of the run is decided.${until}`,
    "",
  ].join("\n");
  return {
    names: [run.slice(0, 8), run].map((id) => `${stampOf(asked_at)}-approval-${id}-${draft}.md`),
    bytes: Buffer.from([head, quotation(`Draft ${draft} of run ${run} waits for your decision.`), body].join("\n")),
  };
}
