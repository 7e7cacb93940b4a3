import { createHmac, hash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPayload } from "../../../src/providers/payload.ts";
import { twilio } from "../../../src/providers/twilio.ts";
import { sign } from "../../../src/providers/sign.ts";
import { sha256OfBytes } from "../../../src/ingress/artifacts.ts";
import { judge, rawOf, worldOf } from "../../support/signed-request.ts";
import { verify } from "../../../src/providers/verify.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

const TOKEN = "12345";
const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";
const mac = (signed: string): string => createHmac("sha1", TOKEN).update(signed).digest("base64");

type Sent = {
  /** What Twilio signs. */
  readonly signed: string;
  readonly body?: string;
  readonly type?: string;
  readonly target?: string;
  readonly public_url?: string | null;
};
const verdictOf = ({
  signed,
  body = "",
  type = FORM,
  target = "/hook",
  public_url = "https://h.example",
}: Sent): number | string =>
  judge(
    {
      raw: rawOf(body, { "x-twilio-signature": mac(signed), "content-type": type }, target),
      world: worldOf(["old", TOKEN], { public_url }),
    },
    twilio.schemes,
  );

describe("the address that Twilio signed", () => {
  test.each([
    [
      "the host alone: path and query are those of the request",
      "https://h.example",
      "/hook?a=1",
      "https://h.example/hook?a=1",
    ],
    ["a path of its own, as behind a proxy", "https://h.example/in/sms", "/hook", "https://h.example/in/sms"],
    ["a path of its own, with the request's query", "https://h.example/in", "/hook?a=1", "https://h.example/in?a=1"],
    ["a query of its own", "https://h.example/in?a=1", "/hook", "https://h.example/in?a=1"],
    [
      "a query of its own, to which the request adds",
      "https://h.example/in?a=1",
      "/hook?a=1&b=2",
      "https://h.example/in?a=1&b=2",
    ],
    ["a slash as its path", "https://h.example/", "/hook", "https://h.example/"],
    ["a name and a password", "https://u:p@h.example/in", "/hook", "https://u:p@h.example/in"],
    ["a port", "https://h.example:8443", "/hook", "https://h.example:8443/hook"],
    ["a port that was not signed", "https://h.example:8443", "/hook", "https://h.example/hook"],
    ["no port, and the usual one was signed", "https://h.example", "/hook", "https://h.example:443/hook"],
    ["no port over http, and the usual one was signed", "http://h.example", "/hook", "http://h.example:80/hook"],
    ["the usual port, and none was signed", "https://h.example:443", "/hook", "https://h.example/hook"],
    ["a host in capitals, and small letters were signed", "https://H.Example", "/hook", "https://h.example/hook"],
    ["a quote that a URL parser escapes", "https://h.example", "/hook?b=It's+on", "https://h.example/hook?b=It%27s+on"],
    ["a blank that an older writer escapes", "https://h.example", "/hook?b=a+b", "https://h.example/hook?b=a%20b"],
    ["a fragment, which is not signed", "https://h.example/in#rc=2", "/hook", "https://h.example/in"],
    ["a fragment, which is signed", "https://h.example/in#rc=2", "/hook?a=1", "https://h.example/in?a=1#rc=2"],
    ["an address in brackets", "https://[::1]:8443", "/hook", "https://[::1]:8443/hook"],
  ])("is found from %s", (_name, public_url, target, signed) => {
    expect(verdictOf({ signed, public_url, target })).toBe(1);
  });

  test.each([
    ["another host", "https://h.example", "/hook", "https://g.example/hook"],
    ["another path", "https://h.example", "/hook", "https://h.example/hook/"],
    ["another query", "https://h.example", "/hook?a=1", "https://h.example/hook?a=2"],
    ["no query", "https://h.example", "/hook?a=1", "https://h.example/hook"],
    ["another scheme", "https://h.example", "/hook", "http://h.example/hook"],
    ["another port", "https://h.example:8443", "/hook", "https://h.example:8444/hook"],
    ["a configured query that was not signed", "https://h.example/in?a=1", "/hook", "https://h.example/in"],
    ["a public URL that is none", "h.example", "/hook", "h.example/hook"],
    ["a public URL of another kind", "ftp://h.example", "/hook", "ftp://h.example/hook"],
    ["a public URL with a host that is none", "https://h ex", "/hook", "https://h ex/hook"],
  ])("is not %s", (_name, public_url, target, signed) => {
    expect(verdictOf({ signed, public_url, target })).toBe("MISMATCH");
  });

  test.each([["hook"], [""], ["/a b"], ["/a\tb"], ["/caf\u00e9"], ["http://g.example/"]])(
    "cannot end in the target %j, which a URL parser would mend",
    (target) => {
      expect(verdictOf({ signed: `https://h.example${target}`, target })).toBe("MALFORMED");
    },
  );

  test("must be configured", () => {
    const raw = rawOf("", { "x-twilio-signature": mac("https://h.example/hook"), "content-type": FORM });
    expect(verify(raw, twilio.schemes, worldOf([TOKEN]))).toEqual({
      kind: "unverified",
      fault: "MISMATCH",
      detail: "public_url is not configured, and the signature covers it",
    });
  });
});

describe("the fields that Twilio signed", () => {
  const at = "https://h.example/hook";

  test.each([
    ["in the order of their names", "b=2&a=1&B=3", "B3a1b2"],
    ["each value of a name, in order and once", "d=5678&d=1234&d=1234", "d1234d5678"],
    ["a name that begins another", "SidAccount=AC&Sid=CA", "SidCASidAccountAC"],
    ["decoded", "Body=It%27s+100%25&To=%2B1", "BodyIt's 100%To+1"],
    ["empty ones too", "a=&b", "ab"],
    ["beyond ASCII", `b=${encodeURIComponent("\u2665")}`, "b\u2665"],
    ["none at all", "", ""],
  ])("are %s", (_name, body, written) => {
    expect(verdictOf({ body, signed: at + written })).toBe(1);
  });

  test.each([
    ["changed", "a=2", "a1"],
    ["added", "a=1&b=2", "a1"],
    ["taken away", "", "a1"],
  ])("are refused when one was %s", (_name, body, written) => {
    expect(verdictOf({ body, signed: at + written })).toBe("MISMATCH");
  });

  test("are refused when they are no text", () => {
    const raw = rawOf(Buffer.of(0x61, 0x3d, 0xff), { "x-twilio-signature": mac(at), "content-type": FORM });
    expect(judge({ raw, world: worldOf([TOKEN], { public_url: at }) }, twilio.schemes)).toBe("MALFORMED");
  });
});

describe("a body that is no form", () => {
  const body = '{"property": "value"}';
  const hashed = (of: string): string => `/hook?a=1&bodySHA256=${hash("sha256", of)}`;
  const verdict = (sent: Partial<Sent> & { readonly target: string }): number | string =>
    verdictOf({ body, type: JSON_TYPE, signed: `https://h.example${sent.target}`, ...sent });

  test("is known by its hash in the address", () => {
    expect(verdict({ target: hashed(body) })).toBe(0 + 1);
  });

  test("is known by its hash beside a query that was configured", () => {
    const signed = `https://h.example/in?k=v&bodySHA256=${hash("sha256", body)}`;
    const target = `/hook?k=v&bodySHA256=${hash("sha256", body)}`;
    expect(verdict({ target, signed, public_url: "https://h.example/in?k=v" })).toBe(1);
  });

  test.each([
    ["without its hash", "/hook?a=1"],
    ["with the hash of another", hashed("{}")],
    ["with two hashes", `${hashed(body)}&bodySHA256=${hash("sha256", body)}`],
    ["with a hash cut short", hashed(body).slice(0, -1)],
  ])("is refused %s, rightly signed as it is", (_name, target) => {
    expect(verdict({ target })).toBe("MISMATCH");
  });

  test("cannot be exchanged for an empty form, whose fields add nothing to the address", () => {
    expect(verdict({ target: hashed(body), body: "", type: FORM })).toBe("MISMATCH");
    expect(verdict({ target: hashed(body), body: "&&", type: FORM })).toBe("MISMATCH");
  });

  test("cannot stand in for a form without fields", () => {
    expect(verdict({ target: "/hook" })).toBe("MISMATCH");
  });
});

describe("signing as Twilio", () => {
  const [scheme] = twilio.schemes;
  const signed = (
    body: string,
    changes: { readonly public_url?: string; readonly target?: string; readonly content_type?: string } = {},
  ) =>
    sign(scheme, Buffer.from(TOKEN), {
      body: Buffer.from(body),
      id: null,
      at: 0,
      public_url: "https://h.example/in?a=1",
      ...changes,
    });

  test("gives a form the signature of its documentation", () => {
    const body = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
    expect(signed(body, { public_url: "https://mycompany.com/myapp.php?foo=1&bar=2" })).toEqual({
      kind: "signed",
      headers: { "content-type": FORM, "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
      target: "/myapp.php?foo=1&bar=2",
    });
  });

  test("gives JSON its hash in the target", () => {
    const body = '{"property": "value", "boolean": true}';
    expect(signed(body, { public_url: "https://mycompany.com/myapp.php?foo=1&bar=2" })).toEqual({
      kind: "signed",
      headers: { "content-type": JSON_TYPE, "x-twilio-signature": "a9nBmqA0ju/hNViExpshrM61xv4=" },
      target: "/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
    });
  });

  test.each([
    ["{}", undefined],
    ["a=1", undefined],
    ["{}", FORM],
    ["a=1", "text/plain"],
  ])("%j as %s verifies, behind a proxy too", (body, content_type) => {
    const request = {
      public_url: "https://h.example/in?a=1",
      target: "/webhook/desk/sms",
      ...(content_type === undefined ? {} : { content_type }),
    };
    const sent = signed(body, request);
    const raw = sent.kind === "signed" ? rawOf(body, sent.headers, sent.target ?? "") : rawOf(body, {});
    expect(raw.target).toMatch(/^\/webhook\/desk\/sms\?a=1/);
    expect(judge({ raw, world: worldOf([TOKEN], { public_url: request.public_url }) }, twilio.schemes)).toBe(0);
  });
});

test("whatever a form or a JSON holds, there are facts", () => {
  const name = fc.oneof(
    fc.constantFrom(
      "MessageSid",
      "SmsSid",
      "CallSid",
      "MessageStatus",
      "CallStatus",
      "AccountSid",
      "From",
      "__proto__",
    ),
    fc.string(),
  );
  const form = fc
    .array(
      fc.tuple(name, fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("queued", "toString", "x".repeat(300)))),
    )
    .map((pairs) => ({ type: FORM, body: new URLSearchParams(pairs).toString() }));
  const json = fc
    .oneof(
      fc.json(),
      fc.dictionary(name, fc.anything()).map((value) => JSON.stringify(value) ?? ""),
    )
    .map((body) => ({ type: JSON_TYPE, body }));
  fc.assert(
    fc.property(fc.oneof(form, json), ({ type, body }) => {
      const bytes = Buffer.from(body);
      const facts = twilio.normalize(
        { headers: new Map(), sha256: sha256OfBytes(bytes), payload: readPayload(bytes, type) },
        { event: "/event" },
      );
      expect(facts.event_type ?? "call").toMatch(/^(?:message|call)/);
      expect(facts.order === null || facts.external_event_id !== null).toBe(true);
    }),
  );
});
