import type { Address, Instant } from "../core/ids.ts";
import { Overloaded } from "./ports.ts";
import type { IndexRow, Mail, PlacedMail, Store } from "./ports.ts";

export type MailLogLimits = {
  readonly batchMax: number;
  readonly waitingMax: number;
  readonly waitingBytesMax: number;
};

type Posted = { readonly mail: Mail; readonly resolve: () => void; readonly reject: (error: unknown) => void };

/**
 * The durable mailbox of a desk. Mail is acknowledged when the batch that holds it has been flushed (group commit: what
 * arrives while one batch is being flushed shares the next), and forgotten when every actor of its batch has taken it in.
 * A crash leaves the batches that were flushed; the next start finds them by `recover` and offers them on the same road.
 */
export type MailLog = {
  /** Resolves when durable. @throws Overloaded, or the store's error: then nothing was kept for the caller. */
  readonly post: (mail: Mail) => Promise<void>;
  /** Loads the mail that an earlier process acknowledged and did not take in. */
  readonly recover: () => void;
  /** Mail that is durable and not yet handed out, oldest first. */
  readonly take: (limit: number) => readonly PlacedMail[];
  /** Of that, what is for this actor, if an agent said any of it: it is handed out ahead of the rest. */
  readonly takeFor: (address: Address) => readonly PlacedMail[];
  /** The actor has taken this mail in, durably. */
  readonly absorbed: (placed: PlacedMail) => void;
  readonly holds: (address: Address) => boolean;
  /** Mail for this address that was posted and not taken in, oldest first. */
  readonly waitingFor: (address: Address) => readonly Mail[];
  /** The actor that the first waiting mail with this index row is for. */
  readonly waitingUnder: (row: IndexRow) => Address | undefined;
  readonly ready: () => number;
  readonly waiting: () => number;
  /** Mail posted so far: grows, never shrinks. */
  readonly posted: () => number;
  readonly lastPostAt: () => Instant;
  /** Resolves when all mail that was posted before the call is taken in. */
  readonly drained: () => Promise<void>;
  /** Resolves when no append is under way. */
  readonly settled: () => Promise<void>;
};

const rowKey = ({ name, key }: IndexRow): string => `${name} ${key}`;
const bytesOf = (mail: Mail): number => mail.artifacts.reduce((sum, artifact) => sum + artifact.bytes.length, 512);

export function createMailLog(store: Store, limits: MailLogLimits): MailLog {
  let next: Posted[] = [];
  let flushing: Promise<void> | undefined;
  let ready: PlacedMail[] = [];
  let handedOut = 0;
  let waitingBytes = 0;
  let posted = 0;
  let lastPostAt = 0;
  const byAddress = new Map<Address, Mail[]>();
  /** The first waiting mail of an index row that leads to one actor. */
  const byRow = new Map<string, Mail>();
  /** Mail of each batch that is not taken in yet; batches are forgotten from the oldest on. */
  const outstanding = new Map<number, number>();
  /** What was posted and not taken in, oldest first, with its place among all posts. */
  const unabsorbed = new Map<Mail, number>();
  let waiters: { readonly until: number; readonly resolve: () => void }[] = [];

  function hold(mail: Mail): void {
    posted += 1;
    unabsorbed.set(mail, posted);
    waitingBytes += bytesOf(mail);
    const held = byAddress.get(mail.to);
    if (held === undefined) byAddress.set(mail.to, [mail]);
    else held.push(mail);
    for (const row of mail.index) if (!byRow.has(rowKey(row))) byRow.set(rowKey(row), mail);
  }

  function release(mail: Mail): void {
    unabsorbed.delete(mail);
    waitingBytes -= bytesOf(mail);
    const held = byAddress.get(mail.to)?.filter((other) => other !== mail) ?? [];
    if (held.length === 0) byAddress.delete(mail.to);
    else byAddress.set(mail.to, held);
    for (const row of mail.index) if (byRow.get(rowKey(row)) === mail) byRow.delete(rowKey(row));
  }

  function place(batch: number, mails: readonly Mail[]): void {
    outstanding.set(batch, mails.length);
    mails.forEach((mail, index) => ready.push({ position: [batch, index], mail }));
  }

  async function flush(): Promise<void> {
    while (next.length > 0) {
      const batch = next.splice(0, limits.batchMax);
      try {
        const number = await store.append(batch.map(({ mail }) => mail));
        place(
          number,
          batch.map(({ mail }) => mail),
        );
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { mail, reject } of [...batch, ...behind(batch)]) {
          release(mail);
          reject(error);
        }
        settleWaiters();
      }
    }
    flushing = undefined;
  }

  /** Mail that was posted behind what failed, to an actor that now may not exist: it cannot be kept either. */
  function behind(failed: readonly Posted[]): readonly Posted[] {
    const addresses = new Set(failed.map(({ mail }) => mail.to));
    const lost = next.filter(({ mail }) => addresses.has(mail.to));
    next = next.filter(({ mail }) => !addresses.has(mail.to));
    return lost;
  }

  function settleWaiters(): void {
    const oldest = unabsorbed.values().next().value ?? Number.POSITIVE_INFINITY;
    for (const waiter of waiters) if (oldest > waiter.until) waiter.resolve();
    waiters = waiters.filter((waiter) => oldest <= waiter.until);
  }

  return {
    post: (mail) => {
      if (unabsorbed.size >= limits.waitingMax || waitingBytes >= limits.waitingBytesMax) {
        return Promise.reject(new Overloaded());
      }
      lastPostAt = mail.at;
      hold(mail);
      return new Promise((resolve, reject) => {
        next.push({ mail, resolve, reject });
        // One turn of the event loop gathers what arrived with it, so that the first of a burst does not flush alone.
        flushing ??= new Promise<void>((go) => setImmediate(go)).then(flush);
      });
    },
    recover: () => {
      for (const { position, mail } of store.mail()) {
        hold(mail);
        ready.push({ position, mail });
        outstanding.set(position[0], (outstanding.get(position[0]) ?? 0) + 1);
      }
    },
    take: (limit) => {
      const taken = ready.slice(handedOut, handedOut + limit);
      handedOut += taken.length;
      if (handedOut === ready.length || handedOut > 4096) {
        ready = ready.slice(handedOut);
        handedOut = 0;
      }
      return taken;
    },
    takeFor: (address) => {
      // Looking through all that waits is for the few that an agent speaks to.
      if (byAddress.get(address)?.some(({ by }) => by === "agent") !== true) return [];
      const isIts = ({ mail: { to, through } }: PlacedMail): boolean => to === address && through === null;
      const left = ready.slice(handedOut);
      const taken = left.filter(isIts);
      if (taken.length === 0) return [];
      ready = left.filter((placed) => !isIts(placed));
      handedOut = 0;
      return taken;
    },
    absorbed: ({ position: [batch], mail }) => {
      release(mail);
      outstanding.set(batch, (outstanding.get(batch) ?? 1) - 1);
      let forget = 0;
      for (const [number, left] of outstanding) {
        if (left > 0) break;
        forget = number;
        outstanding.delete(number);
      }
      if (forget > 0) store.forget(forget);
      settleWaiters();
    },
    holds: (address) => byAddress.has(address),
    waitingFor: (address) => byAddress.get(address) ?? [],
    waitingUnder: (row) => byRow.get(rowKey(row))?.to,
    ready: () => ready.length - handedOut,
    waiting: () => unabsorbed.size,
    posted: () => posted,
    lastPostAt: () => lastPostAt,
    drained: () =>
      unabsorbed.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push({ until: posted, resolve })),
    settled: () => flushing ?? Promise.resolve(),
  };
}
