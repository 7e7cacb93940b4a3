/** The page in the inbox that says whose key the approvers of a desk rest on from here on: who did not make it hears of it here. */
import type { Instant, Sha256 } from "../core/ids.ts";
import { frontMatter } from "./front-matter.ts";
import { codeSpan, quotation } from "./markdown.ts";
import { stampOf, type Page } from "./page.ts";

export type ApproverMet = {
  readonly workspace: string;
  readonly root: Sha256;
  /** The root that a reset took away; undefined for a first one. */
  readonly before: string | undefined;
  readonly at: Instant;
};

export function approverPage({ workspace, root, before, at }: ApproverMet): Page {
  const event = before === undefined ? "approver.trusted" : "approver.changed";
  const head = frontMatter([
    ["kind", "approver"],
    ["status", "new"],
    ["event", event],
    ["received_at", new Date(at).toISOString()],
    ["root", root],
    ["before", before ?? null],
    ["says", saysOf(workspace, before)],
  ]);
  const body = [
    `The key is ${codeSpan(root)}${before === undefined ? "" : `; before, it was ${codeSpan(before)}`}.`,
    "",
    `Compare it with the fingerprint that ${codeSpan("qoc approver add")} showed you. If it is not yours, approve nothing:`,
    `stop the daemon, take the key's files out of ${codeSpan(".qoc/approvers")}, and run ${codeSpan("qoc approver reset")}.`,
    "",
  ].join("\n");
  return {
    names: [root.slice(0, 8), root].map((id) => `${stampOf(at)}-approver-${id}.md`),
    bytes: Buffer.from([head, quotation(saysOf(codeSpan(workspace), before)), body].join("\n")),
  };
}

const saysOf = (workspace: string, before: string | undefined): string =>
  before === undefined
    ? `The approvers of ${workspace} rest on a first key, trusted from here on.`
    : `The approvers of ${workspace} rest on another key than before a reset.`;
