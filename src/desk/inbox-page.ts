/** A page of the inbox as it lies there, whoever wrote or edited it, and the one line of it that changes: its status. */
import { INBOX_STATUSES, type InboxStatus } from "../core/inbox.ts";
import { fieldOf, type HeadField, readFrontMatter } from "./front-matter-reading.ts";

/** What a list shows. What is null is not said. */
export type InboxHead = {
  readonly kind: string | null;
  /** Any text that a person wrote there; null where no head can be read. */
  readonly status: string | null;
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly at: number | null;
  readonly run: string | null;
  readonly webhook: string | null;
  readonly event: string | null;
  readonly says: string | null;
  readonly received_at: string | null;
};
export type InboxRead = InboxHead & { readonly fields: readonly HeadField[]; readonly text: string };

const TITLE_CHARACTERS_MAX = 200;
const WORD_CHARACTERS_MAX = 100;

type Part = { readonly cut?: boolean; readonly brief?: boolean };

/** @param name the file's own: what the page does not say of itself, it may */
export function readInboxPage(name: string, bytes: Uint8Array, part: Part = {}): InboxRead {
  const { fields, text } = readFrontMatter(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), part);
  const said = (field: string): string | null => fieldOf(fields, field);
  const webhook = said("webhook");
  const event = said("event");
  const says = said("says");
  const received_at = said("received_at");
  const byEvent = event === null || webhook === null ? null : `${event} from ${webhook}`;
  return {
    kind: said("kind")?.slice(0, WORD_CHARACTERS_MAX) ?? null,
    status: said("status")?.slice(0, WORD_CHARACTERS_MAX) ?? null,
    title: (said("title") ?? says ?? byEvent ?? name.replace(/\.md$/, "")).slice(0, TITLE_CHARACTERS_MAX),
    at: timeOf(received_at ?? said("written_at") ?? said("asked_at")) ?? timeInName(name),
    run: said("run")?.slice(0, WORD_CHARACTERS_MAX) ?? null,
    webhook,
    event,
    says: says ?? said("title"),
    received_at,
    fields: fields ?? [],
    text,
  };
}

/** Null for what is no time before the year 10000. */
function timeOf(text: string | null): number | null {
  const at = text === null ? Number.NaN : Date.parse(text);
  return at >= 0 && at < Date.UTC(10_000, 0) ? at : null;
}

/** `2026-07-05T14-22-00Z-…`. */
function timeInName(name: string): number | null {
  const [, day, hour, minute, second] = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z/.exec(name) ?? [];
  return day === undefined ? null : timeOf(`${day}T${hour}:${minute}:${second}Z`);
}

const STATUS_LINE = /^status:[^\r\n]*/gm;
/** Of one word or none: an anchor is what others may point at. */
const STATUS_PLAIN = /^status:[ \t]*(["']?)[\w-]*\1[ \t]*(?:#.*)?$/;

/**
 * The page with this status, and every other byte as it was; undefined where the head cannot be read, has no status of one line, or would
 * say something else beside it.
 */
export function withInboxStatus(page: Uint8Array, status: InboxStatus): Uint8Array | undefined {
  // One character a byte, so that what is no UTF-8 stays what it is.
  const text = Buffer.from(page.buffer, page.byteOffset, page.byteLength).toString("latin1");
  const [head] = /^---\r?\n[\s\S]*?\r?\n---(?:\r?\n|$)/.exec(text) ?? [];
  const [line, another] = head?.match(STATUS_LINE) ?? [];
  if (head === undefined || line === undefined || another !== undefined || !STATUS_PLAIN.test(line)) return undefined;
  const changed = Buffer.from(head.replace(STATUS_LINE, `status: ${status}`) + text.slice(head.length), "latin1");
  const before = headFields(page);
  const after = headFields(changed);
  const isThisAlone =
    before !== undefined &&
    after?.length === before.length &&
    after.every(([name, value], at) => {
      const old = before[at];
      return old?.[0] === name && (name === "status" ? value === status : old[1] === value);
    }) &&
    fieldOf(before, "status") !== null;
  return isThisAlone ? changed : undefined;
}

const headFields = (page: Uint8Array): readonly HeadField[] | undefined =>
  readFrontMatter(new TextDecoder("utf-8", { ignoreBOM: true }).decode(page), { brief: true }).fields;

/** The page in each of the states that a person may have marked it with: what it may have been before that. */
export const inEachStatus = (page: Uint8Array): readonly Uint8Array[] =>
  INBOX_STATUSES.flatMap((status) => withInboxStatus(page, status) ?? []);
