/**
 * Pages that look on: so many streams of live changes, read and thrown away, and what one page asks beside its stream while everything
 * changes: what needs a person, and the newest runs. A process of its own: `tsx stream-readers.ts SOCKET COUNT`
 * prints the count once all are open, and what it read when it is told to end.
 */
import { request } from "node:http";

const [socketPath = "", count = "0"] = process.argv.slice(2);
let bytes = 0;

const opened = Array.from(
  { length: Number(count) },
  () =>
    new Promise<void>((resolve, reject) => {
      request({ socketPath, path: "/api/events?view=changes", agent: false }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`a stream was answered ${answer.statusCode}`));
        answer.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          resolve();
        });
        // The daemon ends them when it stops.
        answer.on("error", () => undefined);
      })
        .on("error", reject)
        .end();
    }),
);
await Promise.all(opened);
/** As the console asks: again so long after each answer, until the daemon answers no more. */
function keepAsking(path: string, betweenMs: number): void {
  request({ socketPath, path, agent: false }, (answer) => {
    answer.on("data", (chunk: Buffer) => void (bytes += chunk.length));
    answer.on("end", () => setTimeout(() => keepAsking(path, betweenMs), betweenMs));
  })
    .on("error", () => undefined)
    .end();
}
keepAsking("/api/needs-you", 1000);
keepAsking("/api/runs?limit=100", 2000);
console.log(count);
process.on("SIGTERM", () => {
  console.log(`read ${bytes}`);
  process.exit(0);
});
