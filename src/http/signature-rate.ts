import type { Instant } from "../core/ids.ts";

export type SignatureRateLimits = {
  /** Failures of one key within one window that are still answered as failures. */
  readonly failuresMax: number;
  readonly windowMs: number;
  /** Keys remembered at a time; beyond it the one whose window is oldest is forgotten. */
  readonly keysMax: number;
};

/**
 * Counts failed signatures by webhook and address. It only ever changes how a failure is answered: every signature is checked, so
 * a valid one is never turned away, whoever shares its address.
 */
export type SignatureRate = {
  /** Seconds until the key's window ends, when this failure is one too many. */
  readonly failed: (key: string, now: Instant) => number | undefined;
};

type Window = { readonly since: Instant; failures: number };

export function createSignatureRate({ failuresMax, windowMs, keysMax }: SignatureRateLimits): SignatureRate {
  /** In the order in which the windows began. */
  const windows = new Map<string, Window>();

  function begin(key: string, now: Instant): Window {
    windows.delete(key);
    if (windows.size >= keysMax) {
      for (const oldest of windows.keys()) {
        windows.delete(oldest);
        break;
      }
    }
    const window = { since: now, failures: 0 };
    windows.set(key, window);
    return window;
  }

  return {
    failed: (key, now) => {
      const current = windows.get(key);
      const isOver = current === undefined || now < current.since || now - current.since >= windowMs;
      const window = isOver ? begin(key, now) : current;
      window.failures += 1;
      return window.failures <= failuresMax ? undefined : Math.ceil((window.since + windowMs - now) / 1000);
    },
  };
}
