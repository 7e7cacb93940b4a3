import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256Of } from "../../../src/core/ids.ts";
import type { Facts } from "../../../src/core/delivery.ts";
import { readPayload } from "../../../src/providers/payload.ts";
import type { PayloadMap } from "../../../src/providers/provider.ts";
import { qoc } from "../../../src/providers/qoc.ts";
import { SAMPLE } from "../../support/ingress-desk.ts";

const SHA = sha256Of("ab".repeat(32));
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

function facts(body: unknown, map: Partial<PayloadMap> = {}, delivery?: readonly string[]): Facts {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const headers = new Map(delivery === undefined ? [] : [["x-qoc-delivery", delivery]]);
  return qoc.normalize({ headers, sha256: SHA, payload: readPayload(bytes) }, { event: "/event", ...map });
}

test("the documentation's sample has an event, and no more that is mapped", () => {
  expect(facts(SAMPLE)).toEqual({
    provider: "qoc",
    event_type: "price_alert",
    external_event_id: null,
    delivery_id: SHA,
    actor: null,
    project: null,
    ref: null,
    commit_sha: null,
    subject_key: null,
    order: null,
    payload: "json",
  });
});

test("every mapped pointer gives its fact", () => {
  const body = { e: "push", d: "D1", x: "X1", who: "ada", repo: "a/b", ref: "refs/heads/m", sha: COMMIT, s: "m", t: 7 };
  const map: PayloadMap = {
    event: "/e",
    id: "/d",
    external_id: "/x",
    actor: "/who",
    project: "/repo",
    ref: "/ref",
    commit_sha: "/sha",
    subject: "/s",
    updated_at: "/t",
  };
  expect(facts(body, map)).toMatchObject({
    event_type: "push",
    delivery_id: "D1",
    external_event_id: "X1",
    actor: "ada",
    project: "a/b",
    ref: "refs/heads/m",
    commit_sha: COMMIT,
    subject_key: "m",
    order: { kind: "mark", mark: "00000000000000000007", rank: 0 },
  });
});

test("a body that is not JSON has no facts, and is known by its hash", () => {
  expect(facts("\u0000")).toMatchObject({ payload: "unparsable", event_type: null, delivery_id: SHA });
});

describe("the delivery id", () => {
  test("is the mapped one before the header's: the body is signed", () => {
    expect(facts({ id: "signed" }, { id: "/id" }, ["unsigned"]).delivery_id).toBe("signed");
  });

  test("is the header's where none is mapped", () => {
    expect(facts({}, {}, ["D-1"]).delivery_id).toBe("D-1");
  });

  test("that is a number keeps its digits", () => {
    expect(facts('{"id":12345678901234567890}', { id: "/id" }).delivery_id).toBe("12345678901234567890");
  });

  test.each([
    ["repeated", ["a", "b"]],
    ["empty", [""]],
    ["with a blank", ["a b"]],
    ["not ASCII", ["\u00e4"]],
    ["too long", ["a".repeat(129)]],
  ])("is not taken from a header that is %s", (_name, header) => {
    expect(facts({}, {}, header).delivery_id).toBe(SHA);
  });
});

describe("a commit hash anchors", () => {
  test.each([
    ["40 digits", COMMIT, COMMIT],
    ["64 digits", COMMIT + COMMIT.slice(0, 24), COMMIT + COMMIT.slice(0, 24)],
    ["capitals, written small", COMMIT.toUpperCase(), COMMIT],
  ])("with %s", (_name, sent, kept) => {
    expect(facts({ c: sent }, { commit_sha: "/c" }).commit_sha).toBe(kept);
  });

  test.each([
    ["abbreviated", COMMIT.slice(0, 12)],
    ["all zero", "0".repeat(40)],
    ["between the two lengths", COMMIT + COMMIT.slice(0, 12)],
    ["not hex", `${COMMIT.slice(0, 39)}g`],
  ])("never when it is %s", (_name, sent) => {
    expect(facts({ c: sent }, { commit_sha: "/c" }).commit_sha).toBeNull();
  });
});

describe("a text is no name", () => {
  test.each([
    ["empty", ""],
    ["of 257 characters", "x".repeat(257)],
    ["broken by a line end", "a\nb"],
    ["with a NUL", "a\u0000b"],
    ["with half a surrogate pair", "a\ud800"],
  ])("when it is %s", (_name, text) => {
    expect(facts({ event: text }).event_type).toBeNull();
  });

  test("but it is one with letters beyond ASCII", () => {
    expect(facts({ event: "Pr\u00fcfung \u{1f600}" }).event_type).toBe("Pr\u00fcfung \u{1f600}");
  });
});

function mark(updated: unknown): string {
  const { order } = facts({ t: updated }, { updated_at: "/t" });
  return order?.kind === "mark" ? order.mark : "none";
}

describe("the mark that orders", () => {
  test.each([
    ["numbers by their value", [9, 10, 1_720_000_000]],
    ["numbers with fractions", ["1720000000.000100", "1720000000.000200", "1720000001"]],
    ["times by the instant", ["2026-07-05T13:45:00Z", "2026-07-05T13:45:00.5Z", "2026-07-05T15:45:01+02:00"]],
    ["times finer than a millisecond", ["2026-07-05T13:45:00.000001Z", "2026-07-05T13:45:00.000002Z"]],
    ["any other text by its letters", ["2026-W27", "2026-W28"]],
  ])("sorts %s", (_name, ascending) => {
    const marks = ascending.map((updated) => mark(updated));
    expect(marks).toEqual(marks.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(marks).size).toBe(ascending.length);
  });

  test("is the same for one instant written in two zones", () => {
    expect(mark("2026-07-05T15:45:00+02:00")).toBe(mark("2026-07-05T13:45:00Z"));
  });

  test("is a text as it stands when it only looks like a time", () => {
    expect(mark("2026-99-05T13:45:00Z")).toBe("2026-99-05T13:45:00Z");
  });
});

test("whatever the JSON, the headers and the pointers: facts, of bounded size, and no exception", () => {
  const pointer = fc.oneof(fc.constantFrom("/event", "", "/0", "/a~1b", "/~", "event"), fc.string());
  fc.assert(
    fc.property(fc.jsonValue(), pointer, fc.array(fc.string({ unit: "binary" })), (body, at, header) => {
      const map = { event: at, id: at, commit_sha: at, subject: at, updated_at: at };
      const found = facts(JSON.stringify(body), map, header);
      expect(found.delivery_id.length).toBeGreaterThan(0);
      expect(JSON.stringify(found).length).toBeLessThan(8 * 1024);
    }),
    { seed: 1 },
  );
});

test("whatever the bytes: facts, and no exception", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (body) => {
      const found = qoc.normalize({ headers: new Map(), sha256: SHA, payload: readPayload(body) }, { event: "" });
      expect(found.delivery_id).toBe(SHA);
    }),
    { seed: 1 },
  );
});
