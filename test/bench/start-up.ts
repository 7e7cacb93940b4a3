/** How long a start takes, and how much memory, with this many unfinished runs in the store. */
import { readFileSync } from "node:fs";
import { populate } from "./populate.ts";
import { newDesk, startDaemon } from "./servers.ts";

export async function startRounds(sizes: readonly number[]): Promise<void> {
  console.log("start until ready, by unfinished runs in the store");
  for (const size of sizes) {
    const desk = newDesk();
    const store = await populate(desk.dir, "unfinished");
    await store.add(size);
    await store.close();
    const daemon = await startDaemon(desk.dir);
    const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.pid}/status`, "utf8"))?.[1] ?? "0";
    console.log(
      `  ${String(size).padStart(7)}  ${(daemon.readyMs / 1000).toFixed(2)} s, ${Math.round(Number(rss) / 1024)} MB resident at ready`,
    );
    await daemon.stop();
    desk.remove();
  }
  console.log("  aim: under 2 s at 100,000, memory near-flat\n");
}
