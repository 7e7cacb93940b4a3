/**
 * The console's tokens: who shows one may ask what the API answers. Only hashes are held and kept, so a token is seen once, by the page that
 * it was made for. One ends 12 hours after its last use, 7 days after it was made whatever happens, or with its logout.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { assert } from "../../core/assert.ts";
import { type Instant, type Sha256, sha256Of } from "../../core/ids.ts";
import type { KeptToken, TokenStore } from "../../core/token-store.ts";
import type { Clock, Entropy } from "../../engine/ports.ts";
import { CONSOLE_TOKEN_PREFIX } from "./bearer.ts";

const TOKEN_BYTES = 32;
const TOKEN = new RegExp(`^${CONSOLE_TOKEN_PREFIX}[A-Za-z0-9_-]{43}$`);
const UNUSED_MS_MAX = 12 * 60 * 60_000;
const AGE_MS_MAX = 7 * 24 * 60 * 60_000;
/** Of several browsers and scripts of one person; the one that was not used for longest makes room. */
const TOKENS_MAX = 32;
/** A use is written down when the last one that was is older: a restart forgets no more than this of them. */
const WRITE_APART_MS = 10 * 60_000;
/** Of a clock that is corrected. A token from further ahead is of a clock that was wrong, or of nobody: it would never end. */
const SET_BACK_MS_MAX = 5 * 60_000;

export type ConsoleTokens = {
  /** A new token, the only time that it is seen. One that could not be written down lives as long as the process. */
  readonly issue: () => { readonly token: string; readonly expires_at: Instant };
  /** Whether the token is good now; counts as a use. */
  readonly accepts: (token: string) => boolean;
  /** The same of a token that is known by its hash. */
  readonly isLive: (hash: Sha256) => boolean;
  /** @throws when that it ended could not be written down: this process refuses it, a next one would not */
  readonly end: (token: string) => void;
};

export type TokenWorld = {
  readonly store: TokenStore;
  readonly clock: Pick<Clock, "now">;
  readonly entropy: Entropy;
  readonly complain: (says: string, reason: unknown) => void;
};

type Held = { readonly kept: KeptToken; readonly written_at: Instant };

export function createConsoleTokens({ store, clock, entropy, complain }: TokenWorld): ConsoleTokens {
  const held = new Map<Sha256, Held>(
    store.read().map((kept) => [kept.hash, { kept, written_at: kept.used_at }] as const),
  );
  const write = (): void => store.write([...held.values()].map(({ kept }) => kept));
  const tryToWrite = (): void => {
    try {
      write();
    } catch (error) {
      complain("the console's tokens could not be written down: a restart will ask for a new login", error);
    }
  };
  const sweep = (now: Instant): void => {
    for (const [hash, { kept }] of held)
      if (now >= endOf(kept) || now < kept.made_at - SET_BACK_MS_MAX) held.delete(hash);
  };
  const use = (hash: Sha256): boolean => {
    const now = clock.now();
    sweep(now);
    const found = held.get(hash);
    if (found === undefined) return false;
    const isDue = now - found.written_at >= WRITE_APART_MS;
    const kept = { ...found.kept, used_at: Math.max(found.kept.used_at, now) };
    held.set(hash, { kept, written_at: isDue ? now : found.written_at });
    if (isDue) tryToWrite();
    return true;
  };
  return {
    issue: () => {
      const random = entropy.bytes(TOKEN_BYTES);
      assert(random.byteLength === TOKEN_BYTES, `a token takes ${TOKEN_BYTES} random bytes`);
      const token = CONSOLE_TOKEN_PREFIX + Buffer.from(random).toString("base64url");
      const now = clock.now();
      sweep(now);
      const oldest = [...held.values()].toSorted((a, b) => a.kept.used_at - b.kept.used_at);
      for (const { kept } of oldest.slice(0, Math.max(0, oldest.length + 1 - TOKENS_MAX))) held.delete(kept.hash);
      const kept = { hash: tokenHash(token), made_at: now, used_at: now };
      held.set(kept.hash, { kept, written_at: now });
      tryToWrite();
      return { token, expires_at: endOf(kept) };
    },
    accepts: (token) => {
      const found = heldAs(token, held.keys());
      return found !== undefined && use(found);
    },
    isLive: use,
    end: (token) => {
      const found = heldAs(token, held.keys());
      if (found === undefined) return;
      held.delete(found);
      write();
    },
  };
}

export const tokenHash = (token: string): Sha256 => sha256Of(createHash("sha256").update(token).digest("hex"));

const endOf = ({ made_at, used_at }: KeptToken): Instant => Math.min(used_at + UNUSED_MS_MAX, made_at + AGE_MS_MAX);

/** Looks at every one, so that the time it takes tells nothing of which was nearly met. */
function heldAs(token: string, all: Iterable<Sha256>): Sha256 | undefined {
  if (!TOKEN.test(token)) return undefined;
  const shown = Buffer.from(tokenHash(token));
  let found: Sha256 | undefined;
  for (const hash of all) if (timingSafeEqual(Buffer.from(hash), shown)) found = hash;
  return found;
}
