/**
 * Group commit: while one transaction is being flushed and a second stands ready behind it, everything that comes up waits and
 * shares the next. The library alone would begin a transaction in every turn of the event loop that writes, each of them holding
 * one of libuv's four threads while it waits for the one before; file syncs need those threads too.
 */
/** The second is begun by the library's own thread the moment the first is done, without a way through our event loop. */
const TURNS_OPEN_MAX = 2;

export type WriteTurns = (queue: () => Promise<void>) => Promise<void>;

/** `queue` is called when its turn has come, together with all others of that turn, and settles when it is flushed. */
export function createWriteTurns(): WriteTurns {
  let waiting: (() => Promise<void>)[] = [];
  let open = 0;
  let due = false;

  async function run(): Promise<void> {
    due = false;
    if (waiting.length === 0 || open >= TURNS_OPEN_MAX) return;
    const turn = waiting;
    waiting = [];
    open += 1;
    await Promise.allSettled(turn.map((queue) => queue()));
    open -= 1;
    void run();
  }

  return (queue) =>
    new Promise<void>((resolve, reject) => {
      waiting.push(() => {
        const flushed = queue();
        flushed.then(resolve, reject);
        return flushed;
      });
      if (due || open >= TURNS_OPEN_MAX) return;
      due = true;
      queueMicrotask(() => void run());
    });
}
