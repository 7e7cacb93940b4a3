import { describe, expect, test } from "vitest";
import { EVENTS_KEPT_MAX, createEventHub } from "../../../src/http/events.ts";
import { aRun, aTarget, runNumber } from "./desk-with-runs.ts";

const first = aRun({ run: runNumber(1) });
const second = aRun({ run: runNumber(2) });
const change = (kept: typeof first) => ({ record: kept.record, entries: kept.journal });

/** What a reader was sent: `<event> <id>` for each frame. */
function reader() {
  const frames: string[] = [];
  const take = (frame: string): void => {
    frames.push(`${/^event: (\w+)$/m.exec(frame)?.[1]} ${/^id: (.+)$/m.exec(frame)?.[1]}`);
  };
  return { frames, take };
}

describe("live journal rows", () => {
  test("a reader hears of every row from when it came, numbered on", () => {
    const target = aTarget([]);
    const hub = createEventHub(target, "e1");
    target.tell(change(first));
    const { frames, take } = reader();
    hub.subscribe(undefined, undefined, take);
    target.tell(change(second));
    expect(frames).toEqual(["open e1:1", "row e1:2"]);
  });

  test("a reader of one run hears of no other", () => {
    const target = aTarget([]);
    const hub = createEventHub(target, "e1");
    const { frames, take } = reader();
    hub.subscribe(runNumber(2), undefined, take);
    target.tell(change(first));
    target.tell(change(second));
    expect(frames).toEqual(["open e1:0", "row e1:2"]);
  });

  test("a reader that comes back gets what it missed, once", () => {
    const target = aTarget([]);
    const hub = createEventHub(target, "e1");
    for (const run of [first, second, first]) target.tell(change(run));
    const { frames, take } = reader();
    hub.subscribe(undefined, "e1:1", take);
    expect(frames).toEqual(["row e1:2", "row e1:3", "open e1:3"]);
  });

  test("a gap older than what is kept is a reset", () => {
    const target = aTarget([]);
    const hub = createEventHub(target, "e1");
    for (let i = 0; i < EVENTS_KEPT_MAX + 2; i += 1) target.tell(change(first));
    const { frames, take } = reader();
    hub.subscribe(undefined, "e1:1", take);
    expect(frames).toEqual([`reset e1:${EVENTS_KEPT_MAX + 2}`]);
  });

  test.each(["e0:1", "e1:99", "e1:x", "nonsense", "e1:"])("the id %s of another life is a reset", (lastId) => {
    const target = aTarget([]);
    const hub = createEventHub(target, "e1");
    target.tell(change(first));
    const { frames, take } = reader();
    hub.subscribe(undefined, lastId, take);
    expect(frames).toEqual(["reset e1:1"]);
  });

  test("a reader that left hears nothing more", () => {
    const target = aTarget([]);
    const hub = createEventHub(target, "e1");
    const { frames, take } = reader();
    hub.subscribe(undefined, undefined, take)();
    target.tell(change(first));
    expect(frames).toEqual(["open e1:0"]);
  });

  test("rows hold no data of entries", () => {
    const target = aTarget([]);
    const hub = createEventHub(target, "e1");
    const texts: string[] = [];
    hub.subscribe(undefined, undefined, (frame) => texts.push(frame));
    target.tell(change(first));
    expect(texts.join("")).not.toContain("disclosure_key");
  });
});
