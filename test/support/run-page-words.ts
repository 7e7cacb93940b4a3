/** Answers about one run, for tests of its page: it awaits approval, and every text in it is hostile. */
import { RunPage } from "../../src/http/shapes/run-page.ts";
import type { DraftsView, DraftView } from "../../src/http/shapes/drafts.ts";
import { RunReplay } from "../../src/http/shapes/replay.ts";
import type { JournalRow } from "../../src/http/shapes/runs.ts";
import { readFileSync } from "node:fs";
import path from "node:path";

export const RUN = "0b5c1c84-51c5-8a3f-9d1e-0a4f6c2b7e10";
export const HOSTILE =
  `<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>` +
  `"' onmouseover=alert(1) \u202Edesrever\u202C &lt;b&gt; \u0000 ` +
  `[a](javascript:alert(1)) ${"ẞ̈".repeat(20)}`;
export const LONG = `${HOSTILE} ${"W".repeat(10_000)}`;

const layout: { readonly definition: string } = JSON.parse(
  readFileSync(path.join(import.meta.dirname, "../../src/chart/layouts/delivery.1.json"), "utf8"),
);
const BORN = Date.now() - 10 * 60_000;
export const at = (ms: number): string => new Date(BORN + ms).toISOString();

const STEPS = [
  ["init", null, "received"],
  ["VERIFIED", "received", "verified"],
  ["NORMALIZED", "verified", "normalized"],
  ["RECORDED", "normalized", "executing.performing"],
  ["TOOL_CALLED", "executing.performing", "executing.performing"],
  ["EFFECT_DONE", "executing.performing", "awaiting-approval.asking"],
  ["EFFECT_DONE", "awaiting-approval.asking", "awaiting-approval.asked"],
] as const;

export const journal: readonly JournalRow[] = STEPS.map(([event, from, to], seq) => ({
  seq,
  at: at(seq * seq * 1700),
  event,
  from,
  to,
  by: seq === 4 ? HOSTILE : "engine",
  observations:
    seq === 0 ? [] : [{ name: HOSTILE.slice(0, 120), value: [HOSTILE, 420.5, null], basis: ["ab".repeat(32)] }],
}));

/** A journal as of an agent that called very often. */
export const longJournal = (rows: number): readonly JournalRow[] => [
  ...journal.slice(0, 5),
  ...Array.from({ length: rows - 5 }, (_, i): JournalRow => {
    const [from, to] = ["executing.performing", "executing.performing"];
    return { seq: i + 5, at: at(30_000 + i * 15), event: "TOOL_CALLED", from, to, by: "agent", observations: [] };
  }),
];

export const draft = (over: Partial<DraftView> = {}): DraftView => ({
  draft: 1,
  state: "open",
  file: "orders/proposed/1.toml",
  digest: `3fa9${"0b".repeat(30)}`,
  digest_proposed: `3fa9${"0b".repeat(30)}`,
  changed: false,
  says: `Buy 10 ACME at 420.00 at most. ${HOSTILE}`,
  fields: [
    ["symbol", "ACME"],
    ["quantity", "10"],
    ["limit", "420.00"],
    ["note", LONG],
    ["__proto__", HOSTILE],
  ],
  limits: ["At most 5000.00 a day: 4200.00 with this one.", HOSTILE],
  reason: null,
  approved_by: [],
  decision: null,
  ...over,
});

export const drafts = (over: Partial<DraftsView> = {}): DraftsView => ({
  run: RUN,
  workspace: "desk",
  state: "awaiting-approval.asked",
  asked_by: { run: RUN, webhook: HOSTILE, task: LONG },
  approval: { require: "local", approvers: 1, keys: [] },
  expires_at: at(60 * 60_000),
  items: [draft()],
  ...over,
});

export function runPage(over: Partial<RunPage> = {}): RunPage {
  return RunPage.parse({
    now: at(10 * 60_000),
    run: {
      run: RUN,
      workspace: "desk",
      webhook: HOSTILE.slice(0, 60),
      delivery_id: HOSTILE,
      state: "awaiting-approval.asked",
      outcome: null,
      waiting_for: "approval",
      duplicates: 3,
      evidence_id: RUN,
      received_at: at(0),
      sealed_at: null,
      event_type: HOSTILE,
      subject: LONG,
      ref: HOSTILE,
      commit_sha: null,
      waiting_until: at(60 * 60_000),
      task: null,
      drafts: [],
      snapshot: null,
      inbox_item: null,
      envelope: null,
      parked: null,
      erased: null,
      journal,
    },
    why: {
      paragraph: `awaiting approval since 13:40:02: its drafts need a person's decision. ${HOSTILE}`,
      commands: [`qoc approve ${RUN}`, `qoc reject ${RUN} --reason TEXT`],
    },
    chart: {
      machine: "delivery",
      version: "1",
      definition: layout.definition,
      state: "awaiting-approval.asked",
      timers: [{ event: "after approvalTimeout", at: at(60 * 60_000) }],
      pending: [],
    },
    delivery: {
      headers: [
        ["content-type", "application/json"],
        ["x-evil", LONG],
      ],
      body: {
        sha256: "cd".repeat(32),
        media_type: "application/json",
        bytes: 300_000,
        text: `{"amount": 420.00, "big": 12345678901234567890, "evil": ${JSON.stringify(LONG)}}`,
        cut: true,
        because: null,
        filtered: true,
      },
      facts: [
        ["amount", "420.00"],
        ["big", "12345678901234567890"],
        [HOSTILE, LONG],
      ],
      signature: { verified: true, scheme: "github", secret: 2, says: `The signature matches. ${HOSTILE}` },
    },
    drafts: drafts(),
    actions: [{ action: "cancel", says: `The run ends as cancelled; its drafts are withdrawn. ${HOSTILE}` }],
    ...over,
  });
}

/** As of a row: what the chart was at then, and no facts before they were read. */
export function replayAt(page: RunPage, seq: number): RunReplay {
  const row = page.run.journal.find((each) => each.seq === seq) ?? journal[0];
  if (row === undefined) throw new Error("no such row");
  return RunReplay.parse({
    run: page.run.run,
    seq,
    of: page.run.journal.length,
    at: row.at,
    event: row.event,
    by: row.by,
    chart: {
      ...page.chart,
      state: row.to,
      timers: [],
      pending: seq === 3 ? [{ name: "runAgent", asked_at: row.at, started: true }] : [],
    },
    outcome: null,
    duplicates: 0,
    facts: seq < 2 ? [] : [["amount", "420.00"]],
    drafts: [],
  });
}
