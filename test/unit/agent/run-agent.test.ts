import { realpathSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/clock.ts";
import { systemEntropy } from "../../../src/adapters/entropy.ts";
import { createAgentRuns } from "../../../src/agent/agent-runs.ts";
import { runAgent, type RunAgentWorld } from "../../../src/agent/run-agent.ts";
import { createRunFolders } from "../../../src/agent/run-folders.ts";
import { createRunTokens } from "../../../src/agent/run-tokens.ts";
import type { ToolBox } from "../../../src/agent/tool-box.ts";
import { deliveryAddress, effectIdOf } from "../../../src/core/ids.ts";
import { readTask } from "../../../src/desk/task-file.ts";
import { delivery } from "../../../machines/delivery.ts";
import { inputWith, RUN } from "../../support/delivery-words.ts";
import { begin } from "../../support/machine-given.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { desk, deskOf } from "../config/load-text.ts";

const address = deliveryAddress(RUN);
const agentSays = (text: string) => deskOf(desk(`[agent]\ncommand = ["/bin/echo", "${text}"]\n`)).agent;

/** One run of `/bin/echo` whose surroundings are as the test wants them. */
async function performed(over: Partial<RunAgentWorld>) {
  const dir = realpathSync(temporaryFolder());
  const complaints: string[] = [];
  const { record, entries } = begin(delivery, address, inputWith({ action: "run", task: "look" }));
  const world: RunAgentWorld = {
    dir,
    store: { read: () => ({ ...record, state: "executing.performing" }), journal: () => entries },
    clock: systemClock,
    agent: () => agentSays("done"),
    env: {},
    door: () =>
      Promise.resolve({
        socket: path.join(dir, "agents.sock"),
        lease: () => Promise.resolve({ url: "http://127.0.0.1:1/mcp", release: () => Promise.resolve() }),
      }),
    tokens: createRunTokens<ToolBox>(systemEntropy),
    toolBox: () => ({
      tools: [],
      call: () => Promise.resolve({ ok: false, refusal: "none" }),
      close: () => Promise.resolve(),
    }),
    folders: createRunFolders(path.join(dir, "agents"), (says) => complaints.push(says)),
    runs: createAgentRuns(),
    tasks: {
      take: (name) => {
        const read = readTask(name, Buffer.from("---\nstatus: open\n---\n"));
        return Promise.resolve(read.kind === "task" ? { kind: "begun", task: read.task } : read);
      },
      giveBack: () => Promise.resolve(),
    },
    bundle: () => Promise.resolve({ kind: "bundle", text: "what it is told" }),
    complain: (says) => complaints.push(says),
    ...over,
  };
  const call = { id: effectIdOf(address, 1, 0), name: "runAgent", address, params: {}, asked_at: systemClock.now() };
  const { event, artifacts } = await runAgent(world, 1).perform(call);
  const said = artifacts.find(({ ref }) => ref.kind === "agent_stdout");
  return { event, complaints, said: said === undefined ? null : Buffer.from(said.bytes).toString().trim() };
}

test("a disk that fails behind a run changes nothing of what became of it, and somebody is told", async () => {
  const broken = (): Promise<never> => Promise.reject(new Error("ENOSPC"));
  const { event, said, complaints } = await performed({
    tasks: {
      take: (name) => {
        const read = readTask(name, Buffer.from("---\nstatus: open\n---\n"));
        return Promise.resolve(read.kind === "task" ? { kind: "begun", task: read.task } : read);
      },
      giveBack: broken,
    },
    door: () =>
      Promise.resolve({ socket: "/agents.sock", lease: () => Promise.resolve({ url: "http://x/", release: broken }) }),
  });
  expect([event.type, said]).toEqual(["EFFECT_DONE", "done"]);
  expect(complaints).toEqual([
    "a port of the agents did not close",
    "the status of the task look could not be written",
  ]);
});

test("a run that waited for its turn is launched as desk.toml says then", async () => {
  let config = agentSays("before");
  const { said } = await performed({
    agent: () => config,
    bundle: () => {
      config = agentSays("after");
      return Promise.resolve({ kind: "bundle", text: "what it is told" });
    },
  });
  expect(said).toBe("after");
});
