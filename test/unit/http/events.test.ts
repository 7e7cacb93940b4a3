import { describe, expect, test, vi } from "vitest";
import { CHANGES_MAX, FLUSH_MS } from "../../../src/http/events/changes-view.ts";
import { HEARTBEAT_MS } from "../../../src/http/events/hub.ts";
import { EVENTS_KEPT_MAX } from "../../../src/http/events/kept-rows.ts";
import { aRun, runNumber } from "./desk-with-runs.ts";
import { changesIn, eventWorld, oneRow, rowIn } from "./events-world.ts";

const first = aRun({ run: runNumber(1) });
const second = aRun({ run: runNumber(2) });

describe("live journal rows", () => {
  test("a reader hears of every row from when it came, numbered on", () => {
    const { tell, read, turn } = eventWorld();
    tell(first);
    const reader = read("rows");
    tell(second);
    turn();
    expect(reader.short()).toEqual(["open e1:1", "row e1:2"]);
    expect(rowIn(reader.frames()[1])).toMatchObject({ run: runNumber(2), seq: 0, to: "received" });
  });

  test("a reader of one run hears of no other", () => {
    const { tell, read, turn } = eventWorld();
    const reader = read("rows", { run: runNumber(2) });
    tell(first);
    tell(second);
    turn();
    expect(reader.short()).toEqual(["open e1:0", "row e1:2"]);
  });

  test("the rows of one turn of the loop are one write", () => {
    const { tell, read, turn } = eventWorld();
    const reader = read("rows");
    for (let seq = 0; seq < 30; seq += 1) tell(oneRow(1, seq));
    turn();
    expect(reader.sent).toHaveLength(2);
    expect(reader.frames()).toHaveLength(31);
  });

  test("a reader that comes back gets what it missed, once", () => {
    const { tell, read, turn } = eventWorld();
    for (const run of [first, second, first]) tell(run);
    const reader = read("rows", { lastId: "e1:1" });
    turn();
    expect(reader.short()).toEqual(["row e1:2", "row e1:3", "open e1:3"]);
  });

  test("a reader that comes while rows wait for their turn is not told of them again, and who was there is told", () => {
    const { tell, read, turn } = eventWorld();
    const early = read("rows");
    tell(first);
    const late = read("rows", { lastId: "e1:0" });
    turn();
    expect(early.short()).toEqual(["open e1:0", "row e1:1"]);
    expect(late.short()).toEqual(["row e1:1", "open e1:1"]);
  });

  test("a gap as old as what is kept is still told, and an older one is a reset", () => {
    const { tell, read } = eventWorld();
    for (let i = 0; i < EVENTS_KEPT_MAX + 2; i += 1) tell(first);
    const whole = read("rows", { lastId: "e1:2" }).short();
    expect(whole).toHaveLength(EVENTS_KEPT_MAX + 1);
    expect([whole[0], whole.at(-1)]).toEqual(["row e1:3", `open e1:${EVENTS_KEPT_MAX + 2}`]);
    expect(read("rows", { lastId: "e1:1" }).short()).toEqual([`reset e1:${EVENTS_KEPT_MAX + 2}`]);
  });

  test("a gap of more bytes than a reader may leave unread is a reset", () => {
    const { tell, read } = eventWorld();
    const large = aRun({ rows: [{ event: "RECORDED", to: "x", observed: [["note", "n".repeat(600_000)]] }] });
    tell(large);
    expect(read("rows", { lastId: "e1:0" }).short()).toEqual(["reset e1:2"]);
    expect(read("changes", { lastId: "e1:0" }).short()).toEqual(["changes e1:2", "open e1:2"]);
  });

  test.each(["e0:1", "e1:99", "e1:x", "nonsense", "e1:", "e1:1:1", "e1:-1", ""])(
    "the id %j of another life is a reset in both views",
    (lastId) => {
      const { tell, read } = eventWorld();
      tell(first);
      expect(read("rows", { lastId }).short()).toEqual(["reset e1:1"]);
      expect(read("changes", { lastId }).short()).toEqual(["reset e1:1"]);
    },
  );

  test("of a run that was erased nothing is kept but that it was", () => {
    const { tell, tellChange, read } = eventWorld();
    const before = aRun({
      run: runNumber(1),
      rows: [{ event: "NORMALIZED", to: "x", observed: [["subject", "acct-7"]] }],
    });
    tell(before);
    tell(oneRow(2, 0));
    const { record, journal } = oneRow(1, 2, "erased");
    tellChange({ record, before: before.record, entries: journal, artifacts: [], index: [], forgetsPast: true });
    const back = read("rows", { lastId: "e1:0" });
    expect(back.short()).toEqual(["row e1:3", "row e1:4", "open e1:4"]);
    expect(Buffer.concat(back.sent).toString()).not.toContain("acct-7");
    const [told] = read("changes", { lastId: "e1:0" }).frames();
    expect(changesIn(told).items.map(({ run, state }) => `${run} ${state}`)).toEqual([
      `${runNumber(1)} erased`,
      `${runNumber(2)} state-0`,
    ]);
  });

  test("a reader that left hears nothing more", () => {
    const { tell, read, settle } = eventWorld();
    const readers = [read("rows"), read("changes")];
    for (const { leave } of readers) leave();
    tell(first);
    settle();
    expect(readers.map(({ short }) => short())).toEqual([["open e1:0"], ["open e1:0"]]);
  });

  test("neither view holds data of entries", () => {
    const { tell, read, settle } = eventWorld();
    const readers = [read("rows"), read("changes")];
    tell(first);
    settle();
    const texts = readers.map(({ sent }) => Buffer.concat(sent).toString());
    expect(texts.every((text) => text.includes(runNumber(1)))).toBe(true);
    expect(texts.join("")).not.toContain("disclosure_key");
  });
});

describe("changes of runs", () => {
  test("rows of one run within a quarter of a second are one item with its last state", () => {
    const { tell, read, clock } = eventWorld();
    const reader = read("changes");
    for (let seq = 0; seq < 4; seq += 1) tell(oneRow(1, seq));
    clock.advance(FLUSH_MS - 1);
    expect(reader.short()).toEqual(["open e1:0"]);
    clock.advance(1);
    expect(reader.short()).toEqual(["open e1:0", "changes e1:4"]);
    expect(changesIn(reader.frames()[1])).toEqual({
      schema: "qoc.changes/1",
      more: 0,
      items: [
        {
          workspace: "equity-desk",
          run: runNumber(1),
          state: "state-3",
          seq: 3,
          at: "2026-07-05T13:45:01.124Z",
          born: true,
        },
      ],
    });
  });

  test("a run is born once: what it does later is no birth", () => {
    const { tell, read, settle } = eventWorld();
    const reader = read("changes");
    tell(oneRow(1, 0));
    settle();
    tell(oneRow(1, 1));
    settle();
    const born = reader
      .frames()
      .slice(1)
      .map((frame) => changesIn(frame).items[0]?.born);
    expect(born).toEqual([true, false]);
  });

  test("more runs than one event lists are counted", () => {
    const { tell, read, settle } = eventWorld();
    const reader = read("changes");
    for (let run = 0; run < CHANGES_MAX + 7; run += 1) tell(oneRow(run, 0));
    settle();
    const { items, more } = changesIn(reader.frames()[1]);
    expect([items.length, more]).toEqual([CHANGES_MAX, 7]);
  });

  test("a reader of one run is told of that run alone, also when the others are too many to list", () => {
    const { tell, read, settle } = eventWorld();
    const reader = read("changes", { run: runNumber(CHANGES_MAX + 5) });
    for (let run = 0; run < CHANGES_MAX + 7; run += 1) tell(oneRow(run, 0));
    settle();
    expect(changesIn(reader.frames()[1])).toMatchObject({ items: [{ run: runNumber(CHANGES_MAX + 5) }], more: 0 });
    expect(reader.frames()).toHaveLength(2);
  });

  test("a reader that comes back is told once of each run that changed meanwhile", () => {
    const { tell, read } = eventWorld();
    for (const run of [oneRow(1, 0), oneRow(2, 0), oneRow(1, 1), oneRow(1, 2)]) tell(run);
    const reader = read("changes", { lastId: "e1:1" });
    expect(reader.short()).toEqual(["changes e1:4", "open e1:4"]);
    expect(changesIn(reader.frames()[0]).items.map(({ run, state, born }) => [run, state, born])).toEqual([
      [runNumber(2), "state-0", true],
      [runNumber(1), "state-2", false],
    ]);
  });

  test("an id of one view is good for the other", () => {
    const { tell, read, settle } = eventWorld();
    const rows = read("rows");
    tell(oneRow(1, 0));
    settle();
    tell(oneRow(2, 0));
    const last = rows.short().at(-1)?.split(" ")[1];
    const reader = read("changes", last === undefined ? {} : { lastId: last });
    expect(changesIn(reader.frames()[0]).items.map(({ run }) => run)).toEqual([runNumber(2)]);
  });

  test("a run that is set aside, or taken up again, without a row is a change, also for who comes back", () => {
    const { tellChange, read, settle } = eventWorld();
    const rows = read("rows");
    const reader = read("changes");
    const calm = aRun({ state: "executing" }).record;
    const aside = aRun({ state: "executing", parked: { reason: "it threw", at: 7 } }).record;
    const nothing = { entries: [], artifacts: [], index: [] };
    tellChange({ record: aside, before: calm, ...nothing });
    settle();
    tellChange({ record: aside, before: aside, ...nothing });
    tellChange({ record: calm, before: calm, ...nothing });
    settle();
    tellChange({ record: calm, before: aside, ...nothing });
    settle();
    expect(reader.short()).toEqual(["open e1:0", "changes e1:1", "changes e1:2"]);
    expect(changesIn(reader.frames()[1]).items[0]).toMatchObject({ state: "executing", seq: 0, born: false });
    expect(read("changes", { lastId: "e1:0" }).short()).toEqual(["changes e1:2", "open e1:2"]);
    expect(rows.short()).toEqual(["open e1:0"]);
  });

  test("while nothing changes nothing is sent but the sign of life", () => {
    const { read, clock } = eventWorld();
    const reader = read("changes");
    clock.advance(HEARTBEAT_MS - 1);
    expect(reader.sent).toHaveLength(1);
    clock.advance(1);
    expect(reader.sent.slice(1).map(String)).toEqual([String(Buffer.from(": alive\n\n"))]);
    expect(reader.frames()).toHaveLength(1);
  });
});

describe("what live events cost", () => {
  test("fifty readers of a view are sent one and the same bytes, made once", () => {
    const { tell, read, settle } = eventWorld();
    const changes = Array.from({ length: 50 }, () => read("changes"));
    const rows = Array.from({ length: 50 }, () => read("rows"));
    const made = vi.spyOn(JSON, "stringify");
    for (let seq = 0; seq < 5; seq += 1) tell(oneRow(1, seq));
    settle();
    // Five rows and one event of changes.
    expect(made.mock.calls).toHaveLength(6);
    made.mockRestore();
    for (const view of [changes, rows]) expect(new Set(view.map(({ sent }) => sent[1])).size).toBe(1);
  });

  test("while nobody listens nothing is made and no timer runs", () => {
    const { tell, read, clock } = eventWorld();
    const made = vi.spyOn(JSON, "stringify");
    tell(first);
    expect(made.mock.calls).toHaveLength(0);
    made.mockRestore();
    expect(clock.waiting()).toBe(0);
    const readers = [read("changes"), read("changes"), read("rows")];
    tell(second);
    expect(clock.waiting()).toBe(2);
    for (const { leave } of readers) leave();
    expect(clock.waiting()).toBe(0);
  });

  test("who left with changes under way does not hear of them after it came back", () => {
    const { tell, read, settle } = eventWorld();
    const before = read("changes");
    tell(oneRow(1, 0));
    before.leave();
    const after = read("changes", { lastId: "e1:1" });
    settle();
    expect(after.short()).toEqual(["open e1:1"]);
  });

  test("a closed hub hears nothing more", () => {
    const { hub, tell, read, settle } = eventWorld();
    const reader = read("rows");
    hub.close();
    tell(first);
    settle();
    expect(reader.short()).toEqual(["open e1:0"]);
  });
});
