import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { providers } from "../../../src/providers/index.ts";
import type { Provider } from "../../../src/providers/provider.ts";
import { hmacOfBody, type SignatureScheme } from "../../../src/providers/scheme.ts";
import { sign, type Signed, type ToSign } from "../../../src/providers/sign.ts";
import { flipsOf, judge, rawOf, worldOf, type Attempt } from "../../support/signed-request.ts";

fc.configureGlobal({ seed: 1, numRuns: 100 });

/** 2026-07-05T13:45:00.250Z */
const AT = 1_783_259_100_250;
const PUBLIC_URL = "https://hooks.example.com:8443";
/** RFC 8032, section 7.1, test 1. */
const SEED = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
const PUBLIC_KEY = Buffer.from("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "hex");

type Secrets = { readonly sender: Buffer; readonly receiver: Buffer };
/** What each side is given: the same, except where the sender has a private key. */
function secretsFor({ algorithm, secret: { encoding, prefix } }: SignatureScheme, bytes: Uint8Array): Secrets {
  if (algorithm === "ed25519")
    return {
      sender: Buffer.from(`whsk_${SEED.toString("base64")}`),
      receiver: Buffer.from(`whpk_${PUBLIC_KEY.toString("base64")}`),
    };
  const text =
    encoding === "base64" ? `${prefix}${Buffer.from(bytes).toString("base64")}` : Buffer.from(bytes).toString("hex");
  return { sender: Buffer.from(text), receiver: Buffer.from(text) };
}

const attemptOf = (signed: Signed, request: ToSign, secret: Uint8Array): Attempt => ({
  raw: rawOf(request.body, signed.headers, signed.target ?? undefined),
  world: worldOf([secret], { now: request.at, public_url: request.public_url }),
});

function signedBy(scheme: SignatureScheme, secrets: Secrets, request: ToSign): Attempt {
  const signed = sign(scheme, secrets.sender, request);
  if (signed.kind === "unsignable") throw new Error(signed.says);
  return attemptOf(signed, request, secrets.receiver);
}

/** A body that this scheme can sign: a time where it signs one in the body, a form where it signs fields. */
function bodyFor(scheme: SignatureScheme, text: string, bytes: Uint8Array): Uint8Array {
  if (scheme.timestamp?.from === "body") return Buffer.from(JSON.stringify({ webhookTimestamp: AT, text }));
  if (scheme.signed === "twilio")
    return Buffer.from(
      new URLSearchParams([
        ["Body", text],
        ["Body", "2"],
        ["A", "1"],
      ]).toString(),
    );
  return bytes;
}

const presets: readonly (readonly [string, SignatureScheme, Provider["schemes"]])[] = Object.values(providers).flatMap(
  (provider) =>
    provider.schemes.map((scheme, index) => [`${provider.name} ${index}`, scheme, provider.schemes] as const),
);
const arbitrary = {
  text: fc.string({ unit: "grapheme", minLength: 1 }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 400 }),
  secret: fc.uint8Array({ minLength: 24, maxLength: 64 }),
  id: fc.string({ unit: fc.constantFrom("a", "Z", "0", "_", "-", "~", ":", "/"), minLength: 1, maxLength: 64 }),
};

describe("what a preset signs, it verifies", () => {
  test("every preset is tried", () => {
    expect(presets.length).toBeGreaterThanOrEqual(Object.keys(providers).length + 2);
  });

  test.each(presets)("%s", (_name, scheme, schemes) => {
    fc.assert(
      fc.property(arbitrary.text, arbitrary.bytes, arbitrary.secret, arbitrary.id, (text, bytes, secret, id) => {
        const request = { body: bodyFor(scheme, text, bytes), id, at: AT, public_url: PUBLIC_URL };
        expect(judge(signedBy(scheme, secretsFor(scheme, secret), request), schemes)).toBe(0);
      }),
    );
  });
});

describe("what a preset signs is refused with one bit turned over", () => {
  test.each(presets)("%s", (_name, scheme, schemes) => {
    const body = bodyFor(scheme, "\u2665 It's 100% + 1", Buffer.from('{"id":"\u2665","n":1.0}'));
    const secrets = secretsFor(scheme, Buffer.from("twenty-four bytes, exact"));
    const attempt = signedBy(scheme, secrets, { body, id: "msg_2KWP", at: AT, public_url: PUBLIC_URL });
    expect(judge(attempt, schemes)).toBe(0);
    const signed = [...attempt.raw.headers.keys()].filter((name) => name !== "content-type");
    // A token says nothing of the body.
    const flips = [...flipsOf(attempt, scheme, signed)].filter(
      ({ says }) => scheme.algorithm !== "token" || !says.endsWith("body"),
    );
    expect(flips.length).toBeGreaterThan(300);
    expect(flips.filter((flip) => typeof judge(flip.attempt, schemes) === "number").map(({ says }) => says)).toEqual(
      [],
    );
  });
});

describe("a sender", () => {
  const request: ToSign = { body: Buffer.from("{}"), id: "m1", at: AT, public_url: null };
  const [standard, standardEd25519] = providers["standard-webhooks"].schemes;
  const says = (scheme: SignatureScheme | undefined, secret: string, changes: Partial<ToSign> = {}): string => {
    const signed = sign(scheme ?? standard, Buffer.from(secret), { ...request, ...changes });
    return signed.kind === "signed" ? "signed" : signed.says;
  };

  test("of GitHub sends what its documentation shows", () => {
    const [scheme] = providers.github.schemes;
    const body = Buffer.from("Hello, World!");
    expect(sign(scheme, Buffer.from("It's a Secret to Everybody"), { ...request, body })).toEqual({
      kind: "signed",
      headers: { "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17" },
      target: null,
    });
  });

  test("of Standard Webhooks sends the three headers of the reference libraries", () => {
    const body = Buffer.from('{"test": 2432232314}');
    const signed = sign(standard, Buffer.from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), {
      ...request,
      body,
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      at: 1_614_265_330_999,
    });
    expect(signed).toHaveProperty("headers", {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("of Ed25519 may have its public key behind the seed", () => {
    const both = Buffer.concat([SEED, PUBLIC_KEY]).toString("base64");
    const [, scheme = standard] = providers["standard-webhooks"].schemes;
    const secrets = { sender: Buffer.from(`whsk_${both}`), receiver: secretsFor(scheme, Buffer.alloc(0)).receiver };
    expect(judge(signedBy(scheme, secrets, request), [scheme])).toBe(0);
  });

  test("may sign a time in milliseconds", () => {
    const scheme: SignatureScheme = {
      ...hmacOfBody("sig", ""),
      signed: "{timestamp}{body}",
      timestamp: { from: "header", names: ["sent-at"], unit: "ms", tolerance_s: 1 },
    };
    expect(sign(scheme, Buffer.from("s"), request)).toHaveProperty(["headers", "sent-at"], `${AT}`);
  });

  test.each([
    ["an id with a full stop", standard, "whsec_c2VjcmV0", { id: "a.b" }, "the id holds what no signed id may"],
    ["no id where one is signed", standard, "whsec_c2VjcmV0", { id: null }, "the id header is missing"],
    ["a secret that is not base64", standard, "whsec_*", {}, "the secret does not fit: it is not base64"],
    [
      "a public key",
      standardEd25519,
      "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
      {},
      "the secret is not an Ed25519 private key (whsk_)",
    ],
    ["an empty secret", providers.github.schemes[0], "", {}, "the secret does not fit: it is empty"],
    ["a time before 1970", standard, "whsec_c2VjcmV0", { at: -1000 }, "the signed time is not a whole number"],
    [
      "a body without its time",
      providers.linear.schemes[0],
      "s",
      {},
      "the body holds no time as a whole number at /webhookTimestamp",
    ],
    [
      "no public URL for Twilio",
      providers.twilio.schemes[0],
      "s",
      {},
      "Twilio signs its public_url, and none is configured",
    ],
    ["a token that no header holds", providers.gitlab.schemes[1], "a\nb", {}, "the secret cannot stand in a header"],
  ] as const)("cannot sign with %s, and says why", (_name, scheme, secret, changes, expected) => {
    expect(says(scheme, secret, changes)).toBe(expected);
  });
});
