/**
 * One-use codes by which a page comes by its token. They live in this process alone, as hashes, for 60 seconds. Trading one is a single step
 * that nothing can come between: of two that show the same code, one gets the token.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { assert } from "../../core/assert.ts";
import type { Instant } from "../../core/ids.ts";
import { type Refusal, refuse } from "../../core/refusals.ts";
import type { Clock, Entropy } from "../../engine/ports.ts";

/** 192 bits. */
const CODE_BYTES = 24;
const CODE = /^[A-Za-z0-9_-]{32}$/;
const CODE_MS = 60_000;
/** The oldest makes room. */
const CODES_MAX = 4;
/** Wrong ones within one window that are answered as such; a right one is never turned away for the wrong ones of others. */
const WRONG_MAX = 10;
const WRONG_WINDOW_MS = 60_000;

export type LoginCodes = {
  readonly make: () => { readonly code: string; readonly expires_at: Instant };
  /** Uses the code up. Undefined when it was good. */
  readonly trade: (code: string) => Refusal | undefined;
};

type Open = { readonly hash: Uint8Array; readonly made_at: Instant };

export function createLoginCodes(clock: Pick<Clock, "now">, entropy: Entropy): LoginCodes {
  let open: readonly Open[] = [];
  let window = { since: -Infinity, wrong: 0 };
  const isGood = ({ made_at }: Open, now: Instant): boolean => now >= made_at && now - made_at < CODE_MS;

  function wrong(now: Instant): Refusal {
    if (now < window.since || now - window.since >= WRONG_WINDOW_MS) window = { since: now, wrong: 0 };
    window.wrong += 1;
    if (window.wrong <= WRONG_MAX) return refuse("CODE_INVALID", "qoc console makes a new one");
    return refuse(
      "LOGIN_RATE",
      "qoc console makes a new code",
      Math.ceil((window.since + WRONG_WINDOW_MS - now) / 1000),
    );
  }

  return {
    make: () => {
      const random = entropy.bytes(CODE_BYTES);
      assert(random.byteLength === CODE_BYTES, `a code takes ${CODE_BYTES} random bytes`);
      const code = Buffer.from(random).toString("base64url");
      const now = clock.now();
      open = [...open.filter((each) => isGood(each, now)), { hash: hashOf(code), made_at: now }].slice(-CODES_MAX);
      return { code, expires_at: now + CODE_MS };
    },
    trade: (code) => {
      const now = clock.now();
      open = open.filter((each) => isGood(each, now));
      // Looks at every one, so that the time it takes tells nothing of which was nearly met.
      const shown = hashOf(code);
      const left = open.filter(({ hash }) => !timingSafeEqual(hash, shown));
      if (!CODE.test(code) || left.length === open.length) return wrong(now);
      open = left;
      return undefined;
    },
  };
}

const hashOf = (code: string): Uint8Array => createHash("sha256").update(code).digest();
