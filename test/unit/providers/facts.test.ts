import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256Of } from "../../../src/core/ids.ts";
import {
  factReader,
  factsOf,
  fullCommit,
  idOf,
  linkOf,
  markOf,
  nameable,
  subjectOf,
} from "../../../src/providers/facts.ts";
import { readPayload } from "../../../src/providers/payload.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const A = "a".repeat(40);
const B = "b".repeat(40);
const ZERO = "0".repeat(40);
const SHA = sha256Of("ab".repeat(32));

const delivery = (body: string, headers: Readonly<Record<string, readonly string[]>> = {}) => ({
  headers: new Map(Object.entries(headers)),
  sha256: SHA,
  payload: readPayload(Buffer.from(body)),
});

describe("a text can be a name", () => {
  test.each([
    ["of one character", "x"],
    ["of 256 characters", "x".repeat(256)],
    ["with blanks inside", "refs/heads/a b"],
    ["with whole surrogate pairs", "\u{1f600}"],
  ])("when it is one %s", (_how, text) => {
    expect(nameable(text)).toBe(text);
  });

  test.each([
    ["missing", null],
    ["empty", ""],
    ["of 257 characters", "x".repeat(257)],
    ["broken into lines", "a\nb"],
    ["with a NUL", "a\u0000"],
    ["with an escape sequence for terminals", "\u001b[2J"],
    ["with a C1 control character", "a\u0085b"],
    ["with the first half of a surrogate pair", "a\ud83d"],
    ["with the second half of one", "\ude00a"],
  ])("but not when it is %s", (_how, text) => {
    expect(nameable(text)).toBeNull();
  });
});

describe("a reader of facts", () => {
  const body = `{"empty":"","line":"a\\nb","list":["x"],"id":7,"long":12345678901234567890,"rate":1.50,"name":"ada","yes":true}`;

  test("gives what the first pointer that leads to a name says", () => {
    const read = factReader(delivery(body));
    expect(read.at("/absent", "/empty", "/line", "/list", "/name", "/id")).toBe("ada");
    expect(read.at("/absent", "/list")).toBeNull();
    expect(read.at()).toBeNull();
  });

  test("gives numbers as they were written, also where it reads names", () => {
    const read = factReader(delivery(body));
    expect([read.at("/rate"), read.at("/id"), read.at("/long")]).toEqual(["1.50", "7", "12345678901234567890"]);
    expect([read.named("/rate"), read.named("/id"), read.named("/long")]).toEqual([
      "1.50",
      "7",
      "12345678901234567890",
    ]);
  });

  test("tells true, false and neither apart", () => {
    const read = factReader(delivery(`{"yes":true,"no":false,"text":"true"}`));
    expect([read.is("/yes"), read.is("/no"), read.is("/text"), read.is("/absent")]).toEqual([true, false, null, null]);
  });

  test.each([
    ["is there once", ["x"], "x"],
    ["is missing", undefined, null],
    ["is empty", [""], null],
    ["is repeated, even with one value", ["x", "x"], null],
    ["holds a control character", ["a\tb"], null],
  ])("gives of a header that %s what can be a name", (_how, values, found) => {
    expect(factReader(delivery("{}", values && { "x-event": values })).header("x-event")).toBe(found);
  });
});

describe("an id is taken from a header", () => {
  test.each([["72d3162e-cc78-11e3-81ab-4c9367dc0958"], ["!"], ["~".repeat(128)]])("when it is %s", (id) => {
    expect(idOf(id)).toBe(id);
  });

  test.each([
    ["missing", null],
    ["empty", ""],
    ["longer than 128 characters", "a".repeat(129)],
    ["with a blank", "a b"],
    ["with a line end", "a\n"],
    ["beyond ASCII", "\u00e4"],
  ])("but not when it is %s", (_how, id) => {
    expect(idOf(id)).toBeNull();
  });
});

describe("a commit is full", () => {
  test.each([
    ["with 40 digits", A, A],
    ["with 64 digits", `${A}${"c".repeat(24)}`, `${A}${"c".repeat(24)}`],
    ["in capitals, and is written small", A.toUpperCase(), A],
    ["with zeros but for one digit", `${"0".repeat(39)}1`, `${"0".repeat(39)}1`],
  ])("%s", (_how, sent, kept) => {
    expect(fullCommit(sent)).toBe(kept);
  });

  test.each([
    ["missing", null],
    ["empty", ""],
    ["abbreviated", A.slice(0, 12)],
    ["one digit short", A.slice(1)],
    ["one digit long", `${A}a`],
    ["all zero", ZERO],
    ["all zero in 64 digits", "0".repeat(64)],
    ["not hex", `${"a".repeat(39)}g`],
    ["between blanks", ` ${A} `],
    ["followed by a line end", `${A}\n`],
    ["a letter that only looks small in another alphabet", `${"a".repeat(39)}\u0410`],
  ])("but not when it is %s", (_how, sent) => {
    expect(fullCommit(sent)).toBeNull();
  });
});

describe("a subject", () => {
  test("is its parts, from the sender to the thing", () => {
    expect(subjectOf("github", "octo/repo", "pull", "7")).toBe("github:octo/repo:pull:7");
  });

  test("is none when a part is missing", () => {
    expect(subjectOf("github", null, "pull", "7")).toBeNull();
    expect(subjectOf("github", "octo/repo", "pull", null)).toBeNull();
  });

  test("of 200 characters is written out, of 201 is known by its hash, under its sender still", () => {
    const part = (chars: number) => "x".repeat(chars - "github:".length);
    expect(subjectOf("github", part(200))).toBe(`github:${part(200)}`);
    expect(subjectOf("github", part(201))).toMatch(/^github:sha256:[0-9a-f]{64}$/);
  });

  test("that is long stays the same, and is another's only if all of it is", () => {
    const long = "x".repeat(300);
    expect(subjectOf("github", `${long}1`)).toBe(subjectOf("github", `${long}1`));
    expect(subjectOf("github", `${long}1`)).not.toBe(subjectOf("github", `${long}2`));
    expect(subjectOf("github", long)).not.toBe(subjectOf("gitlab", long));
  });

  test("is bounded, whatever its parts", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 150 }), { maxLength: 5 }), (parts) => {
        expect(subjectOf("github", ...parts)?.length ?? 0).toBeLessThanOrEqual(200);
      }),
    );
  });
});

describe("a mark", () => {
  test("is none without a text, and has the rank that it is given", () => {
    expect(markOf(null, 3)).toBeNull();
    expect(markOf("7")).toEqual({ kind: "mark", mark: "00000000000000000007", rank: 0 });
    expect(markOf("2026-01-01T01:00:00+01:00", 3)).toEqual({
      kind: "mark",
      mark: "2026-01-01T00:00:00.000000000Z",
      rank: 3,
    });
  });

  test("of a mark is that mark", () => {
    const sent = fc.oneof(
      fc.string(),
      fc.nat().map(String),
      fc.date({ noInvalidDate: true }).map((at) => at.toISOString()),
    );
    fc.assert(
      fc.property(sent, (text) => {
        const once = markOf(text);
        expect(once?.kind === "mark" ? markOf(once.mark) : null).toEqual(once);
      }),
    );
  });
});

describe("a link", () => {
  test("has both its ends, and says when history was rewritten", () => {
    expect(linkOf(A, B)).toEqual({ kind: "chain", before: A, after: B, forced: false, mark: null });
    expect(linkOf(A, B, { forced: true, at: "7" })).toEqual({
      kind: "chain",
      before: A,
      after: B,
      forced: true,
      mark: "00000000000000000007",
    });
  });

  test.each([
    ["zeros", ZERO],
    ["zeros of a SHA-256 repository", "0".repeat(64)],
    ["nothing", null],
  ])("has no end where the sender writes %s", (_how, none) => {
    expect(linkOf(none, B)).toMatchObject({ before: null, after: B });
    expect(linkOf(A, none)).toMatchObject({ before: A, after: null });
    expect(linkOf(none, none)).toBeNull();
  });

  test.each([
    ["abbreviated", A.slice(0, 12)],
    ["no hash", "main"],
    ["empty", ""],
  ])("is none when one of its hashes is %s", (_how, hash) => {
    expect(linkOf(hash, B)).toBeNull();
    expect(linkOf(A, hash)).toBeNull();
    expect(linkOf(hash, null)).toBeNull();
  });

  test("fits to the next, however each wrote its hashes", () => {
    const [first, second] = [linkOf(A, B.toUpperCase()), linkOf(B, ZERO)];
    expect(first?.kind === "chain" && second?.kind === "chain" && first.after === second.before).toBe(true);
  });
});

describe("the facts of a delivery", () => {
  test("are null where nothing was found, and known by the hash of the body", () => {
    expect(factsOf("github", delivery("{"), {})).toEqual({
      provider: "github",
      event_type: null,
      external_event_id: null,
      delivery_id: SHA,
      actor: null,
      project: null,
      ref: null,
      commit_sha: null,
      subject_key: null,
      order: null,
      payload: "unparsable",
    });
  });

  test("are what was found", () => {
    const found = {
      event_type: "push",
      external_event_id: "1",
      delivery_id: "D-1",
      actor: "ada",
      project: "octo/repo",
      ref: "refs/heads/main",
      commit_sha: A,
      subject_key: "github:octo/repo:refs/heads/main",
      order: linkOf(A, B),
    };
    expect(factsOf("github", delivery("{}"), found)).toEqual({ ...found, provider: "github", payload: "json" });
    expect(factsOf("github", delivery("{}"), { delivery_id: null }).delivery_id).toBe(SHA);
  });
});
