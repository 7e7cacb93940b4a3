/** What needs a person, over all desks: drafts to decide, runs that are stuck, holds that end soon, new inbox items, webhooks that fail. */
import { setTimeout as pause } from "node:timers/promises";
import type { Instant } from "../core/ids.ts";
import type { Clock } from "../engine/ports.ts";
import type { ControlTarget, DeskTarget } from "./control-target.ts";
import { draftsOf } from "./draft-views.ts";
import type { NeedsItem, NeedsYou } from "./shapes/needs-you.ts";
import type { RunDetail } from "./shapes/runs.ts";
import { isLoss } from "./signature-health.ts";
import { takingTurns } from "./turns.ts";
import { isoOf, runDetail } from "./views.ts";
import { type Waiting, waitingRuns } from "./waiting-runs.ts";
import { sinceOf, whyOf } from "./why.ts";

/** Items of each kind. */
export const NEEDS_MAX = 30;
/** From one look to the next. */
const REST_MS = 500;
/** After a look that took long it is longer, so that looking takes at most a part of the daemon's time. */
const REST_TIMES = 10;
const REST_MS_MAX = 3000;
const SAYS_LENGTH_MAX = 400;

/** The items of one desk's inbox that are new, newest first. `count` is of those that were looked at. */
export type NewInbox = {
  readonly items: readonly { readonly file: string; readonly title: string; readonly at: string | null }[];
  readonly count: number;
  readonly more: boolean;
};

export type NeedsWorld = {
  readonly target: Pick<ControlTarget, "desks">;
  readonly clock: Pick<Clock, "now">;
  /** Of the desk in this folder. Without it no inbox is looked at. */
  readonly newInboxItems?: (dir: string, limit: number) => Promise<NewInbox>;
};

/**
 * Looks once for all who ask together, and at most twice a second. Nobody is answered by a look that began before the question, or a page
 * that asks because something changed would go on showing what was: whoever asks too soon waits for the next.
 */
export function createNeedsYou(world: NeedsWorld): () => Promise<NeedsYou> {
  let next: Promise<NeedsYou> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let restsUntil = 0;

  async function lookNext(): Promise<NeedsYou> {
    await last;
    await pause(Math.max(0, restsUntil - performance.now()));
    next = undefined;
    const begun = performance.now();
    const answer = needsYou(world);
    const rest = (): void => {
      const tookMs = performance.now() - begun;
      restsUntil = performance.now() + Math.min(REST_MS_MAX, Math.max(REST_MS, tookMs * REST_TIMES));
    };
    last = answer.then(rest, rest);
    return answer;
  }

  return () => (next ??= lookNext());
}

export async function needsYou({ target, clock, newInboxItems }: NeedsWorld): Promise<NeedsYou> {
  const now = clock.now();
  const desks = target.desks();
  const runs = await waitingRuns(desks, now);
  const approval = await approvalsOf(runs.approval);
  const stuck = await itemsOf(runs.stuck, (waiting) => stuckItem(waiting, now));
  const expiring = await itemsOf(runs.expiring, (waiting) => expiringItem(waiting, now));
  const inbox = newInboxItems === undefined ? NO_INBOX : await newInInboxes(desks, newInboxItems);
  const webhook = desks.flatMap(failingWebhooks);
  return {
    now: isoOf(now),
    items: [...approval, ...stuck, ...expiring, ...inbox.items, ...webhook.slice(0, NEEDS_MAX)],
    counts: {
      approval: runs.drafts,
      stuck: runs.stuck.length,
      expiring: runs.expiring.length,
      inbox: inbox.count,
      webhook: webhook.length,
    },
    more:
      !runs.whole ||
      inbox.more ||
      [runs.drafts, runs.stuck.length, runs.expiring.length, inbox.count, webhook.length].some(
        (count) => count > NEEDS_MAX,
      ),
  };
}

/** One item for each open draft, those that expire first before the others. A run that has moved on since it was found is left out. */
async function approvalsOf(waiting: readonly Waiting[]): Promise<readonly NeedsItem[]> {
  const items: NeedsItem[] = [];
  const turn = takingTurns();
  for (const { desk, address } of waiting) {
    if (items.length >= NEEDS_MAX) break;
    await turn();
    const record = desk.store.read(address);
    if (record?.state.startsWith("awaiting-approval") !== true) continue;
    const drafts = await draftsOf(record, desk.store.journal(address), desk.drafts);
    for (const { draft, state, says } of drafts.items) {
      if (state !== "open") continue;
      const { run, asked_by, expires_at } = drafts;
      items.push({ kind: "approval", workspace: desk.name, run, draft, says, webhook: asked_by.webhook, expires_at });
    }
  }
  return items.slice(0, NEEDS_MAX);
}

/** Of the first of them. Each is made of its whole journal. */
async function itemsOf(
  waiting: readonly Waiting[],
  itemOf: (waiting: Waiting) => readonly NeedsItem[],
): Promise<readonly NeedsItem[]> {
  const items: NeedsItem[] = [];
  const turn = takingTurns();
  for (const each of waiting.slice(0, NEEDS_MAX)) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other: others have their turn
    await turn();
    items.push(...itemOf(each));
  }
  return items;
}

function stuckItem(waiting: Waiting, now: Instant): readonly NeedsItem[] {
  const run = detailOf(waiting);
  if (run === undefined) return [];
  const says = firstSentence(whyOf(run, now).paragraph);
  return [{ kind: "stuck", ...placeOf(run), state: run.state, says, since: run.parked?.at ?? sinceOf(run) }];
}

function expiringItem(waiting: Waiting, now: Instant): readonly NeedsItem[] {
  const run = detailOf(waiting);
  if (run === undefined) return [];
  const says = firstSentence(whyOf(run, now).paragraph);
  return [{ kind: "expiring", ...placeOf(run), says, expires_at: isoOf(waiting.at) }];
}

function detailOf({ desk, address }: Waiting): RunDetail | undefined {
  const record = desk.store.read(address);
  return record === undefined ? undefined : runDetail(record, desk.store.journal(address));
}

const placeOf = ({ workspace, run, webhook }: RunDetail) => ({ workspace, run, webhook });

/** Up to the first full stop that a space or the end follows. Reasons within it are of any length. */
function firstSentence(paragraph: string): string {
  const sentence = /^.*?\.(?=\s|$)/su.exec(paragraph)?.[0] ?? paragraph;
  return sentence.length > SAYS_LENGTH_MAX ? `${sentence.slice(0, SAYS_LENGTH_MAX)}...` : sentence;
}

const NO_INBOX = { items: [], count: 0, more: false };

async function newInInboxes(
  desks: readonly DeskTarget[],
  newItems: NonNullable<NeedsWorld["newInboxItems"]>,
): Promise<{ readonly items: readonly NeedsItem[]; readonly count: number; readonly more: boolean }> {
  const all = await Promise.all(
    desks.map(async ({ name: workspace, dir }) => ({ workspace, ...(await newItems(dir, NEEDS_MAX)) })),
  );
  const newest = all
    .flatMap(({ workspace, items }) => items.map((item) => ({ workspace, item })))
    .toSorted((a, b) => (b.item.at ?? "").localeCompare(a.item.at ?? ""))
    .slice(0, NEEDS_MAX);
  return {
    items: newest.map(({ workspace, item: { file, title, at } }) => ({
      kind: "inbox",
      workspace,
      file,
      title,
      at,
    })),
    count: all.reduce((sum, { count }) => sum + count, 0),
    more: all.some(({ more }) => more),
  };
}

/** Those whose failures lose deliveries. What a stranger sends fails too, and needs nobody. */
function failingWebhooks(desk: DeskTarget): readonly NeedsItem[] {
  return desk.webhooks.flatMap(({ name }): readonly NeedsItem[] => {
    const found = desk.signatures(name);
    if (found === null || found.failed_since_verified === 0 || !isLoss(found)) return [];
    const { failed_since_verified: failures, cause, last_failure } = found;
    const says =
      cause === null ? `its signatures fail (${last_failure?.fault ?? "unknown"})` : `${cause.says}: ${cause.try}`;
    return [
      { kind: "webhook", workspace: desk.name, webhook: name, says, failures, last_at: last_failure?.at ?? null },
    ];
  });
}
