import { describe, expect, test } from "vitest";
import type { DeliveryEvent } from "../../../src/core/delivery.ts";
import { sha256Of, type Sha256 } from "../../../src/core/ids.ts";
import { deskEffects } from "../../../src/desk/effects.ts";
import { renderInboxItem } from "../../../src/desk/inbox-item.ts";
import type { InboxJob, Job } from "../../../src/desk/jobs.ts";
import { noticeAskedIn, noticed } from "../../../src/desk/notice.ts";
import type { EffectOutcome } from "../../../src/engine/ports.ts";
import {
  BODY,
  conflict,
  done,
  duplicate,
  executing,
  delivered,
  inputWith,
  notified,
  OTHER,
  refused,
  replay,
  RUN,
  SEALED,
} from "../../support/delivery-words.ts";
import { tell, type Actor } from "../../support/machine-given.ts";
import { page, parts } from "./inbox-pages.ts";

const RELEASE = `\`qoc runs release ${RUN} --as-new --reason TEXT\``;
const run = executing({}, duplicate, conflict, done(), SEALED, replay);

const of = ({ entries }: Actor, ordinal: number, what: "id_conflict" | "suspected_replay") =>
  noticed(entries, { run: RUN, ordinal, what });

describe("a notice", () => {
  test("of a conflict shows the bytes that came later, and says so", () => {
    expect(of(run, 1, "id_conflict")).toEqual({
      run: RUN,
      webhook: "risk",
      received_at: 5,
      facts: { event_type: "risk_breach", delivery_id: "d-1", payload: "json" },
      request: conflict.artifacts[0],
      notice: { ordinal: 1, says: expect.stringContaining("Delivery `d-1` came again with other bytes") },
    });
  });

  test("of a suspected replay shows the bytes that came twice, under the id that they came under now", () => {
    expect(of(run, 2, "suspected_replay")).toMatchObject({
      facts: { event_type: "risk_breach", delivery_id: "d-2", payload: "json" },
      request: inputWith().request,
      notice: { ordinal: 2, says: expect.stringContaining("Known bytes came again as delivery `d-2`") },
    });
  });

  test.each([
    [1, "id_conflict"],
    [2, "suspected_replay"],
  ] as const)("number %i (%s) names the command that makes a run of it", (ordinal, what) => {
    expect(of(run, ordinal, what).notice?.says).toContain(RELEASE);
  });

  test("has nothing of the sender's that comes to life: an id is a code span, and short", () => {
    const id = `![x](http://evil) <b>\u2028\`qoc stop\` ${"x".repeat(300)}`;
    const again: DeliveryEvent = { ...replay, delivery_id: id };
    const hostile = tell(run, again);
    const says = of(hostile, 3, "suspected_replay").notice?.says ?? "";
    expect(says.replaceAll(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, "_")).toBe(
      "Known bytes came again as delivery _: a repeat, or a replay. Nothing was done with it; if it is an event of its own, _ makes a run of it.",
    );
    expect(says.length).toBeLessThan(400);
  });

  test("is written also of a run that never came to have facts", () => {
    const unread = delivered({}, refused(false), replay);
    expect(of(unread, 1, "suspected_replay").facts).toEqual({
      event_type: null,
      delivery_id: "d-2",
      payload: "unparsable",
    });
  });

  test("of what the journal does not have is a bug of ours", () => {
    expect(() => of(run, 3, "id_conflict")).toThrow("stands in the journal");
  });
});

describe("writing a notice", () => {
  const bytes: Readonly<Record<Sha256, string>> = { [BODY]: '{"n":1}', [OTHER]: '{"n":2}' };
  const [pending] = notified({ type: "NOTICE", run: RUN, ordinal: 1, what: "id_conflict" }).record.pending;

  async function write(clerk: (job: Job) => void): Promise<EffectOutcome> {
    const effects = deskEffects({
      dir: "desk",
      store: {
        read: () => undefined,
        journal: (address) => (address === `delivery/${RUN}` ? run.entries : []),
        artifact: (sha256) => (bytes[sha256] === undefined ? undefined : Buffer.from(bytes[sha256])),
        mail: () => [],
        expunge: () => Promise.reject(new Error("a notice is no erasure")),
      },
      files: { read: () => undefined, remove: () => Promise.reject(new Error("a notice is no erasure")) },
      log: {
        append: () => Promise.reject(new Error("a notice is no seal")),
        markOf: () => "",
        saveReceipt: () => undefined,
        receiptOf: () => undefined,
      },
      clerk: {
        perform: (job) => {
          clerk(job);
          return Promise.resolve({ kind: "inbox", file: "inbox/n.md", sha256: sha256Of("0".repeat(64)), bytes: 1 });
        },
      },
      now: () => 9,
    });
    if (pending === undefined) throw new Error("a notice asks to be written");
    const { id, name, params, asked_at } = pending;
    const effect = effects[name];
    if (effect === undefined) throw new Error(`no effect is called ${name}`);
    return await effect.perform({ id, name, params, asked_at, address: run.record.address });
  }

  test("is asked for by the notice in the words that the desk reads", () => {
    expect(noticeAskedIn(pending?.params ?? null)).toEqual({ run: RUN, ordinal: 1, what: "id_conflict" });
  });

  test("tells the notice where its page lies", async () => {
    const { event, artifacts } = await write(() => undefined);
    expect({ event, artifacts }).toEqual({
      event: { type: "EFFECT_DONE", effect: pending?.id, file: "inbox/n.md" },
      artifacts: [],
    });
  });

  test("gives the same page each time, with the sentence in its head and the other bytes in its body", async () => {
    const pages: string[] = [];
    const note = (job: Job): void => void pages.push(page(inboxJobIn(job)));
    await write(note);
    await write(note);
    const [first = "", second] = pages;
    const { head, body } = parts(first);
    expect(second).toBe(first);
    expect(head).toContain("notice: 1\n");
    expect(body).toContain("> Delivery `d-1` came again with other bytes");
    expect(body).toContain('{"n":2}');
    expect(body).not.toContain('{"n":1}');
  });

  test("never takes the run's own item for the notice, nor the other way round", async () => {
    const jobs: InboxJob[] = [];
    await write((job) => jobs.push(inboxJobIn(job)));
    const [mine] = jobs;
    if (mine === undefined) throw new Error("nothing was asked of the clerk");
    const own = { ...mine, notice: null };
    expect(renderInboxItem(mine).isEdited(renderInboxItem(own).bytes)).toBe(false);
    expect(renderInboxItem(own).isEdited(renderInboxItem(mine).bytes)).toBe(false);
  });
});

function inboxJobIn(job: Job): InboxJob {
  if (job.kind !== "inbox") throw new Error("a notice is an inbox job");
  return job;
}
