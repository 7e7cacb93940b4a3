/**
 * Tokens of runs under way: who shows one acts as that run's agent, and as nobody else. They live in this process alone, as hashes, and
 * die with the run or with the process.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { assert } from "../core/assert.ts";
import type { RunId } from "../core/ids.ts";
import type { Entropy } from "../engine/ports.ts";

const RUN_TOKEN_PREFIX = "qoc_run_";
const TOKEN_BYTES = 32;
const TOKEN = /^qoc_run_[A-Za-z0-9_-]{43}$/;
/** Tokens that ended are known for so many runs more. */
const ENDED_MAX = 1_000;

export type RunTokens<Box> = {
  /** A new token of this run, the only time that it is seen. An earlier one of the same run is dead from here on. */
  readonly issue: (run: RunId, box: Box) => string;
  readonly boxFor: (token: string) => Box | undefined;
  /** Whose token this was, for the log: told once of each, however often somebody shows it after its end. */
  readonly endedRunOf: (token: string) => RunId | undefined;
  readonly end: (run: RunId) => void;
};

type Held<Box> = { readonly hash: Uint8Array; readonly run: RunId; readonly box: Box };

export function createRunTokens<Box>(entropy: Entropy): RunTokens<Box> {
  const live = new Map<RunId, Held<Box>>();
  const ended: (Pick<Held<Box>, "hash" | "run"> & { isTold: boolean })[] = [];
  const end = (run: RunId): void => {
    const held = live.get(run);
    if (held === undefined) return;
    live.delete(run);
    ended.push({ hash: held.hash, run, isTold: false });
    if (ended.length > ENDED_MAX) ended.shift();
  };
  return {
    issue: (run, box) => {
      const random = entropy.bytes(TOKEN_BYTES);
      assert(random.byteLength === TOKEN_BYTES, `a token takes ${TOKEN_BYTES} random bytes`);
      const token = RUN_TOKEN_PREFIX + Buffer.from(random).toString("base64url");
      end(run);
      live.set(run, { hash: hashOf(token), run, box });
      return token;
    },
    boxFor: (token) => heldBy(token, live.values())?.box,
    endedRunOf: (token) => {
      const found = heldBy(token, ended);
      if (found === undefined || found.isTold) return undefined;
      found.isTold = true;
      return found.run;
    },
    end,
  };
}

const hashOf = (token: string): Uint8Array => createHash("sha256").update(token).digest();

/** Looks at every one, so that the time it takes tells nothing of which was nearly met. */
function heldBy<H extends { readonly hash: Uint8Array }>(token: string, all: Iterable<H>): H | undefined {
  if (!TOKEN.test(token)) return undefined;
  const shown = hashOf(token);
  let found: H | undefined;
  for (const held of all) if (timingSafeEqual(held.hash, shown)) found = held;
  return found;
}
