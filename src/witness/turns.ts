/**
 * Runs what is asked for one name after the other, and what is asked for different names side by side. Undefined for one that found
 * `waitingMax` before it: it was not run.
 */
export type Turns = <T>(name: string, act: () => Promise<T>) => Promise<T | undefined>;

export function createTurns(waitingMax: number): Turns {
  const queues = new Map<string, { last: Promise<unknown>; length: number }>();

  return async (name, act) => {
    const queue = queues.get(name) ?? { last: Promise.resolve(), length: 0 };
    if (queue.length > waitingMax) return undefined;
    queue.length += 1;
    queues.set(name, queue);
    const turn = queue.last.then(act);
    queue.last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      queue.length -= 1;
      if (queue.length === 0) queues.delete(name);
    }
  };
}
