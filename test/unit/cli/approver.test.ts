/** Approvers as a person makes them: on a terminal, in a process of its own. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readApprovers } from "../../../src/adapters/approver-keys.ts";
import { openApproverPin, pinnedRoot } from "../../../src/adapters/approver-pin.ts";
import { lockDesk } from "../../../src/adapters/desk-lock.ts";
import { trustApprovers } from "../../../src/adapters/trusted-approvers.ts";
import { onTerminal } from "../../support/terminal.ts";
import { aTarget } from "../http/desk-with-runs.ts";
import { cliWorld, type World } from "./cli-world.ts";

const SECRET = "correct horse battery";
const OTHER = "a second passphrase";
let world: World;
beforeEach(() => {
  world = cliWorld();
});
afterEach(() => world.close());

const approver = (args: string, dialogue: readonly (readonly [string, string])[] = [], env = {}) =>
  onTerminal(["--desk", world.dir, "approver", ...args.split(" ")], dialogue, env);
const twice = (name: string, secret: string): readonly (readonly [string, string])[] => [
  [`New passphrase of ${name}: `, `${secret}\r`],
  ["The same again: ", `${secret}\r`],
];
const known = () => readApprovers(world.dir, "equity-desk", undefined).approvers.map(({ name }) => name);
const runtime = () => path.join(world.dir, ".qoc");
/** A daemon that pins the first approver it meets. */
async function daemon() {
  const trust = trustApprovers(world.dir, "equity-desk", openApproverPin(runtime()), () => undefined);
  const given = aTarget([]);
  const drafts = {
    ...trust,
    read: () => Promise.reject(new Error("no draft is read")),
    recall: () => undefined,
  };
  await world.daemon([], { desks: () => given.desks().map((desk) => ({ ...desk, drafts })) });
  return trust;
}

describe("qoc approver on a terminal", () => {
  test("makes the first approver, whose passphrase is never shown", async () => {
    const made = await approver("add alice", twice("alice", SECRET));
    expect(made).toMatchObject({ exit: 0, unasked: 0 });
    expect(made.screen).toContain("trusts it on first use");
    expect(made.screen).toContain(readApprovers(world.dir, "equity-desk", undefined).root);
    expect(made.screen).not.toContain(SECRET);
    expect(readFileSync(path.join(world.dir, ".qoc/approvers/alice.key"), "utf8")).not.toContain(SECRET);
  }, 60_000);

  test("makes the second only with the first one's passphrase, which a typing error can be taken back of", async () => {
    await approver("add alice", twice("alice", SECRET));
    const alone = await approver("add bob");
    expect([alone.exit, alone.screen]).toEqual([64, expect.stringContaining("--by alice")]);
    const wrong = await approver("add bob --by alice", [["Passphrase of alice: ", "not the passphrase\r"]]);
    expect([wrong.exit, wrong.screen]).toEqual([77, expect.stringContaining("The passphrase is wrong")]);
    expect(known()).toEqual(["alice"]);
    const made = await approver("add bob --by alice", [
      ["Passphrase of alice: ", `${SECRET}xé\u007f\u007f\r`],
      ...twice("bob", OTHER),
    ]);
    expect(made).toMatchObject({ exit: 0, unasked: 0 });
    expect(known()).toEqual(["alice", "bob"]);
  }, 120_000);

  test.each([
    ["too short", [["New passphrase of alice: ", "short\r"]], 64],
    [
      "typed differently the second time",
      [
        ["New passphrase of alice: ", `${SECRET}\r`],
        ["The same again: ", `${OTHER}\r`],
      ],
      64,
    ],
    ["broken off", [["New passphrase of alice: ", `${SECRET}\u0003`]], 130],
  ] as const)(
    "makes no key when the passphrase is %s",
    async (_says, dialogue, exit) => {
      expect((await approver("add alice", dialogue)).exit).toBe(exit);
      expect(() => readdirSync(path.join(world.dir, ".qoc", "approvers"))).toThrow("ENOENT");
    },
    60_000,
  );

  test.each(["add alice", "remove alice", "reset"])(
    "is nothing that an agent can do: %s",
    async (args) => {
      const { exit, screen } = await approver(args, [], { QOC_RUN_TOKEN: "qoc_run_0000" });
      expect([exit, screen]).toEqual([77, expect.stringContaining("code: RUN_TOKEN")]);
    },
    60_000,
  );

  test("has the next start trust another first approver, only for the desk's name in full", async () => {
    await approver("add alice", twice("alice", SECRET));
    expect((await approver("reset")).screen).toContain("There is nothing to reset");
    const first = trustApprovers(world.dir, "equity-desk", openApproverPin(runtime()), () => undefined).approvers()
      .root;
    await approver("remove alice --yes");
    await approver("add alice", twice("alice", OTHER));
    const planted = readApprovers(world.dir, "equity-desk", undefined).root ?? "";
    const short = await approver("reset", [["\n> ", "equity\r"]]);
    expect([short.exit, pinnedRoot(runtime())]).toEqual([1, first]);
    expect(short.screen).toContain(planted);
    const whole = await approver("reset", [["\n> ", "equity-desk\r"]]);
    expect([whole.exit, pinnedRoot(runtime())]).toEqual([0, undefined]);
    const next = trustApprovers(world.dir, "equity-desk", openApproverPin(runtime()), () => undefined);
    expect(next.approvers().root).toBe(planted);
  }, 180_000);

  test("resets nothing while a daemon runs, or a process holds the desk", async () => {
    await approver("add alice", twice("alice", SECRET));
    const lock = lockDesk(runtime());
    expect(await approver("reset")).toMatchObject({ exit: 75, screen: expect.stringContaining("DAEMON_RUNNING") });
    lock.release();
    const { root } = (await daemon()).approvers();
    expect(await approver("reset")).toMatchObject({ exit: 75, screen: expect.stringContaining("DAEMON_RUNNING") });
    expect([root, pinnedRoot(runtime())]).toEqual([expect.any(String), root]);
    const listed = await approver("list");
    expect(listed.screen).toContain(`alice  ${root}`);
  }, 120_000);
});

describe("qoc approver without a terminal", () => {
  test.each(["approver add alice", "approver reset"])("%s is refused: a pipe is no person", async (args) => {
    const { exit, stderr } = await world.qoc(args, { stdin: `${SECRET}\n${SECRET}\n` });
    expect([exit, stderr]).toEqual([77, expect.stringContaining("code: NO_TERMINAL")]);
  });
  test("lists what lies in the folder, and says that no daemon was asked", async () => {
    const { exit, stderr, json } = await world.qoc("approver list --json");
    expect([exit, json()]).toEqual([0, { schema: "qoc.approver.list/1", items: [] }]);
    expect(stderr).toContain("No daemon runs");
  });
  test("refuses a name that is a path", async () => {
    expect((await world.qoc("approver add ../evil", { terminal: true })).exit).toBe(64);
    expect((await world.qoc("approver remove ../keys/evidence --yes")).exit).toBe(64);
  });
});
