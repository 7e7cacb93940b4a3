/** `[[redaction]]`: what is masked before a webhook with storage = "filtered" stores anything. Rules between its keys stand in `redaction-rules.ts`. */
import { z } from "zod";
import { KNOWN_FORMS } from "../redaction/rule.ts";
import { forms } from "./forms.ts";
import { choice, TABLE, text } from "./value-kinds.ts";

const MATCHES = [...KNOWN_FORMS, "pattern", "pointer", "header"] as const;

export const RedactionSchema = z.strictObject(
  {
    id: text(forms.name).meta({ description: "the rule's name, in masks and receipts: [redacted:id]" }),
    match: choice(MATCHES).meta({
      description: 'what it finds: a known form, or "pattern", "pointer" or "header" with the key of that name',
    }),
    pattern: text(forms.pattern).optional().meta({
      description: "what it finds in texts, in the syntax of RE2; only with match pattern",
    }),
    pointer: text(forms.pointer).optional().meta({
      description: "the value it masks, whatever it is; * stands for any one name or index; only with match pointer",
    }),
    header: text(forms.header).optional().meta({
      description: "the header whose value it masks; only with match header",
    }),
  },
  TABLE,
);

/** A rule as written. */
export type RedactionText = z.output<typeof RedactionSchema>;
