/**
 * One transaction at a time, and everything that came up meanwhile in the next: group commit. The library would begin a
 * transaction in every turn of the event loop that writes, each of them holding one of libuv's four threads while it waits for
 * the one before; file syncs need those threads too.
 */
export type WriteTurns = (queue: () => Promise<void>) => Promise<void>;

/** `queue` is called when its turn has come, together with all others of that turn, and settles when it is flushed. */
export function createWriteTurns(): WriteTurns {
  let waiting: (() => Promise<void>)[] = [];
  let running = false;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const turn = waiting;
      waiting = [];
      await Promise.allSettled(turn.map((queue) => queue()));
    }
    running = false;
  }

  return (queue) =>
    new Promise<void>((resolve, reject) => {
      waiting.push(() => {
        const flushed = queue();
        flushed.then(resolve, reject);
        return flushed;
      });
      if (running) return;
      running = true;
      queueMicrotask(() => void run());
    });
}
