/** How a run comes to be without a delivery, what becomes of one whose task cannot be run, and what is left of one that did nothing. */
import { rmSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { envelopeOf, filesIn, runsOf, textIn } from "../support/agent-desk.ts";
import { quiet } from "../support/control.ts";
import { type Daemon, qoc, stop, up } from "../support/daemon.ts";
import { journalOf } from "../support/order-desk.ts";
import { post } from "../support/sender.ts";
import { putTask, SHELL_DESK, shellDesk } from "../support/shell-desk.ts";

/** `c0` asks for `c1`, and so on. */
const SCRIPT = `
echo "$QOC_TASK" >> begun.txt
case "$QOC_TASK" in c?) n=\${QOC_TASK#c}; qoc run "c$((n + 1))" --reason "one after the other" 2>> refused.txt;; esac
true
`;
const CHAIN = ["c0", "c1", "c2", "c3", "c4"];
const CLOSED = ["draft", "done", "cancelled"] as const;

let dir: string;
let daemon: Daemon;

beforeAll(async () => {
  dir = shellDesk({ script: SCRIPT, tasks: ["plain", ...CLOSED, "missing", ...CHAIN] });
  for (const status of CLOSED) putTask(dir, status, status);
  rmSync(path.join(dir, "issues/missing.md"));
  daemon = await up([dir]);
});

const Intent = z.object({ intent: z.object({ trigger: z.object({ kind: z.string() }) }) });
/** Who began it, and whether anybody signed that. */
async function triggerOf(run: string): Promise<readonly [kind: string, verified: unknown]> {
  const envelope = await envelopeOf(dir, run);
  const signed = envelope.observations.find(({ name }) => name === "signature_verified");
  return [Intent.parse(envelope).intent.trigger.kind, signed?.value];
}
const snapshotOf = (run: string): string =>
  filesIn(dir, "snapshots")
    .map((file) => textIn(dir, `snapshots/${file}`))
    .find((text) => text.includes(`run: ${run}`) || text.includes(`run: "${run}"`)) ?? "none";
const send = (task: string) => post(daemon.ingress, SHELL_DESK, { webhook: task, delivery_id: task, body: "{}" });

test("a run that a person starts is a run like any other, and its evidence says who began it", async () => {
  const started = await qoc({ cwd: dir }, "run", "plain", "--reason", "to see it work");
  expect([started.code, started.stdout]).toEqual([0, expect.stringContaining("of plain is accepted")]);
  await quiet(dir);
  const [run] = await runsOf(dir);
  expect(run).toMatchObject({ webhook: "(by hand)", state: "sealed", outcome: "completed" });
  expect(await triggerOf(run?.run ?? "")).toEqual(["operator", false]);
  const verified = await qoc({ cwd: dir }, "envelope", "verify", run?.run ?? "");
  expect([verified.code, verified.stderr]).toEqual([0, expect.any(String)]);
  expect(textIn(dir, "begun.txt").trim().split("\n")).toEqual(["plain"]);
});

test("a run that had nothing to do leaves a summary all the same, and no page", async () => {
  const { body } = await send("plain");
  await quiet(dir);
  const run = String(body["run"]);
  expect(snapshotOf(run)).toContain("The run ended as completed. The agent used no command. Nothing was drafted");
  expect(await triggerOf(run)).toEqual(["webhook", true]);
  expect(filesIn(dir, "inbox")).toEqual([]);
});

test.each([
  ["draft", "never picked up"],
  ["done", "is done"],
  ["cancelled", "is cancelled"],
  ["missing", "There is no"],
])(
  "a task that is %s fails its run with the reason, a page and a summary, and no agent begins",
  async (task, reason) => {
    const { status, body } = await send(task);
    await quiet(dir);
    const run = String(body["run"]);
    expect([status, (await journalOf({ dir }, run)).outcome]).toEqual([202, "failed"]);
    expect(snapshotOf(run)).toContain(reason);
    const pages = filesIn(dir, "inbox").map((file) => textIn(dir, `inbox/${file}`));
    expect(pages.filter((page) => page.includes(run) && page.includes(reason))).toHaveLength(1);
    expect(textIn(dir, "begun.txt")).not.toContain(`${task}\n`);
    const pageOfTask = filesIn(dir, "issues").includes(`${task}.md`) ? textIn(dir, `issues/${task}.md`) : "missing";
    expect(pageOfTask).toContain(task === "missing" ? "missing" : `\nstatus: ${task}\n`);
  },
);

test("agents ask for one another's tasks three times in a row and no more, and the evidence names an agent", async () => {
  await send("c0");
  await quiet(dir);
  const begun = textIn(dir, "begun.txt").trim().split("\n");
  expect(begun.filter((task) => CHAIN.includes(task))).toEqual(["c0", "c1", "c2", "c3"]);
  expect(textIn(dir, "refused.txt")).toContain("the next one is for a person to start");
  const [last, , , first] = await runsOf(dir);
  expect(await triggerOf(last?.run ?? "")).toEqual(["agent", false]);
  expect(await triggerOf(first?.run ?? "")).toEqual(["webhook", true]);
});

test("the daemon stops in good order, and fsck finds nothing", async () => {
  expect((await stop(daemon)).code).toBe(0);
  const checked = await qoc({ cwd: dir }, "fsck");
  expect([checked.code, checked.stdout]).toEqual([0, expect.any(String)]);
});
