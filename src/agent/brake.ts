/** What ends a run from outside, whoever is first. */
import type { Clock } from "../engine/ports.ts";

/** `why` is a sentence for people. */
export type Stop = { readonly by: "timeout" | "cancel" | "limit"; readonly why: string };

export type Brake = {
  /** The first that pulls it has pulled it; what others say after that is not heard. */
  readonly pull: (stop: Stop) => void;
  readonly pulled: () => Stop | null;
  readonly whenPulled: Promise<Stop>;
};

export function brakeOf(): Brake {
  let first: Stop | null = null;
  let tell: (stop: Stop) => void = () => undefined;
  const whenPulled = new Promise<Stop>((resolve) => {
    tell = resolve;
  });
  return {
    pull: (stop) => {
      first ??= stop;
      tell(first);
    },
    pulled: () => first,
    whenPulled,
  };
}

export const pause = (clock: Pick<Clock, "after">, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });
