/** An engine that only keeps what was posted, and can hold it back or refuse it. Knows a run from the moment of its post, as the port asks. */
import { birthIn } from "../../src/core/delivery-journal.ts";
import type { Address } from "../../src/core/ids.ts";
import type { Artifact, Engine, Mail } from "../../src/engine/ports.ts";
import type { KnownDeliveries } from "../../src/ingress/known.ts";

export type FakeEngine = {
  readonly engine: Pick<Engine, "post" | "keep">;
  readonly known: KnownDeliveries;
  readonly posted: readonly Mail[];
  /** Bytes that were kept ahead of mail. */
  readonly kept: readonly Artifact[];
  /** Posts from now on resolve only when `release` is called. */
  readonly hold: () => void;
  readonly release: () => void;
  /** Every post from now on is rejected with this and forgotten. */
  readonly fail: (error: Error | undefined) => void;
};

export function fakeEngine(): FakeEngine {
  const posted: Mail[] = [];
  const kept: Artifact[] = [];
  let waiting: (() => void)[] | undefined;
  let failure: Error | undefined;
  const begun = (address: Address): Mail | undefined =>
    posted.find((mail) => mail.to === address && mail.birth !== null);
  return {
    posted,
    kept,
    engine: {
      keep: (artifact) => {
        if (failure !== undefined) return Promise.reject(failure);
        kept.push(artifact);
        return Promise.resolve();
      },
      post: (mail) => {
        if (failure !== undefined) return Promise.reject(failure);
        posted.push(mail);
        const held = waiting;
        return held === undefined ? Promise.resolve() : new Promise((resolve) => held.push(resolve));
      },
    },
    known: {
      knows: (address) => begun(address) !== undefined,
      bornAt: (address) => begun(address)?.at,
      latestBehind: (first) =>
        posted.findLast((mail) => mail.index.some((row) => row.name === "dedupe" && row.key === first))?.to,
      byBody: (key) => posted.findLast((mail) => mail.index.some((row) => row.name === "body" && row.key === key))?.to,
      bornWith: (address) => {
        const input = begun(address)?.birth ?? undefined;
        return input === undefined ? undefined : birthIn(input);
      },
      isErased: () => false,
    },
    hold: () => {
      waiting = [];
    },
    release: () => {
      const held = waiting ?? [];
      waiting = undefined;
      for (const resolve of held) resolve();
    },
    fail: (error) => {
      failure = error;
    },
  };
}
