/** A desk on the disk with a run on it, and all that its tools told of themselves. */
import * as fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createAgentFiles } from "../../../src/adapters/agent-files.ts";
import { createToolBox, type ToolBox, type ToolBoxWorld } from "../../../src/agent/tool-box.ts";
import { TOOL_LIMITS, type ToolLimits } from "../../../src/agent/tool-limits.ts";
import type { ToolCall } from "../../../src/core/agent-run.ts";
import { runIdOf } from "../../../src/core/ids.ts";
import type { Artifact } from "../../../src/engine/ports.ts";

export const RUN = runIdOf("0190aaaa-0000-8000-8000-000000000001");
export const NEXT_RUN = runIdOf("0190bbbb-0000-8000-8000-000000000002");
export const NOW = Date.UTC(2026, 6, 5, 14, 22, 0);

export type Recorded = { readonly call: ToolCall; readonly artifacts: readonly Artifact[] };
export type World = {
  readonly above: string;
  readonly desk: string;
  readonly box: ToolBox;
  readonly recorded: Recorded[];
  readonly complaints: string[];
  readonly requeued: string[];
  /** Sets the clock forward. */
  readonly pass: (ms: number) => void;
  readonly text: (file: string) => string;
  readonly names: (folder: string) => readonly string[];
  readonly put: (file: string, text: string) => void;
  readonly remove: () => void;
};

const FOLDERS = ["issues", "inbox", "orders/proposed", "orders/executed", "research", "snapshots", "book", ".qoc"];

export function worldWith(given: Partial<ToolBoxWorld> = {}, limits: Partial<ToolLimits> = {}): World {
  const above = fs.mkdtempSync(path.join(os.tmpdir(), "qoc-tools-"));
  const desk = path.join(above, "desk");
  for (const folder of FOLDERS) fs.mkdirSync(path.join(desk, folder), { recursive: true });
  const put = (file: string, text: string): void => fs.writeFileSync(path.join(desk, file), text);
  put("desk.toml", 'name = "momentum"\n');
  put("issues/risk-review.md", "---\nstatus: in-progress\n---\n");
  put(".env.qoc", "KEY=canary-secret\n");
  put(".qoc/key", "canary-secret");
  const [recorded, complaints, requeued]: [Recorded[], string[], string[]] = [[], [], []];
  let now = NOW;
  const box = createToolBox(
    {
      run: RUN,
      workspace: "momentum",
      task: "risk-review",
      depth: 0,
      clock: { now: () => now },
      files: createAgentFiles(desk),
      connectors: ["paper"],
      kinds: [{ kind: "deployment", fields: [{ name: "service", type: "text", required: true }] }],
      requeue: (task, reason) => {
        requeued.push(`${task}: ${reason}`);
        return Promise.resolve({ kind: "queued", run: NEXT_RUN });
      },
      standing: () =>
        Promise.resolve({
          state: "executing",
          runs_under_way: 1,
          runs_queued: 2,
          drafts_waiting: [{ run: NEXT_RUN, file: "orders/proposed/earlier.toml", says: "buy 1 NVDA" }],
        }),
      record: (call, artifacts) => {
        recorded.push({ call, artifacts });
        return Promise.resolve();
      },
      complain: (says) => complaints.push(says),
      ...given,
    },
    { ...TOOL_LIMITS, ...limits },
  );
  return {
    above,
    desk,
    box,
    recorded,
    complaints,
    requeued,
    put,
    pass: (ms) => {
      now += ms;
    },
    text: (file) => fs.readFileSync(path.join(desk, file), "utf8"),
    names: (folder) => fs.readdirSync(path.join(desk, folder)).toSorted(),
    remove: () => fs.rmSync(above, { recursive: true, force: true }),
  };
}

/** What the arguments of a recorded call were, as its artifact has them. */
export const argumentsOf = ({ artifacts }: Recorded): string =>
  artifacts
    .filter(({ ref }) => ref.kind === "tool_arguments")
    .map(({ bytes }) => Buffer.from(bytes).toString())
    .join();
