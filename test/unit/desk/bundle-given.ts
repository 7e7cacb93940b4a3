/** Bundles for tests, and a reader of bundles that knows nothing but what the bundle itself says of its blocks. */
import { type BundleTexts, type Cause, renderBundle } from "../../../src/desk/bundle.ts";
import { runIdOf, sha256Of } from "../../../src/core/ids.ts";

export const RUN = runIdOf("01234567-89ab-8def-8123-456789abcdef");
const NO_FACTS = {
  provider: "qoc",
  event_type: "risk_breach",
  external_event_id: null,
  delivery_id: "D-1",
  actor: null,
  project: null,
  ref: null,
  commit_sha: null,
  subject_key: null,
  order: null,
  payload: "json",
} as const;

export const causeWith = (body: Uint8Array, facts: Readonly<Record<string, string>> = {}): Cause => ({
  kind: "delivery",
  webhook: "risk-breach",
  received_at: Date.UTC(2026, 6, 5, 13, 45),
  facts: { ...NO_FACTS, ...facts },
  sha256: sha256Of("a".repeat(64)),
  media_type: "application/json",
  body,
  body_bytes: body.byteLength,
});

export const fileOf = (file: string, text: string) => ({ file, text, bytes: Buffer.byteLength(text) });

export const texts = (changes: Partial<BundleTexts> = {}): BundleTexts => ({
  workspace: "equity-desk",
  run: RUN,
  house_rules: fileOf("house-rules.md", "# House rules\n\nPropose, never assume.\n"),
  agent_text: [["role", "You watch the risk."]],
  risk_text: [["max_order_nav", "0.05"]],
  context: [fileOf("book/limits.md", "Limits.")],
  entities: { items: ["entities/nvda.md: NVIDIA", "entities/msft.md: Microsoft"], count: 2 },
  task: { name: "look", ...fileOf("issues/look.md", "---\nstatus: open\n---\n## Goal\n\nLook.\n") },
  summary: "Nothing was done.",
  context_files: [fileOf("research/a.md", "A finding.")],
  inbox: { items: ["inbox/2.md\nkind: webhook\n", "inbox/1.md\nkind: note\n"], count: 2 },
  connectors: ["paper"],
  draft_kinds: [],
  commands: [{ name: "orders_propose", says: "Proposes an order." }],
  cause: causeWith(Buffer.from('{"event":"risk_breach"}')),
  missing: [],
  ...changes,
});

export function bundleOf(
  given: BundleTexts,
  budget = 1024 * 1024,
): { readonly text: string; readonly cuts: readonly string[] } {
  const bundle = renderBundle(given, budget);
  if (bundle.kind === "too_large") throw new Error(bundle.says);
  return bundle;
}

export type Block = { readonly heading: string; readonly says: string; readonly text: string };

/** Reads line by line: a block runs from its first line to the first line that ends it, as its own number says. */
export function blocksIn(bundle: string): { readonly blocks: readonly Block[]; readonly outside: string } {
  const blocks: Block[] = [];
  const outside: string[] = [];
  const lines = bundle.split("\n");
  for (let i = 0; i < lines.length; i += 1) {
    const nonce = /^begin data ([0-9a-f]{32})$/.exec(lines[i] ?? "")?.[1];
    if (nonce === undefined) {
      outside.push(lines[i] ?? "");
      continue;
    }
    const end = lines.indexOf(`end data ${nonce}`, i);
    const fence = /^`{3,}/.exec(lines[i + 1] ?? "")?.[0] ?? "";
    const inner = lines.slice(i + 2, end - 1);
    if (fence === "" || lines[end - 1] !== fence || inner.some((line) => line.includes(fence)))
      throw new Error(`block ${nonce} is not closed as it was opened`);
    blocks.push({
      heading: outside.findLast((line) => line.startsWith("## ")) ?? "",
      says: outside.at(-2) ?? "",
      text: inner.join("\n"),
    });
    i = end;
  }
  return { blocks, outside: outside.join("\n") };
}

export const blockOf = (bundle: string, heading: string): Block | undefined =>
  blocksIn(bundle).blocks.find((block) => block.heading === `## ${heading}`);
