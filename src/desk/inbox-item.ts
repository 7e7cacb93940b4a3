/**
 * What a person finds in `inbox/`: one Markdown page per delivery, and one per notice about it, a pure function of the job. JSON stands in it exactly as it was
 * received, in the body or in a form's field, and a form as a list of its fields; anything else is described, and printed by the
 * command that the page names.
 */
import { isForm } from "../core/form.ts";
import { isJsonNumber, type JsonNumber } from "../core/json.ts";
import { type Entries, frontMatter, type ScalarValue, topLevelLine } from "./front-matter.ts";
import { JSON_FIELD, readContent, type Content, type Field, type Line } from "./inbox-content.ts";
import type { InboxJob, Notice } from "./jobs.ts";
import { codeSpan, cut, fenced, quotation } from "./markdown.ts";

export const INBOX_FOLDER = "inbox";
export const FIELDS_MAX = 100;
export const FIELD_NAME_CHARACTERS_MAX = 1_000;
export const FIELD_VALUE_CHARACTERS_MAX = 2_000;
export const PASTED_BYTES_MAX = 64 * 1024;
/** A larger body is not read for its item: reading takes many times its size in memory. */
export const READ_BYTES_MAX = 1024 * 1024;
const SUMMARY_FIELDS_MAX = 4;
const SUMMARY_CHARACTERS_MAX = 60;

export type InboxItem = {
  /** File names, the preferred one first: the others are for when another delivery has it. */
  readonly names: readonly string[];
  readonly bytes: Uint8Array;
  /** Whether a file is this item, edited by a person since: it names the same run and notice. */
  readonly isEdited: (found: Uint8Array) => boolean;
};

export function renderInboxItem(job: InboxJob): InboxItem {
  const content = contentOf(job);
  const page = [
    frontMatter(headOf(job, content.fields)),
    ...(job.notice === null ? [] : [quotation(job.notice.says)]),
    summaryOf(job, content.fields),
    bodyOf(job, content),
  ];
  return { names: namesOf(job), bytes: Buffer.from(page.join("\n")), isEdited: (found) => isSameItem(found, job) };
}

function contentOf({ body, body_bytes, media_type, facts }: InboxJob): Content {
  if (body.byteLength === body_bytes) return readContent(body, media_type);
  return facts.payload === "json" && !isForm(media_type)
    ? { kind: "json", fields: [], json: body, beside: null }
    : { kind: "other", fields: [], because: "is too large to be read here" };
}

/** `2026-07-05T14-22-00Z`. */
const stampOf = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replaceAll(":", "-")}Z`;

function namesOf({ received_at, webhook, run, notice }: InboxJob): readonly string[] {
  const first = `${stampOf(received_at)}-${webhook}`;
  const behind = notice === null ? "" : `-notice-${notice.ordinal}`;
  const names = [`${first}-${run.slice(0, 8)}${behind}`, `${first}-${run}${behind}`];
  return (notice === null ? [first, ...names] : names).map((name) => `${name}.md`);
}

function headOf(job: InboxJob, fields: readonly Field[]): Entries {
  const shown = fields.filter(([name]) => name.length <= FIELD_NAME_CHARACTERS_MAX).slice(0, FIELDS_MAX);
  const omitted = fields.length - shown.length;
  return [
    ["kind", "webhook"],
    ["status", "new"],
    ["webhook", job.webhook],
    ["event", job.facts.event_type],
    ["received_at", new Date(job.received_at).toISOString()],
    ["run", job.run],
    ["delivery_id", job.facts.delivery_id],
    ["sha256", job.sha256],
    ...(job.notice === null ? [] : [noticeEntry(job.notice), ["says", job.notice.says] as const]),
    ["fields", shown.map(([name, value]) => [name, bounded(value)] as const)],
    ...(omitted === 0 ? [] : [["fields_omitted", { lexeme: String(omitted) }] as const]),
  ];
}

const noticeEntry = ({ ordinal }: Notice): readonly ["notice", JsonNumber] => ["notice", { lexeme: String(ordinal) }];

/** A number too long to show becomes a text: a number with digits missing would be another number. */
function bounded(value: ScalarValue): ScalarValue {
  const text = textOf(value);
  const short = cut(text, FIELD_VALUE_CHARACTERS_MAX, (length) => `… (cut: ${length} characters)`);
  return short === text ? value : short;
}

const textOf = (value: ScalarValue): string =>
  typeof value === "object" && value !== null && isJsonNumber(value) ? value.lexeme : String(value);

const short = (text: string): string => cut(text, SUMMARY_CHARACTERS_MAX, () => "…");

function summaryOf(job: InboxJob, fields: readonly Field[]): string {
  const event = job.facts.event_type;
  const parts = fields
    .filter(([, value]) => value !== event)
    .slice(0, SUMMARY_FIELDS_MAX)
    .map(([name, value]) => codeSpan(`${short(name)} = ${short(textOf(value))}`));
  const opening = `${event === null ? "An event without a name" : codeSpan(short(event))} from ${codeSpan(job.webhook)}`;
  return `${[opening, ...parts].join(", ")}\n`;
}

function bodyOf(job: InboxJob, content: Content): string {
  switch (content.kind) {
    case "json":
      return content.beside === null
        ? pasted(content.json, "json", job.body_bytes, ` ${printedBy(job)}`)
        : [pasted(content.json, "json"), ...besides(content.beside), sentAsForm(job)].join("\n");
    case "form":
      return [pasted(listed(content.lines), "text"), sentAsForm(job)].join("\n");
    case "other":
      return `The body ${content.because} and is not shown: ${job.body_bytes} bytes of ${codeSpan(job.media_type)}, SHA-256 \`${job.sha256}\`. ${printedBy(job)}\n`;
  }
}

const besides = (lines: readonly Line[]): readonly string[] =>
  lines.length === 0 ? [] : [`Beside \`${JSON_FIELD}\` the form has:\n`, pasted(listed(lines), "text")];

/** One line for each value, written as in the front matter, so that no value looks like a line of its own. */
const listed = (lines: readonly Line[]): Uint8Array =>
  Buffer.from(lines.map(([name, value]) => topLevelLine(name, value)).join("\n"));

/** What is shown was taken out of a form; what was signed is the form. */
const sentAsForm = (job: InboxJob): string => `It was sent as a form. ${printedBy(job)}\n`;

/** @param bytes how many there are in all, where the text is their beginning */
function pasted(text: Uint8Array, language: "json" | "text", bytes = text.byteLength, ending = ""): string {
  if (bytes <= PASTED_BYTES_MAX) return fenced(new TextDecoder().decode(text), language);
  const shorter = new TextDecoder().decode(text.subarray(0, PASTED_BYTES_MAX), { stream: true });
  const whole = language === "json" ? "payload" : "list";
  return `${fenced(shorter, language)}\nThe ${whole} has ${bytes} bytes; it is cut above.${ending}\n`;
}

const printedBy = ({ sha256 }: InboxJob): string => `Print it with \`qoc artifact cat ${sha256}\`.`;

function isSameItem(found: Uint8Array, { run, notice }: InboxJob): boolean {
  const [opening, ...lines] = new TextDecoder().decode(found).split(/\r?\n/);
  const head = lines.slice(0, Math.max(0, lines.indexOf("---")));
  if (opening !== "---" || !head.includes(topLevelLine("run", run))) return false;
  const noticed = head.find((line) => line.startsWith("notice:"));
  return noticed === (notice === null ? undefined : topLevelLine(...noticeEntry(notice)));
}
