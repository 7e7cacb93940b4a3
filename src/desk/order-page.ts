/** The page in the inbox about an order that came to its end: a fill, or an alert. A pure function of what is known. */
import { z } from "zod";
import type { SettleAsked } from "../../machines/order-memory.ts";
import { assert } from "../core/assert.ts";
import { parseIJson } from "../core/json.ts";
import { type Instant, orderAddress } from "../core/ids.ts";
import type { OrderEnd } from "../core/order.ts";
import { type Answer, readAnswer } from "../orders/connector.ts";
import type { DraftRead } from "../orders/draft.ts";
import { frontMatter } from "./front-matter.ts";
import { codeSpan, cut, oneLine, quotation } from "./markdown.ts";
import { inFileName, type Page, stampOf } from "./page.ts";

export type OrderFacts = {
  readonly webhook: string;
  readonly received_at: Instant;
  /** When it came to its end. */
  readonly at: Instant;
  /** Where its file lies now. */
  readonly file: string;
  readonly draft: DraftRead;
  /** The bytes of what the connector said; undefined when it said nothing, or they are gone. */
  readonly acknowledgement: Uint8Array | undefined;
};

type Told = Extract<OrderEnd, "executed" | "failed" | "blocked" | "unknown">;
/** What a person decided, or let pass, needs no page. */
export const isTold = (end: OrderEnd): end is Told => ["executed", "failed", "blocked", "unknown"].includes(end);

const SAYS_CHARACTERS_MAX = 500;
const FILLS_SHOWN_MAX = 50;

export function orderPage(asked: SettleAsked, facts: OrderFacts): Page {
  const { run, draft, end, digest, by } = asked;
  assert(isTold(end), "there is a page of an order that was to be sent");
  const what = facts.draft.kind === "draft" ? cut(facts.draft.says, SAYS_CHARACTERS_MAX, () => "…") : asked.file;
  const reason = asked.reason === null ? null : cut(asked.reason, SAYS_CHARACTERS_MAX, () => "…");
  /** A list shows the head's as a text, a viewer of Markdown the page's. */
  const says = (shown: (text: string) => string): string =>
    `${sentenceOf(end, shown(what))}${reason === null ? "" : ` The reason: ${shown(reason)}.`}`;
  const head = frontMatter([
    ["kind", end === "executed" ? "fill" : "alert"],
    ["status", "new"],
    ["webhook", facts.webhook],
    ["received_at", new Date(facts.received_at).toISOString()],
    ["ended_at", new Date(facts.at).toISOString()],
    ["run", run],
    ["event", `order.${end}`],
    ["order", orderAddress(run, draft)],
    ["digest", digest],
    ["file", facts.file],
    ...(by.length === 0 ? [] : [["approved_by", by.join(", ")] as const]),
    ["says", says(oneLine)],
  ]);
  const stamp = stampOf(facts.received_at);
  return {
    names: [run.slice(0, 8), run].map((id) => `${stamp}-${inFileName(facts.webhook)}-${id}-order-${draft}.md`),
    bytes: Buffer.from([head, quotation(says(codeSpan)), ...bodyOf(asked, facts)].join("\n")),
  };
}

function sentenceOf(end: Told, what: string): string {
  switch (end) {
    case "executed":
      return `Sent: ${what}.`;
    case "failed":
      return `Failed: ${what}.`;
    case "blocked":
      return `Held back: ${what}. Nothing was sent.`;
    case "unknown":
      return `It is not known whether this was sent: ${what}. Look for it where it would have gone.`;
  }
}

function bodyOf(
  { run, acknowledgement: sha256 }: SettleAsked,
  { file, acknowledgement }: OrderFacts,
): readonly string[] {
  const fills = fillsOf(answerIn(acknowledgement));
  return [
    ...(fills.length === 0 ? [] : [`${fills.slice(0, FILLS_SHOWN_MAX).join("\n")}\n`]),
    ...(fills.length > FILLS_SHOWN_MAX ? [`There are ${fills.length} fills in all.\n`] : []),
    `The draft and its outcome: ${codeSpan(file)}. The run: ${codeSpan(`qoc runs show ${run}`)}.\n`,
    ...(sha256 === null ? [] : [`What the connector said: ${codeSpan(`qoc artifact cat ${sha256}`)}.\n`]),
  ];
}

const fillsOf = (answer: Answer | undefined): readonly string[] => {
  if (answer?.kind === "filled") return answer.fills.map(({ quantity, price }) => `- ${quantity} at ${price}`);
  return answer?.kind === "accepted"
    ? [`- accepted as ${codeSpan(answer.reference)}; what comes of it, its venue says`]
    : [];
};

const Said = z.object({ answer: z.unknown() });
const BOUNDS = { depthMax: 8, valuesMax: 10_000 };

/** Undefined for whatever cannot be read: the bytes can still be printed. */
function answerIn(acknowledgement: Uint8Array | undefined): Answer | undefined {
  if (acknowledgement === undefined || parseIJson(acknowledgement, BOUNDS).kind !== "json") return undefined;
  const said = Said.safeParse(JSON.parse(Buffer.from(acknowledgement).toString("utf8")));
  return said.success ? readAnswer(Buffer.from(JSON.stringify(said.data.answer) ?? "")) : undefined;
}
