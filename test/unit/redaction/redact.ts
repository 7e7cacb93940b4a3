/** Rules over bodies, as the ingress applies them. */
import type { Masked } from "../../../src/core/redaction.ts";
import { filterBody } from "../../../src/redaction/body-filter.ts";
import { beginFiltering } from "../../../src/redaction/filtering.ts";
import type { RedactionRule } from "../../../src/redaction/rule.ts";
import { ruleSetOf } from "../../../src/redaction/rule-set.ts";

export const FORM = "application/x-www-form-urlencoded";
export const JSON_TYPE = "application/json";

type Redacted = { readonly text: string; readonly bytes: Uint8Array; readonly receipts: readonly Masked[] };

export function redact(
  body: string | Uint8Array,
  rules: readonly RedactionRule[],
  contentType: string | undefined = JSON_TYPE,
  form_json: string | null = null,
): Redacted {
  const sent = typeof body === "string" ? Buffer.from(body) : body;
  const filtering = beginFiltering(ruleSetOf(rules), sent.length);
  const bytes = filterBody(sent, { contentType, form_json }, filtering);
  return { text: Buffer.from(bytes).toString(), bytes, receipts: filtering.receipts.all() };
}

export const pattern = (text: string, id = "own"): RedactionRule => ({ kind: "pattern", id, pattern: text });
export const pointer = (to: string, id = "place"): RedactionRule => ({ kind: "pointer", id, pointer: to });
export const email: RedactionRule = { kind: "email", id: "mail" };
export const apiKey: RedactionRule = { kind: "api-key", id: "keys" };
export const bearer: RedactionRule = { kind: "bearer-token", id: "bearer" };
export const privateUrl: RedactionRule = { kind: "private-url", id: "url" };
