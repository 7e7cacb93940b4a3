/**
 * Agent runs are erased. Canaries are in what was sent, in what the agent said and wrote, in its draft and in what a person said of that:
 * before, they are found on the desk; afterwards in none of its files and in no row of its store, but in a page that a person has edited.
 */
import { appendFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, quiet } from "../support/control.ts";
import {
  addApprover,
  agentDesk,
  atTerminal,
  DESK,
  draftsOf,
  filesIn,
  PASSPHRASE,
  reached,
  textIn,
} from "../support/agent-desk.ts";
import { type Daemon, launchFaulty, qoc, stop, up, within } from "../support/daemon.ts";
import { filesBelow } from "../support/files-below.ts";
import { readableStore } from "../support/readable-store.ts";
import { post } from "../support/sender.ts";

const SCRIPT = `
const what = /canary-sent-([a-z]+)/.exec(bundle)[1];
const mine = (of) => "canary-" + of + "-" + what;
const client = await stdio();
await call(client, "research_write", { name: what, content: mine("draft-page") + "\\n" });
await call(client, "research_write", { name: what, content: mine("research") + "\\n" });
await call(client, "inbox_write", { kind: "note", title: "A note", body: mine("note") });
await call(client, "snapshot", { title: "As it stands", text: mine("snapshot") });
await call(client, "issue_update", { summary: mine("summary") });
const proposal = order("NVDA", what === "one" ? "sell" : "buy", "10");
proposal.rationale.summary = mine("rationale");
await call(client, "orders_propose", proposal);
console.log(mine("stdout"));
console.error(mine("stderr"));
`;
/** Of a run whose draft a person has rejected, and then whatever else its agent left. */
const KINDS = ["sent", "research", "note", "snapshot", "rationale", "stdout", "stderr", "reason"];
const canaries = (what: string): readonly string[] => KINDS.map((of) => `canary-${of}-${what}`);

let dir: string;
let daemon: Daemon;
const runs = new Map<string, string>();

const filesWith = (text: string): readonly string[] =>
  [...filesBelow(dir)]
    .filter(([file, bytes]) => !file.startsWith(path.join(".qoc", "store")) && bytes.includes(text))
    .map(([file]) => file);
const rows = (): Promise<Buffer> | Promise<string> => readableStore(path.join(dir, ".qoc", "store"));
const erase = (what: string) =>
  qoc({ cwd: dir }, "envelope", "erase", runs.get(what) ?? "", "--reason", "forgotten", "--yes", "--output", "json");

async function runAbout(what: string): Promise<void> {
  const body = JSON.stringify({ event: "risk_breach", note: `canary-sent-${what}` });
  await post(daemon.ingress, DESK, { webhook: "risk-breach", delivery_id: what, body });
  const run = await reached(dir, "awaiting-approval.asked");
  runs.set(what, run);
  const [draft] = await draftsOf(dir, run);
  const decided = await atTerminal(
    dir,
    ["reject", run, "--draft", "1", "--reason", `canary-reason-${what}`],
    [
      ["characters of the digest: ", `${draft?.digest?.slice(0, 4)}\n`],
      ["Passphrase of ada: ", `${PASSPHRASE}\r`],
    ],
  );
  expect(decided.screen).toContain("rejected");
  await quiet(dir);
}

beforeAll(async () => {
  dir = agentDesk({ script: SCRIPT });
  expect(await addApprover(dir, "ada")).toMatchObject({ exit: 0 });
  daemon = await up([dir]);
  for (const what of ["one", "two"]) await runAbout(what);
}, 120_000);

test("before, every canary is in the desk's files or in its store", async () => {
  const kept = await rows();
  for (const canary of canaries("one"))
    expect([canary, filesWith(canary).length > 0 || kept.includes(canary)]).toEqual([canary, true]);
});

describe("a run that is erased", () => {
  let edited: string;
  let answer: string;

  beforeAll(async () => {
    edited = filesWith("canary-note-one").find((file) => file.startsWith("inbox")) ?? "none";
    appendFileSync(path.join(dir, edited), "\nLooked into.\n");
    const said = await erase("one");
    answer = said.stdout;
    expect([said.code, said.stderr]).toEqual([0, expect.any(String)]);
  });

  test("says what stays", () => {
    expect(JSON.parse(answer)).toMatchObject({ state: "erased", erased: { edited: [edited], shared: 0 } });
  });

  test("leaves nothing of it in any file but that page, and in no row of the store", async () => {
    const kept = await rows();
    // The reason stood in the task's file too, of which the other run was told: that run's own artifacts have it.
    const left = ["draft-page", "summary", ...KINDS.filter((of) => of !== "reason")].flatMap((of) => {
      const canary = `canary-${of}-one`;
      return [...filesWith(canary).filter((file) => file !== edited), ...(kept.includes(canary) ? ["the store"] : [])];
    });
    expect(left).toEqual([]);
    expect(filesIn(dir, "research")).toEqual(["two.md"]);
    const run = runs.get("one") ?? "";
    const naming = filesWith(run).filter((file) => !/^\.qoc|^inbox/.test(file));
    expect(naming).toEqual([]);
    expect(
      filesIn(dir, "inbox").filter(
        (file) => file !== path.basename(edited) && textIn(dir, `inbox/${file}`).includes(run),
      ),
    ).toEqual([]);
  });

  test("leaves the other run whole", async () => {
    const kept = await rows();
    for (const canary of canaries("two"))
      expect([canary, filesWith(canary).length > 0 || kept.includes(canary)]).toEqual([canary, true]);
  });

  test("is shown without a word of it, and shows no drafts any more", async () => {
    const run = runs.get("one") ?? "";
    const shown = [await ask(dir, `/api/runs/${run}`), await ask(dir, `/api/runs/${run}/drafts`)];
    expect(shown[1]).toMatchObject({ code: "NOT_NOW" });
    expect(JSON.stringify(shown)).not.toContain("canary");
    expect((await qoc({ cwd: dir }, "why", run)).stdout).toContain("erased at");
  });
});

test(
  "daemons that die over an erasure, one after the other, leave one that the next ends",
  { timeout: 100_000 },
  async () => {
    await stop(daemon);
    for (const point of [
      "erasure-second-file-removed",
      "erasure-expunge-under-way",
      "erasure-told-under-way",
    ] as const) {
      const dying = launchFaulty(dir, { kind: "die", at: point, nth: 1 });
      dying.says("ready\n").then(
        () => ask(dir, `/api/runs/${runs.get("two") ?? ""}/erase`, { reason: "forgotten" }).catch(() => undefined),
        () => undefined,
      );
      expect([point, await within(dying.ended, () => "lived on")]).toMatchObject([point, { signal: "SIGKILL" }]);
    }
    daemon = await up([dir]);
    await quiet(dir);
    expect(await ask(dir, `/api/runs/${runs.get("two") ?? ""}`)).toMatchObject({ state: "erased" });
  },
);

test("in the end nothing is left of either, and fsck finds nothing wrong", async () => {
  await stop(daemon);
  const kept = await rows();
  expect(canaries("two").filter((canary) => filesWith(canary).length > 0 || kept.includes(canary))).toEqual([]);
  expect(filesIn(dir, "orders/rejected")).toEqual([]);
  expect(filesIn(dir, "research")).toEqual([]);
  const checked = await qoc({ cwd: dir }, "fsck", "--output", "json");
  const { items } = JSON.parse(checked.stdout);
  expect([checked.code, items]).toEqual([0, []]);
});
