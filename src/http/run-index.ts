/** Finds runs: pages of the newest, the unfinished that need a person, and one by a part of its id. */
import { setImmediate as breathe } from "node:timers/promises";
import {
  type Address,
  type Instant,
  addressOf,
  deliveryAddress,
  isUuid,
  machineOf,
  nameOf,
  runIdOf,
} from "../core/ids.ts";
import type { ActorRecord, Entry, IndexHit } from "../engine/ports.ts";
import { BY_HAND } from "../ingress/task-birth.ts";
import type { DeskTarget } from "./control-target.ts";
import type { RunsPage } from "./shapes/runs.ts";
import { takingTurns } from "./turns.ts";
import { isStuck, needsPerson, runItem } from "./views.ts";

/** Runs looked at for one page; a filter that matches few gives a short page with a cursor to go on from. */
const SCAN_RUNS_MAX = 2000;
/** Newest runs of a webhook searched for a part of an id. */
const RESOLVE_RUNS_MAX = 20_000;
const PAGE_HITS = 200;

export type RunsQuery = {
  readonly workspace?: string | undefined;
  readonly webhook?: string | undefined;
  /** A state or its beginning up to a dot: `held` finds `held.for-context`. */
  readonly state?: string | undefined;
  readonly since?: Instant | undefined;
  readonly stuck: boolean;
  readonly needs_me: boolean;
  readonly limit: number;
  /** Exclusive: the page begins behind this hit. */
  readonly before?: IndexHit | undefined;
};

type Found = { readonly desk: DeskTarget; readonly record: ActorRecord };
type Hit = { readonly desk: DeskTarget; readonly hit: IndexHit };

export async function listRuns(desks: readonly DeskTarget[], query: RunsQuery): Promise<RunsPage> {
  const chosen = desks.filter((desk) => query.workspace === undefined || desk.name === query.workspace);
  const hits = query.stuck || query.needs_me ? await waiting(chosen, query) : newest(chosen, query);
  return pageOf(hits, query.limit, (record, journal) => {
    const item = matches(record, query) ? runItem(record, journal()) : undefined;
    return query.webhook === undefined || item?.webhook === query.webhook ? item : undefined;
  });
}

type PageQuery = Pick<RunsQuery, "workspace" | "limit" | "before">;
type Page<Item> = { readonly items: readonly Item[]; readonly next: string | null; readonly looked: number };
/** Undefined for a run that is not listed. */
type ItemOf<Item> = (record: ActorRecord, journal: () => readonly Entry[]) => Item | undefined;

/** Newest first, whatever is made of them. */
export const pageOfRuns = <Item>(
  desks: readonly DeskTarget[],
  query: PageQuery,
  itemOf: ItemOf<Item>,
): Promise<Page<Item>> => {
  const chosen = desks.filter((desk) => query.workspace === undefined || desk.name === query.workspace);
  return pageOf(newest(chosen, { ...query, stuck: false, needs_me: false }), query.limit, itemOf);
};

async function pageOf<Item>(hits: Iterable<Hit>, limit: number, itemOf: ItemOf<Item>): Promise<Page<Item>> {
  const items: Item[] = [];
  const turn = takingTurns();
  let looked = 0;
  for (const { desk, hit } of hits) {
    // oxlint-disable-next-line no-await-in-loop -- a filter that matches few reads many runs, and journals may be long
    await turn();
    looked += 1;
    const record = desk.store.read(hit.address);
    const item = record && itemOf(record, () => desk.store.journal(hit.address));
    if (item !== undefined) items.push(item);
    if (items.length === limit || looked === SCAN_RUNS_MAX) return { items, next: cursorOf(hit), looked };
  }
  return { items, next: null, looked };
}

export type Resolved =
  | { readonly kind: "run"; readonly desk: DeskTarget; readonly record: ActorRecord }
  | { readonly kind: "unknown" }
  | { readonly kind: "ambiguous"; readonly runs: readonly string[] };

/** A full id, `@last`, `@needs-me`, or the beginning or end of an id, four characters or more. */
export async function resolveRun(desks: readonly DeskTarget[], text: string): Promise<Resolved> {
  if (isUuid(text)) return only(exactly(desks, text));
  if (text === "@last") {
    const { items } = await listRuns(desks, { stuck: false, needs_me: false, limit: 1 });
    return only(items.flatMap((item) => exactly(desks, item.run)));
  }
  if (text === "@needs-me") {
    const { items } = await listRuns(desks, { stuck: false, needs_me: true, limit: 10 });
    return only(items.flatMap((item) => exactly(desks, item.run)));
  }
  return text.length < 4 ? { kind: "unknown" } : only(await byPart(desks, text));
}

/** Records of unfinished deliveries. */
export async function* unfinishedRuns(desk: DeskTarget): AsyncGenerator<ActorRecord> {
  for await (const address of unfinishedActors(desk, "delivery")) {
    const record = desk.store.read(address);
    if (record !== undefined) yield record;
  }
}

/** Unfinished actors of one machine. Lets other work of the process go on between pages. */
export async function* unfinishedActors(desk: DeskTarget, machine: string): AsyncGenerator<Address> {
  let after = "";
  for (;;) {
    const page = desk.store.unfinished(after, PAGE_HITS);
    for (const address of page) if (machineOf(address) === machine) yield address;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_HITS) return;
    after = last;
    await breathe();
  }
}

function matches(record: ActorRecord, query: RunsQuery): boolean {
  if (query.state !== undefined && record.state !== query.state && !record.state.startsWith(`${query.state}.`))
    return false;
  if (query.stuck && !isStuck(record)) return false;
  return !query.needs_me || needsPerson(record);
}

/** Runs that wait for a person, newest first, from the index of unfinished ones: few among however many sealed. */
async function waiting(desks: readonly DeskTarget[], query: RunsQuery): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (const desk of desks) {
    for await (const record of unfinishedRuns(desk)) {
      const hit = { at: record.born_at, address: record.address };
      const inPage = query.before === undefined || newer(query.before, hit) < 0;
      if (inPage && record.born_at >= (query.since ?? 0) && matches(record, query)) hits.push({ desk, hit });
    }
  }
  return hits.toSorted((a, b) => newer(a.hit, b.hit));
}

/** The indexes of all webhooks merged, and that of the runs which no delivery began, newest first. */
function* newest(desks: readonly DeskTarget[], query: RunsQuery): Generator<Hit> {
  const sources = desks.flatMap((desk) =>
    [...desk.webhooks.map(({ name }) => name), BY_HAND]
      .filter((webhook) => query.webhook === undefined || webhook === query.webhook)
      .map((webhook) => hitsOf(desk, webhook, query.since, query.before)),
  );
  const heads = sources.map((source) => source.next().value);
  for (;;) {
    const at = heads.reduce((best, head, i) => (head !== undefined && leads(head, heads[best]) ? i : best), 0);
    const head = heads[at];
    if (head === undefined) return;
    yield head;
    heads[at] = sources[at]?.next().value;
  }
}

const leads = (head: Hit, other: Hit | undefined): boolean => other === undefined || newer(head.hit, other.hit) < 0;

function* hitsOf(desk: DeskTarget, webhook: string, since?: Instant, from?: IndexHit): Generator<Hit, undefined> {
  const row = { name: "webhook", key: `${desk.name}/${webhook}` } as const;
  let before = from;
  for (;;) {
    const page = desk.store.find(row, {
      limit: PAGE_HITS,
      ...(before === undefined ? {} : { before }),
      ...(since === undefined ? {} : { since }),
    });
    for (const hit of page) yield { desk, hit };
    if (page.length < PAGE_HITS) return;
    before = page.at(-1);
  }
}

/** Sorts newest first; runs of one millisecond by address, backwards as the index is read. */
const newer = (a: IndexHit, b: IndexHit): number =>
  b.at - a.at || (a.address < b.address ? 1 : a.address > b.address ? -1 : 0);

function exactly(desks: readonly DeskTarget[], run: string): readonly Found[] {
  const address = deliveryAddress(runIdOf(run));
  return desks.flatMap((desk) => {
    const record = desk.store.read(address);
    return record === undefined ? [] : [{ desk, record }];
  });
}

async function byPart(desks: readonly DeskTarget[], text: string): Promise<readonly Found[]> {
  const found = new Map<string, DeskTarget>();
  const turn = takingTurns();
  let looked = 0;
  for (const { desk, hit } of newest(desks, { stuck: false, needs_me: false, limit: 1 })) {
    // oxlint-disable-next-line no-await-in-loop -- very many are looked at for a name that there is not
    await turn();
    const run = nameOf(hit.address);
    if (run.startsWith(text) || run.endsWith(text)) found.set(run, desk);
    if (++looked === RESOLVE_RUNS_MAX) break;
  }
  return [...found].flatMap(([run, desk]) => exactly([desk], run));
}

function only(found: readonly Found[]): Resolved {
  const [first, second] = found;
  if (first === undefined) return { kind: "unknown" };
  return second === undefined
    ? { kind: "run", ...first }
    : { kind: "ambiguous", runs: found.map(({ record }) => nameOf(record.address)) };
}

export const cursorOf = (hit: IndexHit): string => Buffer.from(`${hit.at} ${hit.address}`).toString("base64url");

/** Undefined for what is not a cursor of ours. */
export function cursorIn(cursor: string): IndexHit | undefined {
  const [, at, address] = /^(\d{1,16}) (delivery\/.+)$/su.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  return at === undefined || address === undefined ? undefined : { at: Number(at), address: addressOf(address) };
}
