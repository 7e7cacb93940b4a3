import type { Change, Listener } from "./ports.ts";

/** Those who are told of commits. One that throws has broken its promise: a person is told, and nobody else notices. */
export type Listeners = {
  readonly add: (listener: Listener) => () => void;
  readonly tell: (change: Change) => void;
};

export function createListeners(complain: (change: Change, error: unknown) => void): Listeners {
  const all = new Set<Listener>();
  return {
    add: (listener) => {
      all.add(listener);
      return () => all.delete(listener);
    },
    tell: (change) => {
      for (const listener of all) {
        try {
          listener(change);
        } catch (error) {
          complain(change, error);
        }
      }
    },
  };
}
