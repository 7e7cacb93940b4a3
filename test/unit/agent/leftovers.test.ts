import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/clock.ts";
import { markOf } from "../../../src/agent/environment.ts";
import { endLeftovers } from "../../../src/agent/processes.ts";
import { runIdOf } from "../../../src/core/ids.ts";
import { sandboxHere } from "../../support/agent-site.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const DAEMON = path.join(import.meta.dirname, "../../support/launching-process.ts");
const run = runIdOf("0199aaaa-bbbb-8ccc-8ddd-eeeeffff0003");

/** Kills a daemon while its agent works. @returns the mark of the run that is left without one */
async function killedDaemon(sandbox: "none" | "bubblewrap"): Promise<readonly string[]> {
  const desk = temporaryFolder();
  const folder = path.join(desk, ".qoc", "run");
  mkdirSync(folder, { recursive: true });
  mkdirSync(path.join(desk, "research"));
  const daemon = spawn(process.execPath, ["--import", "tsx", DAEMON, desk, folder, sandbox], { stdio: "ignore" });
  const ended = once(daemon, "exit");
  for (let waited = 0; !existsSync(path.join(desk, "research", "alive")); waited += 50) {
    if (waited > 15_000) throw new Error("the agent did not begin");
    // oxlint-disable-next-line no-await-in-loop -- waits for a file
    await sleep(50);
  }
  // The shell begins its two children behind the file.
  await sleep(1000);
  daemon.kill("SIGKILL");
  await ended;
  return markOf({ run, bundle: `${folder}/bundle.md` });
}

test("what a killed daemon leaves of an agent is found by the run's mark, and ended", async () => {
  const mark = await killedDaemon("none");
  const other = markOf({ run, bundle: "/of/another/desk/bundle.md" });
  expect(await endLeftovers(other, systemClock)).toEqual({ ended: 0, left: 0 });
  // The shell and its two children.
  expect(await endLeftovers(mark, systemClock)).toEqual({ ended: 3, left: 0 });
  expect(await endLeftovers(mark, systemClock)).toEqual({ ended: 0, left: 0 });
});

describe.runIf(await sandboxHere())("in a sandbox", () => {
  test("nothing of an agent outlives a daemon that was killed", async () => {
    const mark = await killedDaemon("bubblewrap");
    await sleep(500);
    expect(await endLeftovers(mark, systemClock)).toEqual({ ended: 0, left: 0 });
  });
});
