import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { providers } from "../../../src/providers/index.ts";
import { hmacOfBody, type SignatureScheme } from "../../../src/providers/scheme.ts";
import { templateFault } from "../../../src/providers/signed-template.ts";
import { judge, rawOf, worldOf } from "../../support/signed-request.ts";

fc.configureGlobal({ seed: 1, numRuns: 500 });

const SECRET = "a secret";
/** 2026-07-05T13:45:00Z */
const AT_S = 1_783_259_100;
const DAY_S = 24 * 3600;
/** A day behind 2001-09-09 and a day before 2286-11-20: all times that are near enough have ten digits. */
const TEN_DIGITS_FROM_S = 1e9 + DAY_S;
const TEN_DIGITS_TO_S = 1e10 - 1 - DAY_S;

const schemeOf = (signed: string): SignatureScheme => ({
  ...hmacOfBody("sig", ""),
  signed,
  timestamp: signed.includes("{timestamp}") ? { from: "header", names: ["time"], unit: "s", tolerance_s: DAY_S } : null,
  id_headers: signed.includes("{id}") ? ["id"] : null,
});

type Message = { readonly id: string; readonly time: string; readonly body: string };
const written = (signed: string, { id, time, body }: Message): string =>
  signed
    .replaceAll("{id}", () => id)
    .replaceAll("{timestamp}", () => time)
    .replaceAll("{body}", () => body);

/** What the verifier says of a message that arrives with the signature of these bytes. */
function verdictOf(signed: string, bytes: string, { id, time, body }: Message, now_s = Number(time)): number | string {
  const headers = { sig: createHmac("sha256", SECRET).update(bytes).digest("hex"), id, time };
  return judge({ raw: rawOf(body, headers), world: worldOf([SECRET], { now: now_s * 1000 }) }, [schemeOf(signed)]);
}

const CUT_TWICE: readonly (readonly [signed: string, nearest: string | null])[] = [
  ["{id}{body}", "{id}.{body}"],
  ["{body}{id}", "{id}.{body}"],
  ["{body}:{id}", "{id}:{body}"],
  ["v0:{body}:{id}", "v0:{id}:{body}"],
  ["{body}.{timestamp}.{id}", "{timestamp}.{id}.{body}"],
  ["{timestamp}{id}.{body}", "{timestamp}.{id}.{body}"],
  ["{id}{timestamp}:{body}", "{id}.{timestamp}:{body}"],
  ["{id}{id}.{body}", "{id}.{id}.{body}"],
  ["{id}.{body}.{id}", "{id}.{id}.{body}"],
  ["{timestamp}0{body}", null],
  ["{id}.0{timestamp}.{body}", null],
];

describe("a template that could be cut in two ways", () => {
  test.each(CUT_TWICE)("%s is one, and %s is the nearest that could not", (signed, nearest) => {
    const fault = templateFault(signed);
    expect(fault?.nearest).toBe(nearest);
    expect(templateFault(nearest ?? "{body}")).toBeNull();
  });

  test.each(CUT_TWICE)("%s makes no delivery verify, whatever checked the configuration", (signed) => {
    const message = { id: "m", time: `${AT_S}`, body: "{}" };
    expect(verdictOf(signed, written(signed, message), message)).toBe("MALFORMED");
  });

  test("let whoever saw one delivery make others of it", () => {
    const seen = { id: "m1", time: `${AT_S}`, body: '{"pay":1}' };
    const made = { id: "1", time: `${AT_S}`, body: '{"pay":1}:m' };
    expect(written("{body}{id}", seen)).toBe('{"pay":1}m1');
    expect(verdictOf("{body}:{id}", written("{body}:{id}", seen), { ...made, id: "m1", body: '{"pay":1}' })).not.toBe(
      0,
    );
    expect(verdictOf("{body}{id}", written("{body}{id}", seen), { ...made, body: '{"pay":1}m' })).not.toBe(0);
  });
});

describe("no template is one", () => {
  test.each(Object.values(providers).flatMap(({ name, schemes }) => schemes.map(({ signed }) => [signed, name])))(
    "that a preset has: %s of %s",
    (signed) => {
      expect(templateFault(signed)).toBeNull();
    },
  );

  test.each(["{body}", "v0:{timestamp}:{body}", "{body}.{timestamp}", "msg{id}|{body}", "v0{timestamp}.{body}!"])(
    "such as %s",
    (signed) => {
      expect(templateFault(signed)).toBeNull();
    },
  );
});

describe("an id", () => {
  const verdict = (signed: string, id: string): number | string => {
    const message = { id, time: `${AT_S}`, body: "{}" };
    return verdictOf(signed, written(signed, message), message);
  };

  test.each([
    ["{id}:{timestamp}:{body}", "a:1", "behind it"],
    ["{id}::{body}", "a:1", "behind it in part"],
    ["{timestamp}:{id}|{body}", "a:1", "in front of it"],
    ["{timestamp}v:{id}|{body}", "a:1", "in front of it in part"],
  ])("under %s may not be %s: it holds what stands %s", (signed, id) => {
    expect([verdict(signed, "a1"), verdict(signed, id)]).toEqual([0, "MALFORMED"]);
  });

  test("may hold what opens the template or ends it: nothing else begins or ends there", () => {
    expect(verdict("msg-{id}:{body}!", "a-msg!")).toBe(0);
  });
});

/**
 * Zendesk's `{timestamp}{body}`: digits at the edge may be counted to either side, and then the time is at least ten times as much
 * or a tenth, which is never near the clock.
 */
describe("a time beside a body that begins or ends with digits", () => {
  test.each(["{timestamp}{body}", "{body}{timestamp}"])("of %s is the one that was signed, at any time", (signed) => {
    const digits = fc.stringMatching(/^[0-9]{0,12}$/);
    const at = fc.integer({ min: TEN_DIGITS_FROM_S, max: TEN_DIGITS_TO_S });
    fc.assert(
      fc.property(digits, fc.string(), digits, at, at, (front, middle, end, time, later) => {
        const bytes = written(signed, { id: "", time: `${time}`, body: front + middle + end });
        const cuts = Array.from({ length: bytes.length + 1 }, (_, place) =>
          signed.startsWith("{timestamp}")
            ? { id: "", time: bytes.slice(0, place), body: bytes.slice(place) }
            : { id: "", time: bytes.slice(place), body: bytes.slice(0, place) },
        );
        const holds = cuts.filter((cut) => [time, later].some((now) => verdictOf(signed, bytes, cut, now) === 0));
        expect(holds.map((cut) => cut.time)).toEqual([`${time}`]);
      }),
      { numRuns: 60 },
    );
  });
});

test("whatever a template without a fault, a signature stands for one message", () => {
  const literal = fc.stringMatching(/^[.:|a0-]{0,2}$/);
  const signed = fc
    .tuple(fc.shuffledSubarray(["{id}", "{timestamp}", "{body}"], { minLength: 1 }), literal, literal, literal, literal)
    .map(([fields, first, ...more]) => first + fields.map((field, i) => field + (more[i] ?? "")).join(""))
    .filter((template) => template.includes("{body}") && templateFault(template) === null);
  const few = fc.stringMatching(/^[a:0|-]{1,4}$/);
  let cutAgain = 0;
  fc.assert(
    fc.property(signed, few, few, few, (template, id, body, other) => {
      const message = { id: template.includes("{id}") ? id : "", time: `${AT_S}`, body };
      const bytes = written(template, message);
      fc.pre(verdictOf(template, bytes, message) === 0);
      for (const cut of cutsOf(template, bytes, [id, other, `${id}${other}`, `${other}${id}`])) {
        cutAgain += 1;
        expect([cut, verdictOf(template, bytes, cut, AT_S) === 0]).toEqual([
          cut,
          cut.id === message.id && cut.body === message.body,
        ]);
      }
    }),
  );
  expect(cutAgain).toBeGreaterThan(300);
});

/** The messages that give these bytes: every id that is a part of them or is given, every body that then fits. */
function cutsOf(template: string, bytes: string, ids: readonly string[]): readonly Message[] {
  const parts = Array.from({ length: bytes.length }, (_, from) =>
    Array.from({ length: Math.min(8, bytes.length - from) }, (__, length) => bytes.slice(from, from + length + 1)),
  ).flat();
  const tried = template.includes("{id}") ? [...new Set([...ids, ...parts])] : [""];
  return tried.flatMap((id) => {
    const [head = "", tail = ""] = written(template, { id, time: `${AT_S}`, body: "\0" }).split("\0");
    const fits = bytes.length >= head.length + tail.length && bytes.startsWith(head) && bytes.endsWith(tail);
    return fits ? [{ id, time: `${AT_S}`, body: bytes.slice(head.length, bytes.length - tail.length) }] : [];
  });
}
