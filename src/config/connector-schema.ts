/** `[[connector]]`, `[[draft]]` and `[[notify]]`: where approved drafts go, and who is told. Rules between their keys stand in `connector-rules.ts`. */
import { z } from "zod";
import { forms } from "./forms.ts";
import { argv, choice, duration, TABLE, text, texts, url } from "./value-kinds.ts";

export const CONNECTORS_MAX = 100;
export const NOTIFY_EVENTS = ["run.finalized", "approval.requested", "run.stuck"] as const;
export type NotifyEvent = (typeof NOTIFY_EVENTS)[number];

const program = () => argv("must be a program and its arguments, as a list");
const ENV_REASON =
  "names of variables that its program is given beside PATH, LANG, LC_ALL and TZ; no agent is given them too";
const TIMEOUT_REASON = "how long it may take; then it is ended, and whether it acted is unknown";

export const ConnectorSchema = z.strictObject(
  {
    name: text(forms.name).meta({ description: "what an order says as its connector" }),
    type: choice(["paper", "command"]).meta({
      description: "paper fills against the quotes in book/ and sends nothing anywhere; command starts a program",
    }),
    command: program().optional().meta({
      description: "takes an order on its input, gives an acknowledgement on its output; only with type command",
    }),
    ask: program().optional().meta({
      description: "is asked by key what became of an order that may have been sent; only with type command",
    }),
    timeout: duration("1h").default("30s").meta({ description: TIMEOUT_REASON }),
    env: texts(forms.variable, 100).meta({ description: ENV_REASON }),
  },
  TABLE,
);

const Field = z.strictObject(
  {
    name: text(forms.key).meta({ description: "the name of a field of such a draft, below its [draft]" }),
    type: choice(["text", "decimal", "integer", "boolean", "choice"]).meta({ description: "what the field holds" }),
    choices: texts(forms.word, 100).meta({ description: "what it may be; only with type choice" }),
    required: z
      .boolean("must be true or false")
      .default(false)
      .meta({ description: "whether a draft without it is refused" }),
  },
  TABLE,
);

export const DraftSchema = z.strictObject(
  {
    kind: text(forms.name).meta({ description: "what a draft says as its kind, and part of its file's name" }),
    command: program().meta({ description: "takes an approved draft on its input, and acts" }),
    ask: program()
      .optional()
      .meta({ description: "is asked by key what became of a draft that may have been acted on" }),
    timeout: duration("24h").default("5m").meta({ description: TIMEOUT_REASON }),
    env: texts(forms.variable, 100).meta({ description: ENV_REASON }),
    fields: z
      .array(Field, "must be written [[draft.fields]], with two brackets")
      .max(100, "must have at most 100 items")
      .default([]),
  },
  TABLE,
);

export const NotifySchema = z.strictObject(
  {
    name: text(forms.name).meta({ description: "its name, in the inbox and the log" }),
    url: url().meta({ description: "where notifications are sent to; https, or http with allow_private" }),
    secret: text(forms.secret).meta({
      description: 'what they are signed with, after Standard Webhooks: "env:VAR" or "file:PATH", whsec_ and base64',
    }),
    events: z
      .array(choice(NOTIFY_EVENTS), "must be a list")
      .min(1, "must name at least one event")
      .default([...NOTIFY_EVENTS])
      .meta({ description: "of what it is told" }),
    allow_private: z
      .boolean("must be true or false")
      .default(false)
      .meta({ description: "whether it may be on this machine or in a private network" }),
  },
  TABLE,
);

export type ConnectorText = z.output<typeof ConnectorSchema>;
export type FieldText = z.output<typeof Field>;
export type DraftText = z.output<typeof DraftSchema>;
export type NotifyText = z.output<typeof NotifySchema>;
