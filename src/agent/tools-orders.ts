/** The tool that proposes. It makes a draft and nothing else: a person decides on it after the run's agent has ended. */
import { z } from "zod";
import { PROPOSED_FOLDER } from "../desk/draft-file.ts";
import { writeDraft } from "../orders/draft-text.ts";
import { type Draft, draftFileName, readDraft } from "../orders/draft.ts";
import { done, pageText, refused, toolOf, type Done, type Hand, type ToolRefused } from "./tool.ts";

const NAMES_MAX = 200;
const PROBLEMS_SHOWN_MAX = 10;
const TEXT_CHARACTERS_MAX = 4_000;
const FIELDS_MAX = 64;

/** A number of JSON has lost its digits on the way; only whole ones are sure to be what was written. */
const decimal = z
  .union([z.string().max(64), z.int()])
  .transform(String)
  .describe('a decimal as text, such as "120.50"');

const order = z
  .strictObject({
    connector: z.string().max(64),
    symbol: z.string().max(32),
    side: z.enum(["buy", "sell"]),
    quantity: decimal,
    type: z.enum(["market", "limit"]),
    limit_price: decimal.optional(),
    time_in_force: z.enum(["day", "gtc", "ioc"]).default("day"),
  })
  .describe("an order");

const draft = z
  .strictObject({
    kind: z.string().max(64),
    name: z.string().max(64),
    fields: z
      .record(z.string().max(64), z.union([z.string().max(TEXT_CHARACTERS_MAX), z.boolean(), z.int()]))
      .refine((fields) => Object.keys(fields).length <= FIELDS_MAX, `has more than ${FIELDS_MAX} fields`)
      .default({}),
  })
  .describe("a draft of a kind that the desk has, such as a deployment; instead of an order");

export const ordersPropose = toolOf(
  "Proposes an order, or another draft of a kind that the desk has, as a file in orders/proposed/. A person decides on it later; nothing is sent now.",
  {
    order: order.optional(),
    draft: draft.optional(),
    rationale: z.strictObject({
      summary: pageText(TEXT_CHARACTERS_MAX).describe("why, for the person who decides"),
      research_ref: z.string().max(500).optional().describe("a page of research/"),
    }),
  },
  async (args, hand) => {
    const kept = tablesIn(args.draft);
    if (kept.kind === "refused") return kept;
    const bytes = Buffer.from(writeDraft({ ...tablesOfOrder(args.order), ...kept.tables, rationale: args.rationale }));
    const read = readDraft(bytes, hand.world.kinds);
    if (read.kind === "invalid")
      return refused(`The draft is not valid: ${read.problems.slice(0, PROBLEMS_SHOWN_MAX).join("; ")}.`);
    return propose(read.draft, read.digest, read.says, bytes, hand);
  },
);

type OrderArguments = z.output<typeof order>;
type DraftArguments = z.output<typeof draft>;

const tablesOfOrder = (fields: OrderArguments | undefined) => (fields === undefined ? {} : { order: fields });

/** A field may not stand for the draft's own kind and name. */
function tablesIn(fields: DraftArguments | undefined) {
  if (fields === undefined) return { kind: "tables" as const, tables: {} };
  if (Object.hasOwn(fields.fields, "kind") || Object.hasOwn(fields.fields, "name"))
    return refused("The draft is not valid: no field is called kind or name.");
  const texts = Object.entries(fields.fields).map(([key, value]) => [
    key,
    typeof value === "number" ? String(value) : value,
  ]);
  const table: Readonly<Record<string, string | boolean>> = Object.fromEntries(texts);
  return { kind: "tables" as const, tables: { draft: { kind: fields.kind, name: fields.name, ...table } } };
}

async function propose(
  proposal: Draft,
  digest: Extract<ReturnType<typeof readDraft>, { kind: "draft" }>["digest"],
  says: string,
  bytes: Uint8Array,
  { world, own, proposed, drafts_max }: Hand,
): Promise<Done | ToolRefused> {
  if (proposed.length >= drafts_max) return refused(`A run proposes up to ${drafts_max} drafts, and this one has.`);
  if (proposal.kind === "order" && !world.connectors.includes(proposal.connector))
    return refused(
      `The desk has no connector ${proposal.connector}; it has: ${world.connectors.join(", ") || "none"}.`,
    );
  const now = world.clock.now();
  const names = Array.from(
    { length: NAMES_MAX },
    (_, i) => `${PROPOSED_FOLDER}/${draftFileName(now, proposal, i + 1)}`,
  );
  const made = await own.make(names, bytes);
  if (made.kind === "refused") return made;
  proposed.push({ file: made.file, says });
  const { file, sha256: content } = made;
  return {
    ...done(`Proposed: ${says}. ${file} waits for a person; its digest is ${digest}.`, { file, digest, says }),
    outputs: [{ kind: "draft", media_type: "application/toml", bytes }],
    proposed: { file, digest, content },
    wrote: { file, content },
  };
}
