/** What a made-up daemon answers to the console, each in the form that the API promises. */
import type { z } from "zod";
import type { DaemonStatus, Ready } from "../../src/http/shapes/daemon.ts";
import type { EndpointsPage } from "../../src/http/shapes/endpoints.ts";
import type { EnvelopesPage } from "../../src/http/shapes/envelopes.ts";
import type { InboxFile, InboxPage } from "../../src/http/shapes/inbox.ts";
import type { NeedsYou } from "../../src/http/shapes/needs-you.ts";
import type { RunItem } from "../../src/http/shapes/runs.ts";

/** Texts that a sender may choose: each would break a page that trusted it. */
export const HOSTILE = {
  html: `<img src=x onerror="document.title='broken'"><script>document.title="broken"</script>`,
  long: "W".repeat(10_000),
  rtl: "\u202E\u2067evil\u202Egnp.exe\u2066",
  zalgo: "Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308".repeat(40),
  emoji: "👩‍👩‍👧‍👦🏴‍☠️".repeat(60),
  lines: "first\nsecond\r\nthird\u2028fourth\u0000\u0007",
} as const;
export const hostile: readonly string[] = Object.values(HOSTILE);

const MINUTE_MS = 60_000;
export const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const hash = (digit: string): string => digit.repeat(64);
export const runId = (index: number): string => `0192f0c4-0000-7000-8000-${String(index).padStart(12, "0")}`;

type Stage = Pick<RunItem, "state" | "outcome" | "waiting_for" | "parked">;
const STAGES: readonly Stage[] = [
  { state: "sealed", outcome: "completed", waiting_for: null, parked: false },
  { state: "awaiting-approval.asked", outcome: null, waiting_for: "approval", parked: false },
  { state: "executing.performing", outcome: null, waiting_for: "effect", parked: false },
  { state: "held.for-predecessor", outcome: null, waiting_for: "predecessor", parked: false },
  { state: "stuck", outcome: null, waiting_for: "operator", parked: false },
  { state: "sealed", outcome: "denied", waiting_for: null, parked: false },
  { state: "refused", outcome: "refused", waiting_for: null, parked: false },
  { state: "executing.backing-off", outcome: null, waiting_for: "retry", parked: false },
  { state: "received", outcome: null, waiting_for: null, parked: true },
  { state: "erased", outcome: "completed", waiting_for: null, parked: false },
];

/** The `index`th run from the newest. */
export function runItem(index: number, subject = `acme/shop pull request ${index}`): z.input<typeof RunItem> {
  const stage = STAGES[index % STAGES.length] ?? STAGES[0];
  if (stage === undefined) throw new Error("there is a stage");
  const waits =
    stage.waiting_for === "approval" || stage.waiting_for === "predecessor" || stage.waiting_for === "retry";
  return {
    run: runId(index),
    workspace: "trading",
    webhook: index % 3 === 0 ? "github" : "payments",
    delivery_id: `delivery-${index}`,
    ...stage,
    duplicates: index % 7 === 0 ? index % 5 : 0,
    evidence_id: `ev-${runId(index)}`,
    received_at: ago(index * MINUTE_MS + 5000),
    sealed_at: stage.state === "sealed" ? ago(index * MINUTE_MS) : null,
    event_type: "pull_request.opened",
    subject,
    task: null,
    waiting_until: waits ? ago(-(index + 4) * MINUTE_MS) : null,
  };
}

export const needsNothing = (): z.input<typeof NeedsYou> => ({
  now: ago(0),
  items: [],
  counts: { approval: 0, stuck: 0, expiring: 0, inbox: 0, webhook: 0 },
  more: false,
});

export const needsMuch = (says = "Sell 120 AAPL at 211.40 or better, good for the day"): z.input<typeof NeedsYou> => ({
  now: ago(0),
  items: [
    {
      kind: "approval",
      workspace: "trading",
      run: runId(1),
      draft: 1,
      says,
      webhook: "payments",
      expires_at: ago(-14 * MINUTE_MS),
    },
    {
      kind: "approval",
      workspace: "trading",
      run: runId(1),
      draft: 2,
      says: null,
      webhook: "payments",
      expires_at: null,
    },
    {
      kind: "stuck",
      workspace: "trading",
      run: runId(4),
      webhook: "payments",
      state: "stuck",
      says: `The daemon stopped while the agent was running; whether it acted is unknown. ${says}`,
      since: ago(38 * MINUTE_MS),
    },
    {
      kind: "expiring",
      workspace: "trading",
      run: runId(3),
      webhook: "github",
      says: "The delivery before it has not come",
      expires_at: ago(-3 * MINUTE_MS),
    },
    { kind: "inbox", workspace: "research", file: "inbox/note.md", title: says, at: ago(5 * MINUTE_MS) },
    {
      kind: "webhook",
      workspace: "trading",
      webhook: "github",
      says: "The secret is probably not the one that the sender has",
      failures: 12,
      last_at: ago(MINUTE_MS),
    },
  ],
  counts: { approval: 2, stuck: 1, expiring: 1, inbox: 4, webhook: 1 },
  more: false,
});

export const status = (): z.input<typeof DaemonStatus> => ({
  version: "0.1.0",
  pid: 4711,
  ready: true,
  draining: false,
  ingress: "http://127.0.0.1:7430",
  console: "http://127.0.0.1:7431",
  started_at: ago(190 * MINUTE_MS),
  workspaces: ["trading", "research"].map((name) => ({
    name,
    dir: `/home/desk/${name}`,
    webhooks: ["github", "payments"].map((webhook) => ({
      name: webhook,
      provider: "github",
      action: "inbox",
      task: null,
      url: `http://127.0.0.1:7430/webhook/${name}/${webhook}`,
      secrets: 1,
      signatures: null,
    })),
    runs: { unfinished: 12, parked: 1, stuck: 1, needs_me: 3 },
    notices: { unwritten: 0 },
    mail_waiting: 0,
    failed_signatures: 12,
  })),
});

export const ready = (ok = true): z.input<typeof Ready> => ({
  ready: ok,
  checks: [
    { name: "store", ok: true, says: "open" },
    { name: "chain", ok: true, says: "head verified" },
    { name: "disk", ok, says: ok ? "42 GiB free" : "0.2 GiB free, and 1 GiB is the floor" },
  ],
});

export const endpoints = (task = "issues/TASK.md"): z.input<typeof EndpointsPage> => ({
  items: [
    {
      workspace: "trading",
      webhook: "github",
      provider: "github",
      action: "run",
      task,
      url: "http://127.0.0.1:7430/webhook/trading/github",
      secrets: 2,
      signatures: {
        verified: 40,
        last_verified_at: ago(50 * MINUTE_MS),
        used_to_verify: true,
        failed_since_verified: 12,
        failing_since: ago(30 * MINUTE_MS),
        last_failure: { at: ago(MINUTE_MS), fault: "MISMATCH" },
        cause: {
          kind: "secret",
          sure: "likely",
          says: "Every signature since 13:10 was made with another secret.",
          try: "qoc secret check github",
        },
        knocks: { count: 0, last_at: null, cause: null },
      },
      last_received_at: ago(MINUTE_MS),
    },
    {
      workspace: "trading",
      webhook: "payments",
      provider: "stripe",
      action: "inbox",
      task: null,
      url: "http://127.0.0.1:7430/webhook/trading/payments",
      secrets: 1,
      signatures: {
        verified: 7,
        last_verified_at: ago(2 * MINUTE_MS),
        used_to_verify: true,
        failed_since_verified: 0,
        failing_since: null,
        last_failure: null,
        cause: null,
        knocks: { count: 0, last_at: null, cause: null },
      },
      last_received_at: ago(2 * MINUTE_MS),
    },
    {
      workspace: "research",
      webhook: "notes",
      provider: "standard",
      action: "inbox",
      task: null,
      url: null,
      secrets: 0,
      signatures: null,
      last_received_at: null,
    },
  ],
});

export const envelopes = (webhook = "payments"): z.input<typeof EnvelopesPage> => ({
  items: [0, 5, 9].map((index) => ({
    run: runId(index),
    workspace: "trading",
    webhook,
    evidence_id: `ev-${runId(index)}`,
    outcome: index === 5 ? "denied" : "completed",
    sealed_at: ago(index * MINUTE_MS),
    file: index === 9 ? null : `evidence/2026/ev-${runId(index)}.json`,
    erased: index === 9,
  })),
  next: null,
  looked: 3,
});

export const inbox = (title = "Pull request 12 was opened"): z.input<typeof InboxPage> => ({
  items: [
    {
      workspace: "trading",
      file: "inbox/note.md",
      kind: "delivery",
      status: "new",
      title,
      at: ago(MINUTE_MS),
      run: runId(0),
    },
    {
      workspace: "research",
      file: "inbox/old.md",
      kind: "report",
      status: "done",
      title: "A report",
      at: ago(90 * MINUTE_MS),
      run: null,
    },
    {
      workspace: "research",
      file: "inbox/odd.md",
      kind: "unknown",
      status: "unreadable",
      title: "",
      at: null,
      run: null,
    },
  ],
  next: null,
  looked: 3,
});

export const inboxFile = (
  text = "# A title\n\n[a link](https://example.com) stays text.",
): z.input<typeof InboxFile> => ({
  workspace: "trading",
  file: "inbox/note.md",
  kind: "delivery",
  status: "new",
  title: "Pull request 12 was opened",
  at: ago(MINUTE_MS),
  run: runId(0),
  fields: [
    ["kind", "delivery"],
    ["evidence", hash("a")],
  ],
  text,
  cut: false,
});
