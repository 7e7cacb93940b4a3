/** Work in flight, which ends as the simulation says: done, failed before or after it was done, or cut short by a crash. */
export type Ending = "done" | "fails before" | "fails after" | "dies after";
export type Task = (ending: Ending) => void;

/** Resolves with what `work` gives when the task is told to end well. */
export function beginTask<T>(tasks: Task[], work: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    tasks.push((ending) => {
      if (ending === "fails before") return reject(new Error("it failed before it was done"));
      try {
        const done = work();
        if (ending === "done") resolve(done);
        if (ending === "fails after") reject(new Error("it failed after it was done"));
      } catch (error) {
        reject(error);
      }
    });
  });
}
