/** Gathers what a bundle is made of from the desk's folder. Bounded: a desk of any size is read for a moment, and nothing outside of it. */
import type { FreeText } from "../config/agent-config.ts";
import type { DeskConfig } from "../config/desk-config.ts";
import type { DraftField, DraftKindConfig, RiskConfig } from "../config/order-config.ts";
import type { RunId } from "../core/ids.ts";
import type { BundleTexts, Cause, FileText, FolderTexts } from "./bundle.ts";
import { pagesIn, readInside } from "./desk-reading.ts";
import { summariseEntity } from "./entity-summary.ts";
import { codeSpan, cut, oneLine } from "./markdown.ts";
import { readHead } from "./page-head.ts";
import type { Task } from "./task-file.ts";
import { partsOf } from "./task-page.ts";

export const HOUSE_RULES = "house-rules.md";
const ENTITIES_MAX = 500;
const ENTITY_BYTES_MAX = 16 * 1024;
/** Pages of the inbox whose heads are looked at, the newest. */
const INBOX_LOOKED_AT_MAX = 500;
const INBOX_ITEMS_MAX = 50;
const INBOX_BYTES_MAX = 20 * 1024;
const INBOX_CHARACTERS_MAX = 2_000;

export type BundleAsked = {
  readonly dir: string;
  readonly config: Pick<DeskConfig, "name" | "agent" | "risk" | "context" | "connectors" | "drafts">;
  readonly run: RunId;
  readonly task: Task;
  readonly commands: BundleTexts["commands"];
  readonly cause: Cause;
};

export type Gathered =
  | { readonly kind: "texts"; readonly texts: BundleTexts }
  /** A run without its rules is no run: a sentence that says what is wrong with them. */
  | { readonly kind: "refused"; readonly says: string };

/** Never rejects for what the desk holds. */
export async function gatherBundle({ dir, config, run, task, commands, cause }: BundleAsked): Promise<Gathered> {
  const bytesMax = config.context.budget_bytes;
  const parts = partsOf(task.page, task.head);
  if (parts.kind === "refused") return { kind: "refused", says: `${task.file} ${parts.reason}.` };
  const rules = await readText(dir, HOUSE_RULES, bytesMax);
  if (rules.kind === "refused" && rules.because === "unfit")
    return { kind: "refused", says: `${HOUSE_RULES} ${rules.reason}, and no run begins without it.` };
  if (rules.kind === "text" && rules.by_runs === true)
    return {
      kind: "refused",
      says: `${HOUSE_RULES} leads to where runs write, and no run takes its rules from there.`,
    };
  if (rules.kind === "text" && Buffer.byteLength(rules.text) < rules.bytes)
    return { kind: "refused", says: `${HOUSE_RULES} is larger than [context] budget, and is never cut.` };
  const context = await readAll(dir, config.context.files, bytesMax);
  const ofTask = await readAll(dir, task.context_files, bytesMax);
  const page = `${parts.before}${parts.after}`;
  return {
    kind: "texts",
    texts: {
      workspace: config.name,
      run,
      house_rules: rules.kind === "text" ? rules : null,
      agent_text: config.agent.text,
      risk_text: riskText(config.risk),
      context: context.texts,
      entities: await entitiesOf(dir),
      task: { name: task.name, file: task.file, text: page, bytes: Buffer.byteLength(page) },
      summary: parts.summary,
      context_files: ofTask.texts,
      inbox: await openItems(dir),
      connectors: config.connectors.map(({ name }) => name),
      draft_kinds: config.drafts.map(kindInWords),
      commands,
      cause,
      missing: [...context.missing, ...ofTask.missing],
    },
  };
}

/** `deployment`: environment (one of staging, production), note (text, may be missing) */
const kindInWords = ({ kind, fields }: DraftKindConfig): string =>
  `${codeSpan(kind)}: ${fields.map(fieldInWords).join(", ") || "no fields"}`;

function fieldInWords({ name, type, required }: DraftField): string {
  const form = typeof type === "string" ? type : `one of ${type.join(", ")}`;
  return `${name} (${form}${required ? "" : ", may be missing"})`;
}

type TextRead =
  | ({ readonly kind: "text" } & FileText)
  | Exclude<Awaited<ReturnType<typeof readInside>>, { kind: "read" }>;

async function readText(dir: string, file: string, bytesMax: number): Promise<TextRead> {
  const read = await readInside(dir, file, bytesMax);
  if (read.kind === "refused") return read;
  try {
    // Of a file that was cut the last character may be half there: it is left out.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(read.bytes, {
      stream: read.bytes.byteLength < read.size,
    });
    return { kind: "text", file, text, bytes: read.size, by_runs: read.by_runs };
  } catch {
    return { kind: "refused", because: "unfit", reason: "is not UTF-8" };
  }
}

type AllRead = { readonly texts: readonly FileText[]; readonly missing: readonly string[] };

async function readAll(dir: string, files: readonly string[], bytesMax: number): Promise<AllRead> {
  const texts: FileText[] = [];
  const missing: string[] = [];
  for (const file of new Set(files)) {
    const read = await readText(dir, file, bytesMax);
    if (read.kind === "text") texts.push(read);
    else missing.push(`The file ${codeSpan(file)} ${read.reason}.`);
  }
  return { texts, missing };
}

async function entitiesOf(dir: string): Promise<FolderTexts> {
  const names = await pagesIn(dir, "entities");
  const items: string[] = [];
  for (const name of names.slice(0, ENTITIES_MAX)) {
    const read = await readInside(dir, `entities/${name}`, ENTITY_BYTES_MAX);
    if (read.kind === "read") items.push(summariseEntity(`entities/${name}`, new TextDecoder().decode(read.bytes)));
  }
  return { items, count: names.length };
}

/** What a person has not dealt with. Names begin with a time, so the last name is the newest. */
async function openItems(dir: string): Promise<FolderTexts> {
  const names = (await pagesIn(dir, "inbox")).toReversed().slice(0, INBOX_LOOKED_AT_MAX);
  const items: string[] = [];
  let count = 0;
  for (const name of names) {
    const read = await readInside(dir, `inbox/${name}`, INBOX_BYTES_MAX);
    if (read.kind === "refused") continue;
    const head = readHead(new TextDecoder().decode(read.bytes));
    if (head.kind !== "head" || !isOpen(head.values.get("status"))) continue;
    count += 1;
    if (items.length < INBOX_ITEMS_MAX)
      items.push(`${oneLine(`inbox/${name}`)}\n${cut(head.raw, INBOX_CHARACTERS_MAX, () => "…\n")}`);
  }
  return { items, count };
}

const isOpen = (status: unknown): boolean => status === "new" || status === "open";

/** Guards that are on, in words that the agent can keep to, and the desk's own texts. */
function riskText(risk: RiskConfig): readonly FreeText[] {
  const { max_order_nav, max_position_nav, day_loss_limit, market_hours } = risk;
  const guards = { max_order_nav, max_position_nav, day_loss_limit };
  return [
    ...Object.entries(guards).flatMap(([key, value]): readonly FreeText[] => (value === null ? [] : [[key, value]])),
    ...(risk.buying_power ? [["buying_power", "orders must be paid for by the desk's cash"] as const] : []),
    ...symbols("symbol_allowlist", risk.symbol_allowlist),
    ...symbols("symbol_denylist", risk.symbol_denylist),
    ...(market_hours === null ? [] : [["market_hours", hoursIn(market_hours)] as const]),
    ...risk.text,
  ];
}

const symbols = (key: string, list: readonly string[]): readonly FreeText[] =>
  list.length === 0 ? [] : [[key, list.join(", ")]];

const hoursIn = ({ zone, sessions }: NonNullable<RiskConfig["market_hours"]>): string =>
  `${sessions.map(({ days, open, close }) => `${days.join(" ")} ${open}-${close}`).join("; ")}, ${zone}`;
