/** What `qoc doctor` says of a desk's agent runs before one begins. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { readDesk } from "../../../src/config/read-desk.ts";
import type { Check } from "../../../src/cli/check.ts";
import { runChecksOf } from "../../../src/cli/run-checks.ts";
import { type World, cliWorld } from "./cli-world.ts";

let world: World;
beforeEach(() => {
  world = cliWorld();
});
afterEach(() => world.close());

const DESK = `name = "equity-desk"

[[webhook]]
name = "risk-breach"
secret = "env:S"
action = "run"
task = "risk-review"
`;
const AGENT = '\n[agent]\ncommand = ["sh"]\n';
const PAPER = '\n[[connector]]\nname = "paper"\ntype = "paper"\n';

async function checks(toml: string): Promise<readonly Check[]> {
  const file = world.write("desk.toml", toml);
  const loaded = readDesk({ dir: world.dir, globalFile: null, env: { S: "s3cret" } });
  if (loaded.kind !== "config") throw new Error(JSON.stringify(loaded));
  return await runChecksOf({ dir: world.dir, file, name: "equity-desk", webhooks: [] }, loaded.desk);
}
const shown = async (toml: string) => (await checks(toml)).map(({ name, verdict }) => `${name} ${verdict}`);
const task = (status: string): string => world.write("issues/risk-review.md", `---\nstatus: ${status}\n---\n`);

test("a task that is not there is named before a delivery asks for it", async () => {
  expect(await checks(DESK + AGENT)).toEqual([
    {
      name: "task risk-review",
      verdict: "warning",
      says: "There is no issues/risk-review.md.",
      try: "edit issues/risk-review.md",
    },
  ]);
});

test.each([
  ["open", "ok"],
  ["review", "ok"],
  ["in-progress", "ok"],
  ["draft", "warning"],
  ["done", "warning"],
])("a task that is %s is %s", async (status, verdict) => {
  task(status);
  expect(await shown(DESK + AGENT)).toEqual([`task risk-review ${verdict}`]);
});

test("where something can be sent and nobody has a key, it is said that drafts can only expire", async () => {
  task("open");
  const [, approvers] = await checks(DESK + AGENT + PAPER);
  expect(approvers).toMatchObject({ name: "approvers", verdict: "warning", try: "qoc approver add NAME" });
  expect(approvers?.says).toContain("can only expire");
});

test("where no signature is asked for, no approver is missed", async () => {
  task("open");
  expect(await shown(`${DESK}${AGENT}${PAPER}\n[approval]\nrequire = "local"\n`)).toEqual(["task risk-review ok"]);
});

test("a desk without an agent is not looked at", async () => {
  expect(await shown(`name = "equity-desk"\n${PAPER}`)).toEqual([]);
});
