/** Who reads a view: all of it, or one run. What they are sent is made once for those who are sent the same, and only if there are any. */
export type Send = (bytes: Uint8Array) => void;

export type Readers = {
  /** Returns how to leave. */
  readonly join: (run: string | undefined, send: Send) => () => void;
  readonly any: () => boolean;
  readonly wants: (run: string) => boolean;
  /** To those who read all of it. */
  readonly tellAll: (make: () => string) => void;
  /** To those who read one run, run by run; what is undefined is not sent. */
  readonly tellEach: (make: (run: string) => string | undefined) => void;
};

export function createReaders(): Readers {
  const all = new Set<Send>();
  const byRun = new Map<string, Set<Send>>();
  return {
    join: (run, send) => {
      const those = run === undefined ? all : (byRun.get(run) ?? new Set());
      // One function may be given twice, and leaves once each time.
      const own: Send = (bytes) => send(bytes);
      those.add(own);
      if (run !== undefined) byRun.set(run, those);
      return () => {
        those.delete(own);
        if (run !== undefined && those.size === 0 && byRun.get(run) === those) byRun.delete(run);
      };
    },
    any: () => all.size > 0 || byRun.size > 0,
    wants: (run) => all.size > 0 || byRun.has(run),
    tellAll: (make) => {
      if (all.size > 0) tell(all, make());
    },
    tellEach: (make) => {
      for (const [run, those] of byRun) {
        const text = make(run);
        if (text !== undefined) tell(those, text);
      }
    },
  };
}

function tell(those: ReadonlySet<Send>, text: string): void {
  const bytes = Buffer.from(text);
  for (const send of those) send(bytes);
}
