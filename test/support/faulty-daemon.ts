/**
 * A daemon that dies or fails where it is told: `node --import tsx faulty-daemon.ts <desk> <plan>`. It is the built daemon, wired
 * as `qoc up` wires it; only the store and the clerk's disk are wrapped, and the clerk works in the daemon's own thread.
 */
import { writeSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type * as Clerk from "../../src/adapters/clerk.ts";
import type * as DeskFiles from "../../src/adapters/desk-files.ts";
import type * as Disk from "../../src/adapters/disk.ts";
import type * as StoreLmdb from "../../src/adapters/store-lmdb.ts";
import type * as Main from "../../src/main.ts";
import { agentPoints } from "./agent-points.ts";
import { crashingDisk, crashingStore, lastWords, type Plan, type Reach } from "./crash-points.ts";
import { erasingClerk, erasingFiles, erasingStore } from "./erasure-points.ts";
import { faultAt, faultyStore } from "./faulty-store.ts";

/** Does not return: nothing that stands behind a point is done any more. */
function die(point: Parameters<Reach>[0]): never {
  writeSync(process.stderr.fd, lastWords(point));
  process.kill(process.pid, "SIGKILL");
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function reachOf(plan: Plan): Reach {
  let times = 0;
  return (point) => {
    if (plan.kind !== "die" || plan.at !== point) return;
    times += 1;
    if (times === plan.nth) die(point);
  };
}

async function main(dir: string, plan: Plan): Promise<void> {
  const reach = reachOf(plan);
  const agents = agentPoints(reach);
  agents.watchFiles();
  const built = (file: string): string => pathToFileURL(path.join(import.meta.dirname, "../../dist/src", file)).href;
  const { start }: typeof Main = await import(built("main.js"));
  const { openStore }: typeof StoreLmdb = await import(built("adapters/store-lmdb.js"));
  const { createInlineClerk }: typeof Clerk = await import(built("adapters/clerk.js"));
  const { createDeskFiles }: typeof DeskFiles = await import(built("adapters/desk-files.js"));
  const { nodeDisk }: typeof Disk = await import(built("adapters/disk.js"));
  const running = await start(
    { dirs: [dir], ingress: "127.0.0.1:0", console: "off", env: process.env, globalFile: null },
    {
      openStore: async (folder) => {
        const store = await openStore(folder);
        return plan.kind === "die"
          ? agents.store(erasingStore(crashingStore(store, reach), reach))
          : faultyStore(store, faultAt(plan.write, plan.fault));
      },
      createClerk: (options) =>
        erasingClerk(createInlineClerk({ ...options, disk: crashingDisk(nodeDisk, reach) }), reach),
      createFiles: (folder) => erasingFiles(createDeskFiles(folder), reach),
    },
  );
  process.once("SIGTERM", () => void running.stop(running.drainMs));
  process.stdout.write("ready\n");
  await running.closed;
}

const [, , dir, plan] = process.argv;
if (dir === undefined || plan === undefined) throw new Error("it takes a desk and a plan");
await main(dir, JSON.parse(plan));
