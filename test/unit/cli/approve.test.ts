/** Decisions as a person makes them, on a terminal and off it, over the control socket of the real API. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addApprover, readApprovers } from "../../../src/adapters/approver-keys.ts";
import type { Person } from "../../support/approval-words.ts";
import { person, signedBy } from "../../support/approval-words.ts";
import { onTerminal } from "../../support/terminal.ts";
import { decisionWorld, type DecisionGiven, fileOf, orderText } from "../http/decision-world.ts";
import { cliWorld, NOW, type World } from "./cli-world.ts";

const SECRET = "correct horse battery";
const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 };
let world: World;
beforeEach(() => {
  world = cliWorld();
});
afterEach(() => world.close());

/** A daemon with a run that awaits approval; alice has a key on this desk, and the run takes hers. */
async function awaiting(given: Omit<DecisionGiven, "people"> = {}, now: () => number = Date.now) {
  await addApprover(
    world.dir,
    { name: "alice", workspace: "equity-desk", passphrase: SECRET, endorser: null, now: NOW },
    CHEAP,
  );
  const settled = readApprovers(world.dir, "equity-desk", undefined);
  const keys = settled.approvers.map(({ fingerprint }) => fingerprint);
  const drafts = decisionWorld({ ...given, policy: { keys, ...given.policy }, now });
  drafts.trust(settled);
  for (const [file, text] of drafts.files) world.write(file, text);
  await world.daemon([], { desks: drafts.target.desks }, undefined, now);
  return drafts;
}
const typed = (args: string, dialogue: readonly (readonly [string, string])[], env = {}) =>
  onTerminal(["--desk", world.dir, ...args.split(" ")], dialogue, env);

describe("on a terminal", () => {
  test("a person sees the draft in words, types how its digest begins, signs, and it counts", async () => {
    const drafts = await awaiting();
    const shown = await typed(`approve ${drafts.run}`, [
      ["characters of the digest: ", `${drafts.digest().slice(0, 4)}\n`],
      ["Passphrase of alice: ", `${SECRET}\r`],
    ]);
    expect(shown).toMatchObject({ exit: 0, unasked: 0 });
    for (const part of [
      "Draft 1: buy 100 NVDA at market, day, through paper",
      "summary = mean reversion",
      `asked by the agent of run ${drafts.run}, task risk-review`,
      "expires",
      `digest   ${drafts.digest()}`,
      "Draft 1 is approved; the run is dispatching.",
    ])
      expect(shown.screen).toContain(part);
    expect(shown.screen).not.toContain(SECRET);
    expect(drafts.posted[0]?.artifacts.map(({ ref }) => ref.kind)).toEqual(["draft", "decision"]);
  }, 60_000);

  test.each(["\n", "y\n", "yes\n", "0000\n"])(
    "%j never approves",
    async (answer) => {
      const drafts = await awaiting();
      const { exit } = await typed(`approve ${drafts.run}`, [["characters of the digest: ", answer]]);
      expect([exit, drafts.posted]).toEqual([1, []]);
    },
    60_000,
  );

  test("a wrong passphrase decides nothing", async () => {
    const drafts = await awaiting();
    const { exit, screen } = await typed(`approve ${drafts.run} --digest ${drafts.digest()}`, [
      ["Passphrase of alice: ", "wrong horse battery\r"],
    ]);
    expect([exit, screen, drafts.posted]).toEqual([77, expect.stringContaining("code: APPROVER_PASSPHRASE"), []]);
  }, 60_000);

  test("what is signed is what lies here, whatever a daemon says of it", async () => {
    const drafts = await awaiting();
    drafts.files.set(fileOf(1), orderText("NVDA", "100000"));
    const { exit, screen } = await typed(`approve ${drafts.run} --digest ${drafts.digest()}`, []);
    expect([exit, screen, drafts.posted]).toEqual([75, expect.stringContaining("not what the daemon shows"), []]);
  }, 60_000);

  test("a file is rejected with a reason, signed", async () => {
    const drafts = await awaiting({ drafts: 2 });
    const { exit, screen } = await onTerminal(
      ["--desk", world.dir, "run", "reject", path.join(world.dir, fileOf(2)), "--reason", "too large"],
      [
        ["characters of the digest: ", `${drafts.digest(2).slice(0, 4)}\n`],
        ["Passphrase of alice: ", `${SECRET}\r`],
      ],
    );
    expect([exit, screen]).toEqual([0, expect.stringContaining("Draft 2 is rejected")]);
    expect(drafts.posted[0]?.events[0]).toMatchObject({
      draft: 2,
      approved: false,
      reason: "too large",
      approver: "alice",
    });
  }, 60_000);

  test("an edit while the passphrase is typed is refused as try again", async () => {
    const drafts = await awaiting();
    const looked = drafts.digest();
    const edit = setInterval(() => drafts.asked() > 0 && drafts.files.set(fileOf(1), orderText("NVDA", "100000")), 5);
    const { exit, screen } = await typed(`approve ${drafts.run} --digest ${looked}`, [
      ["Passphrase of alice: ", `${SECRET}\r`],
    ]);
    clearInterval(edit);
    expect([exit, screen, drafts.posted]).toEqual([75, expect.stringContaining("code: DRAFT_CHANGED"), []]);
  }, 60_000);
});

describe("without a terminal", () => {
  test("a run that takes signed decisions takes none, for a passphrase needs one", async () => {
    const drafts = await awaiting();
    const { exit, stderr } = await world.qoc(`approve ${drafts.run} --digest ${drafts.digest()}`, {
      stdin: `${SECRET}\n`,
    });
    expect([exit, drafts.posted]).toEqual([77, []]);
    expect(stderr).toContain("code: NO_TERMINAL");
  });

  test("a run that takes unsigned ones wants the digest, and takes it", async () => {
    const drafts = await awaiting({ policy: { require: "local" } });
    const bare = await world.qoc(`approve ${drafts.run}`);
    expect([bare.exit, bare.stderr]).toEqual([64, expect.stringContaining("--digest")]);
    const stale = await world.qoc(`approve ${drafts.run} --digest ${"0".repeat(64)}`);
    expect([stale.exit, stale.stderr, drafts.posted]).toEqual([75, expect.stringContaining("DRAFT_CHANGED"), []]);
    const { exit, json } = await world.qoc(`approve ${drafts.run} --digest ${drafts.digest()} --json`);
    expect([exit, json()]).toMatchObject([0, { schema: "qoc.runs.decision/1", approver: null, state: "dispatching" }]);
  });

  test("which of several drafts is said, never guessed", async () => {
    const drafts = await awaiting({ drafts: 2, policy: { require: "local" } });
    const { exit, stderr } = await world.qoc(`reject ${drafts.run} --reason no --digest ${drafts.digest(2)}`);
    expect([exit, stderr]).toEqual([64, expect.stringContaining("2 drafts are open")]);
    expect((await world.qoc(`reject ${drafts.run} --draft 2 --reason no --digest ${drafts.digest(2)}`)).exit).toBe(0);
    expect((await world.qoc(`reject ${drafts.run} --draft 2 --reason no --digest ${drafts.digest(2)}`)).exit).toBe(75);
    expect((await world.qoc(`reject ${drafts.run} --draft 3 --reason no --digest ${drafts.digest(2)}`)).exit).toBe(66);
  });

  test.each(["approve RUN", "reject RUN --reason no", "run approve f.toml", "run reject f.toml --reason no"])(
    "inside an agent's run nothing is decided: %s",
    async (args) => {
      const drafts = await awaiting({ policy: { require: "local" } });
      const { exit, stderr } = await world.qoc(args.replace("RUN", drafts.run), {
        env: { QOC_RUN_TOKEN: "qoc_run_0000" },
      });
      expect([exit, stderr, drafts.posted]).toEqual([77, expect.stringContaining("code: RUN_TOKEN"), []]);
    },
  );

  test("a reason that no decision may have is refused before anything is asked", async () => {
    const drafts = await awaiting();
    const long = await world.qoc(`approve ${drafts.run} --reason ${"x".repeat(1001)}`);
    expect([long.exit, long.stderr]).toEqual([64, expect.stringContaining("more than 1000 characters")]);
  });

  test("what a draft's words hold never steers the terminal", async () => {
    const drafts = await awaiting({ policy: { require: "local" } });
    drafts.files.set(fileOf(1), "[order]\n\u001b[2J = 1\n");
    const { stderr } = await world.qoc(`reject ${drafts.run} --reason no --digest ${drafts.digestProposed}`);
    expect(stderr).not.toContain("\u001b");
  });
});

describe("qoc approval verify", () => {
  const written = (by: Person, bytes: Uint8Array): string => {
    writeFileSync(path.join(world.dir, "d.json"), bytes);
    return world.write(`${by.name}.pub`, by.pem);
  };
  test("says who decided what, offline, and no for any other key or bytes", async () => {
    const [alice, bob] = [person("alice"), person("bob")];
    written(alice, signedBy(alice, { reason: "stop holds" }));
    const { exit, json } = await world.qoc("approval verify d.json --key alice.pub --json");
    expect([exit, json()]).toMatchObject([
      0,
      { ok: true, key: alice.key.fingerprint, decision: { approver: "alice", draft: 1 } },
    ]);
    written(
      bob,
      Buffer.from(signedBy(alice)).map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
    );
    expect((await world.qoc("approval verify d.json --key alice.pub")).exit).toBe(1);
    written(bob, signedBy(alice));
    expect((await world.qoc("approval verify d.json --key bob.pub")).stdout).toContain("It names another key");
    expect((await world.qoc("approval verify d.json")).exit).toBe(64);
    expect((await world.qoc("approval verify d.json --key d.json")).exit).toBe(65);
  });
});
