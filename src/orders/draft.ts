/**
 * Drafts: what a file in `orders/proposed/` says, read strictly and with every problem named. What is read is what would be sent, and the
 * digest is of that: how the file is laid out changes nothing of it, every value does.
 */
import { createHash } from "node:crypto";
import { canonical } from "../core/canonical.ts";
import { sha256Of, type Instant, type Sha256 } from "../core/ids.ts";
import { type DraftFieldType, DraftFields, type Rationale } from "./draft-fields.ts";
import { readTables, type Table } from "./toml-tables.ts";

export const DRAFT_BYTES_MAX = 64 * 1024;

/** Quantity and limit price are decimals as they were written: `120.50` is sent as `120.50`. */
export type OrderDraft = {
  readonly kind: "order";
  readonly connector: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly quantity: string;
  readonly type: "market" | "limit";
  /** Set for a limit order, null for a market order. */
  readonly limit_price: string | null;
  readonly time_in_force: "day" | "gtc" | "ioc";
  readonly rationale: Rationale;
};

/** A draft of a kind that the desk configures. `fields` holds those that are there; numbers are decimals as they were written. */
export type ActionDraft = {
  readonly kind: "action";
  /** The kind's name, such as `deployment`. */
  readonly action: string;
  readonly name: string;
  readonly fields: Readonly<Record<string, string | boolean>>;
  readonly rationale: Rationale;
};

export type Draft = OrderDraft | ActionDraft;

export type DraftField = { readonly name: string; readonly type: DraftFieldType; readonly required: boolean };
/** What a reader needs of a kind of draft: a `[[draft]]` of the configuration. No field is called `kind` or `name`. */
export type DraftKind = { readonly kind: string; readonly fields: readonly DraftField[] };

export type DraftRead =
  /** `says` is one line, for people: of others' words it shows the beginning, in quotes. */
  | { readonly kind: "draft"; readonly draft: Draft; readonly digest: Sha256; readonly says: string }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/** Never throws, whatever the bytes are. */
export function readDraft(bytes: Uint8Array, kinds: readonly DraftKind[]): DraftRead {
  if (bytes.byteLength > DRAFT_BYTES_MAX)
    return { kind: "invalid", problems: [`it has more than ${DRAFT_BYTES_MAX} bytes`] };
  const read = readTables(bytes);
  if (read.kind === "invalid") return { kind: "invalid", problems: [read.problem] };
  const problems: string[] = [];
  const draft = draftIn(read.tables, kinds, problems);
  if (draft === undefined || problems.length > 0) return { kind: "invalid", problems };
  return { kind: "draft", draft, digest: digestOf(draft), says: describeDraft(draft) };
}

function draftIn(tables: Table, kinds: readonly DraftKind[], problems: string[]): Draft | undefined {
  const { order, draft } = { order: tables.get("order"), draft: tables.get("draft") };
  for (const key of tables.keys())
    if (!["order", "draft", "rationale"].includes(key)) problems.push(`${show(key)} is no table of a draft`);
  if ((order === undefined) === (draft === undefined)) {
    problems.push("it needs one of the tables [order] and [draft]");
    return undefined;
  }
  const rationale = new DraftFields("rationale", tables.get("rationale"), problems).rationale();
  return order === undefined
    ? readAction(new DraftFields("draft", draft, problems), kinds, rationale)
    : readOrder(new DraftFields("order", order, problems), rationale);
}

function readOrder(fields: DraftFields, rationale: Rationale): OrderDraft {
  const type = fields.choice("type", ["market", "limit"]);
  const limit = fields.amount("limit_price", { required: type === "limit" });
  if (type === "market" && limit !== null) fields.refuse("limit_price", "belongs to a limit order only");
  const order: OrderDraft = {
    kind: "order",
    connector: fields.name("connector"),
    symbol: fields.symbol("symbol"),
    side: fields.choice("side", ["buy", "sell"]),
    quantity: fields.amount("quantity", { required: true }) ?? "",
    type,
    limit_price: limit,
    time_in_force: fields.choice("time_in_force", ["day", "gtc", "ioc"], "day"),
    rationale,
  };
  fields.refuseOthers();
  return order;
}

function readAction(fields: DraftFields, kinds: readonly DraftKind[], rationale: Rationale): ActionDraft {
  const action = fields.name("kind");
  const name = fields.name("name");
  const known = kinds.find(({ kind }) => kind === action);
  const values: Record<string, string | boolean> = {};
  if (known === undefined) fields.refuse("kind", "is no kind of draft that desk.toml has");
  for (const field of known?.fields ?? []) {
    const value = fields.valueOf(field);
    if (value !== undefined) values[field.name] = value;
  }
  if (known !== undefined) fields.refuseOthers();
  return { kind: "action", action, name, fields: values, rationale };
}

/** Of what would be sent and why, by JCS. */
export const digestOf = (draft: Draft): Sha256 =>
  sha256Of(
    createHash("sha256")
      .update(`qoc.draft/v1\n${canonical(draft)}`)
      .digest("hex"),
  );

/** `buy 100 NVDA at 120.50 limit, day, through paper`. */
export function describeDraft(draft: Draft): string {
  if (draft.kind === "order") {
    const { side, quantity, symbol, limit_price, time_in_force, connector } = draft;
    const price = limit_price === null ? "market" : `${limit_price} limit`;
    return `${side} ${quantity} ${symbol} at ${price}, ${time_in_force}, through ${connector}`;
  }
  const fields = Object.entries(draft.fields).map(
    ([key, value]) => `${key} = ${typeof value === "string" ? show(value) : String(value)}`,
  );
  return [`${draft.action} ${draft.name}`, ...fields].join(", ");
}

/** `20260705T142200Z_NVDA_buy.toml`. `nth` tells drafts apart that would have one name, from 1. */
export function draftFileName(at: Instant, draft: Draft, nth = 1): string {
  const stamp = new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  const what = draft.kind === "order" ? `${draft.symbol}_${draft.side}` : `${draft.action}_${draft.name}`;
  return `${stamp}Z_${what}${nth === 1 ? "" : `_${nth}`}.toml`;
}

/** A plain name of a TOML file: nothing that leads out of its folder, hides, or needs quotes in a shell. */
export const isDraftFileName = (name: string): boolean => /^[0-9A-Za-z][0-9A-Za-z._-]{0,200}\.toml$/.test(name);

const SHOWN_CHARACTERS_MAX = 80;

/** Others' words within ours, in quotes and on one line. */
function show(text: string): string {
  const short =
    text.length <= SHOWN_CHARACTERS_MAX
      ? text
      : `${text.slice(0, SHOWN_CHARACTERS_MAX).replace(/[\ud800-\udbff]$/, "")}…`;
  return JSON.stringify(short).replaceAll(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (unseen) => `\\u${unseen.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
