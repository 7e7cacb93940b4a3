/** The page of one run in a real Chromium: what it shows, what it lets a person decide, and what hostile texts do to it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addApprover, readApprovers } from "../../src/adapters/approver-keys.ts";
import { judgeDecision } from "../../src/approval/judge-decision.ts";
import { runIdOf, sha256Of } from "../../src/core/ids.ts";
import { type FakeRun, fakeRun, refusal, type RunWorld } from "../support/fake-run.ts";
import { draft, drafts, longJournal, replayAt, RUN, runPage } from "../support/run-page-words.ts";
import { noSeriousFindings, watched } from "../support/watched-page.ts";

const SHOTS = process.env["QOC_SHOTS"];
const conformance = path.join(import.meta.dirname, "../conformance");
const fileOf = (name: string, bytes: Buffer) => ({
  name,
  base64: bytes.toString("base64"),
});

const file = (name: string) => fileOf(name, readFileSync(path.join(conformance, name)));

let browser: Browser;
let fake: FakeRun;
let world: RunWorld;
let context: BrowserContext;
let page: Page;
let faults: readonly string[];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
});
afterAll(() => browser.close());

beforeEach(async () => {
  const answered = (says: string) => () => ({ says, new_run: null });
  world = {
    page: runPage(),
    evidence: null,
    approvers: [],
    replay: (seq) => replayAt(world.page, seq),
    decide: () => refusal(500, "UNEXPECTED", "nobody decides here"),
    act: answered("told"),
  };
  fake = await fakeRun(world);
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  await context.addInitScript(`sessionStorage.setItem("qoc.token", "t")`);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  page = await context.newPage();
  faults = watched(page);
});
afterEach(async () => {
  await context.close();
  await fake.close();
});

const open = async (): Promise<void> => {
  await page.goto(`${fake.url}/runs/${RUN}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.locator(".run-chart svg, .run-panel .empty").first().waitFor();
};
const shot = async (name: string): Promise<void> => {
  if (SHOTS !== undefined) await page.screenshot({ path: path.join(SHOTS, `run-${name}.png`), fullPage: true });
};
const tellsOf = (end: string): readonly string[] =>
  fake.told.filter((each) => each.path.endsWith(end)).map(({ body }) => body);
const sealed = (over: Partial<RunWorld["page"]["run"]> = {}) =>
  runPage({
    run: {
      ...runPage().run,
      state: "sealed",
      outcome: "completed",
      waiting_for: null,
      waiting_until: null,
      envelope: "evidence/e.json",
      ...over,
    },
    chart: { ...runPage().chart, state: "sealed", timers: [] },
    drafts: null,
    actions: [],
  });

describe("a run that awaits approval", () => {
  test("shows hostile texts as texts: nothing runs, nothing is markup, nothing is wider than the page", async () => {
    await open();
    expect(await page.evaluate(`globalThis.hacked`)).toBeUndefined();
    expect(await page.locator("main img, main script, main a[href^=javascript]").count()).toBe(0);
    expect(await page.locator(".run-body").textContent()).toContain("12345678901234567890");
    expect(await page.locator("#facts").textContent()).toContain("420.00");
    await page.getByRole("button", { name: "Approve…" }).click();
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate(`document.documentElement.scrollWidth - innerWidth`)).toBeLessThanOrEqual(0);
      // What is within a box stays in it, save where the box itself scrolls.
      const wide = await page.evaluate(`[...document.querySelectorAll(".run-panel, .run-form, .run-key, .run-head")]
        .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.className)`);
      expect(wide).toEqual([]);
    }
    expect(faults).toEqual([]);
  });
  test.each(["light", "dark"] as const)("has no serious finding of axe in %s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await open();
    await page.getByRole("button", { name: "Approve…" }).click();
    await shot(`approval-${colorScheme}`);
    expect(await noSeriousFindings(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 900 });
    await shot(`approval-${colorScheme}-narrow`);
    expect(await noSeriousFindings(page)).toEqual([]);
    expect(faults).toEqual([]);
  });
  test("is approved by typing how the digest begins, by keyboard alone; Enter never approves", async () => {
    let answered: unknown;
    world.decide = (body) => {
      answered = body;
      world.page = runPage({ drafts: drafts({ items: [draft({ state: "approved" })] }) });
      return { ...body, run: RUN, approver: null, state: "dispatching", says: "draft 1 is approved and goes out" };
    };
    await open();
    await page.keyboard.press("a");
    await page.keyboard.press("Enter");
    await page.keyboard.type("3fa8");
    await page.keyboard.press("Enter");
    const button = page.getByRole("button", { name: "Approve draft 1" });
    expect(await button.isDisabled()).toBe(true);
    await page.keyboard.press("Backspace");
    await page.keyboard.type("9");
    await page.keyboard.press("Enter");
    expect(answered).toBeUndefined();
    await page.keyboard.press("Tab");
    await page.keyboard.type("read it");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("draft 1 is approved and goes out").waitFor();
    expect(answered).toEqual({ draft: 1, decision: "approve", digest: draft().digest, reason: "read it" });
    await page.getByRole("heading", { name: "Draft 1, approved" }).waitFor();
    expect(await page.getByRole("button", { name: "Approve…" }).count()).toBe(0);
    expect(faults).toEqual([]);
  });
  test("wants a reason for a rejection", async () => {
    await open();
    await page.keyboard.press("x");
    await page.keyboard.type("3fa9");
    const button = page.getByRole("button", { name: "Reject draft 1" });
    expect(await button.isDisabled()).toBe(true);
    await page.getByLabel("Why it is rejected").fill("too much");
    expect(await button.isEnabled()).toBe(true);
  });
  test("has a form for each draft and no button that decides two", async () => {
    world.page = runPage({
      drafts: drafts({ items: [draft(), draft({ draft: 2, digest: `77aa${"0".repeat(60)}` })] }),
    });
    await open();
    expect(await page.getByRole("button", { name: "Approve…" }).count()).toBe(2);
    expect(await page.getByRole("button", { name: /all|both/i }).count()).toBe(0);
  });
});

describe("a draft that is swapped between view and approval", () => {
  const swapped = draft({
    digest: `e11e${"1".repeat(60)}`,
    changed: true,
    fields: [
      ["symbol", "ACME"],
      ["quantity", "1000"],
    ],
  });
  test("is refused by its old digest; the new one is shown, marked, and what was typed is gone", async () => {
    const sent: unknown[] = [];
    world.decide = (body) => {
      sent.push(body.digest);
      world.page = runPage({ drafts: drafts({ items: [swapped] }) });
      return refusal(
        409,
        "DRAFT_CHANGED",
        "The draft is not what was looked at: it was edited since. Look at it again.",
      );
    };
    await open();
    await page.keyboard.press("a");
    await page.keyboard.type("3fa9");
    await page.getByRole("button", { name: "Approve draft 1" }).click();
    await page.getByText("This draft changed while you looked at it").waitFor();
    await page.locator("tr.is-changed", { hasText: "1000" }).waitFor();
    expect(await page.locator("tr.is-changed", { hasText: "symbol" }).count()).toBe(0);
    expect(sent).toEqual([draft().digest]);
    await page.getByRole("button", { name: "Approve…" }).click();
    expect(await page.getByLabel(/type the first 4/).inputValue()).toBe("");
    await page.getByLabel(/type the first 4/).fill("3fa9");
    expect(await page.getByRole("button", { name: "Approve draft 1" }).isDisabled()).toBe(true);
    await shot("swapped");
    // The refusal itself is a failed request to the browser's console.
    expect(faults.filter((each) => !each.includes("409"))).toEqual([]);
  });
  test("is noticed while somebody types: the new digest never gets what was typed for the old one", async () => {
    await open();
    await page.keyboard.press("a");
    await page.keyboard.type("3fa9");
    expect(await page.getByRole("button", { name: "Approve draft 1" }).isEnabled()).toBe(true);
    world.page = runPage({ drafts: drafts({ items: [swapped] }) });
    fake.change();
    await page.getByText("This draft changed while you looked at it").waitFor();
    expect(await page.getByRole("button", { name: "Approve draft 1" }).count()).toBe(0);
    expect(tellsOf("/decisions")).toEqual([]);
  });
  test("that did not change keeps what is typed, and where the page stands, over a hundred changes of the run", async () => {
    await open();
    await page.keyboard.press("a");
    await page.keyboard.type("3f");
    const before = await page.evaluate(`scrollY`);
    const asked = fake.told.length;
    for (let i = 0; i < 100; i += 1) fake.change();
    await page.waitForTimeout(600);
    expect(await page.getByLabel(/type the first 4/).inputValue()).toBe("3f");
    expect(await page.evaluate(`scrollY`)).toBe(before);
    expect(fake.told.length - asked).toBeLessThan(8);
  });
});

describe("a run that takes signed decisions alone", () => {
  const passphrase = "correct horse battery 🐎";
  let dir: string;
  let key: string;
  beforeAll(async () => {
    dir = mkdtempSync(path.join(tmpdir(), "qoc-test-"));
    const given = { workspace: "desk", passphrase, endorser: null, now: Date.now() };
    await addApprover(dir, { ...given, name: "alice" });
    key = readFileSync(path.join(dir, ".qoc/approvers/alice.key"), "utf8");
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test("is approved by a key file and its passphrase: what is sent verifies, and neither of the two is sent", async () => {
    const { approvers, unsettled } = readApprovers(dir, "desk", undefined);
    const keys = approvers.map(({ fingerprint }) => fingerprint);
    const approval = { require: "signed", approvers: 1, keys } as const;
    world.page = runPage({ drafts: drafts({ approval }) });
    world.approvers = [{ workspace: "desk", root: keys[0], unsettled, approvers, refused: [] }];
    world.decide = (body) => {
      const { digest, decision, reason = "" } = body;
      const signed = body.signed === undefined ? null : Buffer.from(body.signed, "base64");
      const ground = { policy: approval, approvers, unsettled, workspace: "desk", run: runIdOf(RUN), draft: 1 };
      const judged = judgeDecision(
        { digest, decision, reason, signed },
        { ...ground, digest: sha256Of(draft().digest ?? ""), now: Date.now() },
      );
      if (judged.kind === "refused") return refusal(403, "APPROVAL_REFUSED", judged.says);
      return {
        ...body,
        run: RUN,
        approver: judged.approver,
        state: "dispatching",
        says: `draft 1 is approved by ${judged.approver}`,
      };
    };
    await open();
    await page.keyboard.press("a");
    await page.keyboard.type("3fa9");
    const button = page.getByRole("button", { name: "Approve draft 1" });
    await page
      .getByLabel(/^Key file/)
      .setInputFiles({ name: "alice.key", mimeType: "text/plain", buffer: Buffer.from(key) });
    expect(await button.isDisabled()).toBe(true);
    await page.getByLabel("Its passphrase").fill("wrong");
    await button.click();
    await page.getByText("The passphrase is wrong, or the key file is damaged").waitFor();
    expect(tellsOf("/decisions")).toEqual([]);
    expect(await page.getByLabel("Its passphrase").inputValue()).toBe("");
    await page.getByLabel("Its passphrase").fill(passphrase);
    await shot("signed");
    await button.click();
    await page.getByText("draft 1 is approved by alice").waitFor();
    const sent = fake.told.map(({ path: target, body }) => target + body).join("\n");
    expect(sent).not.toContain("horse");
    expect(sent).not.toContain(key.split("\n")[2]);
    expect(faults).toEqual([]);
  });
});

describe("the past", () => {
  test("is shown by [ and ] and the scrubber, says so, and now is one key away", async () => {
    await open();
    await page.keyboard.press("[");
    await page.keyboard.press("[");
    await page.keyboard.press("[");
    await page.keyboard.press("[");
    await page.keyboard.press("[");
    await page.getByText("This is the past").waitFor();
    await page.locator('.chart-state.is-active[data-state="verified"]').waitFor();
    await page.getByText("Nothing yet: the payload was not read by then.").waitFor();
    await shot("past");
    expect(fake.told.filter((each) => each.path.includes("/replay")).length).toBeLessThan(6);
    await page.locator("#replay").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.getByText("Under way then: runAgent").waitFor();
    await page.keyboard.press("]");
    await page.getByText("row 4 of 6").waitFor();
    await page.getByRole("button", { name: "Now" }).click();
    await page.locator('.chart-state.is-active[data-state="awaiting-approval.asked"]').waitFor();
    expect(await page.getByText("This is the past").count()).toBe(0);
    expect(faults).toEqual([]);
  });
  test("of five thousand rows is scrolled smoothly, with few of them in the document", async () => {
    world.page = runPage({ run: { ...runPage().run, journal: longJournal(5000) } });
    await open();
    await page.locator(".journal-row").first().waitFor();
    expect(await page.locator(".journal-row").count()).toBeLessThan(400);
    const { frame, most } = await page.evaluate<{ readonly frame: number; readonly most: number }>(`(async () => {
      const box = document.querySelector(".run-timeline");
      let [most, last] = [0, performance.now()];
      const frames = [];
      for (let i = 0; i < 61; i += 1) {
        box.scrollTop += 900;
        await new Promise((resolve) => requestAnimationFrame(resolve));
        most = Math.max(most, document.querySelectorAll(".journal-row").length);
        frames.push(performance.now() - last);
        last = performance.now();
      }
      return { frame: frames.sort((a, b) => a - b)[30], most };
    })()`);
    expect(most).toBeLessThan(400);
    // Every second picture is there within this, on a machine that does other things as well.
    expect(frame).toBeLessThan(60);
    await page.evaluate(`document.querySelector(".run-timeline").scrollTop = 1e9`);
    await page.getByRole("button", { name: "The run as of row 4999" }).waitFor();
  });
});

describe("what a person can tell it", () => {
  test("is what its machine allows, with what comes of it; nothing is sent without a reason", async () => {
    world.page = runPage({
      drafts: null,
      actions: [
        { action: "resume", says: "It is performed again: whatever the agent did may be done twice." },
        { action: "settle_failed", says: "Draft 1 counts as not executed." },
      ],
    });
    await open();
    await page.keyboard.press("r");
    expect(await page.getByRole("button", { name: "Resume", exact: true }).isDisabled()).toBe(true);
    await page.keyboard.type("looked at it");
    await page.getByRole("button", { name: "Resume", exact: true }).click();
    await page.getByText("told", { exact: true }).waitFor();
    expect(tellsOf("/resume")).toEqual([JSON.stringify({ reason: "looked at it" })]);
  });
  test("that the daemon refuses says why, and what was typed stays", async () => {
    world.act = () => refusal(409, "NOT_NOW", "something else came first");
    await open();
    await page.getByRole("button", { name: "Cancel…" }).click();
    await page.getByLabel(/Why; it stands/).fill("no longer wanted");
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await page.getByText("something else came first").waitFor();
    expect(await page.getByLabel(/Why; it stands/).inputValue()).toBe("no longer wanted");
  });
});

describe("sealed evidence", () => {
  const evidence = (name: string, over: Partial<NonNullable<RunWorld["evidence"]>> = {}) => ({
    run: RUN,
    envelope: file(name),
    amendments: [],
    receipt: null,
    keys: [file("evidence.pub")],
    command: "qoc envelope verify F --key evidence.pub",
    ...over,
  });
  test("is verified in the browser by v, and says what that does not show", async () => {
    world.page = sealed();
    world.evidence = evidence("envelopes/commit.json");
    await open();
    await page.keyboard.press("v");
    await page.getByText("✓ holds, verified in this browser").waitFor();
    expect(await page.locator(".run-checks li").count()).toBe(await page.locator(".run-checks .is-holds").count());
    await page.getByText("that what the sender said is true").waitFor();
    await page.getByText("qoc envelope verify F --key evidence.pub").waitFor();
    await shot("sealed");
    expect(await noSeriousFindings(page)).toEqual([]);
    expect(faults).toEqual([]);
  });
  test("of which one value was changed does not hold, and the check that fails is named", async () => {
    world.page = sealed();
    const text = readFileSync(path.join(conformance, "envelopes/commit.json"), "utf8");
    world.evidence = evidence("envelopes/commit.json", {
      envelope: fileOf("e.json", Buffer.from(text.replace('"outcome":"completed"', '"outcome":"cancelled"'))),
    });
    await open();
    await page.getByRole("button", { name: "Verify in this browser" }).click();
    await page.getByText("✗ does not hold").waitFor();
    const fails = page.locator(".run-checks .is-fails");
    expect(await fails.allTextContents()).toEqual([expect.stringContaining("OPEN_MISMATCH")]);
    await shot("tampered");
  });
  test("signed by another key than the desk's does not hold", async () => {
    world.page = sealed();
    world.evidence = evidence("envelopes/other-key_fail.json");
    await open();
    await page.keyboard.press("v");
    await page.getByText("✗ does not hold").waitFor();
    const fails = page.locator(".run-checks .is-fails");
    expect(await fails.allTextContents()).toEqual([expect.stringContaining("KEY_UNKNOWN")]);
  });
  test("of an erased run says what is gone and what stays", async () => {
    const erased = { at: world.page.now, reason: "asked by the customer", seals: [], edited: [], shared: 0 };
    world.page = { ...sealed({ erased, state: "erased" }), delivery: null };
    await open();
    await page.getByText("asked by the customer").waitFor();
    expect(await page.locator("#payload").count()).toBe(0);
  });
});

describe("what is not there", () => {
  test("a run that does not exist is said, with the command that lists those that do", async () => {
    await page.goto(`${fake.url}/runs/nothing`);
    await page.getByText("There is no such run.").waitFor();
    await page.keyboard.press("Escape");
    await page.waitForURL(`${fake.url}/runs`);
    expect(await page.locator(".run-page").count()).toBe(0);
  });
  test("a run stepped by another definition gets the table of its path and no wrong picture", async () => {
    world.page = runPage({ chart: { ...runPage().chart, definition: "00".repeat(32) } });
    await open();
    await page.getByText("No picture of this machine.").waitFor();
    expect(await page.getByRole("region", { name: "the path taken" }).getByRole("row").count()).toBe(8);
    expect(await page.locator(".run-chart svg").count()).toBe(0);
  });
});
