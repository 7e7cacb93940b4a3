/** A desk whose store holds the runs that a test names: records and journals by hand, found the way a store finds them. */
import type { DeliveryEvent, DeliveryInput } from "../../../src/core/delivery.ts";
import { type Instant, type RunId, deliveryAddress, runIdOf } from "../../../src/core/ids.ts";
import type { Json, Observation } from "../../../src/core/observation.ts";
import type { ActorRecord, Change, Engine, Entry, IndexHit, Mail, Parked } from "../../../src/engine/ports.ts";
import type { ChangeListener, ControlTarget, DeskTarget, StoreReads } from "../../../src/http/control-target.ts";
import { inputWith } from "../../support/delivery-words.ts";

export const AT = Date.UTC(2026, 6, 5, 13, 45, 1, 124);
export const runNumber = (n: number): RunId =>
  runIdOf(`${String(n).padStart(8, "0")}-0000-8000-8000-${String(n).padStart(12, "f")}`);

export type RunGiven = {
  readonly run?: RunId;
  readonly webhook?: string;
  readonly at?: Instant;
  readonly state?: string;
  readonly context?: { readonly duplicates?: number; readonly outcome?: string | null; readonly sending?: number };
  readonly parked?: Pick<Parked, "reason" | "at"> | null;
  readonly timers?: readonly Instant[];
  readonly birth?: Partial<DeliveryInput>;
  /** Entries behind the birth. */
  readonly rows?: readonly EntryGiven[];
};
export type EntryGiven = {
  readonly event: DeliveryEvent["type"] | "";
  readonly to: string;
  readonly at?: Instant;
  readonly data?: Json;
  readonly observed?: readonly (readonly [name: string, value: Json])[];
};
export type Kept = { readonly record: ActorRecord; readonly journal: readonly Entry[]; readonly webhook: string };

export function aRun(given: RunGiven = {}): Kept {
  const { run = runNumber(1), webhook = "price-alert", at = AT, state = "sealed", rows = [] } = given;
  const birth = { ...inputWith({}, run), workspace: "equity-desk", webhook, received_at: at, ...given.birth };
  const all: readonly EntryGiven[] = [{ event: "", to: "received", data: birth }, ...rows];
  const journal = all.map((row, seq): Entry => ({
    seq,
    at: row.at ?? at + seq,
    event: row.event,
    by: "daemon",
    from: seq === 0 ? null : (all[seq - 1]?.to ?? null),
    to: row.to,
    guard: null,
    observations: (row.observed ?? []).map(([name, value]): Observation => ({ name, value, basis: [] })),
    effects: [],
    data: row.data ?? {},
  }));
  const { parked = null } = given;
  return {
    webhook: `equity-desk/${webhook}`,
    journal,
    record: {
      address: deliveryAddress(run),
      machine: "delivery",
      version: "1",
      definition: "0",
      sequence: journal.length,
      applied: null,
      born_at: at,
      changed_at: journal.at(-1)?.at ?? at,
      state,
      resting: state === "sealed",
      snapshot: { context: { duplicates: 0, outcome: null, ...given.context } },
      pending: [],
      timers: (given.timers ?? []).map((due) => ({ id: "t", at: due, generation: 1, event: {} })),
      parked: parked === null ? null : { birth: null, events: [], ...parked },
    },
  };
}

const newestFirst = (a: IndexHit, b: IndexHit): number => b.at - a.at || b.address.localeCompare(a.address);

export function storeOf(runs: readonly Kept[]): StoreReads {
  const at = (address: string): Kept | undefined => runs.find(({ record }) => record.address === address);
  return {
    read: (address) => at(address)?.record,
    journal: (address) => at(address)?.journal ?? [],
    artifact: () => undefined,
    find: ({ name, key }, { limit, before, since }) =>
      name !== "webhook"
        ? []
        : runs
            .filter((run) => run.webhook === key && run.record.born_at >= (since ?? 0))
            .map(({ record }) => ({ at: record.born_at, address: record.address }))
            .toSorted(newestFirst)
            .filter((hit) => before === undefined || newestFirst(before, hit) < 0)
            .slice(0, limit),
    unfinished: (after, limit) =>
      runs
        .filter(({ record }) => !record.resting)
        .map(({ record }) => record.address)
        .toSorted()
        .filter((address) => address > after)
        .slice(0, limit),
    addresses: (after, limit) =>
      runs
        .map(({ record }) => record.address)
        .toSorted()
        .filter((address) => address > after)
        .slice(0, limit),
    stats: () => ({ schema: 1, actors: runs.length, unfinished: 0, mail_batches: 0, artifacts: 0, bytes: 0 }),
  };
}

export type GivenTarget = ControlTarget & {
  readonly posted: readonly Mail[];
  readonly stops: readonly number[];
  /** How often a reader waited for mail to be taken in. */
  readonly waits: () => number;
  readonly tell: (change: Pick<Change, "record" | "entries">) => void;
  readonly tellChange: (change: Change) => void;
};

export function aTarget(
  runs: readonly Kept[],
  changes: Partial<ControlTarget> & {
    readonly webhooks?: readonly string[];
    readonly signatures?: DeskTarget["signatures"];
  } = {},
): GivenTarget {
  const posted: Mail[] = [];
  const stops: number[] = [];
  const listeners = new Set<ChangeListener>();
  let waits = 0;
  const store = storeOf(runs);
  const tellChange = (change: Change): void => {
    for (const listener of listeners) listener("equity-desk", change);
  };
  const engine: Engine = {
    keep: () => Promise.resolve(),
    post: (mail) => {
      posted.push(mail);
      return Promise.resolve();
    },
    caughtUp: () => {
      waits += 1;
      return Promise.resolve(true);
    },
    read: (address) => Promise.resolve(store.read(address)),
    knows: (address) => store.read(address) !== undefined,
    listen: () => () => undefined,
    stop: () => Promise.resolve(),
  };
  const desk: DeskTarget = {
    name: "equity-desk",
    dir: "/desks/equity-desk",
    webhooks: (changes.webhooks ?? ["price-alert", "risk-breach"]).map((name) => ({
      name,
      provider: "qoc",
      action: "inbox",
      task: null,
      url: `http://127.0.0.1:7430/webhook/equity-desk/${name}`,
      secrets: 1,
    })),
    store,
    engine,
    counters: () => ({ mail_waiting: 2, failed_signatures: 3 }),
    signatures: changes.signatures ?? (() => null),
  };
  return {
    posted,
    stops,
    waits: () => waits,
    tell: ({ record, entries }) => tellChange({ record, before: null, entries, artifacts: [], index: [] }),
    tellChange,
    desks: () => [desk],
    status: () => ({
      version: "0.1.0",
      pid: 4242,
      started_at: AT,
      ready: true,
      draining: false,
      ingress: "http://127.0.0.1:7430",
      console: null,
    }),
    ready: () => Promise.resolve([{ name: "store", ok: true, says: "open" }]),
    stop: (drainMs) => stops.push(drainMs),
    reload: () => Promise.resolve({ kind: "reloaded", workspaces: ["equity-desk"] }),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    backup: () => Promise.resolve({ bytes: 4096 }),
    ...changes,
  };
}
