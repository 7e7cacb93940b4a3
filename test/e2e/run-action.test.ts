/** A webhook whose work this build cannot do yet: the run says so, in its envelope, and is sealed all the same. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { quiet } from "../support/control.ts";
import { qoc, up } from "../support/daemon.ts";
import { deskFolder } from "../support/desk-folder.ts";
import { post } from "../support/sender.ts";

const TOML = `[[webhook]]
name = "risk-breach"
secret = "env:SECRET"
action = "run"
task = "risk-review"
`;

test("a run of an agent ends failed, with the reason in its sealed envelope", async () => {
  const dir = deskFolder("equity-desk", { toml: TOML });
  const daemon = await up([dir]);
  await post(daemon.ingress, "equity-desk", { webhook: "risk-breach", body: '{"event":"risk_breach"}' });
  await quiet(dir);
  const { stdout } = await qoc({ cwd: dir }, "runs", "show", "@last", "--json");
  const run: { readonly outcome: string; readonly state: string; readonly envelope: string } = JSON.parse(stdout);
  expect(run).toMatchObject({ state: "sealed", outcome: "failed" });
  const envelope: { readonly observations: readonly { readonly name: string; readonly value: unknown }[] } = JSON.parse(
    readFileSync(path.join(dir, run.envelope), "utf8"),
  );
  const failed = envelope.observations.find(({ name }) => name === "effect_failed");
  expect(JSON.stringify(failed?.value)).toMatch(/not available in this build/);
});
