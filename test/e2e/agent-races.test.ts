/** Who is first decides, and is the only one: decisions, edits, cancels and the end of the time, against each other and at one moment. */
import { appendFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { beforeAll, describe, expect, test } from "vitest";
import { draftsOf, filesIn, textIn } from "../support/agent-desk.ts";
import { ask } from "../support/control.ts";
import { type Daemon, stop, up } from "../support/daemon.ts";
import {
  type Answered,
  asked,
  begun,
  cancelRun,
  decideAs,
  type DraftHook,
  journalOf,
  type OrderDesk,
  orderDesk,
  sealed,
  sentBy,
  until,
} from "../support/order-desk.ts";

const ROUNDS = 20;
const MANY: DraftHook = { drafts: ROUNDS, timeout: "1h" };
const ONE: DraftHook = { drafts: 1, timeout: "1h" };
const TWO: DraftHook = { drafts: 2, timeout: "1h" };
const BRIEF: DraftHook = { drafts: 1, timeout: "2s" };
const rounds = Array.from({ length: ROUNDS }, (_, round) => round);

let single: OrderDesk;
let pair: OrderDesk;
let daemon: Daemon;

beforeAll(async () => {
  single = await orderDesk("one-approver", 1, [MANY, ONE, TWO, BRIEF]);
  pair = await orderDesk("two-approvers", 2, [MANY]);
  daemon = await up([single.dir, pair.dir]);
});

async function draftedOn(desk: OrderDesk, hook: DraftHook) {
  const run = await begun(desk, daemon.ingress, hook);
  return { run, drafts: await asked(desk, run) };
}
const sentOf = (desk: OrderDesk, run: string): readonly number[] =>
  sentBy(desk)
    .filter((each) => each.run === run)
    .map(({ number }) => number);
const isTaken = ({ status }: Answered): boolean => status === 200;
const says = ({ status, code, detail = "" }: Answered): string => `${status} ${code} ${detail}`;
/** The one that was taken, and the one that was not. */
function sorted(answers: readonly Answered[]): readonly [won: number, lost: Answered] {
  const taken = answers.map(isTaken);
  expect(taken.filter(Boolean)).toHaveLength(1);
  const lost = answers.find((each) => !isTaken(each));
  if (lost === undefined) throw new Error("nobody lost");
  return [taken.indexOf(true), lost];
}

describe("one approver is wanted", () => {
  test("of two who approve at one instant one is heard, and the other is told who was", async () => {
    const { run, drafts } = await draftedOn(single, MANY);
    const winners: string[] = [];
    for (const { draft, digest } of drafts) {
      const answers = await Promise.all([
        decideAs(single, "ada", { run, draft, digest }),
        decideAs(single, "ben", { run, draft, digest }),
      ]);
      const [won, lost] = sorted(answers);
      const winner = won === 0 ? "ada" : "ben";
      expect(says(lost)).toBe(`409 NOT_NOW draft ${draft} was approved before, by ${winner}`);
      winners.push(winner);
    }
    await sealed(single, run);
    const { decided, outcome } = await journalOf(single, run);
    expect(decided.map(({ approver }) => approver)).toEqual(winners);
    expect(outcome).toBe("completed");
    expect(sentOf(single, run)).toEqual(drafts.map(({ draft }) => draft));
  });

  test("of an approval and a rejection at one instant one counts, and only what was approved is sent", async () => {
    const { run, drafts } = await draftedOn(single, MANY);
    const approved: number[] = [];
    for (const { draft, digest } of drafts) {
      const said = { run, draft, digest };
      const approve = () => decideAs(single, "ada", said);
      const reject = () => decideAs(single, "ben", { ...said, decision: "reject" });
      // Who asks first takes turns.
      const isTurned = draft % 2 === 0;
      const answers = await Promise.all(isTurned ? [reject(), approve()] : [approve(), reject()]);
      const [won, lost] = sorted(answers);
      const isApproved = (won === 0) !== isTurned;
      if (isApproved) approved.push(draft);
      const before = isApproved ? "approved before, by ada" : "rejected before, by ben";
      expect(says(lost)).toBe(`409 NOT_NOW draft ${draft} was ${before}`);
    }
    await sealed(single, run);
    const { decided } = await journalOf(single, run);
    expect(decided.map(({ draft }) => draft)).toEqual(drafts.map(({ draft }) => draft));
    expect(decided.filter((each) => each.approved).map(({ draft }) => draft)).toEqual(approved);
    expect(sentOf(single, run)).toEqual(approved);
  });

  test("the same approval handed in by many at once is sent once", async () => {
    const { run, drafts } = await draftedOn(single, ONE);
    const [{ draft, digest } = { draft: 0, digest: "" }] = drafts;
    const answers = await Promise.all(rounds.map(() => decideAs(single, "ada", { run, draft, digest })));
    await sealed(single, run);
    expect(answers.filter(isTaken)).toHaveLength(1);
    expect(new Set(answers.filter((each) => !isTaken(each)).map(({ status }) => status))).toEqual(new Set([409]));
    expect(sentOf(single, run)).toEqual([1]);
  });

  test("of an approval and a cancel one counts, and a run that is cancelled sends nothing", async () => {
    const runs = await Promise.all(rounds.map(() => begun(single, daemon.ingress, ONE)));
    for (const [round, run] of runs.entries()) {
      const [{ draft, digest } = { draft: 0, digest: "" }] = await asked(single, run);
      const approve = () => decideAs(single, "ada", { run, draft, digest });
      const cancel = () => cancelRun(single, run);
      const isTurned = round % 2 === 0;
      const answers = await Promise.all(isTurned ? [cancel(), approve()] : [approve(), cancel()]);
      const [won, lost] = sorted(answers);
      const isApproved = (won === 0) !== isTurned;
      await sealed(single, run);
      const { outcome, decided, events } = await journalOf(single, run);
      expect([outcome, decided.length, sentOf(single, run), events.includes("CANCEL")]).toEqual(
        isApproved ? ["completed", 1, [1], false] : ["cancelled", 0, [], true],
      );
      expect(says(lost)).toContain(
        isApproved
          ? `409 NOT_NOW cancel needs a run that is held or executing`
          : `409 NOT_NOW run ${run} was cancelled`,
      );
    }
  });

  test("of an approval and the end of its time one counts, and what has expired is not sent", async () => {
    const runs = await Promise.all(rounds.map(() => begun(single, daemon.ingress, BRIEF)));
    const race = async (run: string, digest: string, round: number): Promise<void> => {
      const { expires_at } = Expiring.parse(await ask(single.dir, `/api/runs/${run}/drafts`));
      // Around that moment: from a little before it to a little after.
      if (expires_at !== null) await pause(Math.max(0, Date.parse(expires_at) - Date.now() + 2 * (round - 14)));
      const answer = await decideAs(single, "ada", { run, digest });
      await sealed(single, run);
      const { outcome, decided } = await journalOf(single, run);
      const isLate = !isTaken(answer);
      expect(isLate ? says(answer) : LATE).toBe(LATE);
      expect([outcome, decided.length, sentOf(single, run)]).toEqual(
        isLate ? ["expired", 0, []] : ["completed", 1, [1]],
      );
    };
    const races: Promise<void>[] = [];
    for (const [round, run] of runs.entries()) {
      const [{ digest } = { digest: "" }] = await asked(single, run);
      races.push(race(run, digest, round));
    }
    await Promise.all(races);
  }, 60_000);
});

const LATE = "409 NOT_NOW the time to decide draft 1 is over: it expired";
const Expiring = z.object({ expires_at: z.string().nullable() });

describe("a draft that is edited", () => {
  const twice = (dir: string, file: string): void => {
    const text = textIn(dir, file);
    writeFileSync(path.join(dir, file), text.replace(/quantity = "(\d+)"/, 'quantity = "$1000"'));
  };

  test("between the look and the decision is refused, and what is sent is what was looked at again", async () => {
    const { run, drafts } = await draftedOn(single, ONE);
    const [{ draft, digest, file } = { draft: 0, digest: "", file: "" }] = drafts;
    twice(single.dir, file);
    expect(says(await decideAs(single, "ada", { run, draft, digest }))).toMatch(/^409 DRAFT_CHANGED .*edited since/);
    expect((await journalOf(single, run)).decided).toEqual([]);
    const [again] = await draftsOf(single.dir, run);
    expect(again?.says).toContain("1000 NVDA");
    expect(isTaken(await decideAs(single, "ada", { run, draft, digest: again?.digest ?? "" }))).toBe(true);
    await sealed(single, run);
    expect(sentBy(single).find((each) => each.run === run)?.digest).toBe(again?.digest);
  });

  test("after it was approved is sent as it was approved, and the edit is kept beside", async () => {
    const { run, drafts } = await draftedOn(single, TWO);
    const [first, second] = drafts;
    if (first === undefined || second === undefined) throw new Error("two drafts were asked for");
    expect(isTaken(await decideAs(single, "ada", { run, ...first }))).toBe(true);
    appendFileSync(path.join(single.dir, first.file), "# a comment of later\n");
    twice(single.dir, first.file);
    await decideAs(single, "ben", { run, ...second, decision: "reject" });
    await sealed(single, run);
    expect(sentBy(single).filter((each) => each.run === run)).toMatchObject([{ number: 1, digest: first.digest }]);
    const texts = (): readonly string[] =>
      filesIn(single.dir, "orders/executed").map((file) => textIn(single.dir, `orders/executed/${file}`));
    const isEdit = (text: string): boolean => text.includes("# a comment of later") && text.includes('"1000"');
    await until(async () => (texts().some(isEdit) ? true : undefined), "keep the edit");
    const filed = texts().filter((text) => text.includes("[outcome]") && text.includes(run));
    expect(filed).toHaveLength(1);
    expect(filed[0]).toContain('quantity = "1"');
  });

  test("at the instant of its approval is sent as it was looked at, or not at all", async () => {
    const { run, drafts } = await draftedOn(single, MANY);
    const approved: number[] = [];
    const refusals: string[] = [];
    for (const { draft, digest, file } of drafts) {
      const edit = async (): Promise<void> => {
        await pause(draft % 10);
        twice(single.dir, file);
      };
      const [answer] = await Promise.all([decideAs(single, "ada", { run, draft, digest }), edit()]);
      if (isTaken(answer)) approved.push(draft);
      else refusals.push(says(answer));
    }
    expect(refusals.filter((text) => !text.startsWith("409 DRAFT_CHANGED "))).toEqual([]);
    for (const { draft, digest } of await draftsOf(single.dir, run)) {
      if (!approved.includes(draft))
        await decideAs(single, "ben", { run, draft, digest: digest ?? "", decision: "reject" });
    }
    await sealed(single, run);
    const sent = sentBy(single).filter((each) => each.run === run);
    expect(sent.map(({ number }) => number)).toEqual(approved);
    expect(sent.map(({ digest }) => digest)).toEqual(approved.map((number) => drafts[number - 1]?.digest));
  });
});

describe("two approvers are wanted", () => {
  test("both at one instant are heard, and nothing is sent before the second", async () => {
    const { run, drafts } = await draftedOn(pair, MANY);
    for (const { draft, digest } of drafts) {
      const answers = await Promise.all([
        decideAs(pair, "ada", { run, draft, digest }),
        decideAs(pair, "ben", { run, draft, digest }),
      ]);
      expect(answers.map(isTaken)).toEqual([true, true]);
      expect(answers.filter(({ says: text = "" }) => text.includes("another approver is wanted"))).toHaveLength(1);
    }
    await sealed(pair, run);
    const { decided } = await journalOf(pair, run);
    expect(decided.map((each) => [each.draft, each.approved])).toEqual(drafts.map(({ draft }) => [draft, true]));
    expect(sentOf(pair, run)).toEqual(drafts.map(({ draft }) => draft));
  });

  test("one who approves twice at one instant is one, and the second approval is refused", async () => {
    const { run, drafts } = await draftedOn(pair, MANY);
    for (const { draft, digest } of drafts) {
      const said = { run, draft, digest };
      const [, lost] = sorted(await Promise.all([decideAs(pair, "ada", said), decideAs(pair, "ada", said)]));
      expect(says(lost)).toBe(`409 NOT_NOW ada has approved draft ${draft} before: another approver is wanted`);
    }
    expect(await journalOf(pair, run)).toMatchObject({ decided: [], state: "awaiting-approval.asked" });
    expect(sentOf(pair, run)).toEqual([]);
    expect(isTaken(await cancelRun(pair, run))).toBe(true);
    await sealed(pair, run);
    expect(sentOf(pair, run)).toEqual([]);
  });
});

test("the daemon that saw all this stops in good order", async () => {
  const { code, stderr } = await stop(daemon);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("failed")]);
  for (const desk of [single, pair]) {
    const keys = sentBy(desk).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  }
});
