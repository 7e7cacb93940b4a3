import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hmacOfBody, type SignatureScheme } from "../../../src/providers/scheme.ts";
import { judge, rawOf, worldOf } from "../../support/signed-request.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const SECRET = "a secret";
/** 2026-07-05T13:45:00Z */
const AT_S = 1_783_259_100;
const mac = (signed: string): string => createHmac("sha256", SECRET).update(signed).digest("hex");

/** Two families of headers, as Standard Webhooks and Svix have. */
const families: SignatureScheme = {
  ...hmacOfBody("a-sig", ""),
  headers: ["a-sig", "b-sig"],
  signed: "{id}.{timestamp}.{body}",
  timestamp: { from: "header", names: ["a-time", "b-time"], unit: "s", tolerance_s: 300 },
  id_headers: ["a-id", "b-id"],
};
type Sent = {
  readonly id?: string;
  readonly time?: string;
  readonly headers?: Record<string, string | readonly string[]>;
};
/** Signed rightly, whatever the id and the time are. */
function verdictOf(
  { id = "m1", time = `${AT_S}`, headers = {} }: Sent,
  now = AT_S * 1000,
  scheme = families,
): number | string {
  const sent = { "a-id": id, "a-time": time, "a-sig": mac(`${id}.${time}.{}`), ...headers };
  return judge({ raw: rawOf("{}", sent), world: worldOf([SECRET], { now }) }, [scheme]);
}
const without = (name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ "a-id": "m1", "a-time": `${AT_S}`, "a-sig": mac(`m1.${AT_S}.{}`) }).filter(
      ([each]) => each !== name,
    ),
  );

describe("a signed time", () => {
  test.each([
    ["now", 0, 0],
    ["as old as may be", 300_000, 0],
    ["as far ahead as may be", -300_000, 0],
    ["a millisecond too old", 300_001, "TOO_OLD"],
    ["a millisecond too far ahead", -300_001, "IN_FUTURE"],
    ["years old", 1e11, "TOO_OLD"],
  ])("that is %s is judged", (_name, age, verdict) => {
    expect(verdictOf({}, AT_S * 1000 + age)).toBe(verdict);
  });

  test.each([
    ["", "a-time is empty"],
    [" 1783259100", "a blank before it"],
    ["1783259100 ", "a blank behind it"],
    ["+1783259100", "a plus"],
    ["-1783259100", "a minus"],
    ["1783259100.0", "a fraction"],
    ["1.7832591e9", "an exponent"],
    ["0x6a4a5e9c", "hex"],
    ["01783259100", "a leading zero"],
    ["1783259100000000", "too many digits"],
    ["\u0661\u0667", "digits of another script"],
    ["NaN", "no number"],
  ])("written %j is refused, though the signature covers it: %s", (time) => {
    expect(verdictOf({ time })).toBe("MALFORMED");
  });

  test("that is missing is refused", () => {
    expect(judge({ raw: rawOf("{}", without("a-time")), world: worldOf([SECRET]) }, [families])).toBe("NO_TIME");
  });

  test("that is repeated is refused", () => {
    expect(verdictOf({ headers: { "a-time": [`${AT_S}`, `${AT_S}`] } })).toBe("REPEATED");
  });

  test("is told to be too old only of a delivery whose signature holds", () => {
    expect(verdictOf({ headers: { "a-sig": mac("other") } }, AT_S * 2000)).toBe("MISMATCH");
  });

  test("is what counts, not another one that would be in time", () => {
    const headers = { "a-time": `${AT_S}` };
    expect(verdictOf({ time: `${AT_S - 1000}`, headers })).toBe("MISMATCH");
  });
});

describe("a time in the signature's own header", () => {
  const stamped: SignatureScheme = {
    ...hmacOfBody("sig", "sha256="),
    item_separator: ",",
    field: "v1",
    signed: "{timestamp}.{body}",
    timestamp: { from: "field", names: ["t"], unit: "s", tolerance_s: 300 },
  };
  const verdict = (header: string): number | string =>
    judge({ raw: rawOf("{}", { sig: header }), world: worldOf([SECRET], { now: AT_S * 1000 }) }, [stamped]);
  const v1 = `v1=${mac(`${AT_S}.{}`)}`;

  test.each([
    ["in front", `t=${AT_S},${v1}`],
    ["behind", `${v1},t=${AT_S}`],
    ["in capitals", `T=${AT_S},${v1}`],
  ])("may stand %s", (_name, header) => {
    expect(verdict(header)).toBe(0);
  });

  test.each([
    ["missing", v1, "NO_TIME"],
    ["without a value", `t,${v1}`, "NO_TIME"],
    ["empty", `t=,${v1}`, "MALFORMED"],
    ["there twice", `t=${AT_S},t=${AT_S},${v1}`, "MALFORMED"],
    ["another one", `t=${AT_S + 1},${v1}`, "MISMATCH"],
    ["there without a signature", `t=${AT_S}`, "MALFORMED"],
  ])("is refused when it is %s", (_name, header, fault) => {
    expect(verdict(header)).toBe(fault);
  });
});

describe("a time in the body", () => {
  const stamped: SignatureScheme = {
    ...hmacOfBody("sig", ""),
    timestamp: { from: "body", names: ["/sent_ms", "/other"], unit: "ms", tolerance_s: 60 },
  };
  const at = AT_S * 1000;
  const verdict = (body: string, signature = mac(body)): number | string =>
    judge({ raw: rawOf(body, { sig: signature }), world: worldOf([SECRET], { now: at }) }, [stamped]);

  test.each([
    ["now", `{"sent_ms":${at}}`, 0],
    ["under the second of its names", `{"other":${at}}`, 0],
    ["as old as may be", `{"sent_ms":${at - 60_000}}`, 0],
    ["too old", `{"sent_ms":${at - 60_001}}`, "TOO_OLD"],
    ["too far ahead", `{"sent_ms":${at + 60_001}}`, "IN_FUTURE"],
    ["a text", `{"sent_ms":"${at}"}`, "NO_TIME"],
    ["a fraction", `{"sent_ms":${at}.0}`, "NO_TIME"],
    ["an exponent", `{"sent_ms":1783259.1e6}`, "NO_TIME"],
    ["negative", `{"sent_ms":-${at}}`, "NO_TIME"],
    ["there twice", `{"sent_ms":1,"sent_ms":${at}}`, "NO_TIME"],
    ["missing", "{}", "NO_TIME"],
    ["in a body that is no JSON", "sent_ms=1", "NO_TIME"],
  ])("that is %s is judged", (_name, body, expected) => {
    expect(verdict(body)).toBe(expected);
  });

  test("is not read before the signature holds", () => {
    expect(verdict(`{"sent_ms":1}`, mac("{}"))).toBe("MISMATCH");
  });
});

describe("a signed id", () => {
  test.each([["m1"], ["msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"], ["!~/:,"], ["x".repeat(128)]])("may be %j", (id) => {
    expect(verdictOf({ id })).toBe(0);
  });

  test.each([["a.b"], ["."], [""], ["a b"], ["a\tb"], ["caf\u00e9"], ["a\u007f"], ["x".repeat(129)]])(
    "that is %j is refused, though the signature covers it",
    (id) => {
      expect(verdictOf({ id })).toBe("MALFORMED");
    },
  );

  test("may not hold what the template has behind it, or it could be cut elsewhere", () => {
    const colons: SignatureScheme = { ...families, signed: "{id}:{timestamp}:{body}" };
    const verdict = (id: string): number | string =>
      verdictOf({ id, headers: { "a-sig": mac(`${id}:${AT_S}:{}`) } }, AT_S * 1000, colons);
    expect([verdict("a"), verdict("a:1"), verdict("a.1")]).toEqual([0, "MALFORMED", "MALFORMED"]);
  });

  test("that is missing is refused, and so is a repeated one", () => {
    const world = worldOf([SECRET], { now: AT_S * 1000 });
    expect(judge({ raw: rawOf("{}", without("a-id")), world }, [families])).toBe("MALFORMED");
    expect(verdictOf({ headers: { "a-id": ["m1", "m1"] } })).toBe("REPEATED");
  });
});

describe("headers of two families", () => {
  const world = worldOf([SECRET], { now: AT_S * 1000 });
  const signature = mac(`m1.${AT_S}.{}`);
  const verdict = (headers: Record<string, string>): number | string =>
    judge({ raw: rawOf("{}", headers), world }, [families]);

  test("verify in either", () => {
    expect(verdict({ "b-id": "m1", "b-time": `${AT_S}`, "b-sig": signature })).toBe(0);
  });

  test.each([
    ["the id", { "a-id": "m1", "b-time": `${AT_S}`, "b-sig": signature }, "MALFORMED"],
    ["the time", { "b-id": "m1", "a-time": `${AT_S}`, "b-sig": signature }, "NO_TIME"],
    ["the signature", { "b-id": "m1", "b-time": `${AT_S}`, "a-sig": signature }, "MALFORMED"],
  ])("are not mixed: %s of the other one does not count", (_name, headers, fault) => {
    expect(verdict(headers)).toBe(fault);
  });

  test("are not mixed: a wrong signature of the first decides against a right one of the second", () => {
    const both = {
      "a-id": "m1",
      "a-time": `${AT_S}`,
      "a-sig": mac("x"),
      "b-id": "m1",
      "b-time": `${AT_S}`,
      "b-sig": signature,
    };
    expect(verdict(both)).toBe("MISMATCH");
  });
});

test("whatever a request holds gives a verdict, and never a verified one", () => {
  const token: SignatureScheme = { ...hmacOfBody("c-sig", ""), algorithm: "token" };
  const twilio: SignatureScheme = { ...hmacOfBody("d-sig", "", "base64"), algorithm: "sha1", signed: "twilio" };
  const point: SignatureScheme = {
    ...families,
    algorithm: "ed25519",
    encoding: "base64",
    headers: ["e-sig"],
    secret: { encoding: "base64", prefix: "", prefix_required: false },
  };
  const list: SignatureScheme = {
    ...families,
    headers: ["f-sig"],
    item_separator: ",",
    field_separator: "=",
    field: "v1",
  };
  const schemes = [families, token, twilio, point, list] as const;
  const names = ["a", "b", "c", "d", "e", "f"].flatMap((family) =>
    ["sig", "id", "time"].map((name) => `${family}-${name}`),
  );
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "",
      "t=1,v1=00",
      "v1=",
      "=",
      ",",
      `${AT_S}`,
      "a".repeat(64),
      `${"A".repeat(86)}==`,
      `v1=${"f".repeat(64)}`,
    ),
  );
  const headers = fc.dictionary(
    fc.constantFrom(...names, "content-type", "content-encoding"),
    fc.array(text, { maxLength: 3 }),
  );
  fc.assert(
    fc.property(
      headers,
      fc.uint8Array(),
      text,
      fc.option(text),
      fc.array(fc.uint8Array()),
      (sent, body, target, url, secrets) => {
        const world = worldOf([...secrets, "long enough a secret, and no token that is ever sent"], {
          public_url: url,
          now: AT_S * 1000,
        });
        expect(judge({ raw: rawOf(body, sent, target), world }, schemes)).toBeTypeOf("string");
      },
    ),
    { numRuns: 1500 },
  );
});
