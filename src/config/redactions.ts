/** The rules that a webhook masks by, and what is odd about them without being wrong. */
import { assert } from "../core/assert.ts";
import type { RedactionRule } from "../redaction/rule.ts";
import type { RedactionText } from "./redaction-schema.ts";
import type { WebhookText } from "./webhook-schema.ts";

/** Null: everything is stored as it comes. In the order of the desk, whatever the webhook's own. */
export function redactionOf(
  { storage, redact }: Pick<WebhookText, "storage" | "redact">,
  rules: readonly RedactionText[],
): readonly RedactionRule[] | null {
  if (storage === "raw") return null;
  return rules.filter(({ id }) => redact.length === 0 || redact.includes(id)).map(ruleOf);
}

function ruleOf({ id, match, pattern, pointer, header }: RedactionText): RedactionRule {
  switch (match) {
    case "pattern":
      assert(pattern !== undefined, "a checked rule has its pattern");
      return { kind: "pattern", id, pattern };
    case "pointer":
      assert(pointer !== undefined, "a checked rule has its pointer");
      return { kind: "pointer", id, pointer };
    case "header":
      assert(header !== undefined, "a checked rule has its header");
      return { kind: "header", id, header: header.toLowerCase() };
    case "api-key":
    case "bearer-token":
    case "email":
    case "private-url":
      return { kind: match, id };
  }
}

/** A rule that masks nothing anywhere is most likely meant to: each is a sentence for a person. */
export function unusedRules(
  rules: readonly RedactionText[],
  webhooks: readonly { readonly redaction: readonly RedactionRule[] | null }[],
): readonly string[] {
  const used = new Set(webhooks.flatMap(({ redaction }) => redaction ?? []).map(({ id }) => id));
  return rules
    .filter(({ id }) => !used.has(id))
    .map(({ id }) => `[[redaction]] ${id} masks nothing: no webhook with storage = "filtered" uses it`);
}
